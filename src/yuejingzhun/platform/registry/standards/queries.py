"""Reads of measurement standards: which may be used, which there are, and what is known of each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_see_region
from yuejingzhun.platform.registry.materials.queries import batches_in_date
from yuejingzhun.platform.registry.standards.errors import StandardNotUsableError, UnknownStandardError
from yuejingzhun.platform.registry.standards.models import (
    AssessmentCertificate,
    Declaration,
    Equipment,
    Interruption,
    MeasurementStandard,
    RepeatabilityRecord,
    StabilityRecord,
    StandardMaterial,
    plain,
)
from yuejingzhun.platform.registry.standards.rules import PUBLIC, Level
from yuejingzhun.platform.registry.standards.validity import (
    Device,
    Evidence,
    Failure,
    Term,
    Yearly,
    failing,
    warnings,
)
from yuejingzhun.procedures.record import ReferenceStandard

PAGE = 50
LONGEST_HISTORY = 100
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to: the terms that end from `ends_from` to `ends_by`; empty texts for all."""

    region: str = ""
    level: str = ""
    item: str = ""
    words: str = ""
    ends_by: date | None = None
    after: tuple[date, int] | None = None
    ends_from: date | None = None


def usable_standard(owner_id: int, number: str, regulation: str, on: date) -> tuple[int, ReferenceStandard]:
    """The standard of that number as the engine wants it, with its row; raises StandardNotUsableError."""
    found = MeasurementStandard.objects.filter(number=number, owner_id=owner_id).first()
    if found is None:
        raise StandardNotUsableError(f"本单位没有考核证书号为 {number} 的计量标准")
    if regulation not in found.regulations:
        raise StandardNotUsableError(f"计量标准 {number} 不能开展 {regulation}，可开展 {'、'.join(found.regulations)}")
    if failures := validity(found, on):
        raise StandardNotUsableError(f"计量标准 {number} 不能使用：{'；'.join(each.text for each in failures)}")
    return found.pk, _as_reference(found)


def standards_for(owner_id: int, regulation: str) -> list[MeasurementStandard]:
    """The standards of an institute for a regulation, the one that lasts longest first."""
    found = MeasurementStandard.objects.filter(owner_id=owner_id, regulations__contains=[regulation])
    return list(found.order_by("-valid_until", "number"))


def standards_of_owner(owner_id: int) -> list[MeasurementStandard]:
    """The standards of an organisation, by name."""
    return list(MeasurementStandard.objects.filter(owner_id=owner_id).order_by("name", "number")[:500])


def regulations_with_standard(on: date) -> Iterator[tuple[int, str]]:
    """Each owner with each regulation for which it holds a standard in date on that day; a pair may come twice.

    For the coverage of a province: it goes by the term alone, not by what else may forbid the use for a while.
    """
    held = MeasurementStandard.objects.filter(valid_until__gte=on).values_list("owner_id", "regulations")
    for owner_id, regulations in held.iterator(chunk_size=5000):
        for regulation in regulations:
            yield owner_id, regulation


def provincial_highest(on: date) -> QuerySet[MeasurementStandard]:
    """The highest public standards of institutes of the province whose term holds on a day, by name.

    For indicator 4 of the plan: by the terms on record, and for standards older than these by their end alone.
    """
    terms = AssessmentCertificate.objects.filter(standard=OuterRef("pk"))
    running = Q(starts_on__lte=on, ends_on__gte=on) & (Q(ended_on=None) | Q(ended_on__gt=on))
    held = Exists(terms.filter(running | Q(starts_on__gt=on, previous_until__gte=on)))
    older = ~Exists(terms) & Q(valid_until__gte=on)
    found = MeasurementStandard.objects.filter(level=Level.PUBLIC_HIGHEST.name, owner__region=PROVINCE)
    return found.filter(held | older).select_related("owner").order_by("name", "pk")


def validity(standard: MeasurementStandard, at: date) -> tuple[Failure, ...]:
    """The predicates that fail on a day; empty where the standard may be used."""
    return failing(evidence_of([standard], at)[standard.pk], at)


def warnings_of(standard: MeasurementStandard, at: date) -> tuple[Failure, ...]:
    """What doesn't forbid the use on a day, but soon will."""
    return warnings(evidence_of([standard], at)[standard.pk], at)


def evidence_of(standards: Sequence[MeasurementStandard], on: date) -> dict[int, Evidence]:
    """What speaks for and against each standard, in a number of queries that doesn't grow with theirs."""
    keys = [standard.pk for standard in standards]
    certificates = _grouped(AssessmentCertificate.objects.filter(standard__in=keys).order_by("starts_on"))
    declarations = _grouped(Declaration.objects.filter(standard__in=keys).order_by("starts_on"))
    there = Q(removed_on=None) | Q(removed_on__gt=on)
    equipment = _grouped(Equipment.objects.filter(there, standard__in=keys, added_on__lte=on).order_by("pk"))
    materials = _grouped(StandardMaterial.objects.filter(standard__in=keys).order_by("number"))
    held = batches_in_date([row.number for rows in materials.values() for row in rows], on) if materials else set()
    going_on = Q(ends_on=None) | Q(ends_on__gt=on)
    interruptions = _grouped(Interruption.objects.filter(going_on, standard__in=keys, starts_on__lte=on))
    repeatability, stability = _latest(RepeatabilityRecord, keys, on), _latest(StabilityRecord, keys, on)
    return {
        standard.pk: Evidence(
            held_until=_held_until(standard, certificates[standard.pk], declarations[standard.pk]),
            terms=tuple(map(_term, [*certificates[standard.pk], *declarations[standard.pk]])),
            devices=tuple(Device(str(row), row.is_main, row.valid_until) for row in equipment[standard.pk]),
            materials_missing=tuple(
                row.number for row in materials[standard.pk] if (row.number, standard.owner_id) not in held
            ),
            repeatability=repeatability.get(standard.pk),
            stability=stability.get(standard.pk),
            stability_exempt=bool(standard.stability_exemption),
            interruption=_interruption_text(interruptions[standard.pk]),
            contested=any(row.state == Declaration.State.CONTESTED for row in declarations[standard.pk]),
        )
        for standard in standards
    }


def standard_page(actor: Actor, filters: Filters) -> list[MeasurementStandard]:
    """One page and one more of the standards that the actor may see, by the end of their terms."""
    return _page(MeasurementStandard.objects.filter(_visible(actor)), filters)


def published_page(filters: Filters) -> list[MeasurementStandard]:
    """One page and one more of what the public may know: public standards, and those declared and not withdrawn."""
    return _page(MeasurementStandard.objects.filter(_published()), filters)


def visible_standard(actor: Actor, standard_id: int) -> MeasurementStandard:
    """A standard that the actor may see; raises UnknownStandardError."""
    found = MeasurementStandard.objects.select_related("owner").filter(pk=standard_id).first()
    if found is None or not (_works_at(actor, found.owner_id) or may_see_region(actor, found.owner.region)):
        raise UnknownStandardError(f"没有编号为 {standard_id} 的计量标准，或您无权查看")
    return found


def published_standard(standard_id: int) -> MeasurementStandard:
    """A standard that is published; raises UnknownStandardError."""
    found = MeasurementStandard.objects.filter(_published(), pk=standard_id).select_related("owner").first()
    if found is None:
        raise UnknownStandardError(f"没有公开的、编号为 {standard_id} 的计量标准")
    return found


def is_withheld(standard_id: int) -> bool:
    """Whether there is such a standard and the public may not know of it."""
    return MeasurementStandard.objects.filter(pk=standard_id).exclude(_published()).exists()


def standard_of_number(number: str) -> MeasurementStandard:
    """The standard of that certificate number, with its owner; raises UnknownStandardError."""
    found = MeasurementStandard.objects.select_related("owner").filter(number=number).first()
    if found is None:
        raise UnknownStandardError(f"没有考核证书号为 {number} 的计量标准")
    return found


def equipment_of(standard_id: int) -> list[Equipment]:
    """The instruments, those in use and the main ones first."""
    found = list(Equipment.objects.filter(standard=standard_id).order_by("-is_main", "pk")[:200])
    return sorted(found, key=lambda row: row.removed_on is not None)


def materials_of(standard_id: int) -> list[str]:
    """The numbers of the reference materials that make it up."""
    rows = StandardMaterial.objects.filter(standard=standard_id)
    return list(rows.order_by("number").values_list("number", flat=True))


def repeatability_of(standard_id: int) -> list[RepeatabilityRecord]:
    """Repeatability tests, the latest hundred, in the order of time."""
    return _history(RepeatabilityRecord.objects.filter(standard=standard_id).select_related("recorded_by"))


def stability_of(standard_id: int) -> list[StabilityRecord]:
    """Groups of the check standard, the latest hundred, in the order of time."""
    return _history(StabilityRecord.objects.filter(standard=standard_id).select_related("recorded_by"))


def certificates_of(standard_id: int) -> list[AssessmentCertificate]:
    """All certificates, the newest first."""
    return list(AssessmentCertificate.objects.filter(standard=standard_id).order_by("-starts_on")[:LONGEST_HISTORY])


def declarations_of(standard_id: int) -> list[Declaration]:
    """All self-declarations, the newest first."""
    return list(Declaration.objects.filter(standard=standard_id).order_by("-pk")[:LONGEST_HISTORY])


def interruptions_of(standard_id: int) -> list[Interruption]:
    """All suspensions and the cancellation, the newest first."""
    rows = Interruption.objects.filter(standard=standard_id).select_related("begun_by", "ended_by")
    return list(rows.order_by("-pk")[:LONGEST_HISTORY])


def _page(found: QuerySet[MeasurementStandard], filters: Filters) -> list[MeasurementStandard]:
    if filters.region and filters.region != PROVINCE:
        prefix = filters.region[:4] if filters.region.endswith("00") else filters.region
        found = found.filter(owner__region__startswith=prefix)
    if filters.level:
        found = found.filter(level=filters.level)
    if filters.item:
        found = found.filter(Q(items__contains=[filters.item]) | Q(regulations__contains=[filters.item]))
    if filters.words:
        words = filters.words
        found = found.filter(Q(name__contains=words) | Q(number__contains=words) | Q(owner__name__contains=words))
    if filters.ends_by:
        found = found.filter(valid_until__lte=filters.ends_by)
    if filters.ends_from:
        found = found.filter(valid_until__gte=filters.ends_from)
    if filters.after:
        last, key = filters.after
        found = found.filter(valid_until__gte=last).exclude(valid_until=last, pk__lte=key)
    return list(found.select_related("owner").order_by("valid_until", "pk")[: PAGE + 1])


def _visible(actor: Actor) -> Q:
    wanted = Q(pk__in=[])
    for grant in actor.grants:
        wanted |= Q(owner_id=grant.organisation_id)
        if grant.role is Role.REGULATOR and grant.region == PROVINCE:
            wanted |= Q(owner__region__startswith=PROVINCE[:2])
        elif grant.role is Role.REGULATOR:
            wanted |= Q(owner__region__startswith=grant.region[:4] if grant.region.endswith("00") else grant.region)
    return wanted


def _published() -> Q:
    declared = Declaration.objects.filter(ended_on=None).values("standard")
    return Q(level__in=[level.name for level in Level if level in PUBLIC]) | Q(pk__in=declared)


def _works_at(actor: Actor, organisation_id: int) -> bool:
    return any(grant.organisation_id == organisation_id for grant in actor.grants)


def _grouped(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.standard_id].append(row)
    return found


def _latest(kind: type[RepeatabilityRecord] | type[StabilityRecord], keys: list[int], on: date) -> dict[int, Yearly]:
    rows = kind.objects.filter(standard__in=keys, measured_on__lte=on)
    latest = rows.order_by("standard_id", "-measured_on").distinct("standard_id")
    return {row.standard_id: Yearly(row.measured_on, row.passed) for row in latest}


def _term(row: AssessmentCertificate | Declaration) -> Term:
    return Term(row.starts_on, row.ends_on if row.ended_on is None else row.ended_on - DAY)


def _held_until(
    standard: MeasurementStandard, certificates: list[AssessmentCertificate], declarations: list[Declaration]
) -> date | None:
    """The last day of the term from before those on record; a standard without any has only the one it says itself."""
    if certificates:
        return certificates[0].previous_until
    return None if declarations else standard.valid_until


def _interruption_text(found: list[Interruption]) -> str:
    return "；".join(
        f"自 {row.starts_on} 起{'已撤销' if row.is_final else '封存或暂停使用'}：{row.reason}" for row in found
    )


def _history(rows: QuerySet[Any]) -> list[Any]:
    return list(rows.order_by("-measured_on")[:LONGEST_HISTORY])[::-1]


def _as_reference(found: MeasurementStandard) -> ReferenceStandard:
    return ReferenceStandard(
        found.name,
        found.number,
        found.certificate,
        found.valid_until,
        Decimal(plain(found.expanded_uncertainty)),
        Decimal(plain(found.coverage_factor)),
    )
