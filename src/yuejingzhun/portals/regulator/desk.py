"""A region at a glance for its regulator: instruments by place, what is late, what ends, coverage. Read only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.urls import reverse

from yuejingzhun.platform.foundation.parties.divisions import Division, Level, division, full_name
from yuejingzhun.platform.foundation.parties.rules import Actor, may_see_region
from yuejingzhun.platform.foundation.working_days.calendar import Calendar
from yuejingzhun.platform.operations.mandatory.queries import Application, count_overdue, overdue
from yuejingzhun.platform.operations.mandatory.services.apply import working_days
from yuejingzhun.platform.registry.catalogue.queries import entries
from yuejingzhun.platform.registry.instruments.counting import ItemStanding, Standing, due_by_month
from yuejingzhun.platform.registry.instruments.queries import standings_in
from yuejingzhun.platform.registry.qualifications.coverage import Coverage
from yuejingzhun.platform.registry.qualifications.queries import Authorisation, authorisations_for, coverage_of
from yuejingzhun.platform.registry.standards import applications
from yuejingzhun.platform.registry.standards.queries import Filters, MeasurementStandard, standard_page
from yuejingzhun.portals.regulator.pictures import Bar, Columns, bars, columns
from yuejingzhun.portals.regulator.suggestions import Counted, Suggestion, of_counts, suggestions_for
from yuejingzhun.portals.work import HALF_A_YEAR

SHOWN = 10
ITEMS = 12
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Place:
    """The instruments in use of a city or county."""

    name: str
    standing: Standing

    @property
    def valid_percent(self) -> str:
        """The share whose verification holds, rounded down to 0.1 %, so that 100 % means all."""
        counted = self.standing
        held = counted.number - counted.overdue - counted.never
        return f"{Fraction(1000 * held, counted.number) // 1 / 10:.1f}"


@dataclass(frozen=True, slots=True)
class Late:
    """An application past its term, by so many working days; provisional where a year's days off aren't known."""

    application: Application
    days: int
    provisional: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """What the page shows; each list the first `SHOWN`, the longest waiting or the earliest end first.

    `above` are the divisions around the region that the actor may see as well, the widest first.
    """

    region: str
    name: str
    above: Sequence[Division]
    on: date
    total: Place | None
    places: Sequence[Place]
    bars: Sequence[Bar]
    months: Columns | None
    items: Sequence[tuple[str, ItemStanding]]
    late: Sequence[Late]
    late_count: int
    assessments: Sequence[object]
    authorisations: Sequence[Authorisation]
    standards: Sequence[MeasurementStandard]
    coverage: Coverage
    suggestions: Sequence[Suggestion]

    @property
    def is_county(self) -> bool:
        """Whether there are no places within: then there is no wall to compare them on."""
        return division(self.region).level is Level.COUNTY


def desk_of(actor: Actor, region: str, on: date) -> Desk:
    """The desk of a region for its regulators; each part is one read. Raises NotPermittedError."""
    counted, by_item = standings_in(actor, region, on)
    names = {entry.code: entry.name for entry in entries(on)}
    places = [Place(division(row.region).name, row) for row in counted]
    until = on + HALF_A_YEAR
    (coverage,) = coverage_of([region], on)
    return Desk(
        region=region,
        name=full_name(region),
        above=_above(actor, region),
        on=on,
        total=_total(region, counted),
        places=places,
        bars=bars([(place.name, place.standing) for place in places]) if len(places) > 1 else (),
        months=columns(due_by_month(region, on, MONTHS)),
        items=[(f"{row.item} {names.get(row.item, '')}".strip() or "不在目录内", row) for row in by_item[:ITEMS]],
        late=_latest(overdue(actor, on, region), on, working_days()),
        late_count=count_overdue(actor, on, region),
        assessments=sorted(applications.waiting_for(actor), key=lambda one: one.pk)[:SHOWN],
        authorisations=authorisations_for(actor, region, on, until=until)[:SHOWN],
        standards=standard_page(actor, Filters(region=region, ends_by=until))[:SHOWN],
        coverage=coverage,
        suggestions=[*_standing_out(region, counted, by_item, names), *suggestions_for(actor, region, on)],
    )


def _standing_out(
    region: str, counted: Sequence[Standing], by_item: Sequence[ItemStanding], names: Mapping[str, str]
) -> Iterator[Suggestion]:
    """Places among all of the region, and items among all."""
    desk, due, name = reverse("regulator-desk"), reverse("instruments-due"), division(region).name
    places = [
        Counted(division(row.region).name, f"{desk}?region={row.region}", row.number, row.overdue + row.never)
        for row in counted
    ]
    yield from of_counts(places, name)
    items = [
        Counted(names.get(row.item, "不在目录内的器具"), f"{due}?region={region}", row.number, row.overdue + row.never)
        for row in by_item
    ]
    yield from of_counts(items, f"{name}各项目")


def _above(actor: Actor, region: str) -> list[Division]:
    found: list[Division] = []
    parent = division(region).parent
    while parent is not None and may_see_region(actor, parent):
        found.insert(0, division(parent))
        parent = division(parent).parent
    return found


def _total(region: str, counted: Sequence[Standing]) -> Place | None:
    if not counted:
        return None
    columns = ("number", "never", "overdue", "soon")
    return Place(full_name(region), Standing(region, *(sum(getattr(row, name) for row in counted) for name in columns)))


def _latest(found: Sequence[Application], on: date, days: Calendar) -> list[Late]:
    """The longest past its term first: that of the answer, or that of the test."""
    terms = [(one.answer_by if one.state == "SUBMITTED" else one.due_on, one) for one in found]
    dated = sorted(((term, one.pk, one) for term, one in terms if term is not None), key=lambda row: row[:2])
    return [Late(one, -days.left(on, term), days.is_provisional(on, term)) for term, _, one in dated[:SHOWN]]
