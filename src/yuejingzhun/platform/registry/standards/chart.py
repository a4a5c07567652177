"""Control charts of a standard as pictures: values in the order of time between their limits.

JJF 1033-2023, GB/T 17989.2. Pure: lengths are in units of the view box, rounded for the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.control_chart import (
    LEAST_GROUPS,
    ControlChart,
    Pattern,
    mean_and_s_chart,
    patterns_of_means,
    spread_beyond_limits,
)

WIDTH, HEIGHT, TOP, LEFT, RIGHT = 560, 220, 24, 14, 108
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Line:
    """A centre line or limit across the picture."""

    y: float
    text_y: float
    text: str
    is_limit: bool


@dataclass(frozen=True, slots=True)
class Point:
    """A value in the picture, with what is said of it."""

    x: float
    y: float
    text: str
    out: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """The picture; `path` joins the points."""

    title: str
    points: tuple[Point, ...]
    lines: tuple[Line, ...]
    path: str
    first: str
    last: str
    summary: str
    note: str
    width: int = WIDTH
    height: int = HEIGHT
    right: int = WIDTH - RIGHT


def limit_chart(title: str, labels: Sequence[str], values: Sequence[float], limit: float, unit: str) -> Chart | None:
    """Values that must stay at or below one limit, in `unit`; None without values."""
    if not values:
        return None
    out = {place: "大于限值" for place, value in enumerate(values) if value > limit}
    lines = [(limit, f"限值 {limit:.3g}", True), (0.0, "0", False)]
    return _picture(title, labels, values, lines, out, unit, "点为各次的实验标准偏差，虚线为技术报告的 s。")


def mean_chart(
    title: str, labels: Sequence[str], values: Sequence[float], groups: Sequence[Sequence[float]], unit: str
) -> Chart | None:
    """Group means with centre line and control limits at three standard deviations, in `unit`; None for under two."""
    if len(values) < 2:
        return None
    limits = _limits(groups)
    if limits is None:
        note = "各组读数个数不同或没有变化，不能计算控制限。"
        return _picture(title, labels, values, [], {}, unit, note)
    band = limits.mean
    out = dict.fromkeys(spread_beyond_limits(limits, groups), "组内标准偏差超出控制限")
    for pattern, places in patterns_of_means(band, values).items():
        # Limits from few groups are on trial: the finer patterns would accuse by chance.
        if len(values) >= LEAST_GROUPS or pattern is Pattern.BEYOND_LIMITS:
            out |= dict.fromkeys(places, pattern.value)
    lines = [
        (band.upper, f"上限 {band.upper:.6g}", True),
        (band.centre, f"中心 {band.centre:.6g}", False),
        (band.lower, f"下限 {band.lower:.6g}", True),
    ]
    few = f"只有 {len(values)} 组（应有 {LEAST_GROUPS} 组以上），控制限仅供参考。" if len(values) < LEAST_GROUPS else ""
    return _picture(title, labels, values, lines, out, unit, f"点为各组平均值，虚线为控制限（3 倍标准偏差）。{few}")


def _limits(groups: Sequence[Sequence[float]]) -> ControlChart | None:
    if len({len(group) for group in groups}) != 1:
        return None
    try:
        found = mean_and_s_chart([list(group) for group in groups], least=2)
    except ArgumentError:
        return None  # nothing varies, so that there are no limits
    # Equal decimal readings come out a last binary digit apart.
    return found if found.mean.upper - found.mean.centre > ROUNDING * abs(found.mean.centre) else None


def _picture(
    title: str,
    labels: Sequence[str],
    values: Sequence[float],
    lines: list[tuple[float, str, bool]],
    out: dict[int, str],
    unit: str,
    note: str,
) -> Chart:
    heights = [*values, *(line[0] for line in lines)]
    low, high = min(heights), max(heights)
    margin = (high - low) * 0.08 or abs(high) * 0.01 or 1.0

    def y_of(value: float) -> float:
        return round(TOP + (HEIGHT - 2 * TOP) * (high + margin - value) / (high - low + 2 * margin), 1)

    step = (WIDTH - LEFT - RIGHT - 20) / max(len(values) - 1, 1)
    points = tuple(
        Point(
            round(LEFT + 10 + step * place, 1),
            y_of(value),
            f"{label}：{value:.6g} {unit}" + (f"，{out[place]}" if place in out else ""),
            place in out,
        )
        for place, (label, value) in enumerate(zip(labels, values, strict=True))
    )
    drawn = tuple(Line(y_of(value), y_of(value) + 4, text, is_limit) for value, text, is_limit in lines)
    state = f"{len(out)} 个异常" if out else "没有异常"
    path = " ".join(f"{'L' if place else 'M'}{point.x} {point.y}" for place, point in enumerate(points))
    summary = f"{title}：{len(values)} 个点，{state}"
    return Chart(title, points, drawn, path, labels[0], labels[-1], summary, note)
