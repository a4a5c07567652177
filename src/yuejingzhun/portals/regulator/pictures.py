"""What a region's numbers look like: shares of places as bars, and what falls due as columns. Pure.

Lengths are in units of the view box, rounded for the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from yuejingzhun.platform.registry.instruments.counting import Standing

WIDTH, HEIGHT, TOP, BOTTOM = 560, 190, 24, 22
FULL = 100  # the width of the longest bar


@dataclass(frozen=True, slots=True)
class Bar:
    """What of a place's instruments is overdue, was never verified and is due soon, beside each other."""

    region: str
    name: str
    overdue: float
    never_from: float
    never: float
    soon_from: float
    soon: float
    percent: str  # of the instruments in use: overdue or never verified
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """What falls due in a month."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The picture, with what it says in words."""

    columns: tuple[Column, ...]
    summary: str
    most: int
    width: int = WIDTH
    height: int = HEIGHT
    top: int = TOP
    base: int = HEIGHT - BOTTOM
    labels_y: int = HEIGHT - 6


def bars(places: Sequence[tuple[str, Standing]]) -> tuple[Bar, ...]:
    """One bar a place, where the largest share may not be used first; all on one scale."""
    shares = [(name, one, _share(one, one.overdue + one.never + one.soon)) for name, one in places]
    longest = max((share for _, _, share in shares), default=Fraction(0))
    scale = FULL / longest if longest else Fraction(0)
    made = [_bar(name, one, scale) for name, one, _ in shares]
    order = {one.region: _share(one, one.overdue + one.never) for _, one in places}
    return tuple(sorted(made, key=lambda bar: (-order[bar.region], bar.region)))


def columns(months: Sequence[tuple[date, int]]) -> Columns | None:
    """The picture of what falls due in each month; None where nothing does."""
    most = max((number for _, number in months), default=0)
    if not most:
        return None
    slot, scale = WIDTH / len(months), (HEIGHT - TOP - BOTTOM) / most
    made = tuple(
        Column(
            x=round(place * slot + slot * 0.15, 1),
            y=round(HEIGHT - BOTTOM - number * scale, 1),
            width=round(slot * 0.7, 1),
            height=round(number * scale, 1),
            middle=round((place + 0.5) * slot, 1),
            label=f"{month:%y-%m}",
            text=f"{month:%Y-%m}：{number:,} 台件",
        )
        for place, (month, number) in enumerate(months)
    )
    top_month = max(months, key=lambda one: one[1])[0]
    words = f"{months[0][0]:%Y-%m} 起 {len(months)} 个月每月到期的在用器具，最多的是 {top_month:%Y-%m}，{most:,} 台件"
    return Columns(made, words, most)


def _bar(name: str, one: Standing, scale: Fraction) -> Bar:
    overdue, never, soon = (float(_share(one, part) * scale) for part in (one.overdue, one.never, one.soon))
    return Bar(
        region=one.region,
        name=name,
        overdue=round(overdue, 2),
        never_from=round(overdue, 2),
        never=round(never, 2),
        soon_from=round(overdue + never, 2),
        soon=round(soon, 2),
        percent=f"{float(100 * _share(one, one.overdue + one.never)):.1f}",
        text=f"{name}：在用 {one.number:,}，已超期 {one.overdue:,}，未检定 {one.never:,}，30 天内到期 {one.soon:,}",
    )


def _share(one: Standing, part: int) -> Fraction:
    return Fraction(part, one.number)
