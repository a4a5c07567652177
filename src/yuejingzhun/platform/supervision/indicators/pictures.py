"""An indicator as pictures: its way through the months towards the targets, and the cities side by side. Pure.

Lengths are in units of the view box, rounded for the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from yuejingzhun.platform.supervision.indicators.forecast import Forecast

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 260, 8, 22, 26
FULL = 100


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with what it says."""

    x: float
    y: float
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Way:
    """The line of what was, the targets, and the band of the forecast, if there is one."""

    line: str
    points: tuple[Mark, ...]
    targets: tuple[Mark, ...]
    band: str
    expected: Mark | None
    most: str
    summary: str
    width: int = WIDTH
    height: int = HEIGHT
    top: int = TOP
    base: int = HEIGHT - BOTTOM
    labels_y: int = HEIGHT - 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A city's value."""

    code: str
    name: str
    length: float
    text: str


def way(
    known: Sequence[tuple[date, Fraction]], targets: dict[int, Decimal], expected: Forecast | None, unit: str
) -> Way | None:
    """None where there is nothing to show."""
    ends = [(date(year, 12, 31), float(value)) for year, value in sorted(targets.items())]
    values = [(day, float(value)) for day, value in known]
    every = [*values, *ends, *([(expected.on, expected.high)] if expected else [])]
    if not values or not every:
        return None
    first, last = min(day for day, _ in every), max(day for day, _ in every)
    days, most = max((last - first).days, 1), max(value for _, value in every) or 1.0

    def x(day: date) -> float:
        return round(LEFT + (day - first).days / days * (WIDTH - 2 * LEFT - 30) + 10, 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM), 1)

    def mark(day: date, value: float, what: str) -> Mark:
        return Mark(x(day), y(value), f"{day:%Y}", f"{what} {day}：{_figure(value)} {unit}")

    band = ""
    if expected is not None:
        start, of = values[-1]
        corners = ((start, of), (expected.on, expected.low), (expected.on, expected.high))
        band = " ".join(f"{x(day)},{y(value)}" for day, value in corners)
    return Way(
        line=" ".join(f"{x(day)},{y(value)}" for day, value in values),
        points=tuple(mark(day, value, "") for day, value in values),
        targets=tuple(mark(day, value, "目标") for day, value in ends),
        band=band,
        expected=None if expected is None else mark(expected.on, expected.value, "预计"),
        most=f"{_figure(most)} {unit}",
        summary=f"{values[0][0]} 至 {values[-1][0]} 由 {_figure(values[0][1])} 到 {_figure(values[-1][1])} {unit}",
    )


def bars(values: Sequence[tuple[str, str, Fraction, str]]) -> tuple[Bar, ...]:
    """Code, name, value and text of each city, the largest first, on one scale."""
    longest = max((value for _, _, value, _ in values), default=Fraction(0))
    ordered = sorted(values, key=lambda one: (-one[2], one[0]))
    return tuple(
        Bar(code, name, round(float(FULL * value / longest), 1) if longest else 0.0, text)
        for code, name, value, text in ordered
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
