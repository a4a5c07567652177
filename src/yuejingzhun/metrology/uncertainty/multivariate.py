"""Several results of one measurement model together, by the Monte Carlo method (JCGM 102:2011 clause 7)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from yuejingzhun.metrology.arguments import ArgumentError, Floats, whole
from yuejingzhun.metrology.arguments import probability as checked_probability
from yuejingzhun.metrology.uncertainty.copula import Copula
from yuejingzhun.metrology.uncertainty.coverage_interval import Interval, covered, intervals
from yuejingzhun.metrology.uncertainty.distribution import Distribution
from yuejingzhun.metrology.uncertainty.draws import Model, Points, RandomStart, Sampler, random_start
from yuejingzhun.metrology.uncertainty.monte_carlo import TRIALS
from yuejingzhun.metrology.uncertainty.smallest_region import SmallestRegion, smallest_region

SINGULAR = 1e-12  # smallest eigenvalue of a correlation matrix that isn't a rounding error


@dataclass(frozen=True, eq=False, slots=True)
class JointSimulation:
    """Result for m outputs: `mean` and `u` (m,), `covariance` and `correlation` (m, m), intervals with ends (m,).

    The intervals hold for each output alone. With the coverage probability for all outputs together,
    (y - mean)' covariance^-1 (y - mean) <= k_ellipsoid^2 and mean +- k_rectangle u are the regions of JCGM 102
    7.7.2 and 7.7.3; an output without uncertainty is left out of both. `smallest` is the region of 7.7.4, where it
    was asked for.
    """

    mean: Floats
    u: Floats
    covariance: Floats
    correlation: Floats
    symmetric: Interval
    shortest: Interval
    k_ellipsoid: float
    k_rectangle: float
    probability: float
    trials: int
    points: Points
    start: RandomStart
    smallest: SmallestRegion | None = None


def simulate_jointly(
    model: Model,
    inputs: Sequence[Distribution],
    generator: Generator,
    trials: int = TRIALS,
    probability: float = 0.95,
    copula: Copula | None = None,
    points: Points = Points.PSEUDO_RANDOM,
    smallest: bool = False,
) -> JointSimulation:
    """Estimates, covariance matrix and coverage regions of a model that returns a tuple of arrays (7.6, 7.7).

    For a complex result let the model return (real, imaginary). The inputs' parameters are single numbers.
    `smallest` asks for the smallest region too. Raises ArgumentError as `simulate` and `smallest_region` do, and
    where the outputs depend on each other linearly, so that no ellipsoid exists.
    """
    sampler, start = Sampler(inputs, copula, points), random_start(generator)
    p, count = checked_probability("probability", probability), whole("trials", trials, 2)
    if sampler.rows():
        raise ArgumentError("inputs", "多个输出量时，各输入量的参数应为单个数")
    values = sampler.values(model, generator, count)[:, 0]
    mean, u = values.mean(axis=-1), values.std(axis=-1, ddof=1)
    scale = np.where(u > 0, u, 1.0)
    apart = (values - mean[:, None]) / scale[:, None]
    correlation = apart @ apart.T / (count - 1)
    correlation[np.diag_indices(len(u))] = 1.0
    found = intervals(values, p)
    return JointSimulation(
        mean=mean,
        u=u,
        covariance=correlation * np.outer(u, u),
        correlation=correlation,
        symmetric=found.symmetric,
        shortest=found.shortest,
        k_ellipsoid=_within(_distances(apart[u > 0], correlation[np.ix_(u > 0, u > 0)]), p),
        k_rectangle=_within(np.abs(apart).max(axis=0), p),
        probability=p,
        trials=count,
        points=points,
        start=start,
        smallest=smallest_region(values, p) if smallest else None,
    )


def _distances(apart: Floats, correlation: Floats) -> Floats:
    """Distance of each trial from the mean, in the metric of the covariance (JCGM 102:2011 7.7.2 c)."""
    if not len(apart):
        return np.zeros(apart.shape[-1])
    if np.linalg.eigvalsh(correlation).min() < SINGULAR:
        raise ArgumentError("model", "输出量之间线性相关，协方差矩阵奇异，不存在椭球包含区域")
    whitened = np.linalg.inv(np.linalg.cholesky(correlation)) @ apart
    return np.asarray(np.sqrt((whitened * whitened).sum(axis=0)))


def _within(distances: Floats, p: float) -> float:
    last = covered(len(distances), p) - 1
    return float(np.partition(distances, last)[last])
