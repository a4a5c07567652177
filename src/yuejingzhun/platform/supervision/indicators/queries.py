"""Reads of indicators: their values on any day with the items counted, targets, monthly values; tasks and milestones.

The indicators and their items are public; tasks are for the regulators, and for the owners of milestones.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count, Q, QuerySet

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE, Level, division, divisions, full_name
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.qualifications.queries import coverage_of
from yuejingzhun.platform.registry.standards.queries import provincial_highest
from yuejingzhun.platform.supervision.indicators.errors import UnknownIndicatorError
from yuejingzhun.platform.supervision.indicators.models import Item, Milestone, MilestoneReport, Reading, Target
from yuejingzhun.platform.supervision.indicators.rules import (
    Indicator,
    Progress,
    Source,
    Task,
    indicators,
    is_late,
    plan_tasks,
)

PAGE = 50
LARGEST_KEY = 2**62
PLAN_YEAR = 2025


@dataclass(frozen=True, slots=True)
class Value:
    """The value of an indicator on a day, exact: `part` items, of `whole` where it is a percentage."""

    indicator: Indicator
    on: date
    part: int
    whole: int = 1

    @property
    def value(self) -> Fraction:
        """In the unit of the indicator."""
        return (
            Fraction(self.part)
            if self.indicator.source is not Source.COVERAGE
            else Fraction(100 * self.part, self.whole)
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One of the items counted: what it is, whose, where, and by what it counts. `key` goes on from here."""

    key: str
    name: str
    holder: str
    place: str
    document: str
    since: date | None
    counted: bool = True
    item: int | None = None  # the row that may be corrected


@dataclass(frozen=True, slots=True)
class Standing:
    """A milestone with its newest report."""

    milestone: Milestone
    progress: Progress
    report: MilestoneReport | None
    late: bool


def indicator_of(code: str) -> Indicator:
    """Raises UnknownIndicatorError."""
    found = indicators().get(code)
    if found is None:
        raise UnknownIndicatorError(f"没有指标 {code[:20]}")
    return found


def task_of(code: str) -> Task:
    """Raises UnknownIndicatorError."""
    found = plan_tasks().get(code)
    if found is None:
        raise UnknownIndicatorError(f"没有任务 {code[:8]}")
    return found


def value_on(code: str, on: date) -> Value:
    """The value of an indicator of the province on a day."""
    found = indicator_of(code)
    if found.source is Source.STANDARDS:
        return Value(found, on, provincial_highest(on).count())
    if found.source is Source.COVERAGE:
        (coverage,) = coverage_of([PROVINCE], on)
        return Value(found, on, len(coverage.established), max(len(coverage.items), 1))
    return Value(found, on, counting(code, on).count())


def values_on(on: date) -> list[Value]:
    """All eight, in the order of the plan."""
    return [value_on(code, on) for code in indicators()]


def counting(code: str, on: date) -> QuerySet[Item]:
    """The recorded items that count for an indicator on a day."""
    there = Item.objects.filter(indicator=code, superseded_by=None, withdrawn=False, counts_from__lte=on)
    return there.filter(Q(ends_on=None) | Q(ends_on__gt=on))


def lines_of(code: str, on: date, region: str = "", after: str = "") -> list[Line]:
    """A page of the items that an indicator counts on a day, in a city or county where one is named."""
    found = indicator_of(code)
    if found.source is Source.STANDARDS:
        start = int(after) if after.isdecimal() and after.isascii() and len(after) < 9 else 0
        rows = provincial_highest(on)[start : start + PAGE]
        return [
            Line(str(start + place), row.name, row.owner.name, full_name(row.owner.region), row.number, None)
            for place, row in enumerate(rows, 1)
        ]
    if found.source is Source.COVERAGE:
        (coverage,) = coverage_of([region or PROVINCE], on)
        return [
            Line(one.code, f"{one.code} {one.name}", "", "", "", None, counted=one.code in coverage.established)
            for one in coverage.items
        ]
    key = int(after) if after.isdecimal() and after.isascii() and len(after) < 18 else 0
    items = counting(code, on).filter(pk__gt=key, region__startswith=_prefix(region))
    return [
        Line(str(row.pk), row.name, row.holder, full_name(row.region), row.document, row.counts_from, item=row.pk)
        for row in items.order_by("pk")[:PAGE]
    ]


def by_city(code: str, on: date) -> list[tuple[str, Fraction]]:
    """The value of each city, by its code; empty for an indicator that only the province has."""
    found = indicator_of(code)
    cities = [one.code for one in divisions().values() if one.level is Level.CITY]
    if found.source is Source.STANDARDS:
        return []
    if found.source is Source.COVERAGE:
        return [(one.region, one.share(one.established) * 100) for one in coverage_of(cities, on) if one.items]  # type: ignore[operator]
    counted = Counter(dict.fromkeys(cities, 0))
    for region, number in counting(code, on).order_by().values_list("region").annotate(number=Count("pk")):
        counted[f"{region[:4]}00"] += number
    return [(code, Fraction(counted[code])) for code in cities]


def targets_of(code: str) -> dict[int, Decimal]:
    """The figure of each year: the plan's for 2025, and the newest that the province set."""
    found = {PLAN_YEAR: indicator_of(code).target}
    rows = Target.objects.filter(indicator=code).order_by("pk").values_list("year", "value")
    return found | dict(rows)


def target_rows(code: str) -> list[Target]:
    """What was set, with reason, the newest first."""
    return list(Target.objects.filter(indicator=code).select_related("set_by").order_by("-pk")[:PAGE])


def readings_of(code: str) -> list[tuple[date, Fraction]]:
    """The monthly values, the earliest first."""
    percent = 100 if indicator_of(code).source is Source.COVERAGE else 1
    rows = Reading.objects.filter(indicator=code).order_by("on").values_list("on", "part", "whole")
    return [(on, Fraction(percent * part, whole)) for on, part, whole in rows]


def item_of(item_id: int) -> Item:
    """An item with what superseded it; raises UnknownIndicatorError."""
    rows = Item.objects.select_related("recorded_by", "supersedes", "superseded_by")
    found = rows.filter(pk=min(item_id, LARGEST_KEY)).first()
    if found is None:
        raise UnknownIndicatorError(f"没有编号为 {item_id} 的登记")
    return found


def is_province(actor: Actor) -> bool:
    """Whether the actor regulates the whole province, which sets targets and milestones."""
    return any(grant.role is Role.REGULATOR and grant.region == PROVINCE for grant in actor.grants)


def tasks_for(actor: Actor, on: date) -> dict[str, list[Standing]]:
    """The milestones of each task: all for regulators, their own for the owners; raises NotPermittedError."""
    rows = Milestone.objects.select_related("owner").order_by("due_on", "pk")
    if not actor.has(Role.REGULATOR):
        own = [grant.organisation_id for grant in actor.grants]
        rows = rows.filter(owner__in=own)
        if not rows.exists():
            raise NotPermittedError(f"{actor.name} 不是监管人员，所在单位也没有规划任务")
    newest = {
        row.milestone_id: row
        for row in MilestoneReport.objects.filter(milestone__in=rows).order_by("milestone", "-pk").distinct("milestone")
    }
    found: dict[str, list[Standing]] = {code: [] for code in plan_tasks()}
    for row in rows:
        report = newest.get(row.pk)
        progress = Progress[report.progress] if report else Progress.PLANNED
        found[row.task].append(Standing(row, progress, report, is_late(row.due_on, progress, on)))
    return found


def milestone_for(actor: Actor, milestone_id: int) -> tuple[Milestone, list[MilestoneReport]]:
    """A milestone with its reports, the newest first, for regulators and its owner; raises UnknownIndicatorError."""
    found = Milestone.objects.select_related("owner", "set_by").filter(pk=min(milestone_id, LARGEST_KEY)).first()
    own = {grant.organisation_id for grant in actor.grants}
    if found is None or not (actor.has(Role.REGULATOR) or found.owner_id in own):
        raise UnknownIndicatorError(f"没有编号为 {milestone_id} 的里程碑，或您无权查看")
    return found, list(found.reports.select_related("reported_by").order_by("-pk")[:PAGE])


def _prefix(region: str) -> str:
    if not region or region == PROVINCE:
        return "44"
    return region[:4] if division(region).level is Level.CITY else region
