"""A sample for the verdict on a lot, spread over the meters by what is estimated of them, and yet unbiased.

The estimates may decide only how the sample is spread, never how it counts. Two ways keep the verdict honest whatever
the estimates are worth:

- Equal chances (`draw`): every meter has the chance n / N to be drawn, by the pivotal method in the order of the strata
  (Deville & Tillé 1998, Biometrika 85 89). The number nonconforming in such a sample has the mean that it has in a
  plain random sample, and the law of a sum of independent trials with unequal chances (Brändén & Jonasson 2012,
  Scand. J. Stat. 39 830), which scatters less than the binomial (Hoeffding 1956, Ann. Math. Stat. 27 713): lots at
  least as bad as (Ac + 1) / n are accepted no more often, lots at least as good as Ac / n no less often than by the
  binomial curve of the plan. The count is judged by the plan of ISO 2859 as it stands.
- Any allocation that is known (`assisted_share`), as with more suspicious meters tested: each counts by the inverse of
  its chance, and the estimates come in as a difference whose expectation over samples is right even if they are
  all wrong (Särndal, Swensson & Wretman 1992, Model Assisted Survey Sampling, 6.3). That is an estimate with
  an interval; the acceptance number of a plan must not be used on such a sample.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from yuejingzhun.metrology.arguments import ArgumentError, finite, matching, probability, whole, within
from yuejingzhun.metrology.fleet.group_share import Groups, group_numbers

DEFAULT_EDGES = (0.01, 0.1, 0.5)


@dataclass(frozen=True, slots=True)
class AssistedShare:
    """Share of nonconforming meters in the lot; `u` is of the drawing of the sample alone.

    Its square is unbiased; where few of a stratum are tested and none fails, `u` and the interval are too small.
    """

    value: float
    u: float
    low: float
    high: float


def strata(exceeds: ArrayLike, edges: ArrayLike = DEFAULT_EDGES) -> Groups:
    """Stratum 0, 1, ... of each meter by its stated probability of being beyond the MPE."""
    bounds = finite("edges", edges)
    if np.any(np.diff(bounds) <= 0):
        raise ArgumentError("edges", "应递增")
    return np.searchsorted(bounds, within("exceeds", exceeds, 0.0, 1.0), side="right").astype(np.int64)


def draw(stratum: ArrayLike, sample_size: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Meters of the sample, ascending: the same chance for every meter of the lot, spread over the strata.

    Two meters at a time put their chances together: one of them gets all, or goes into the sample and leaves the other
    the rest. Neighbours do, so each stratum gets its share but for less than two meters. Chances are whole multiples of
    1 / N, so that none is lost in rounding.
    """
    given = np.asarray(stratum)
    numbers, _ = group_numbers(given, given.size)
    n, total = whole("sample_size", sample_size, 1), given.size
    if n > total:
        raise ArgumentError("sample_size", f"样本量 {n} 大于批量 {total}")
    order = np.lexsort((rng.random(total), numbers))
    chances = rng.random(total).tolist()
    taken, held, part = [], -1, 0
    for meter, chance in zip(order.tolist(), chances, strict=True):
        together = part + n
        if together < total:
            held, part = (meter if chance * together < n else held), together
        else:
            left = together - total
            first = chance * (2 * total - together) < total - n
            taken.append(held if first else meter)
            held, part = (meter if first else held), left
    return np.sort(np.array(taken, dtype=np.intp))


def assisted_share(
    stratum: ArrayLike, exceeds: ArrayLike, sample: ArrayLike, nonconforming: ArrayLike, level: float = 0.95
) -> AssistedShare:
    """Share in the lot from a stratified sample of any allocation fixed beforehand, drawn at random within strata.

    `stratum` and `exceeds` of every meter of the lot; `sample` the numbers of the meters tested, and what the tests
    found. The estimate is mean(exceeds) plus, by stratum, the mean of found - exceeds. Raises ArgumentError for a
    stratum with meters and fewer than two tested (unless it is tested whole), or a meter twice.
    """
    p = within("exceeds", exceeds, 0.0, 1.0)
    numbers, count = group_numbers(stratum, p.size)
    tested = np.asarray(sample)
    found, _ = matching(nonconforming=within("nonconforming", nonconforming, 0, 1), sample=tested.astype(np.float64))
    outside = tested.size > 0 and not 0 <= int(tested.min()) <= int(tested.max()) < p.size
    if outside or np.unique(tested).size != tested.size:
        raise ArgumentError("sample", "应为批内计量器具的序号，不重复")
    residual, of = found - p[tested], numbers[tested]
    sizes, drawn = np.bincount(numbers, minlength=count), np.bincount(of, minlength=count)
    short = np.flatnonzero((drawn < np.minimum(2, sizes)) & (drawn < sizes))
    if short.size:
        raise ArgumentError(
            "sample", f"第 {short[0] + 1} 层有 {sizes[short[0]]} 只，只检了 {drawn[short[0]]} 只，至少需要 2 只"
        )
    n = np.maximum(drawn, 1)
    mean = np.bincount(of, residual, count) / n
    square = np.bincount(of, (residual - mean[of]) ** 2, count) / np.maximum(n - 1, 1)
    part = sizes / p.size
    value = float(p.mean() + (part * mean).sum())
    u = float(np.sqrt((part**2 * (1 - drawn / np.maximum(sizes, 1)) * square / n).sum()))
    reach = -float(ndtri((1 - probability("level", level)) / 2)) * u
    return AssistedShare(value, u, max(value - reach, 0.0), min(value + reach, 1.0))
