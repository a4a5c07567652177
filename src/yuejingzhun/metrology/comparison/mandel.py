"""Mandel's h and k: consistency of laboratories across levels (ISO 5725-2:1994 7.3.1; GB/T 6379.2-2004)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, probability
from yuejingzhun.metrology.comparison.precision import Cells, general_mean
from yuejingzhun.metrology.comparison.rounds import Booleans


@dataclass(frozen=True, slots=True)
class Consistency:
    """h and k of each cell (..., laboratories), no unit; 0 where `has_mean` or `has_spread` says there is none."""

    h: Floats
    k: Floats
    has_mean: Booleans
    has_spread: Booleans


def mandel(cells: Cells) -> Consistency:
    """h = (mean - general mean)/sd of the means (7.3.1.1), k = s/sqrt(mean of s^2) (7.3.1.2).

    The general mean is that of 7.4.4, each cell weighted by its results. Raises ArgumentError for a level with
    fewer than three laboratories, with equal means, or without spread in any cell.
    """
    has_mean, has_spread = cells.counts > 0, cells.counts > 1
    laboratories = np.count_nonzero(has_mean, axis=-1)
    if np.any(laboratories < 3):
        raise ArgumentError("cells", f"每个水平至少需要 3 个实验室，只有 {int(np.min(laboratories))}")
    off = np.where(has_mean, cells.means - general_mean(cells)[..., None], 0.0)
    spread = np.sqrt((off**2).sum(axis=-1) / (laboratories - 1))
    highest = np.where(has_mean, cells.means, -np.inf).max(axis=-1)
    if np.any(highest == np.where(has_mean, cells.means, np.inf).min(axis=-1)):
        raise ArgumentError("cells", "各实验室平均值全部相等，h 无定义")
    pooled = np.sqrt((cells.deviations**2).sum(axis=-1) / np.maximum(np.count_nonzero(has_spread, axis=-1), 1))
    if np.any(pooled == 0):
        raise ArgumentError("cells", "各单元内标准差全部为零，k 无定义")
    return Consistency(off / spread[..., None], cells.deviations / pooled[..., None], has_mean, has_spread)


def h_critical(laboratories: ArrayLike, alpha: float) -> Floats:
    """What |h| exceeds with probability alpha in a laboratory like the others (8.3, Tables 6 and 7, computed).

    h^2 p/(p - 1)^2 is Beta(1/2, (p - 2)/2) distributed. Broadcasts; raises ArgumentError for fewer than three.
    """
    from scipy.special import betainccinv

    p = _at_least("laboratories", laboratories, 3)
    return np.asarray((p - 1) / np.sqrt(p) * np.sqrt(betainccinv(0.5, (p - 2) / 2, probability("alpha", alpha))))


def k_critical(laboratories: ArrayLike, replicates: ArrayLike, alpha: float) -> Floats:
    """What k exceeds with probability alpha in a laboratory like the others (8.3, Tables 6 and 7, computed).

    k^2/p is Beta((n - 1)/2, (p - 1)(n - 1)/2) distributed. Broadcasts; raises ArgumentError for fewer than two.
    """
    from scipy.special import betainccinv

    p, free = _at_least("laboratories", laboratories, 2), _at_least("replicates", replicates, 2) - 1
    return np.asarray(np.sqrt(p * betainccinv(free / 2, (p - 1) * free / 2, probability("alpha", alpha))))


def _at_least(name: str, values: ArrayLike, least: int) -> Floats:
    array = finite(name, values)
    if np.any(array < least):
        raise ArgumentError(name, f"应不小于 {least}，为 {float(array.min()):g}")
    return array
