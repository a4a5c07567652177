"""A maker, an institute and the province's authority, and a type approval at every step of its way."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from mandatory_counter import item_of_meters
from small_world import World, actor
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.approvals.models import Application, Certificate, SoftwareFiling
from yuejingzhun.platform.registry.approvals.rules import REQUIRED_PAPERS, Asked, Variant
from yuejingzhun.platform.registry.approvals.services import applications, decisions, evaluations, software_filings
from yuejingzhun.platform.registry.approvals.services.applications import Upload
from yuejingzhun.platform.registry.approvals.software import Algorithm

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
HASH = "0123456789abcdef" * 4
OTHER_HASH = "f" * 64


@dataclass(frozen=True)
class Office:
    """Who takes part."""

    maker: Organisation
    institute: Organisation
    applicant: Actor
    province: Actor
    second: Actor
    city: Actor
    receptionist: Actor
    signatory: Actor


def office_of(world: World) -> Office:
    """The small world with a maker and the province's authority."""
    maker = Organisation.objects.create(name="演示仪表有限公司", kind="maker", region="440106")
    authority = Organisation.objects.create(name="省局", kind="authority", region="440000")
    return Office(
        maker,
        world.institute,
        actor("制造经办", maker, Role.MAKER),
        actor("省监管员", authority, Role.REGULATOR),
        actor("省监管员二", authority, Role.REGULATOR),
        world.regulator,
        actor("收发员", world.institute, Role.RECEPTIONIST),
        world.signatory,
    )


def asked(*models: str, **changes: Any) -> Asked:
    """An application for meters of these models."""
    variants = tuple(Variant(model, "A级", "220V 5(60)A", "3200imp/kWh") for model in models or ("DDZY1", "DDZY2"))
    return replace(Asked(item_of_meters(), "单相电能表", variants, 3), **changes)


def papers(content: bytes = PDF) -> list[Upload]:
    """All that an application needs."""
    return [Upload(paper.name, f"{paper.name}.pdf", content) for paper in REQUIRED_PAPERS]


def applied(office: Office, *models: str) -> Application:
    return applications.apply(office.applicant, office.maker.pk, asked(*models), papers(), AT)


def accepted(office: Office, *models: str) -> Application:
    return decisions.accept(office.province, applied(office, *models).pk, office.institute.pk, AT)


def evaluating(office: Office, *models: str) -> Application:
    return evaluations.receive_samples(office.receptionist, accepted(office, *models).pk, 3, "完好", AT)


def evaluated(office: Office, *models: str, passed: bool = True) -> Application:
    row = evaluating(office, *models)
    return report(office, row, passed=passed)


def report(office: Office, row: Application, *, passed: bool = True, number: str = "") -> Application:
    """The report of the institute about an application in evaluation."""
    upload = Upload("REPORT", "报告.pdf", PDF)
    evaluations.report_evaluation(office.signatory, row.pk, number or f"PE-{row.pk}", passed, "符合", upload, AT)
    return Application.objects.get(pk=row.pk)


def issued(office: Office, *models: str, valid_from: date = TODAY) -> Certificate:
    return decisions.issue(office.province, evaluated(office, *models).pk, "E", valid_from, AT)


def changed(office: Office, number: str, *models: str, valid_from: date = TODAY) -> Certificate:
    """A further edition, with these models."""
    upload = [Upload("OTHER", "变更说明.pdf", PDF)]
    variants = asked(*models).variants
    row = applications.apply_for_change(office.applicant, number, "单相电能表", variants, 1, upload, AT)
    decisions.accept(office.province, row.pk, office.institute.pk, AT)
    evaluations.receive_samples(office.receptionist, row.pk, 1, "", AT)
    return decisions.issue(office.province, report(office, row).pk, "", valid_from, AT)


def filed(
    office: Office, number: str, version: str = "1.0", identification: str = HASH, replaces: str = ""
) -> SoftwareFiling:
    return software_filings.file_software(
        office.applicant, number, version, Algorithm.SHA256, identification, TODAY, replaces, "", AT
    )


def on_record(
    office: Office, number: str, version: str = "1.0", identification: str = HASH, replaces: str = ""
) -> SoftwareFiling:
    """A filed version that the authority accepted."""
    row = filed(office, number, version, identification, replaces)
    return software_filings.accept_software(office.province, row.number, AT)
