"""Outlying laboratories: the tests of Cochran and Grubbs (ISO 5725-2:1994 7.3.3, 7.3.4; GB/T 6379.2-2004).

A statistic beyond its 5 % critical value marks a straggler, beyond its 1 % one an outlier (7.3.2.1). Critical values
are computed from the distributions that Tables 4 and 5 of the standard list.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, probability, whole
from yuejingzhun.metrology.comparison.precision import Cells
from yuejingzhun.metrology.comparison.rounds import Booleans, Integers, masked

LEVELS = (0.05, 0.01)  # of significance: straggler, outlier
Side = Literal["high", "low"]
_GRID = 4001  # points of the angle from 0 to pi/2; the critical value then holds to 1e-6


class Finding(IntEnum):
    """What a test says of its suspect (7.3.2.1)."""

    CORRECT = 0
    STRAGGLER = 1
    OUTLIER = 2

    @property
    def term(self) -> str:
        """The word on the screen (GB/T 6379.2-2004)."""
        return ("正常", "歧离值", "统计离群值")[self]


@dataclass(frozen=True, slots=True)
class OutlierTest:
    """Statistic, suspects and critical values of each level; `finding` holds numbers of `Finding`.

    `suspects` are indices of laboratories: shape (...), for a pair (..., 2).
    """

    statistic: Floats
    suspects: Integers
    straggler_limit: Floats
    outlier_limit: Floats
    finding: Integers


def cochran(cells: Cells) -> OutlierTest:
    """Whether the largest spread within a laboratory belongs to the others (7.3.3): C = s_max^2/sum of s^2.

    With cells of unequal size, n is the number of results of most cells (7.3.3.3), the larger if two are as
    frequent. Raises ArgumentError for a level with fewer than two replicated cells, or without any spread.
    """
    replicated = cells.counts > 1
    laboratories = np.count_nonzero(replicated, axis=-1)
    if np.any(laboratories < 2):
        raise ArgumentError("cells", f"每个水平至少需要 2 个有重复的实验室，只有 {int(np.min(laboratories))}")
    variances = cells.deviations**2
    total = variances.sum(axis=-1)
    if np.any(total == 0):
        raise ArgumentError("cells", "各单元内标准差全部为零，C 无定义")
    flat = cells.counts.reshape(-1, cells.counts.shape[-1])
    usual = np.array([_most_frequent(row[row > 1]) for row in flat]).reshape(laboratories.shape)
    straggler, outlier = (cochran_critical(laboratories, usual, alpha) for alpha in LEVELS)
    statistic = variances.max(axis=-1) / total
    finding = _finding(statistic > straggler, statistic > outlier)
    return OutlierTest(statistic, np.argmax(variances, axis=-1), straggler, outlier, finding)


def grubbs(means: ArrayLike, present: ArrayLike | None = None, *, side: Side = "high") -> OutlierTest:
    """Whether the highest (or lowest) of the means (..., laboratories) belongs to the others (7.3.4.1).

    G = |extreme - mean|/s. Raises ArgumentError for fewer than three means, all equal, or not finite.
    """
    values, counts = _means(means, present, least=3)
    here = np.isfinite(values)
    off, squares = _about_mean(values, here, counts)
    toward = np.where(here, off if side == "high" else -off, -np.inf)
    statistic = toward.max(axis=-1) / np.sqrt(squares / (counts - 1))
    straggler, outlier = (grubbs_critical(counts, alpha) for alpha in LEVELS)
    finding = _finding(statistic > straggler, statistic > outlier)
    return OutlierTest(statistic, np.argmax(toward, axis=-1), straggler, outlier, finding)


def grubbs_pair(means: ArrayLike, present: ArrayLike | None = None, *, side: Side = "high") -> OutlierTest:
    """Whether the two highest (or lowest) means belong to the others (7.3.4.2).

    G = sum of squares without the two over the sum with them: here small values are significant. Raises
    ArgumentError for fewer than four means, all equal, or not finite.
    """
    values, counts = _means(means, present, least=4)
    here = np.isfinite(values)
    off, squares = _about_mean(values, here, counts)
    toward = np.where(here, off if side == "high" else -off, -np.inf)
    suspects = np.argsort(-toward, axis=-1, kind="stable")[..., :2]
    rest = here.copy()
    np.put_along_axis(rest, suspects, False, axis=-1)
    statistic = _about_mean(values, rest, counts - 2)[1] / squares
    sizes, size_of = np.unique(counts, return_inverse=True)  # each critical value takes tens of milliseconds
    straggler, outlier = (
        np.array([grubbs_pair_critical(int(p), alpha) for p in sizes])[size_of].reshape(counts.shape)
        for alpha in LEVELS
    )
    finding = _finding(statistic < straggler, statistic < outlier)
    return OutlierTest(statistic, suspects, straggler, outlier, finding)


def cochran_critical(laboratories: ArrayLike, replicates: ArrayLike, alpha: float) -> Floats:
    """Critical value of Cochran's C (Table 4, computed): one variance over the sum is Beta((n - 1)/2,
    (p - 1)(n - 1)/2) distributed, and alpha is shared among p laboratories; exact above 1/2, safe below."""
    from scipy.special import betainccinv

    p, free = np.asarray(laboratories, dtype=np.float64), np.asarray(replicates, dtype=np.float64) - 1
    if np.any(p < 2) or np.any(free < 1):
        raise ArgumentError("laboratories、replicates", "至少需要 2 个实验室、2 次重复")
    return np.asarray(betainccinv(free / 2, (p - 1) * free / 2, probability("alpha", alpha) / p))


def grubbs_critical(laboratories: ArrayLike, alpha: float) -> Floats:
    """Critical value of Grubbs' G for one suspect (Table 5, computed); Table 5 shares alpha between both sides."""
    from scipy.special import betainccinv

    p = np.asarray(laboratories, dtype=np.float64)
    if np.any(p < 3):
        raise ArgumentError("laboratories", f"至少需要 3 个实验室，只有 {float(p.min()):g}")
    share = betainccinv(0.5, (p - 2) / 2, probability("alpha", alpha) / p)
    return np.asarray((p - 1) / np.sqrt(p) * np.sqrt(share))


def grubbs_pair_critical(laboratories: int, alpha: float) -> float:
    """Critical value of Grubbs' G for two suspects on one side (Table 5, computed: alpha/2 below it).

    Take the largest of p results away: its residual over the root sum of squares is the sine of an angle whose
    density is known, and independent of the p - 1 others scaled likewise. So the largest residual of any p follows
    by recursion, and with two taken away, in turn, G is the product of their squared cosines.
    """
    from scipy.optimize import brentq

    p = whole("laboratories", laboratories, 4)
    tail = probability("alpha", alpha) / 2
    angle = np.linspace(0.0, np.pi / 2, _GRID)
    # Of the second largest (among p - 1): its density times the chance that the other p - 2 stay below it.
    density = _density(angle, p - 1) * np.interp(_bound(angle, p - 1), angle, _largest_cdf(angle, p - 2))
    beyond = np.arctan(np.sin(angle) * np.sqrt((p - 2) / p))  # where the largest is no longer the largest

    def excess(statistic: float) -> float:
        cosine = np.minimum(np.sqrt(statistic) / np.maximum(np.cos(angle), 1e-300), 1.0)
        first = np.maximum(beyond, np.arccos(cosine))
        return float(p * (p - 1) * np.trapezoid(density * _upper_tail(first, p), angle) - tail)

    return float(brentq(excess, 0.0, 1.0, xtol=1e-10))


def _density(angle: Floats, size: int) -> Floats:
    """Of the angle of one residual among `size`; sine and density are symmetric about zero."""
    from scipy.special import beta

    return np.asarray(np.cos(angle) ** (size - 3) / beta(0.5, (size - 2) / 2))


def _upper_tail(angle: Floats, size: int) -> Floats:
    from scipy.special import betaincc

    return np.asarray(betaincc(0.5, (size - 2) / 2, np.sin(angle) ** 2) / 2)


def _bound(angle: Floats, size: int) -> Floats:
    """The angle that the others, `size` - 1 without this one, must not exceed for this one to be the largest."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.arcsin(np.minimum(np.sqrt(size / (size - 2)) * np.tan(angle), 1.0)))


def _largest_cdf(angle: Floats, size: int) -> Floats:
    """Distribution function of the angle of the largest residual among `size`, on the grid."""
    below = np.where(angle < np.pi / 2, 0.0, 1.0)  # of two results the larger always lies at a right angle
    step = angle[1] - angle[0]
    for each in range(3, size + 1):
        density = each * _density(angle, each) * np.interp(_bound(angle, each), angle, below)
        below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * step)])
        below /= below[-1]
    return below


def _finding(straggler: Booleans, outlier: Booleans) -> Integers:
    return np.asarray(np.asarray(straggler, dtype=np.int64) + np.asarray(outlier, dtype=np.int64))


def _most_frequent(counts: Integers) -> int:
    sizes, times = np.unique(counts, return_counts=True)
    return int(sizes[times == times.max()][-1])


def _means(means: ArrayLike, present: ArrayLike | None, least: int) -> tuple[Floats, Integers]:
    values = np.atleast_1d(masked("means", means, present))
    here = np.isfinite(values)
    counts = np.count_nonzero(here, axis=-1).astype(np.int64)
    if np.any(counts < least):
        raise ArgumentError("means", f"至少需要 {least} 个平均值，只有 {int(np.min(counts))}")
    if np.any(np.where(here, values, -np.inf).max(axis=-1) == np.where(here, values, np.inf).min(axis=-1)):
        raise ArgumentError("means", "平均值全部相等，统计量无定义")
    return values, np.asarray(counts)


def _about_mean(values: Floats, here: Booleans, counts: Integers) -> tuple[Floats, Floats]:
    mean = np.where(here, values, 0.0).sum(axis=-1) / counts
    off = np.where(here, values, 0.0) - mean[..., None]
    return off, np.asarray((np.where(here, off, 0.0) ** 2).sum(axis=-1))
