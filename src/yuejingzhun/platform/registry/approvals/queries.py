"""Reads of type approvals and their applications."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import Organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_see_region
from yuejingzhun.platform.registry.approvals.errors import UnknownApprovalError
from yuejingzhun.platform.registry.approvals.models import (
    Application,
    Certificate,
    CertifiedVariant,
    Document,
    TypeApproval,
    Withdrawal,
)
from yuejingzhun.platform.registry.approvals.rules import (
    Standing,
    State,
    known_as,
    read_number,
    standing,
)
from yuejingzhun.platform.registry.catalogue.errors import UnknownEntryError
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


def certificate_standing(row: Certificate, siblings: Iterable[Certificate], of: TypeApproval, on: date) -> Standing:
    """What an edition is worth on that day, given all of its type."""
    later = [other.valid_from for other in siblings if other.edition > row.edition]
    withdrawal = getattr(of, "withdrawal", None)
    return standing(row.valid_from, min(later, default=None), withdrawal and withdrawal.effective_from, on)


def find(text: str, on: date) -> list[Shown]:
    """Type approvals by number, that of their software included, by maker's name or by model; for everybody.

    Numbers and models that begin so, PAGE at most, the newest first.
    """
    text = "".join(character for character in text if character.isprintable())
    wanted = known_as(text)
    if not wanted:
        newest = TypeApproval.objects.order_by("-pk")
        return _all_shown(newest, on)
    number = text.strip().upper().removeprefix("CPA").strip().partition("-S")[0]
    models = CertifiedVariant.objects.filter(model_key__startswith=wanted).values("certificate__approval_id")
    makers = Certificate.objects.filter(maker_key__contains=wanted).values("approval_id")
    rows = TypeApproval.objects.filter(Q(number__startswith=number) | Q(pk__in=models) | Q(pk__in=makers))
    return _all_shown(rows.order_by("-pk"), on)


def own_types(actor: Actor, on: date, before: int = LARGEST_KEY) -> list[Shown]:
    """The types of the makers for whom the actor acts, the newest first, by page; raises NotPermittedError."""
    rows = TypeApproval.objects.filter(maker_id__in=_own_makers(actor), pk__lt=before)
    return _all_shown(rows.order_by("-pk"), on)


def own_applications(actor: Actor, before: int = LARGEST_KEY) -> list[Application]:
    """The applications of the makers for whom the actor acts, the newest first, by page; raises NotPermittedError."""
    return list(_applications().filter(maker_id__in=_own_makers(actor), pk__lt=before).order_by("-pk")[:PAGE])


def applications_to_decide(actor: Actor, after: int = 0) -> list[Application]:
    """What waits for the authority, the oldest first: all for the province's, for others those of their makers.

    Raises NotPermittedError for who regulates nothing.
    """
    regions = [grant.region for grant in actor.grants if grant.role is Role.REGULATOR]
    if not regions:
        raise NotPermittedError(f"{actor.name} 不是监管人员")
    found = _applications().filter(state__in=[State.APPLIED.name, State.EVALUATED.name], pk__gt=after)
    if PROVINCE not in regions:
        within = Q(pk__in=[])
        for region in regions:
            city = region.endswith("00")
            within |= Q(maker__region__startswith=region[:4]) if city else Q(maker__region=region)
        found = found.filter(within)
    return list(found.order_by("pk")[:PAGE])


def applications_to_evaluate(actor: Actor, institute_id: int, after: int = 0) -> list[Application]:
    """What an institute has to evaluate, the oldest first; for those who work there, else NotPermittedError."""
    if not any(grant.organisation_id == institute_id for grant in actor.grants):
        raise NotPermittedError(f"{actor.name} 不在这个机构任职")
    wanted = [State.ACCEPTED.name, State.EVALUATING.name]
    found = _applications().filter(institute_id=institute_id, state__in=wanted, pk__gt=after)
    return list(found.order_by("pk")[:PAGE])


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
    """Who may evaluate a type of that entry: institutes authorised for it in the whole province.

    Nobody, where the entry has gone from the catalogue by then.
    """
    try:
        return institutes_for(item, PROVINCE, on)
    except UnknownEntryError:
        return []


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


def _own_makers(actor: Actor) -> list[int]:
    found = [grant.organisation_id for grant in actor.grants if grant.role is Role.MAKER]
    if not found:
        raise NotPermittedError(f"{actor.name} 不是制造单位的经办人")
    return found


def _applications() -> QuerySet[Application]:
    return Application.objects.select_related("maker", "institute", "amends", "applied_by")


def _all_shown(rows: QuerySet[TypeApproval], on: date) -> list[Shown]:
    certificates = Certificate.objects.prefetch_related("variants").order_by("edition")
    rows = rows.select_related("maker", "withdrawal").prefetch_related(Prefetch("certificates", certificates))
    return [_shown(row, list(row.certificates.all()), on) for row in rows[:PAGE]]


def _shown(of: TypeApproval, rows: list[Certificate], on: date) -> Shown:
    begun = [row for row in rows if row.valid_from <= on] or rows[:1]
    speaks = begun[-1]
    withdrawal = getattr(of, "withdrawal", None)
    return Shown(of, speaks, certificate_standing(speaks, rows, of, on), withdrawal)
