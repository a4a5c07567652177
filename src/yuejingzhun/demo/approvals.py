"""What the demonstration's maker is doing: a type in use with its software, one withdrawn, applications at every desk.

By the services of the platform, so that everything is signed, logged and audited as in earnest.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime, timedelta

import segno

from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.approvals.models import Application, TypeApproval
from yuejingzhun.platform.registry.approvals.rules import REQUIRED_PAPERS, Asked, Variant
from yuejingzhun.platform.registry.approvals.services import applications, decisions, evaluations, software_filings
from yuejingzhun.platform.registry.approvals.services.applications import Upload
from yuejingzhun.platform.registry.approvals.software import Algorithm
from yuejingzhun.platform.registry.instruments.rules import Filing
from yuejingzhun.platform.registry.instruments.services import file
from yuejingzhun.procedures.local_date import local_date

ITEM = "19.1"
BEGAN = timedelta(days=18)  # the oldest step; the root of the demonstration's certificates is older
RANGE, CLASS = "220V 5(60)A", "A级"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts, where, and when now is."""

    maker: Actor
    province: Actor
    receptionist: Actor
    signatory: Actor
    verifier: Actor
    holder: Actor
    maker_id: int
    maker_name: str
    institute_id: int
    holder_id: int
    region: str
    at: datetime


def load_approvals(cast: Cast) -> None:
    """In the caller's transaction."""
    in_use = _approved(cast, "单相智能电能表", ("DDZY-Y1", "DDZY-Y1C"))
    withdrawn = _approved(cast, "单相电子式电能表", ("DDS-Y0",))
    _file_software(cast, in_use)
    decisions.withdraw_approval(
        cast.province, withdrawn.number, local_date(cast.at), "监督抽查发现产品与批准的型式不符", cast.at
    )
    for name, model, steps in (
        ("三相智能电能表（待受理）", "DTZY-Y2", 0),
        ("导轨式电能表（待送样）", "DDSU-Y3", 1),
        ("费控电能表（型式评价中）", "DDZY-Y4", 2),
        ("物联网电能表（待审批）", "DDZY-Y5", 3),
    ):
        _carried(cast, name, (model,), steps)
    _file_meters(cast, in_use.number, withdrawn.number)


def identification(version: str) -> str:
    """What the demonstration's meters show as the identification of a version."""
    return hashlib.sha256(f"yuejingzhun demo {version}".encode()).hexdigest()


def _approved(cast: Cast, name: str, models: tuple[str, ...]) -> TypeApproval:
    row = _carried(cast, name, models, 3)
    at = cast.at - BEGAN + timedelta(days=4)
    return decisions.issue(cast.province, row.pk, "E", local_date(at), at).approval


def _carried(cast: Cast, name: str, models: tuple[str, ...], steps: int) -> Application:
    """An application that was accepted, whose samples came, that was evaluated: so many of these steps."""
    at = cast.at - BEGAN
    variants = tuple(Variant(model, CLASS, RANGE, "常数 1200 imp/kWh") for model in models)
    papers = [Upload(paper.name, f"{paper.value}.png", _paper(f"{name} {paper.value}")) for paper in REQUIRED_PAPERS]
    row = applications.apply(cast.maker, cast.maker_id, Asked(ITEM, name, variants, 3), papers, at)
    if steps > 0:
        decisions.accept(cast.province, row.pk, cast.institute_id, at + timedelta(days=1))
    if steps > 1:
        evaluations.receive_samples(cast.receptionist, row.pk, 3, "外观完好", at + timedelta(days=2))
    if steps > 2:
        report = Upload("REPORT", "型式评价报告.png", _paper(f"{name} 型式评价报告"))
        number, on = f"演示型评-{row.pk:04}", at + timedelta(days=3)
        evaluations.report_evaluation(cast.signatory, row.pk, number, True, "各项试验结果符合要求。", report, on)
    return row


def _file_software(cast: Cast, of: TypeApproval) -> None:
    earlier = ""
    for n, (version, accepted) in enumerate((("1.0", True), ("1.1", True), ("2.0", False))):
        at = cast.at - BEGAN + timedelta(days=5 + n)
        row = software_filings.file_software(
            cast.maker, of.number, version, Algorithm.SHA256, identification(version), local_date(at), earlier, "", at
        )
        if accepted:
            software_filings.accept_software(cast.province, row.number, at)
        earlier = version


def _file_meters(cast: Cast, number: str, withdrawn: str) -> None:
    """Four meters: as approved and filed, with a changed program, not yet looked at, and of the withdrawn type."""
    for serial, model, approval, shown in (
        ("Y1-000001", "DDZY-Y1", number, identification("1.1")),
        ("Y1-000002", "DDZY-Y1", number, identification("1.1 changed")),
        ("Y1-000003", "DDZY-Y1C", number, ""),
        ("Y0-000001", "DDS-Y0", withdrawn, ""),
    ):
        filing = Filing(
            name="单相电能表", model=model, serial=serial, maker=cast.maker_name, region=cast.region, item=ITEM,
            regulation="JJG 596-2012", accuracy_class=CLASS, measuring_range=RANGE, type_approval=approval,
        )  # fmt: skip
        meter = file(cast.holder, cast.holder_id, filing, cast.at)
        if shown:
            software_filings.record_comparison(cast.verifier, approval, "1.1", shown, meter.tag, cast.at)


def _paper(text: str) -> bytes:
    """A file in the place of a paper: a code that says which one it would be."""
    kept = io.BytesIO()
    segno.make(f"演示资料：{text}").save(kept, kind="png", scale=4)
    return kept.getvalue()
