"""A rating as pictures: each fact's share as a bar, and the grades of the last years as a band. Pure.

Lengths are in units of the view box, rounded for the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from yuejingzhun.platform.supervision.credit.kinds import label_of
from yuejingzhun.platform.supervision.credit.published import points_text
from yuejingzhun.platform.supervision.credit.rules import LeftOut, Share

WIDTH, MIDDLE = 100, 50
BAND = 560


@dataclass(frozen=True, slots=True)
class Bar:
    """A fact's share: to the left of the middle what takes points away, to the right what adds them."""

    fact_id: int
    label: str
    on: date
    x: float
    width: float
    faded_x: float  # what it was when it was new
    faded_width: float
    adverse: bool
    points: str
    note: str
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """A grade from a day to a day, as a part of the band."""

    grade: str
    x: float
    width: float
    label_x: float
    text: str


def bars(shares: Sequence[Share], most: int = 50) -> tuple[Bar, ...]:
    """One bar a fact, the weightiest first; all on one scale."""
    largest = max((abs(share.full) for share in shares), default=0) or 1
    ordered = sorted(shares, key=lambda share: (-abs(share.points), -abs(share.full), share.fact.id))
    return tuple(_bar(share, largest) for share in ordered[:most])


def band(course: Sequence[tuple[date, str]], last: date) -> tuple[Span, ...]:
    """The grades from the first day of the course to the last one."""
    first = course[0][0]
    days = max((last - first).days + 1, 1)
    spans = []
    for place, (day, grade) in enumerate(course):
        until = course[place + 1][0] if place + 1 < len(course) else None
        end = (until - first).days if until else days
        start = (day - first).days
        x, width = start / days * BAND, (end - start) / days * BAND
        words = f"{day} 起 {grade} 级" if until is None else f"{day} 至 {until} 前 {grade} 级"
        spans.append(Span(grade, round(x, 1), round(width, 1), round(x + width / 2, 1), words))
    return tuple(spans)


def _bar(share: Share, largest: int) -> Bar:
    length, full = (abs(value) / largest * MIDDLE for value in (share.points, share.full))
    adverse = share.full < 0
    label = label_of(share.fact.kind)
    points = points_text(share.points)
    why = share.left_out.value or f"已 {share.age} 天"
    return Bar(
        fact_id=share.fact.id,
        label=label,
        on=share.fact.occurred_on,
        x=round(MIDDLE - length if adverse else MIDDLE, 2),
        width=round(length, 2),
        faded_x=round(MIDDLE - full if adverse else MIDDLE, 2),
        faded_width=round(full, 2),
        adverse=adverse,
        points=points if share.points <= 0 else f"+{points}",
        note=why if share.left_out is not LeftOut.COUNTS else f"原 {points_text(share.full)} 分，{why}",
        text=f"{share.fact.occurred_on} {label}：{points} 分，{why}",
    )
