"""Reads of authorisations and registrations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE, Level, division, divisions
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError, UnknownPartyError
from yuejingzhun.platform.foundation.parties.queries import Organisation, Person, organisation, person
from yuejingzhun.platform.foundation.parties.rules import Actor, may_see_region
from yuejingzhun.platform.registry.catalogue.errors import UnknownEntryError
from yuejingzhun.platform.registry.catalogue.queries import item_of_regulation, items_to_verify, series_of
from yuejingzhun.platform.registry.catalogue.rules import series
from yuejingzhun.platform.registry.qualifications.coverage import Capability, Coverage, coverage, supply
from yuejingzhun.platform.registry.qualifications.errors import UnknownQualificationError
from yuejingzhun.platform.registry.qualifications.models import (
    Authorisation,
    AuthorisedItem,
    PeerReview,
    Registration,
    Training,
)
from yuejingzhun.platform.registry.qualifications.rules import Scope, Standing, Term, breadth
from yuejingzhun.platform.registry.standards.queries import regulations_with_standard

LONGEST_LIST = 200


@dataclass(frozen=True, slots=True)
class Competent:
    """An institute that is authorised for an item in a region, with the line that says so."""

    institute_id: int
    name: str
    region: str
    phone: str
    kind: str
    level: str
    number: str
    valid_until: date
    reach: str
    measuring_range: str
    accuracy: str


def term_of(row: Authorisation | Registration) -> Term:
    """The days of a row, whose successor and ending were read with it."""
    ending = getattr(row, "withdrawal", None) or getattr(row, "cancellation", None)
    successor = getattr(row, "superseded_by", None)
    return Term(
        row.valid_from,
        row.valid_until,
        superseded_from=successor and successor.valid_from,
        withdrawn_from=ending and ending.effective_from,
    )


def visible_institute(actor: Actor, institute_id: int) -> Organisation:
    """An institute for those who work there and its regulators; raises UnknownQualificationError."""
    try:
        found = organisation(institute_id)
    except UnknownPartyError as error:
        raise UnknownQualificationError(str(error)) from error
    if not _concerns(actor, found):
        raise UnknownQualificationError(f"没有编号为 {institute_id} 的机构，或您无权查看")
    return found


def visible_person(actor: Actor, person_id: int) -> Person:
    """A person for themselves, their colleagues and their regulators; raises UnknownQualificationError."""
    try:
        found = person(person_id)
    except UnknownPartyError as error:
        raise UnknownQualificationError(str(error)) from error
    if actor.person_id != found.pk and not _concerns(actor, found.organisation):
        raise UnknownQualificationError(f"没有编号为 {person_id} 的人员，或您无权查看")
    return found


def may_verify(institute_id: int, item: str, regulation: str, on: date) -> str | None:
    """Why an institute may not verify that entry by that regulation on that day, in Chinese; None where it may.

    Either may be empty: the entry then follows from the regulation, or any regulation of the entry will do.
    """
    item, regulations = _asked(item, regulation, on)
    lines = _lines(on).filter(authorisation__institute_id=institute_id)
    if any(_scope(line).answers(item, regulations) for line in lines):
        return None
    wanted = "、".join(part for part in (item and f"目录项目 {item}", regulation) if part)
    held = Authorisation.objects.filter(institute_id=institute_id).select_related("superseded_by", "withdrawal")
    standings = [term_of(row).standing(on) for row in held]
    if Standing.IN_FORCE in standings:
        return f"该机构 {on} 有效的授权不含{wanted}"
    return f"该机构 {on} 没有有效的授权" + (f"（{'、'.join(found.value for found in standings)}）" if standings else "")


def institutes_for(item: str, region: str, on: date, regulation: str = "") -> list[Competent]:
    """Who may verify that entry in that division on that day: nearest authority first, each institute once.

    Ordered by the reach of the authorisation (county, city, province), then the legal before the authorised ones.
    Raises UnknownDivisionError and UnknownEntryError.
    """
    division(region)
    item, regulations = _asked(item, regulation, on, strict=True)
    reaches = {region, region[:4] + "00", PROVINCE}
    # The entry itself or the one above it; lines that name only a regulation are found by that.
    named = Q(item__in=[item, item.partition(".")[0]]) if item else Q(pk__in=[])
    lines = _lines(on).filter(named | Q(series__in=list(regulations)), region__in=list(reaches))
    lines = lines.select_related("authorisation__institute")
    found = [line for line in lines if _scope(line).reaches(region) and _scope(line).answers(item, regulations)]
    found.sort(
        key=lambda line: (
            breadth(line.region),
            line.authorisation.kind != "legal",
            line.authorisation.institute.name,
            line.pk,
        )
    )
    nearest: dict[int, Competent] = {}
    for line in found:
        nearest.setdefault(line.authorisation.institute_id, _competent(line))
    return list(nearest.values())


def registration_of(person_id: int, regulation: str, on: date) -> str | None:
    """Why a person may not test by that regulation as a registered metrologist, in Chinese; None where they may."""
    rows = list(registrations_of(person_id))
    current = next((row for row in rows if term_of(row).standing(on) is Standing.IN_FORCE), None)
    if current is None:
        if not rows:
            return "没有注册计量师注册"
        last = rows[0]
        standing = term_of(last).standing(on).value
        return f"{on} 没有有效的注册计量师注册：{last.number} {standing}，有效期至 {last.valid_until}"
    if series(regulation) in {series(name) for name in current.regulations}:
        return None
    return f"注册证 {current.number} 的注册项目不含 {regulation}"


def registrations_of(person_id: int) -> QuerySet[Registration]:
    """All registrations of a person, the latest first."""
    rows = Registration.objects.filter(person_id=person_id)
    related = ("person", "institute", "superseded_by", "cancellation", "supersedes")
    return rows.select_related(*related).order_by("-valid_from", "-pk")


def authorisations_of(institute_id: int) -> list[Authorisation]:
    """All authorisations of an institute with their items, the latest first."""
    rows = Authorisation.objects.filter(institute_id=institute_id)
    rows = rows.select_related("institute", "superseded_by", "withdrawal", "supersedes").prefetch_related("items")
    return list(rows.order_by("-valid_from", "-pk"))


def authorisations_for(
    actor: Actor,
    region: str,
    on: date,
    kind: str = "",
    until: date | None = None,
    after: tuple[date, int] | None = None,
) -> list[Authorisation]:
    """The list of a region for its regulators, see `authorisations_in`; raises NotPermittedError."""
    if region not in divisions() or not may_see_region(actor, region):
        raise NotPermittedError(f"{actor.name} 不是行政区划 {region[:20]} 的监管人员")
    return authorisations_in(region, on, kind, until, after)


def authorisations_in(
    region: str, on: date, kind: str = "", until: date | None = None, after: tuple[date, int] | None = None
) -> list[Authorisation]:
    """What is in force in a regulator's region, what ends first first; LONGEST_LIST + 1 at most, after a key."""
    rows = _in_force(on).filter(_institute_in(region)).select_related("institute", "superseded_by", "withdrawal")
    if kind:
        rows = rows.filter(kind=kind)
    if until is not None:
        rows = rows.filter(valid_until__lte=until)
    if after is not None:
        day, key = after
        rows = rows.filter(Q(valid_until__gt=day) | Q(valid_until=day, pk__gt=key))
    return list(rows.order_by("valid_until", "pk")[: LONGEST_LIST + 1])


def metrologists_of(institute_id: int, on: date) -> list[Registration]:
    """The registrations in force in an institute, what ends first first."""
    rows = Registration.objects.filter(institute_id=institute_id, valid_from__lte=on, valid_until__gte=on)
    rows = rows.exclude(superseded_by__valid_from__lte=on).exclude(cancellation__effective_from__lte=on)
    rows = rows.select_related("person", "superseded_by", "cancellation").order_by("valid_until", "pk")
    return list(rows[:1000])


def trainings_of(person_id: int) -> list[Training]:
    """The courses of a person, the latest first."""
    rows = Training.objects.filter(person_id=person_id).select_related("institute")
    return list(rows.order_by("-completed_on", "-pk")[:LONGEST_LIST])


def peer_reviews_of(person_id: int) -> list[PeerReview]:
    """The reviews of a person's competence, the latest first."""
    rows = PeerReview.objects.filter(person_id=person_id).select_related("institute", "reviewer")
    return list(rows.order_by("-reviewed_on", "-pk")[:LONGEST_LIST])


def coverage_of(regions: Iterable[str], on: date) -> list[Coverage]:
    """The coverage of each of these divisions on that day, from one read of authorisations and standards."""
    items = items_to_verify(on)
    lines = _lines(on).values_list(
        "authorisation__institute_id", "authorisation__level", "item", "regulation", "region"
    )
    capabilities = (Capability(who, level, Scope(item, name, reach)) for who, level, item, name, reach in lines)
    supplied = supply(items, capabilities, regulations_with_standard(on))
    return [coverage(items, supplied, region) for region in regions]


def _concerns(actor: Actor, found: Organisation) -> bool:
    return any(grant.organisation_id == found.pk for grant in actor.grants) or may_see_region(actor, found.region)


def _asked(item: str, regulation: str, on: date, *, strict: bool = False) -> tuple[str, frozenset[str]]:
    """The entry and the regulations that a question is about; strict raises UnknownEntryError for an unknown entry."""
    if not item:
        item = item_of_regulation(regulation, on) or ""
    if regulation:
        return item, frozenset((series(regulation),))
    try:
        return item, series_of(item, on) if item else frozenset()
    except UnknownEntryError:
        if strict:
            raise
        return item, frozenset()


def _in_force(on: date) -> QuerySet[Authorisation]:
    rows = Authorisation.objects.filter(valid_from__lte=on, valid_until__gte=on)
    return rows.exclude(superseded_by__valid_from__lte=on).exclude(withdrawal__effective_from__lte=on)


def _lines(on: date) -> QuerySet[AuthorisedItem]:
    rows = AuthorisedItem.objects.filter(authorisation__valid_from__lte=on, authorisation__valid_until__gte=on)
    rows = rows.exclude(authorisation__superseded_by__valid_from__lte=on)
    return rows.exclude(authorisation__withdrawal__effective_from__lte=on).order_by("pk")


def _scope(line: AuthorisedItem) -> Scope:
    return Scope(line.item, line.regulation, line.region)


def _competent(line: AuthorisedItem) -> Competent:
    held = line.authorisation
    return Competent(
        institute_id=held.institute_id,
        name=held.institute.name,
        region=held.institute.region,
        phone=held.institute.phone,
        kind=held.kind,
        level=held.level,
        number=held.number,
        valid_until=held.valid_until,
        reach=line.region,
        measuring_range=line.measuring_range,
        accuracy=line.accuracy,
    )


def _institute_in(region: str) -> Q:
    level = division(region).level
    if level is Level.PROVINCE:
        return Q()
    return Q(institute__region__startswith=region[:4]) if level is Level.CITY else Q(institute__region=region)
