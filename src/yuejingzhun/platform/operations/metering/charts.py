"""Pictures of an evaluation: errors with their intervals, their distribution, what is left by hour, histories. Pure.

Lengths are in units of the view box, rounded for the page; values come in as shares and are shown in percent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import ceil, log10

from yuejingzhun.metrology.fleet.track_record import Reliability
from yuejingzhun.platform.operations.metering.stating import Stated

WIDTH, TOP, BOTTOM, LEFT, RIGHT = 640, 16, 26, 46, 10
MOST_TICKS = 5
SPACE = "\u00a0"  # between a number and its unit no line ends
LARGEST_SHOWN = 0.25  # an error beyond it is drawn at the edge, so that the others can be told apart


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the picture with its label."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One meter: its error, its interval, how deep its colour is, and where it leads."""

    x: float
    y: float
    low_y: float
    high_y: float
    tone: str
    text: str
    meter: str


@dataclass(frozen=True, slots=True)
class ErrorPlot:
    """Meters sorted by error, with the MPE as a band."""

    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    band_y: float
    band_height: float
    zero_y: float
    height: int
    summary: str
    width: int = WIDTH
    left: int = LEFT
    right: int = WIDTH - RIGHT


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a picture, possibly below zero."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns on a base line."""

    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    base: float
    height: int
    labels_y: int
    summary: str
    width: int = WIDTH
    left: int = LEFT
    right: int = WIDTH - RIGHT


@dataclass(frozen=True, slots=True)
class Dot:
    """A point with its interval, across and up."""

    x: float
    y: float
    low: float
    high: float
    text: str
    label: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Dots:
    """Points against a scale."""

    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    line: str  # what joins them, or the diagonal
    height: int
    labels_y: int
    summary: str
    width: int = WIDTH
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: float = 0.0


def errors(meters: Sequence[Stated], mpe: float, height: int = 280) -> ErrorPlot | None:
    """Errors of a district in ascending order; None where nothing is stated of any meter."""
    found = sorted((one for one in meters if one.error is not None), key=lambda one: (one.error, one.meter))
    if not found:
        return None
    reach = max(mpe * 1.5, *(max(abs(one.low or 0.0), abs(one.high or 0.0)) for one in found))
    reach = min(reach * 1.05, LARGEST_SHOWN)
    slot = (WIDTH - LEFT - RIGHT) / len(found)

    def y(value: float) -> float:
        inside = max(-reach, min(reach, value))
        return round(TOP + (height - TOP - BOTTOM) * (reach - inside) / (2 * reach), 1)

    marks = tuple(
        Mark(
            x=round(LEFT + slot * (place + 0.5), 1),
            y=y(one.error or 0.0),
            low_y=y(one.low or 0.0),
            high_y=y(one.high or 0.0),
            tone=_tone(one.exceeds or 0.0),
            text=f"{one.meter}：误差 {percent(one.error)}，95 % 区间 {percent(one.low)} 至 {percent(one.high)}，"
            f"超差概率 {probability(one.exceeds)}",
            meter=one.meter,
        )
        for place, one in enumerate(found)
    )
    bad = sum((one.exceeds or 0.0) >= 0.5 for one in found)
    words = f"{len(found)} 只表的误差由小到大，最大允许误差 ±{mpe:.1%}；{bad} 只超差的可能大于不超差"
    ticks = tuple(Tick(y(value), f"{value:+.1%}" if value else "0") for value in _scale(reach))
    return ErrorPlot(marks, ticks, y(mpe), round(y(-mpe) - y(mpe), 1), y(0), height, words)


def distribution(counts: Sequence[int], edges: Sequence[float], mpe: float, height: int = 200) -> Columns | None:
    """How many meters have an error between two edges, with a tail at each end."""
    if not sum(counts):
        return None
    names = [
        f"小于 {edges[0]:+.2%}",
        *(f"{a:+.2%} 至 {b:+.2%}" for a, b in pairwise(edges)),
        f"{edges[-1]:+.2%} 及以上",
    ]
    centres = [edges[0], *((a + b) / 2 for a, b in pairwise(edges)), edges[-1]]
    labels = [f"{edge:+.0%}" if edge and not round(edge * 100, 4) % 1 else "0" if not edge else "" for edge in edges]
    tones = ["bad" if abs(centre) > mpe else "" for centre in centres]
    made = _columns(list(counts), names, ["", *labels], tones, height, logarithmic=True)
    outside = f"最大允许误差 ±{mpe:.1%} 以外的 {_outside(counts, tones):,} 只"
    words = f"{sum(counts):,} 只表的误差分布，纵轴为只数的对数；{outside}"
    return Columns(*made, height, height - 8, words)


def by_hour(residual: Sequence[float], height: int = 180) -> Columns | None:
    """What the balance leaves in each interval of the day, mean; `residual` in kWh, the picture in Wh."""
    values = [1000 * value for value in residual]
    most = max((abs(value) for value in values), default=0.0)
    if not most:
        return None
    slot, middle = (WIDTH - LEFT - RIGHT) / len(values), TOP + (height - TOP - BOTTOM) / 2
    scale = (height - TOP - BOTTOM) / 2 / most
    an_hour = max(len(values) // 24, 1)
    columns = tuple(
        Column(
            x=round(LEFT + slot * place, 1),
            y=round(middle - max(value, 0.0) * scale, 1),
            width=round(max(slot * 0.8, 1), 1),
            height=round(abs(value) * scale, 1),
            middle=round(LEFT + slot * place, 1),
            label=f"{place // an_hour}时" if place % (4 * an_hour) == 0 else "",
            text=f"{place // an_hour:02}:{place % an_hour * 60 // an_hour:02} 起：{value:+.2f} Wh",
        )
        for place, value in enumerate(values)
    )
    ticks = (Tick(TOP, f"{most:+.1f}"), Tick(round(middle, 1), "0"), Tick(height - BOTTOM, f"{-most:+.1f}"))
    words = f"每天各时段平均剩余，Wh，最大 {most:.2f} Wh"
    return Columns(columns, ticks, round(middle, 1), height, height - 8, words)


def bars(values: Sequence[tuple[str, float, str]], unit: str, height: int = 180) -> Columns | None:
    """Named values, such as daily energy; label, value, words. None where all are zero."""
    if not any(value for _, value, _ in values):
        return None
    every = max(ceil(len(values) / (16 if max(len(label) for label, _, _ in values) < 4 else 8)), 1)
    labels = [label if place % every == 0 else "" for place, (label, _, _) in enumerate(values)]
    made = _columns([value for _, value, _ in values], [text for _, _, text in values], labels, [], height)
    most = max(value for _, value, _ in values)
    return Columns(*made, height, height - 8, f"{len(values)} 项，最大 {most:,.1f} {unit}")


def history(points: Sequence[tuple[date, float, float, float, str]], mpe: float, height: int = 200) -> Dots | None:
    """Errors of one meter over evaluations and tests: day, error, low, high, words."""
    if not points:
        return None
    reach = max(mpe * 1.5, *(max(abs(low), abs(high), abs(error)) for _, error, low, high, _ in points)) * 1.05
    slot = (WIDTH - LEFT - RIGHT) / len(points)

    def y(value: float) -> float:
        return round(TOP + (height - TOP - BOTTOM) * (reach - value) / (2 * reach), 1)

    dots = tuple(
        Dot(round(LEFT + slot * (place + 0.5), 1), y(error), y(low), y(high), text, f"{day:%y-%m-%d}",
            "bad" if abs(error) > mpe else "")
        for place, (day, error, low, high, text) in enumerate(points)
    )  # fmt: skip
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    ticks = tuple(Tick(y(value), f"{value:+.1%}" if value else "0") for value in _scale(reach))
    return Dots(dots, ticks, line, height, height - 8, f"{len(points)} 次的误差与区间", base=y(0))


def shares(points: Sequence[tuple[str, float, float, float, str]], height: int = 220) -> Dots | None:
    """Shares with their intervals along something, such as age: label, share, low, high, words."""
    if not points:
        return None
    top = min(max(0.02, max(min(high, 3 * value + 0.02) for _, value, _, high, _ in points)), 1.0)
    slot, base = (WIDTH - LEFT - RIGHT) / len(points), height - BOTTOM

    def y(value: float) -> float:
        return round(base - (base - TOP) * min(value, top) / top, 1)

    every = ceil(len(points) / 10)
    dots = tuple(
        Dot(round(LEFT + slot * (place + 0.5), 1), y(value), y(low), y(high), text,
            label if place % every == 0 else "")
        for place, (label, value, low, high, text) in enumerate(points)
    )  # fmt: skip
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    ticks = tuple(Tick(y(top * part / 4), f"{top * part / 4:.1%}") for part in range(5))
    return Dots(dots, ticks, line, height, height - 8, f"{points[0][0]}至{points[-1][0]}的比例", base=y(0))


def reliability(found: Reliability, height: int = 300) -> Dots | None:
    """Stated probability across, share found beyond the MPE up, with the diagonal of perfect statements."""
    side = height - TOP - BOTTOM
    wide = WIDTH - LEFT - RIGHT

    def y(value: float) -> float:
        return round(TOP + side * (1 - value), 1)

    dots = tuple(
        Dot(
            round(LEFT + wide * float(stated), 1), y(float(one.value)), y(float(one.low)), y(float(one.high)),
            f"所述平均 {stated:.1%}：{count} 只中实际超差 {float(one.value):.1%}"
            f"（95 % 区间 {float(one.low):.1%} 至 {float(one.high):.1%}）",
            tone="" if agrees else "bad",
        )
        for stated, one, count, agrees in zip(
            found.stated.tolist(), found.found, found.meters.tolist(), found.agrees().tolist(), strict=True
        )
        if count
    )  # fmt: skip
    if not dots:
        return None
    line = f"{LEFT},{y(0)} {WIDTH - RIGHT},{y(1)}"
    ticks = tuple(Tick(y(value / 4), f"{value * 25}%") for value in range(5))
    return Dots(
        dots, ticks, line, height, height - 8, "所述概率（横）与实际超差比例（纵），对角线为完全相符", base=y(0)
    )


def percent(value: float | None) -> str:
    """A relative error on the screen."""
    return "—" if value is None else f"{value * 100:+.2f}{SPACE}%"


def share(value: float | None) -> str:
    """A probability on the screen: never a hundred where it isn't."""
    if value is None:
        return "—"
    if 0.9995 <= value < 1:
        return f">{SPACE}99.9{SPACE}%"
    return f"<{SPACE}0.1{SPACE}%" if 0 < value < 0.0005 else f"{value * 100:.1f}{SPACE}%"


def probability(value: float | None) -> str:
    """What is stated of one meter: nothing that is estimated is certain, however close to one its float came."""
    return share(None if value is None else min(max(value, 1e-9), 1 - 1e-9))


def _tone(exceeds: float) -> str:
    return "bad" if exceeds >= 0.5 else "soon" if exceeds >= 0.1 else ""


def _scale(reach: float) -> list[float]:
    """Round values from -reach to reach."""
    step = next(
        step for step in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 10.0) if reach / step <= MOST_TICKS / 2 + 1
    )
    most = int(reach / step)
    return [round(step * place, 6) for place in range(-most, most + 1)]


def _outside(counts: Sequence[int], tones: Sequence[str]) -> int:
    return sum(count for count, tone in zip(counts, tones, strict=True) if tone)


def _columns(
    values: Sequence[float],
    texts: Sequence[str],
    labels: Sequence[str],
    tones: Sequence[str],
    height: int,
    *,
    logarithmic: bool = False,
) -> tuple[tuple[Column, ...], tuple[Tick, ...], float]:
    most = max(values)
    top = log10(most + 1) if logarithmic else most
    slot, base = (WIDTH - LEFT - RIGHT) / len(values), height - BOTTOM

    def tall(value: float) -> float:
        return (base - TOP) * ((log10(value + 1) if logarithmic else value) / top)

    columns = tuple(
        Column(
            x=round(LEFT + slot * (place + 0.1), 1),
            y=round(base - tall(value), 1),
            width=round(slot * 0.8, 1),
            height=round(tall(value), 1),
            middle=round(LEFT + slot * place, 1) if logarithmic else round(LEFT + slot * (place + 0.5), 1),
            label=labels[place],
            text=f"{texts[place]}：{value:,.0f} 只" if logarithmic else texts[place],
            tone=tones[place] if tones else "",
        )
        for place, value in enumerate(values)
    )
    marks = [10**power for power in range(int(top) + 1)] if logarithmic else [most / 2, most]
    ticks = tuple(Tick(round(base - tall(mark), 1), f"{mark:,.0f}" if mark >= 10 or logarithmic else f"{mark:.1f}")
                  for mark in marks)  # fmt: skip
    return columns, ticks, float(base)
