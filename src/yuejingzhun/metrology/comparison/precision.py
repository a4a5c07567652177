"""Repeatability and reproducibility of a measurement method (ISO 5725-2:1994 clause 7; GB/T 6379.2-2004).

Clause numbers are those of the 1994 edition, of which GB/T 6379.2-2004 is the translation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite
from yuejingzhun.metrology.comparison.rounds import Booleans, Integers, mask_of

LIMIT_FACTOR = 2.8  # ISO 5725-6:1994 4.1.4: of two results, at 95 %, 2 sqrt(2) rounded as the standard does


@dataclass(frozen=True, slots=True)
class Cells:
    """Number, mean and standard deviation of each cell (..., laboratories) (7.2.9, 7.2.10).

    A cell without results has count and mean 0, one with fewer than two has standard deviation 0: look at `counts`.
    """

    counts: Integers
    means: Floats
    deviations: Floats


@dataclass(frozen=True, slots=True)
class Precision:
    """General mean, s_r, s_L and s_R of each level, in the unit of the results, and the laboratories they rest on."""

    mean: Floats
    repeatability: Floats
    between_laboratories: Floats
    reproducibility: Floats
    laboratories: Integers

    @property
    def repeatability_limit(self) -> Floats:
        """r = 2.8 s_r, which two results under repeatability conditions exceed in 5 % of cases (ISO 5725-6 4.1.4)."""
        return LIMIT_FACTOR * self.repeatability

    @property
    def reproducibility_limit(self) -> Floats:
        """R = 2.8 s_R, likewise for two laboratories."""
        return LIMIT_FACTOR * self.reproducibility


def padded(levels: Sequence[Sequence[Sequence[float]]]) -> tuple[Floats, Booleans]:
    """Lists levels > laboratories > results of any length as arrays (levels, laboratories, results): values, present.

    An empty list is a laboratory without a result at that level. Raises ArgumentError where levels differ in
    laboratories, or nothing is given at all.
    """
    laboratories = {len(level) for level in levels}
    if len(laboratories) != 1:
        raise ArgumentError("levels", "各水平应列出同样数目的实验室（缺测者给空表）")
    width = max((len(cell) for level in levels for cell in level), default=0)
    if width == 0:
        raise ArgumentError("levels", "没有任何结果")
    values = np.zeros((len(levels), laboratories.pop(), width))
    present = np.zeros(values.shape, dtype=bool)
    for level, row in enumerate(levels):
        for laboratory, cell in enumerate(row):
            values[level, laboratory, : len(cell)] = finite("levels", cell)
            present[level, laboratory, : len(cell)] = True
    return values, present


def cells_of(results: ArrayLike, present: ArrayLike | None = None) -> Cells:
    """Cells of results (..., laboratories, replicates); `present`, of that shape, is false where there is none.

    Raises ArgumentError for a result that isn't finite, or a shape that isn't that.
    """
    shape = np.shape(results)
    if len(shape) < 2:
        raise ArgumentError("results", f"应为（实验室 × 重复）的数组，形状为 {shape}")
    here = np.ones(shape, dtype=bool) if present is None else mask_of("present", present, shape)
    values = finite("results", np.where(here, results, 0.0))
    counts = np.count_nonzero(here, axis=-1).astype(np.int64)
    means = values.sum(axis=-1) / np.maximum(counts, 1)
    squares = np.where(here, (values - means[..., None]) ** 2, 0.0).sum(axis=-1)
    return Cells(counts, means, np.sqrt(squares / np.maximum(counts - 1, 1)))


def precision(cells: Cells) -> Precision:
    """s_r, s_L and s_R of each level (7.4.5); a negative between-laboratory variance counts as zero (7.4.5.2).

    Raises ArgumentError for a level with fewer than two laboratories or without any replicated cell.
    """
    counts = cells.counts.astype(np.float64)
    laboratories = np.count_nonzero(cells.counts, axis=-1).astype(np.int64)
    free = np.maximum(counts - 1, 0.0).sum(axis=-1)
    if np.any(laboratories < 2):
        raise ArgumentError("cells", f"每个水平至少需要 2 个实验室，只有 {int(laboratories.min())}")
    if np.any(free == 0):
        raise ArgumentError("cells", "没有重复测量，无法估计重复性")
    results = counts.sum(axis=-1)
    mean = general_mean(cells)
    within = (np.maximum(counts - 1, 0.0) * cells.deviations**2).sum(axis=-1) / free
    spread = (counts * (cells.means - mean[..., None]) ** 2).sum(axis=-1) / (laboratories - 1)
    typical = (results - (counts**2).sum(axis=-1) / results) / (laboratories - 1)
    between = np.maximum((spread - within) / typical, 0.0)
    return Precision(mean, np.sqrt(within), np.sqrt(between), np.sqrt(within + between), laboratories)


def general_mean(cells: Cells) -> Floats:
    """Mean of all results of each level (7.4.4), every cell weighted by its number of results."""
    return np.asarray((cells.counts * cells.means).sum(axis=-1) / np.maximum(cells.counts.sum(axis=-1), 1))
