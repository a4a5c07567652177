"""The median as reference value, with its distribution by Monte Carlo (Cox 2002, Procedure B).

The number of the section: from memory, to be read against the paper.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, probability, whole
from yuejingzhun.metrology.comparison.participants import correlations, participants
from yuejingzhun.metrology.comparison.reference_value import ReferenceValue, reference

DRAWS = 100_000


@dataclass(frozen=True, slots=True)
class MonteCarloMedian:
    """The reference value, and shortest coverage intervals of it (..., 2) and of x minus it (..., n, 2).

    The second are of the degrees of equivalence, NaN where a participant is not present. Units of x.
    """

    reference: ReferenceValue
    interval: Floats
    difference_interval: Floats
    coverage: float


def monte_carlo_median(
    x: ArrayLike,
    u: ArrayLike,
    generator: np.random.Generator,
    present: ArrayLike | None = None,
    correlation: ArrayLike | None = None,
    draws: int = DRAWS,
    coverage: float = 0.95,
) -> MonteCarloMedian:
    """Median of normally distributed results (Cox 2002, Metrologia 39 589, section 6, Procedure B).

    x, u, present (..., n), x and u in one unit, `correlation` (n, n) as in `weighted_mean`. The value is the mean of
    the medians drawn, u their standard deviation. The weight of a participant is how often it is the median: by
    Stein's lemma the covariance of x with the median is the covariance matrix times these weights, as with a mean.
    Raises ArgumentError for fewer than two present, u <= 0, NaN, fewer than 1000 draws.
    """
    people = participants(x, u, present)
    whole("draws", draws, 1000)
    probability("coverage", coverage)
    if not isinstance(generator, np.random.Generator):
        raise ArgumentError("generator", "应为 numpy.random.Generator")
    n = people.x.shape[-1]
    factor = None if correlation is None else _square_root(correlations(people, correlation))
    value, u_value = np.empty(people.x.shape[:-1]), np.empty(people.x.shape[:-1])
    weights, interval = np.zeros(people.x.shape), np.empty((*people.x.shape[:-1], 2))
    differences = np.full((*people.x.shape, 2), np.nan)
    # One by one: the draws of a single comparison fill the cache, several at once were measured to be slower.
    for at in np.ndindex(people.x.shape[:-1]):
        here = people.present[at]
        normal = generator.standard_normal((draws, n))
        drawn = (people.x[at] + people.u[at] * (normal if factor is None else normal @ factor.T))[:, here]
        median, weights[at][here] = _median(drawn)
        value[at], u_value[at] = median.mean(), median.std(ddof=1)
        interval[at] = _shortest(median[:, None], coverage)[0]
        differences[at][here] = _shortest(drawn - median[:, None], coverage)
    found = reference(people, value[()], u_value[()], weights, np.zeros_like(value)[()], correlation)
    return MonteCarloMedian(found, interval, differences, coverage)


def _median(drawn: Floats) -> tuple[Floats, Floats]:
    """Median of each row, and how often each column is it; of an even number the two in the middle count half."""
    n = drawn.shape[-1]
    middle = drawn.argsort(axis=-1)[:, (n - 1) // 2 : n // 2 + 1]
    often = np.bincount(middle.ravel(), minlength=n) / middle.size
    return np.take_along_axis(drawn, middle, axis=-1).mean(axis=-1), often


def _shortest(samples: Floats, coverage: float) -> Floats:
    """Shortest coverage interval of each column, (columns, 2) (JCGM 101:2008 7.7.2, 5.3.4)."""
    ordered = np.sort(samples, axis=0)
    inside = int(np.floor(coverage * len(ordered) + 0.5))
    low, high = ordered[: len(ordered) - inside], ordered[inside:]
    start = (high - low).argmin(axis=0)
    columns = np.arange(samples.shape[-1])
    return np.stack([low[start, columns], high[start, columns]], axis=-1)


def _square_root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    root: Floats = vectors * np.sqrt(np.maximum(values, 0.0))
    return root
