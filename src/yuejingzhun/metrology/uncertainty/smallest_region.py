"""The smallest coverage region of several results together, from their draws (JCGM 102:2011 7.7.4).

The space of the results is cut into a mesh of small rectangles; those that hold most draws, and together the coverage
probability, are the region. It follows any shape, also in several pieces. The number of the clause is from memory, to
be read against the standard; it leaves the size of the mesh open.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats, at_least, finite, probability
from yuejingzhun.metrology.uncertainty.coverage_interval import covered

# Width of a rectangle in standard deviations, times trials^(1 / (m + 2)): that of the best histogram of a normal
# distribution (Scott 1992, Multivariate Density Estimation, section 3.4).
WIDTH = 3.5


@dataclass(frozen=True, eq=False, slots=True)
class SmallestRegion:
    """Rectangles of a mesh for m results: `origin`, `widths` (m,) in the results' units, `counts` along each axis.

    `chosen` are the numbers of the rectangles, rising, counted with the last result fastest. `share` of the draws is
    in them: the coverage probability or a little more, since a rectangle is whole.
    """

    origin: Floats
    widths: Floats
    counts: tuple[int, ...]
    chosen: NDArray[np.int64]
    share: float

    @property
    def volume(self) -> float:
        """Length, area or volume, in the product of the results' units."""
        return len(self.chosen) * float(np.prod(self.widths))

    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Whether each point, shape (m, ...), lies in the region."""
        numbers = _numbers(finite("points", points), self.origin, self.widths, self.counts)
        place = np.minimum(np.searchsorted(self.chosen, numbers), len(self.chosen) - 1)
        found: NDArray[np.bool_] = self.chosen[place] == numbers
        return found

    def corners(self) -> Floats:
        """Lower corner of each rectangle, shape (rectangles, m), to draw them; each is `widths` wide."""
        return self.origin + np.stack(np.unravel_index(self.chosen, self.counts), axis=-1) * self.widths


def smallest_region(values: ArrayLike, p: float = 0.95) -> SmallestRegion:
    """The region for draws of m results, shape (m, trials), with coverage probability p (JCGM 102:2011 7.7.4).

    Raises ArgumentError for a p outside (0, 1), too few draws or such that aren't finite, a result without
    uncertainty, and results spread so unevenly that the mesh can't be numbered.
    """
    level, draws = probability("probability", p), at_least("values", finite("values", values), 2, "个值")
    if draws.ndim != 2:
        raise ArgumentError("values", f"应为（输出量，试验）的二维数组，形状为 {draws.shape}")
    trials, spread = draws.shape[1], draws.std(axis=1)
    if np.any(spread == 0):
        raise ArgumentError("values", f"第 {int(np.argmin(spread)) + 1} 个输出量没有不确定度，不能划分网格")
    widths = WIDTH * spread * trials ** (-1 / (len(draws) + 2))
    origin = draws.min(axis=1)
    counts = tuple(int(count) for count in np.floor((draws.max(axis=1) - origin) / widths) + 1)
    if np.prod([float(count) for count in counts]) > np.iinfo(np.int64).max:
        raise ArgumentError("values", f"网格过大（{' × '.join(map(str, counts))}），输出量的分布过于分散")
    numbers, held = np.unique(_numbers(draws, origin, widths, counts), return_counts=True)
    order = np.argsort(-held, kind="stable")
    cumulative = np.cumsum(held[order])
    last = int(np.searchsorted(cumulative, covered(trials, level)))
    return SmallestRegion(origin, widths, counts, np.sort(numbers[order[: last + 1]]), float(cumulative[last] / trials))


def _numbers(points: Floats, origin: Floats, widths: Floats, counts: tuple[int, ...]) -> NDArray[np.int64]:
    """Number of the rectangle that each point, shape (m, ...), is in; -1 outside of the mesh."""
    if len(points) != len(counts):
        raise ArgumentError("points", f"第一维应为 {len(counts)} 个输出量，形状为 {points.shape}")
    start, width, limits = (np.reshape(part, (-1, *(1,) * (points.ndim - 1))) for part in (origin, widths, counts))
    steps = np.floor((points - start) / width)
    outside = ((steps < 0) | (steps >= limits)).any(axis=0)
    cells = np.where(outside, 0, steps).astype(np.int64)
    return np.where(outside, -1, np.ravel_multi_index(tuple(cells), counts))
