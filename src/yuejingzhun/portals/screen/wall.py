"""The numbers of the wall, one read a panel, from maintained counts: none counts instruments. Read only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from yuejingzhun.platform.foundation.parties.divisions import Level, division, divisions, full_name
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.mandatory.queries import MOST_OVERDUE, count_overdue
from yuejingzhun.platform.registry.instruments.counting import Standing, due_by_month
from yuejingzhun.platform.registry.instruments.queries import standings_in
from yuejingzhun.platform.supervision.credit.queries import News, facts_by_place, grades_by_place, news_in
from yuejingzhun.portals.regulator.pictures import Columns, columns
from yuejingzhun.portals.screen.measures import MEASURES, Comparison, Measure, Place, compare, text_of
from yuejingzhun.portals.screen.shapes import Outline, Shape, outline

RECENT = timedelta(days=30)
MONTHS = 12
NEWEST = 8
FAILED, COMPLAINT = "verification-failed", "complaint-upheld"
GRADES = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class City:
    """A city of the map under a measure."""

    shape: Shape
    name: str
    text: str
    shade: int | None
    inside: bool  # whether it belongs to the region of the wall


@dataclass(frozen=True, slots=True)
class Board:
    """One measure: the map and the ranking."""

    comparison: Comparison
    cities: tuple[City, ...]


@dataclass(frozen=True, slots=True)
class Grade:
    """How many parties have a grade, and where its piece of the bar begins, in percent."""

    grade: str
    number: int
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Wall:
    """What the wall shows of a region."""

    region: str
    name: str
    at: datetime
    total: Place
    valid: str
    late: int
    late_capped: bool
    grades: tuple[Grade, ...]
    boards: tuple[Board, ...]
    months: Columns | None
    news: tuple[News, ...]
    outline: Outline


def wall_of(actor: Actor, region: str, on: date, at: datetime) -> Wall:
    """The wall of the province or a city, for its regulators. Raises NotPermittedError, UnknownDivisionError."""
    standings, _ = standings_in(actor, region, on)
    places = _places(region, standings, facts_by_place(actor, region, at - RECENT), grades_by_place(actor, region))
    total = _total(region, places)
    late = count_overdue(actor, on, region)
    valid = MEASURES[0].value(total)
    return Wall(
        region=region,
        name=full_name(region),
        at=at,
        total=total,
        valid="—" if valid is None else text_of(MEASURES[0], valid),
        late=late,
        late_capped=late >= MOST_OVERDUE,
        grades=_grades(total),
        boards=tuple(_board(region, measure, places) for measure in MEASURES),
        months=columns(due_by_month(region, on, MONTHS)),
        news=tuple(news_in(actor, region, NEWEST)),
        outline=outline(),
    )


def _places(
    region: str,
    standings: Sequence[Standing],
    facts: Mapping[tuple[str, str], int],
    grades: Mapping[tuple[str, str], int],
) -> list[Place]:
    """Every city of the province, or county of a city, also those of which nothing is on record.

    What lies in a city without saying where is a place of its own there, under the city's code.
    """
    known = {row.region: row for row in standings}
    inside = [one for one in divisions().values() if one.parent == region]
    found = {one.code: one.name for one in inside}
    elsewhere = {code for code, _ in (*facts, *grades)} | set(known)
    found |= {code: f"{division(code).name}（未分区县）" for code in sorted(elsewhere - set(found))}
    return [
        Place(
            code,
            name,
            *((row.number, row.overdue, row.never, row.soon) if (row := known.get(code)) else (0, 0, 0, 0)),
            failed=facts.get((code, FAILED), 0),
            complaints=facts.get((code, COMPLAINT), 0),
            grades={grade: grades.get((code, grade), 0) for grade in GRADES},
        )
        for code, name in found.items()
    ]


def _total(region: str, places: Sequence[Place]) -> Place:
    names = ("number", "overdue", "never", "soon", "failed", "complaints")
    sums = {name: sum(getattr(one, name) for one in places) for name in names}
    grades = {grade: sum((one.grades or {}).get(grade, 0) for one in places) for grade in GRADES}
    return Place(region, full_name(region), **sums, grades=grades)


def _grades(total: Place) -> tuple[Grade, ...]:
    found, start, rated = [], Fraction(0), total.rated
    for grade in GRADES if rated else ():
        number = (total.grades or {}).get(grade, 0)
        length = Fraction(100 * number, rated)
        found.append(Grade(grade, number, round(float(start), 2), round(float(length), 2)))
        start += length
    return tuple(found)


def _board(region: str, measure: Measure, places: Sequence[Place]) -> Board:
    """The map shows cities: on the wall of one city it shows where that city lies."""
    comparison = compare(measure, places)
    if division(region).level is Level.PROVINCE:
        return Board(comparison, tuple(_city(shape, comparison) for shape in outline().shapes))
    return Board(
        comparison,
        tuple(City(one, division(one.code).name, "", None, one.code == region) for one in outline().shapes),
    )


def _city(shape: Shape, comparison: Comparison) -> City:
    shown = comparison.of(shape.code)
    if shown is None:
        return City(shape, division(shape.code).name, "—", None, True)
    return City(shape, shown.place.name, shown.text, shown.shade, True)
