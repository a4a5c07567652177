"""What is stated of one meter: error, standard uncertainty, interval, and the probability that it is out of its MPE."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.posterior import components
from yuejingzhun.metrology.fleet.prior import Prior, responsibilities

COVERAGE = 0.95
DOUBT = 0.05  # probability, at even odds beforehand, above which a large error is not ruled out by the readings
HALVINGS = 25
ALMOST_ALL = 0.975


@dataclass(frozen=True, slots=True)
class Marginal:
    """Relative errors of indication, of one shape.

    `low` and `high` cover small errors and large ones in 95 of 100 meters each, not only the mix of both: where the
    readings can't tell whether the error is large, the interval is that of even odds, although most such meters are
    good. An interval that trusted the fleet instead would miss every bad meter that stands idle.
    """

    error: Floats
    uncertainty: Floats
    low: Floats
    high: Floats
    exceeds: Floats  # probability of |error| > mpe


def marginal(prior: Prior, mean: Floats, variance: Floats, mpe: float) -> Marginal:
    """From the likelihood of each a = e / (1 + e), normal with that mean and variance."""
    share = responsibilities(prior, mean[..., None], variance[..., None])
    within, centre = components(prior, mean, variance)
    width = np.sqrt(within)
    lower, upper = -mpe / (1 - mpe), mpe / (1 + mpe)
    outside = ndtr((lower - centre) / width) + ndtr((centre - upper) / width)
    exceeds = np.clip((share * outside).sum(axis=-1), 0.0, 1.0)
    m = (share * centre).sum(axis=-1)
    v = (share * (within + (centre - m[..., None]) ** 2)).sum(axis=-1)
    low, high = _interval(prior, share, centre, width, exceeds, mpe)
    return Marginal(_error(m), np.sqrt(v) / (1 - np.minimum(m, 0.9)) ** 2, _error(low), _error(high), exceeds)


def _interval(
    prior: Prior, share: Floats, centre: Floats, width: Floats, exceeds: Floats, mpe: float
) -> tuple[Floats, Floats]:
    tail = (1 - COVERAGE) / 2
    main = share.argmax(axis=-1)[..., None]
    most, at, reach = (np.take_along_axis(each, main, axis=-1)[..., 0] for each in (share, centre, width))
    mixed = most < ALMOST_ALL
    far = -ndtri((1 - COVERAGE / np.maximum(most, ALMOST_ALL)) / 2) * reach  # the main component alone covers it all
    low, high = at - far, at + far
    low[mixed] = _quantile(share[mixed], centre[mixed], width[mixed], tail)
    high[mixed] = _quantile(share[mixed], centre[mixed], width[mixed], 1 - tail)
    before = float((prior.weights * 2 * ndtr(-mpe / prior.spreads)).sum())
    odds = exceeds / np.maximum(1 - exceeds, 1e-300) * (1 - before) / before
    open_ = (odds > DOUBT / (1 - DOUBT)) & (odds < (1 - DOUBT) / DOUBT)
    if open_.any():
        fair = share[open_] * _even_odds(prior)
        fair /= fair.sum(axis=-1, keepdims=True)
        low[open_] = np.minimum(low[open_], _quantile(fair, centre[open_], width[open_], tail / 2))
        high[open_] = np.maximum(high[open_], _quantile(fair, centre[open_], width[open_], 1 - tail / 2))
    return low, high


def _even_odds(prior: Prior) -> Floats:
    """Factors that give the first component half of the weight and leave the others' proportions."""
    factor = np.full(prior.weights.shape, 0.5 / (1 - prior.weights[0]))
    factor[0] = 0.5 / prior.weights[0]
    return factor


def _quantile(share: Floats, centre: Floats, width: Floats, probability: float) -> Floats:
    """Of mixtures of normal distributions, components on the last axis, by halving."""
    low, high = (centre - 9 * width).min(axis=-1), (centre + 9 * width).max(axis=-1)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = (share * ndtr((middle[..., None] - centre) / width)).sum(axis=-1) < probability
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)


def _error(a: Floats) -> Floats:
    """e of a = e / (1 + e); a register at nine tenths of nothing is left at that."""
    a = np.minimum(a, 0.9)
    return np.asarray(a / (1 - a))
