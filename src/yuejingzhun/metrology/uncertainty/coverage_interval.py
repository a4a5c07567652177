"""Coverage intervals from values drawn for a quantity (JCGM 101:2008 7.7), without sorting what isn't needed."""

from dataclasses import dataclass

import numpy as np

from yuejingzhun.metrology.arguments import ArgumentError, Floats, at_least, finite, probability
from yuejingzhun.metrology.uncertainty.dual import Values

# Up to that many values a plain sort is as fast as looking for the tails.
FEW = 20_000
PILOT = 8_192
# Relative error of a width: of the draws (over the root of their number), and what no one would tell apart.
NOISE, INDISTINCT = 1.0, 1e-3


@dataclass(frozen=True, eq=False, slots=True)
class Interval:
    """Ends of a coverage interval, in the unit of the quantity; floats, or one a row."""

    low: Values
    high: Values

    @property
    def width(self) -> Values:
        return self.high - self.low


@dataclass(frozen=True, eq=False, slots=True)
class Intervals:
    """Both intervals for one coverage probability, and how far the place of the shortest is open.

    `play` is the distance over which the shortest interval can be moved before the draws can tell that it became
    longer. A length has an optimum, so a small error of it lets the ends move far: by about 0.06 u for 10^6 normal
    draws, where the symmetric ends are known to 0.003 u.
    """

    symmetric: Interval
    shortest: Interval
    play: Values


def intervals(values: Floats, p: float = 0.95) -> Intervals:
    """Probabilistically symmetric and shortest coverage intervals along the last axis (JCGM 101:2008 7.7.2).

    Both are pairs of order statistics y(r), y(r + q), q = pM rounded. Raises ArgumentError for a probability
    outside (0, 1), values that are not finite, or too few of them to leave one out.
    """
    p = probability("probability", p)
    array = at_least("values", finite("values", values), 2, "个值")
    count = array.shape[-1]
    inside = covered(count, p)
    lower, upper = _tails(array, count - inside)
    middle = (count - inside + 1) // 2 - 1
    widths = upper - lower
    at = widths.argmin(axis=-1)[..., None]
    shortest = Interval(*(_plain(np.take_along_axis(ends, at, -1)[..., 0]) for ends in (lower, upper)))
    symmetric = Interval(_plain(lower[..., middle]), _plain(upper[..., middle]))
    return Intervals(symmetric, shortest, _plain(_play(lower, widths, count)))


def covered(count: int, p: float) -> int:
    """q of JCGM 101:2008 7.7.2: how many of the values lie within; raises ArgumentError where none is left out."""
    exact = p * count
    # 0.95 x 10^6 is not exactly 950000 in binary.
    whole = round(exact) if abs(exact - round(exact)) < 1e-9 * count else int(exact + 0.5)
    if not 0 < whole < count:
        raise ArgumentError("trials", f"{count} 个值不足以得到概率为 {p:g} 的包含区间")
    return whole


def _tails(values: Floats, kept: int) -> tuple[Floats, Floats]:
    """The `kept` smallest and the `kept` largest values, each in rising order, along the last axis."""
    count = values.shape[-1]
    if count <= FEW or 3 * kept > count:
        ordered = np.sort(values, axis=-1)
        return ordered[..., :kept], ordered[..., count - kept :]
    rows = values.reshape(-1, count)
    found = [_tail(row, kept) for row in rows]
    shape = (*values.shape[:-1], kept)
    return np.reshape([low for low, _ in found], shape), np.reshape([high for _, high in found], shape)


def _tail(row: Floats, kept: int) -> tuple[Floats, Floats]:
    """Tails of one long row: a pilot says where to cut, so that only about what is kept has to be sorted."""
    pilot = np.sort(row[:: max(1, len(row) // PILOT)])
    share = kept / len(row)
    cut = int(len(pilot) * share + 5 * np.sqrt(len(pilot) * share * (1 - share))) + 1
    low, high = row[row <= pilot[min(cut, len(pilot) - 1)]], row[row >= pilot[max(len(pilot) - 1 - cut, 0)]]
    if min(len(low), len(high)) < kept:  # the pilot misled: draws in a periodic order can do that
        ordered = np.sort(row)
        return ordered[:kept], ordered[len(row) - kept :]
    return np.sort(low)[:kept], np.sort(high)[len(high) - kept :]


def _play(lower: Floats, widths: Floats, count: int) -> Floats:
    least = widths.min(axis=-1, keepdims=True)
    # A quarter of the width is about u, in which the noise of an end is counted.
    near = widths <= least + (INDISTINCT + NOISE / count**0.5) * least / 4
    first = near.argmax(axis=-1)[..., None]
    last = near.shape[-1] - 1 - near[..., ::-1].argmax(axis=-1)[..., None]
    ends = [np.take_along_axis(lower, at, -1)[..., 0] for at in (first, last)]
    return np.asarray(ends[1] - ends[0])


def _plain(values: Floats) -> Values:
    return values if values.ndim else float(values)
