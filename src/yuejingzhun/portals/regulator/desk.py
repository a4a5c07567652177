"""A region at a glance for its regulator: instruments by place, what is late, what ends, coverage. Read only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from yuejingzhun.platform.foundation.parties.divisions import division, full_name, is_within
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.foundation.working_days.calendar import Calendar
from yuejingzhun.platform.operations.mandatory.queries import Application, overdue
from yuejingzhun.platform.operations.mandatory.services.apply import working_days
from yuejingzhun.platform.registry.instruments.counting import Standing, standing_by_region
from yuejingzhun.platform.registry.instruments.rules import SOON
from yuejingzhun.platform.registry.qualifications.coverage import Coverage
from yuejingzhun.platform.registry.qualifications.queries import Authorisation, authorisations_in, coverage_of
from yuejingzhun.platform.registry.standards import applications
from yuejingzhun.platform.registry.standards.queries import Filters, MeasurementStandard, standard_page
from yuejingzhun.portals.work import HALF_A_YEAR

SHOWN = 10


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
    """An application past its term, by so many working days."""

    application: Application
    days: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What the page shows; each list the first `SHOWN`, the longest waiting or the earliest end first."""

    region: str
    name: str
    on: date
    total: Place | None
    places: Sequence[Place]
    late: Sequence[Late]
    late_count: int
    assessments: Sequence[object]
    authorisations: Sequence[Authorisation]
    standards: Sequence[MeasurementStandard]
    coverage: Coverage


def desk_of(actor: Actor, region: str, on: date) -> Desk:
    """The desk of a region for which the actor is responsible; each part is one read."""
    counted = standing_by_region(region, on, on + SOON)
    late = [one for one in overdue(actor, on) if is_within(one.region, region)]
    until = on + HALF_A_YEAR
    (coverage,) = coverage_of([region], on)
    return Desk(
        region=region,
        name=full_name(region),
        on=on,
        total=_total(region, counted),
        places=[Place(division(row.region).name, row) for row in counted],
        late=_latest(late, on, working_days()),
        late_count=len(late),
        assessments=sorted(applications.waiting_for(actor), key=lambda one: one.pk)[:SHOWN],
        authorisations=authorisations_in(region, on, until=until)[:SHOWN],
        standards=standard_page(actor, Filters(region=region, ends_by=until))[:SHOWN],
        coverage=coverage,
    )


def _total(region: str, counted: Sequence[Standing]) -> Place | None:
    if not counted:
        return None
    columns = ("number", "never", "overdue", "soon")
    return Place(full_name(region), Standing(region, *(sum(getattr(row, name) for row in counted) for name in columns)))


def _latest(found: Sequence[Application], on: date, days: Calendar) -> list[Late]:
    """The longest past its term first: that of the answer, or that of the test."""
    terms = [(one.answer_by if one.state == "SUBMITTED" else one.due_on, one) for one in found]
    dated = sorted(((term, one.pk, one) for term, one in terms if term is not None), key=lambda row: row[:2])
    return [Late(one, -days.left(on, term)) for term, _, one in dated[:SHOWN]]
