"""Reads of type approvals and software filings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE
from yuejingzhun.platform.foundation.parties.queries import Organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_see_region
from yuejingzhun.platform.registry.approvals import software
from yuejingzhun.platform.registry.approvals.errors import UnknownApprovalError
from yuejingzhun.platform.registry.approvals.models import (
    Application,
    Certificate,
    CertifiedVariant,
    Comparison,
    Document,
    SoftwareFiling,
    TypeApproval,
    Withdrawal,
)
from yuejingzhun.platform.registry.approvals.rules import Standing, State, known_as, read_number, standing
from yuejingzhun.platform.registry.qualifications.queries import Competent, institutes_for

PAGE = 50
LARGEST_KEY = 2**62


@dataclass(frozen=True, slots=True)
class Shown:
    """A type approval with the certificate that speaks for it on a day, which may be withdrawn or yet to come."""

    approval: TypeApproval
    certificate: Certificate
    standing: Standing
    withdrawal: Withdrawal | None

    @property
    def in_force(self) -> bool:
        """Whether instruments of this type may be made on that day."""
        return self.standing is Standing.IN_FORCE


@dataclass(frozen=True, slots=True)
class Filed:
    """A filed version with what it is worth on a day."""

    row: SoftwareFiling
    standing: software.Standing


def approval(number: str) -> TypeApproval:
    """The type approval of that number, as typed; raises UnknownApprovalError."""
    known = read_number(number)
    found = TypeApproval.objects.select_related("maker", "withdrawal").filter(number=known).first() if known else None
    if found is None:
        raise UnknownApprovalError(f"没有编号为 {number[:40]} 的型式批准，编号应如 2021F123-44")
    return found


def shown(number: str, on: date) -> Shown:
    """A type approval as it stands on that day, with its models; raises UnknownApprovalError."""
    found = approval(number)
    return _shown(found, list(found.certificates.prefetch_related("variants").order_by("edition")), on)


def editions(number: str, on: date) -> list[tuple[Certificate, Standing]]:
    """All certificates of a type, the latest first, each with what it is worth on that day."""
    found = approval(number)
    rows = list(found.certificates.prefetch_related("variants").order_by("-edition"))
    return [(row, certificate_standing(row, rows, found, on)) for row in rows]


def approval_of(maker: str, model: str, on: date) -> Certificate | None:
    """The certificate in force on that day that covers a maker's model, or None.

    `maker` is the name; width, case and blanks don't count. Where several cover it, the one issued last.
    """
    rows = Certificate.objects.filter(
        variants__model_key=known_as(model), maker_key=known_as(maker), valid_from__lte=on
    ).select_related("approval__withdrawal")
    rows = rows.prefetch_related("approval__certificates", "variants").order_by("-valid_from", "-pk")
    for row in rows:
        if certificate_standing(row, row.approval.certificates.all(), row.approval, on) is Standing.IN_FORCE:
            return row
    return None


def is_approved(number: str, maker: str, model: str, on: date) -> str | None:
    """Why an instrument isn't of the type that the number says, on the day it was made, in Chinese; None where it is.

    For a warning: a number of another province isn't on record here, and is said to be unknown.
    """
    known = read_number(number)
    if known is None:
        return f"型式批准编号 {number[:40]!r} 的格式不对，应如 2021F123-44"
    try:
        found = shown(known, on)
    except UnknownApprovalError:
        return f"没有收录型式批准 {known}" + ("" if known.endswith("-44") else "（外省批准的型式不在本省数据中）")
    if found.standing is Standing.WITHDRAWN and found.withdrawal is not None:
        return f"型式批准 {known} 自 {found.withdrawal.effective_from} 起撤销：{found.withdrawal.reason}"
    if found.standing is not Standing.IN_FORCE:
        return f"型式批准 {known} {found.standing.value}，自 {found.certificate.valid_from} 起生效"
    if known_as(found.certificate.maker_name) != known_as(maker):
        return f"型式批准 {known} 的制造单位是 {found.certificate.maker_name}，不是 {maker.strip()[:80]}"
    if known_as(model) not in {variant.model_key for variant in found.certificate.variants.all()}:
        return f"型式批准 {known} 不含型号 {model.strip()[:80]}"
    return None


def certificate_standing(row: Certificate, siblings: Iterable[Certificate], of: TypeApproval, on: date) -> Standing:
    """What an edition is worth on that day, given all of its type."""
    later = [other.valid_from for other in siblings if other.edition > row.edition]
    withdrawal = getattr(of, "withdrawal", None)
    return standing(row.valid_from, min(later, default=None), withdrawal and withdrawal.effective_from, on)


def find(text: str, on: date) -> list[Shown]:
    """Type approvals by number, by maker's name or by model: what begins so, PAGE at most; for everybody."""
    wanted = known_as(text)
    if not wanted:
        newest = TypeApproval.objects.order_by("-pk")
        return _all_shown(newest, on)
    number = text.strip().upper().removeprefix("CPA").strip()
    models = CertifiedVariant.objects.filter(model_key__startswith=wanted).values("certificate__approval_id")
    makers = Certificate.objects.filter(maker_key__contains=wanted).values("approval_id")
    rows = TypeApproval.objects.filter(Q(number__startswith=number) | Q(pk__in=models) | Q(pk__in=makers))
    return _all_shown(rows.order_by("-pk"), on)


def own_types(maker_id: int, on: date) -> list[Shown]:
    """A maker's types, the newest first, PAGE at most."""
    return _all_shown(TypeApproval.objects.filter(maker_id=maker_id).order_by("-pk"), on)


def applications_of(maker_id: int, before: int = LARGEST_KEY) -> list[Application]:
    """A maker's applications, the newest first, by page."""
    return list(_applications().filter(maker_id=maker_id, pk__lt=before).order_by("-pk")[:PAGE])


def applications_to_decide(actor: Actor, after: int = 0) -> list[Application]:
    """What waits for the authority, the oldest first: all for the province's, for others those of their makers."""
    regions = [grant.region for grant in actor.grants if grant.role is Role.REGULATOR]
    found = _applications().filter(state__in=[State.APPLIED.name, State.EVALUATED.name], pk__gt=after)
    if PROVINCE not in regions:
        within = Q(pk__in=[])
        for region in regions:
            city = region.endswith("00")
            within |= Q(maker__region__startswith=region[:4]) if city else Q(maker__region=region)
        found = found.filter(within)
    return list(found.order_by("pk")[:PAGE])


def applications_to_evaluate(institute_id: int, after: int = 0) -> list[Application]:
    """What an institute has to evaluate, the oldest first."""
    wanted = [State.ACCEPTED.name, State.EVALUATING.name]
    found = _applications().filter(institute_id=institute_id, state__in=wanted, pk__gt=after)
    return list(found.order_by("pk")[:PAGE])


def software_to_decide(after: int = 0) -> list[SoftwareFiling]:
    """Filings that wait for the authority, the oldest first."""
    rows = SoftwareFiling.objects.filter(state="FILED", pk__gt=after)
    return list(rows.select_related("approval__maker", "replaces").order_by("pk")[:PAGE])


def application(actor: Actor, application_id: int) -> Application:
    """An application with its course; raises UnknownApprovalError for one that isn't the actor's to see."""
    found = _applications().filter(pk=min(application_id, LARGEST_KEY))
    row = found.prefetch_related("documents", "steps__by").select_related("evaluation", "certificate__approval").first()
    if row is None or not sees(actor, row):
        raise UnknownApprovalError(f"没有编号为 {application_id} 的申请，或您无权查看")
    return row


def sees(actor: Actor, row: Application) -> bool:
    """Whether an application is the actor's to see: the maker's, the institute's or the regulator's of the place."""
    parties = {row.maker_id, row.institute_id}
    return any(grant.organisation_id in parties for grant in actor.grants) or may_see_region(actor, row.maker.region)


def document(actor: Actor, application_id: int, document_id: int) -> Document:
    """A document of an application that the actor may see; raises UnknownApprovalError."""
    of = application(actor, application_id)
    found = next((row for row in of.documents.all() if row.pk == document_id), None)
    if found is None:
        raise UnknownApprovalError(f"申请 {application_id} 没有编号为 {document_id} 的资料")
    return found


def evaluating_institutes(item: str, on: date) -> list[Competent]:
    """Who may evaluate a type of that entry: institutes authorised for it in the whole province."""
    return institutes_for(item, PROVINCE, on)


def filed_software(number: str, on: date) -> list[Filed]:
    """What software is filed of a type, the newest first; raises UnknownApprovalError."""
    rows = list(_software(approval(number)).order_by("-serial"))
    return [Filed(row, version_of(row).standing(on)) for row in rows]


def filing(number: str) -> SoftwareFiling:
    """A software filing by its number; raises UnknownApprovalError."""
    rows = SoftwareFiling.objects.select_related("approval__maker", "block")
    found = rows.filter(number=number[:30].upper()).first()
    if found is None:
        raise UnknownApprovalError(f"没有编号为 {number[:40]} 的软件备案")
    return found


def version_of(row: SoftwareFiling) -> software.Version:
    """A filing as comparisons ask for it; its block and what replaced it were read with it."""
    block = getattr(row, "block", None)
    later = [other.valid_from for other in row.replaced_by.all() if other.state == "ACCEPTED"]
    return software.Version(
        row.pk,
        row.version,
        row.identification,
        software.FilingState[row.state],
        row.valid_from,
        superseded_from=min(later, default=None),
        blocked_from=block and block.effective_from,
        reason=block.reason if block else "",
    )


def compare_software(number: str, version: str, identification: str, on: date) -> software.Compared:
    """The verdict on what a device of that type shows; nothing is recorded. Raises UnknownApprovalError."""
    rows = _software(approval(number)).order_by("serial")
    return software.compare([version_of(row) for row in rows], version, identification, on)


def comparisons_of_device(tag: str, before: int = LARGEST_KEY) -> list[Comparison]:
    """What a device was seen to run, the latest first."""
    rows = Comparison.objects.filter(tag=tag[:12], pk__lt=before).exclude(tag="")
    return list(rows.select_related("approval", "filing").order_by("-pk")[:PAGE])


def comparisons_astray(number: str, before: int = LARGEST_KEY) -> list[Comparison]:
    """Devices of a type seen with other than what is filed, the latest first."""
    rows = Comparison.objects.filter(approval=approval(number), pk__lt=before).exclude(verdict="SAME")
    return list(rows.order_by("-pk")[:PAGE])


def regulates_types(actor: Actor) -> bool:
    """Whether the actor decides on type approvals: a regulator of the whole province (order 68 of 2023, article 3)."""
    return may_see_region(actor, PROVINCE)


def maker_of(actor: Actor) -> int | None:
    """The maker for whom the actor acts first, or None."""
    return next((grant.organisation_id for grant in actor.grants if grant.role is Role.MAKER), None)


def institutes_of(actor: Actor) -> list[Organisation]:
    """The institutes in which the actor works, by name."""
    keys = {grant.organisation_id for grant in actor.grants}
    return list(Organisation.objects.filter(pk__in=keys, kind="institute").order_by("name"))


def _applications() -> QuerySet[Application]:
    return Application.objects.select_related("maker", "institute", "amends", "applied_by")


def _software(of: TypeApproval) -> QuerySet[SoftwareFiling]:
    return of.software.select_related("block", "replaces").prefetch_related("replaced_by")


def _all_shown(rows: QuerySet[TypeApproval], on: date) -> list[Shown]:
    certificates = Certificate.objects.prefetch_related("variants").order_by("edition")
    rows = rows.select_related("maker", "withdrawal").prefetch_related(Prefetch("certificates", certificates))
    return [_shown(row, list(row.certificates.all()), on) for row in rows[:PAGE]]


def _shown(of: TypeApproval, rows: list[Certificate], on: date) -> Shown:
    begun = [row for row in rows if row.valid_from <= on] or rows[:1]
    speaks = begun[-1]
    withdrawal = getattr(of, "withdrawal", None)
    return Shown(of, speaks, certificate_standing(speaks, rows, of, on), withdrawal)
