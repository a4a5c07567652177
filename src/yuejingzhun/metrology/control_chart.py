"""Control charts of a check standard (JJF 1033-2016 Annex C.3, ISO 7870-2:2013, GB/T 17989.2).

Constants of the charts are computed from the normal distribution, not looked up. Numbers of clauses of JJF 1033 and
ISO 7870-2: from memory, to be read against the standard (JJF 1033-2023 refers to GB/T 17989.2).
"""

from dataclasses import dataclass
from enum import Enum
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, whole

LEAST_GROUPS = 20  # JJF 1033-2016 C.3: 20 groups or more before the limits count as established
# Ranges of samples lie within 12 standard deviations to 1e-15 for every size that a chart has.
_NODES = 240


@dataclass(frozen=True, slots=True)
class Band:
    """Centre line, and lower and upper control limit at three standard deviations, in the unit of the readings."""

    centre: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class ControlChart:
    """Limits for the group means and for their spread (s or R), from groups of `size` readings.

    `sigma` is the standard deviation of one reading that the groups' spread stands for.
    """

    size: int
    mean: Band
    spread: Band
    sigma: float
    spread_is_range: bool


class Pattern(Enum):
    """What a chart of means must not show: the eight tests (JJF 1033-2016 C.3.4, GB/T 17989.2-2020 annex B)."""

    BEYOND_LIMITS = "1 点落在 A 区以外"
    ONE_SIDE = "连续 9 点落在中心线同一侧"
    TREND = "连续 6 点递增或递减"
    ALTERNATING = "连续 14 点中相邻点交替上下"
    TWO_OF_THREE = "连续 3 点中有 2 点落在中心线同一侧的 B 区以外"
    FOUR_OF_FIVE = "连续 5 点中有 4 点落在中心线同一侧的 C 区以外"
    HUGGING = "连续 15 点落在中心线两侧的 C 区以内"
    AVOIDING = "连续 8 点落在中心线两侧且无一在 C 区"


@cache
def c4(n: int) -> float:
    """E(s) / sigma of n normal readings."""
    size = whole("n", n, 2)
    ratio = special.gammaln(size / 2) - special.gammaln((size - 1) / 2)
    return float(np.sqrt(2 / (size - 1)) * np.exp(ratio))


@cache
def d2(n: int) -> float:
    """E(R) / sigma of n normal readings."""
    return _range_moment(whole("n", n, 2), 1)


@cache
def d3(n: int) -> float:
    """Standard deviation of R / sigma of n normal readings."""
    return float(np.sqrt(_range_moment(whole("n", n, 2), 2) - d2(n) ** 2))


def _range_moment(n: int, order: int) -> float:
    """E(R^order) from P(R <= r) = n integral phi(x) (Phi(x + r) - Phi(x))^(n - 1) dx."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    x = 9.0 * nodes
    r = 8.0 * (nodes + 1)
    weight = 9.0 * weights * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    below = n * (special.ndtr(x[None, :] + r[:, None]) - special.ndtr(x)) ** (n - 1) @ weight
    return float((8.0 * weights * order * r ** (order - 1)) @ (1 - below))


def mean_and_s_chart(groups: ArrayLike, least: int = LEAST_GROUPS) -> ControlChart:
    """Limits from groups (k, n): mean +- A3 s, B3 s and B4 s (JJF 1033-2016 C.3, ISO 7870-2:2013 6.2).

    Raises ArgumentError for fewer than 20 groups or two readings each, or where nothing varies.
    """
    rows = _groups(groups, least)
    n = rows.shape[1]
    spread = float(rows.std(axis=1, ddof=1).mean())
    half = 3 * float(np.sqrt(1 - c4(n) ** 2)) / c4(n)
    return _chart(rows, spread, spread / c4(n), half, spread_is_range=False)


def mean_and_range_chart(groups: ArrayLike, least: int = LEAST_GROUPS) -> ControlChart:
    """Limits from groups (k, n): mean +- A2 R, D3 R and D4 R (ISO 7870-2:2013 6.1); for n up to about 10."""
    rows = _groups(groups, least)
    n = rows.shape[1]
    spread = float(np.ptp(rows, axis=1).mean())
    return _chart(rows, spread, spread / d2(n), 3 * d3(n) / d2(n), spread_is_range=True)


def individuals_chart(values: ArrayLike, least: int = LEAST_GROUPS) -> ControlChart:
    """Limits from single values (k,) in the order of time: mean +- 3 R/d2 with the mean moving range R of neighbours.

    For a check standard that is measured once a time (ISO 7870-2:2013, charts for individuals); the band of the
    spread is that of the moving ranges. Raises ArgumentError for fewer than 20 values, or where nothing varies.
    """
    row = np.atleast_1d(finite("values", values))
    if row.ndim != 1 or row.size < max(least, 2):
        raise ArgumentError("values", f"应为至少 {max(least, 2)} 个值的一维数列，形状为 {row.shape}")
    spread = float(np.abs(np.diff(row)).mean())
    if spread == 0:
        raise ArgumentError("values", "各值全部相等，控制限没有定义")
    sigma, centre, half = spread / d2(2), float(row.mean()), 3 * d3(2) / d2(2)
    means = Band(centre, centre - 3 * sigma, centre + 3 * sigma)
    return ControlChart(1, means, Band(spread, 0.0, spread * (1 + half)), sigma, spread_is_range=True)


def patterns(chart: ControlChart, groups: ArrayLike) -> dict[Pattern, tuple[int, ...]]:
    """Where the means of groups (k, n), old or new, show a pattern: positions, from 0, at which it is complete."""
    rows = _groups(groups, 1)
    if rows.shape[1] != chart.size:
        raise ArgumentError("groups", f"每组应有 {chart.size} 次读数，有 {rows.shape[1]} 次")
    return patterns_of_means(chart.mean, rows.mean(axis=1))


def spread_beyond_limits(chart: ControlChart, groups: ArrayLike) -> tuple[int, ...]:
    """Positions, from 0, of groups whose s or R lies outside its limits; judged before the means."""
    rows = _groups(groups, 1)
    spread = np.ptp(rows, axis=1) if chart.spread_is_range else rows.std(axis=1, ddof=1)
    return _places((spread < chart.spread.lower) | (spread > chart.spread.upper))


def patterns_of_means(band: Band, means: ArrayLike) -> dict[Pattern, tuple[int, ...]]:
    """The eight tests on points in the order of time; zones of one sigma each side are C, B and A."""
    points = np.atleast_1d(finite("means", means))
    if points.ndim != 1 or not band.upper > band.centre:
        raise ArgumentError("means", "应为一维数列，控制限应在中心线之上")
    z = 3 * (points - band.centre) / (band.upper - band.centre)
    up, step = z > 0, np.sign(np.diff(z))
    turns = step[1:] * step[:-1] < 0
    found = {
        Pattern.BEYOND_LIMITS: np.abs(z) > 3,
        Pattern.ONE_SIDE: _run(up, 9, 9) | _run(z < 0, 9, 9),
        # Five steps join six points, and twelve turns fourteen.
        Pattern.TREND: _later(_run(step > 0, 5, 5) | _run(step < 0, 5, 5), 1),
        Pattern.ALTERNATING: _later(_run(turns, 12, 12), 2),
        Pattern.TWO_OF_THREE: (_run(z > 2, 3, 2) & (z > 2)) | (_run(z < -2, 3, 2) & (z < -2)),
        Pattern.FOUR_OF_FIVE: (_run(z > 1, 5, 4) & (z > 1)) | (_run(z < -1, 5, 4) & (z < -1)),
        Pattern.HUGGING: _run(np.abs(z) < 1, 15, 15),
        Pattern.AVOIDING: _run(np.abs(z) > 1, 8, 8) & ~_run(up, 8, 8) & ~_run(~up, 8, 8),
    }
    return {pattern: _places(where) for pattern, where in found.items() if where.any()}


_Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def _run(flags: _Flags, window: int, count: int) -> _Flags:
    """Whether at least `count` of the last `window` flags are set; short windows at the start count as they are."""
    total = np.concatenate([[0], np.cumsum(flags)])
    start = np.maximum(np.arange(len(flags)) - window + 1, 0)
    return np.asarray(total[1:] - total[start] >= count)


def _later(flags: _Flags, places: int) -> _Flags:
    return np.concatenate([np.zeros(places, dtype=np.bool_), flags])


def _places(where: _Flags) -> tuple[int, ...]:
    return tuple(int(place) for place in np.flatnonzero(where))


def _groups(groups: ArrayLike, least: int) -> Floats:
    rows = finite("groups", groups)
    if rows.ndim != 2 or rows.shape[1] < 2:
        raise ArgumentError("groups", f"应为组、读数的二维数组，每组至少 2 次，形状为 {rows.shape}")
    if rows.shape[0] < least:
        raise ArgumentError("groups", f"至少需要 {least} 组，只有 {rows.shape[0]}")
    return rows


def _chart(rows: Floats, spread: float, sigma: float, half: float, *, spread_is_range: bool) -> ControlChart:
    if spread == 0:
        raise ArgumentError("groups", "组内读数全部相等，控制限没有定义")
    n, centre = rows.shape[1], float(rows.mean())
    reach = 3 * sigma / float(np.sqrt(n))
    means = Band(centre, centre - reach, centre + reach)
    spreads = Band(spread, max(0.0, spread * (1 - half)), spread * (1 + half))
    return ControlChart(n, means, spreads, sigma, spread_is_range)
