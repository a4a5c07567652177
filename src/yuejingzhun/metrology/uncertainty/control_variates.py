"""Standard uncertainty from few well-spread points, with variates of known variance in control.

The inputs are independent and their standard deviations known. So the standardised inputs z_i and the products
z_i z_j of two of them have mean 0, variance 1 and no correlation, exactly. The part of the model that is linear in
them has the variance sum c^2, whatever the points; only the rest is estimated from the points. The coefficients c are
least squares over the same points: what that takes from the rest, it adds to sum c^2.
"""

from itertools import combinations

import numpy as np

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.uncertainty.distribution import Distribution
from yuejingzhun.metrology.uncertainty.draws import TRIALS_PER_BLOCK, Points, RandomStart, Sampler

MOST_VARIATES = 200  # above, only the inputs themselves: products of 20 inputs cost more than their points
POINTS_A_VARIATE = 4  # fewer points can't tell the coefficients
VALUES_AT_ONCE = 2**22  # of variates held in memory


def controlled_u(values: Floats, sampler: Sampler, start: RandomStart) -> Floats | None:
    """u of values, shape (rows, trials), that the sampler's points gave, drawn from `start`; None where this can't do.

    It asks for Sobol points, inputs without a copula and with standard deviations, and enough points.
    """
    known = all(np.all(np.isfinite(x.sd)) for x in sampler.inputs)
    inputs = [i for i, x in enumerate(sampler.inputs) if np.any(np.asarray(x.sd) > 0)]
    if sampler.points is not Points.SOBOL or sampler.copula is not None or not known:
        return None
    products = list(combinations(range(len(inputs)), 2))
    if 1 + len(inputs) + len(products) > MOST_VARIATES:
        products = []
    rows, trials = values.shape
    count = 1 + len(inputs) + len(products)
    if trials < POINTS_A_VARIATE * count:
        return None
    apart = values - values.mean(axis=-1, keepdims=True)
    gram, by_value = np.zeros((rows, count, count)), np.zeros((rows, count))
    size = max(1, VALUES_AT_ONCE // (count * min(trials, TRIALS_PER_BLOCK)))
    groups = [slice(first, first + size) for first in range(0, rows, size)]
    cuts = [sampler.cut(group) if sampler.rows() else sampler for group in groups]
    for block, probabilities in enumerate(sampler.blocks(start.generator(), trials)):
        place = slice(block * TRIALS_PER_BLOCK, (block + 1) * TRIALS_PER_BLOCK)
        for group, cut in zip(groups, cuts, strict=True):
            part = apart[group, place]
            scores = [_standardised(cut.inputs[i], probabilities[i], part.shape) for i in inputs]
            variates = np.stack([np.ones_like(part), *scores, *(scores[i] * scores[j] for i, j in products)], axis=1)
            gram[group] += variates @ variates.transpose(0, 2, 1)
            by_value[group] += (variates @ part[:, :, None])[:, :, 0]
    return _combined(gram, by_value, np.asarray((apart * apart).sum(axis=-1)), trials)


def _combined(gram: Floats, by_value: Floats, squares: Floats, trials: int) -> Floats:
    """Root of what the variates' part of the variance is, exactly, and what the points say of the rest."""
    slopes = np.stack([np.linalg.lstsq(g, b, rcond=None)[0] for g, b in zip(gram, by_value, strict=True)])
    rest = (squares - (slopes * by_value).sum(axis=-1)) / trials
    return np.asarray(np.sqrt((slopes[:, 1:] ** 2).sum(axis=-1) + np.maximum(rest, 0.0)))


def _standardised(distribution: Distribution, probability: Floats, shape: tuple[int, ...]) -> Floats:
    """(x - mean) / sd of each row, 0 where a row's input is constant."""
    mean, sd = (np.broadcast_to(part, shape[0])[:, None] for part in (distribution.mean, distribution.sd))
    apart = distribution.quantile(probability) - mean
    return np.asarray(np.divide(apart, sd, out=np.zeros(shape), where=np.broadcast_to(sd > 0, shape)))
