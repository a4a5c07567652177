"""Means of many groups, each drawn to that of all by as much as chance alone would scatter it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats, probability, within
from yuejingzhun.metrology.comparison.random_effects import paule_mandel


@dataclass(frozen=True, slots=True)
class Pooled:
    """Of each group: the value and its standard uncertainty; of all: centre, and standard deviation between groups."""

    value: Floats
    u: Floats
    centre: float
    centre_u: float
    between: float


def pool(x: Floats, u: Floats, present: NDArray[np.bool_] | None = None) -> Pooled:
    """Empirical Bayes with normal effects (Efron & Morris 1975, J. Am. Stat. Assoc. 70 311), the variance between
    groups by Paule & Mandel. Groups that are not `present` have the centre. A single group stays as it is.
    """
    there = np.ones(x.shape, dtype=np.bool_) if present is None else present
    if not there.any():
        raise ArgumentError("present", "没有一组有可用的估计")
    if int(there.sum()) == 1:
        only, its = float(x[there][0]), float(u[there][0])
        return Pooled(np.full(x.shape, only), np.full(x.shape, its), only, its, 0.0)
    mean = paule_mandel(x[there], u[there])
    centre, centre_u, between = float(mean.value), float(mean.u), float(mean.tau)
    variance = np.where(there, u * u, np.inf)
    own = between**2 / (between**2 + variance)  # weight of the group itself
    value = centre + own * np.where(there, x - centre, 0.0)
    spread = np.where(np.isinf(variance), between**2, own * np.where(there, variance, 0.0))
    return Pooled(value, np.sqrt(spread + ((1 - own) * centre_u) ** 2), centre, centre_u, between)


def benjamini_hochberg(p: ArrayLike, rate: float) -> NDArray[np.bool_]:
    """Which hypotheses to reject so that at most that share of the rejected are true, in the mean (Benjamini &
    Hochberg 1995, J. R. Stat. Soc. B 57 289); for independent or positively dependent p-values."""
    from scipy.stats import false_discovery_control

    values = within("p", p, 0.0, 1.0)
    return np.asarray(false_discovery_control(values) <= probability("rate", rate))
