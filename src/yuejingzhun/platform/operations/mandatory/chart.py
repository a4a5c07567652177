"""Counts by month as a picture of bars. Pure: lengths are in units of the view box, rounded for the page."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, TOP, BOTTOM = 560, 200, 24, 22
MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar of a month: what passed, and on top of it what failed."""

    x: float
    width: float
    passed_y: float
    passed_height: float
    failed_y: float
    failed_height: float
    middle: float
    label: str  # empty where labels would run into each other
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The picture, with what it says in words."""

    bars: tuple[Bar, ...]
    summary: str
    most: int
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM
    top: int = TOP
    labels_y: int = HEIGHT - 6


def bars(months: Sequence[tuple[str, int, int]]) -> Chart | None:
    """The picture of months with what was tested and what of it failed; None where nothing was tested."""
    most = max((tested for _, tested, _ in months), default=0)
    if not most:
        return None
    slot, scale = WIDTH / len(months), (HEIGHT - TOP - BOTTOM) / most
    every = -(-len(months) // MOST_LABELS)
    made = []
    for place, (month, tested, failed) in enumerate(months):
        high, bad = tested * scale, failed * scale
        top = HEIGHT - BOTTOM - high
        made.append(
            Bar(
                x=round(place * slot + slot * 0.15, 1),
                width=round(slot * 0.7, 1),
                passed_y=round(top + bad, 1),
                passed_height=round(high - bad, 1),
                failed_y=round(top, 1),
                failed_height=round(bad, 1),
                middle=round((place + 0.5) * slot, 1),
                label="" if place % every else month[2:],
                text=f"{month}：检定 {tested} 台件，不合格 {failed} 台件",
            )
        )
    words = f"{months[0][0]} 至 {months[-1][0]} 每月检定台件，最多一个月 {most} 台件"
    return Chart(tuple(made), words, most)
