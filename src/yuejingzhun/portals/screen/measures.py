"""What the wall compares places by: a value each, how bad that is, and the shade that shows it. Pure and exact."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from itertools import pairwise

SHADES = 5
RANKED = 12


@dataclass(frozen=True, slots=True)
class Place:
    """The counts of a city or county. Instruments in use; facts of the last days; parties with a grade."""

    code: str
    name: str
    number: int = 0
    overdue: int = 0
    never: int = 0
    soon: int = 0
    failed: int = 0
    complaints: int = 0
    grades: Mapping[str, int] | None = None

    @property
    def rated(self) -> int:
        """Parties with a grade."""
        return sum((self.grades or {}).values())

    @property
    def poor(self) -> int:
        """Parties of the two lower grades."""
        return sum((self.grades or {}).get(grade, 0) for grade in ("C", "D"))


class Unit(Enum):
    """How a value is written."""

    PERCENT = "%"
    PIECES = "台件"
    CASES = "件"


@dataclass(frozen=True, slots=True)
class Measure:
    """One comparison: `value` None where a place has nothing to measure; `worst` whether high or low is bad."""

    key: str
    title: str
    about: str
    unit: Unit
    high_is_bad: bool
    value: Callable[[Place], Fraction | None]


@dataclass(frozen=True, slots=True)
class Shown:
    """A place under a measure; shade 0 is the best, `SHADES` - 1 the worst, None where there is nothing."""

    place: Place
    text: str
    shade: int | None
    share: Fraction  # of the longest bar

    @property
    def width(self) -> float:
        """The length of its bar in percent, for the page."""
        return round(float(100 * self.share), 1)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All places under a measure, the worst first, with the range that each shade stands for."""

    measure: Measure
    shown: tuple[Shown, ...]
    legend: tuple[str, ...]

    @property
    def ranked(self) -> tuple[Shown, ...]:
        """The first that have a value."""
        return tuple(one for one in self.shown if one.shade is not None)[:RANKED]

    def of(self, code: str) -> Shown | None:
        """The place of that code."""
        return next((one for one in self.shown if one.place.code == code), None)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(100 * part, whole) if whole else None


MEASURES = (
    Measure("valid", "强检有效率", "在用强检器具中，检定在有效期内的占比", Unit.PERCENT, False,
            lambda one: _share(one.number - one.overdue - one.never, one.number)),
    Measure("overdue", "超期未检", "在用强检器具中，检定已过有效期的占比", Unit.PERCENT, True,
            lambda one: _share(one.overdue, one.number)),
    Measure("failed", "检定不合格", "最近 30 天记录的检定不合格", Unit.CASES, True,
            lambda one: Fraction(one.failed) if one.number or one.failed else None),
    Measure("complaints", "投诉属实", "最近 30 天记录的属实投诉、举报", Unit.CASES, True,
            lambda one: Fraction(one.complaints) if one.number or one.complaints else None),
    Measure("credit", "信用 C、D 级", "已分级的单位中，C 级与 D 级的占比", Unit.PERCENT, True,
            lambda one: _share(one.poor, one.rated)),
)  # fmt: skip


def compare(measure: Measure, places: Sequence[Place]) -> Comparison:
    """Shades in equal steps between the least and the largest value; all alike share the best shade."""
    values = {one.code: measure.value(one) for one in places}
    known = [value for value in values.values() if value is not None]
    low, high = (min(known), max(known)) if known else (Fraction(0), Fraction(0))
    longest = max((_length(measure, value) for value in known), default=Fraction(0))

    def shown(one: Place) -> Shown:
        value = values[one.code]
        if value is None:
            return Shown(one, "—", None, Fraction(0))
        length = _length(measure, value)
        share = length / longest if longest else Fraction(0)
        return Shown(one, text_of(measure, value), _shade(measure, value, low, high), share)

    def badness(one: Place) -> tuple[bool, Fraction, str]:
        value = values[one.code]
        if value is None:
            return True, Fraction(0), one.code
        return False, -value if measure.high_is_bad else value, one.code

    return Comparison(measure, tuple(shown(one) for one in sorted(places, key=badness)), _legend(measure, low, high))


def text_of(measure: Measure, value: Fraction) -> str:
    """Percent with one decimal: a good share is cut, a bad one rounded up, so that 100.0 % and 0.0 % mean all and none.

    Counts as they are.
    """
    if measure.unit is not Unit.PERCENT:
        return f"{int(value):,} {measure.unit.value}"
    tenths = -(-10 * value // 1) if measure.high_is_bad else 10 * value // 1
    return f"{tenths // 10}.{tenths % 10} %"


def _length(measure: Measure, value: Fraction) -> Fraction:
    """What a bar shows: what is bad of it."""
    return value if measure.high_is_bad else 100 - value


def _shade(measure: Measure, value: Fraction, low: Fraction, high: Fraction) -> int:
    if low == high:
        return 0
    step = min(int((value - low) / (high - low) * SHADES), SHADES - 1)
    return step if measure.high_is_bad else SHADES - 1 - step


def _legend(measure: Measure, low: Fraction, high: Fraction) -> tuple[str, ...]:
    """The range of each shade, the best first."""
    if low == high:
        return (text_of(measure, low),)
    edges = [low + (high - low) * step / SHADES for step in range(SHADES + 1)]
    ranges = [f"{_edge(measure, a)}～{_edge(measure, b)}" for a, b in pairwise(edges)]
    return tuple(ranges if measure.high_is_bad else reversed(ranges))


def _edge(measure: Measure, value: Fraction) -> str:
    return f"{float(value):.1f}" if measure.unit is Unit.PERCENT or value.denominator > 1 else f"{int(value)}"
