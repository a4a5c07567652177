"""How errors are distributed in each group of meters (maker, model, batch, age), from estimates with uncertainty.

Meters of a group are in order, with errors that are normal about the group's mean, or not, with errors as they are
all over the fleet. The scatter of the estimates is taken off, and groups are drawn to each other (pooling.py).

What goes in is what the readings alone say of each meter (`District.mean` and `.variance`), not the stated error:
that is already drawn to the fleet, and a group of such errors would look better than it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, ndtr

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, matching, positive, probability, within
from yuejingzhun.metrology.fleet.group_share import (
    Counts,
    Groups,
    SharePrior,
    blocks,
    common_prior,
    effective_counts,
    group_numbers,
    posterior_share,
)
from yuejingzhun.metrology.fleet.pooling import Pooled, benjamini_hochberg, pool
from yuejingzhun.metrology.fleet.prior import LEAST_SPREAD, Prior
from yuejingzhun.metrology.fleet.proportion import beta_interval, beta_of_moments

ROUNDS = 30
CLOSE = 0.02  # of a standard uncertainty: what no later round would change
ROOT_TWO_PI = float(np.sqrt(2 * np.pi))


@dataclass(frozen=True, slots=True)
class Population:
    """One entry a group; a = e / (1 + e) is the relative error that the kernel speaks of, e to 0.04 % below 2 %.

    `own` are the values of the groups by themselves, with the scatter that a small group has.
    """

    meters: Groups
    mean: Floats  # of a of the meters in order
    mean_u: Floats
    spread: Floats  # standard deviation of a between meters in order
    spread_u: Floats
    share: Floats  # beyond the MPE
    share_low: Floats
    share_high: Floats
    share_a: Floats  # beta distribution of the share
    share_b: Floats
    own_mean: Floats
    own_mean_u: Floats
    counts: Counts  # what the estimates are worth as tests, of errors that are not those of meters in order
    fleet: SharePrior

    def probability_above(self, limit: float) -> Floats:
        """P(share of the group > limit)."""
        return np.asarray(1 - betainc(self.share_a, self.share_b, probability("limit", limit)))


@dataclass(frozen=True, slots=True)
class _Large:
    """Densities of what is read of each meter if its error is a large one, within the MPE and beyond it."""

    within: Floats
    beyond: Floats
    share_within: float  # of the meters within the MPE, those with an error from the wide part of the prior


def describe(
    group: ArrayLike, mean: ArrayLike, variance: ArrayLike, prior: Prior, mpe: float = 0.02, level: float = 0.95
) -> Population:
    """`group` numbers 0, 1, ...; `mean` and `variance` of a, one a meter; only meters of supported districts.

    `prior` gives the form of large errors, nothing of the groups' own. Raises ArgumentError for arrays that differ in
    length, no meter, a variance that is not above zero, a prior of one component.
    """
    m, v = matching(mean=finite("mean", mean), variance=positive("variance", variance))
    within("mpe", mpe, 1e-4, 0.5)
    if m.ndim != 1 or not m.size:
        raise ArgumentError("mean", f"应为一维且不为空，形状为 {m.shape}")
    if prior.weights.size < 2:
        raise ArgumentError("prior", "应至少有两个分量：正常误差与大误差")
    numbers, count = group_numbers(group, m.size)
    meters = np.bincount(numbers, minlength=count)
    large = _large_errors(m, v, prior, mpe)
    centre, square, own = _in_order(numbers, m, v, large, prior, meters)
    factor = _factors(numbers, m, v, large, centre.value, square.value)
    counts = effective_counts(numbers, factor, count)
    fleet = common_prior(counts)
    a, b = _beyond(centre, square, *posterior_share(counts, fleet), large.share_within, mpe)
    low, high = beta_interval(a, b, level)
    spread = np.sqrt(square.value)
    return Population(
        meters, centre.value, centre.u, spread, square.u / (2 * spread), a / (a + b), low, high, a, b, *own,
        counts, fleet,
    )  # fmt: skip


def bad_groups(population: Population, limit: float, rate: float = 0.05) -> NDArray[np.intp]:
    """Groups to name as having a share above `limit`, surest first, so that of those named at most the share `rate`
    is expected not to (Bayesian false discovery rate; Newton et al. 2004, Biostatistics 5 155)."""
    wrong = 1 - population.probability_above(limit)
    order = np.argsort(wrong, kind="stable")
    running = np.cumsum(wrong[order]) / np.arange(1, order.size + 1)
    return order[: int((running <= probability("rate", rate)).sum())]


def bad_groups_by_test(population: Population, limit: float, rate: float = 0.05) -> NDArray[np.intp]:
    """As `bad_groups` without the common distribution: each group's counts against a binomial with the share `limit`,
    then Benjamini and Hochberg's rule. For who does not trust a prior; names fewer."""
    share = probability("limit", limit)
    k, n = population.counts.failures, population.counts.units
    p = np.where(k > 0, betainc(np.maximum(k, 1e-12), n - k + 1, share), 1.0)
    named = np.flatnonzero(benjamini_hochberg(p, rate))
    return named[np.argsort(p[named], kind="stable")]


def _large_errors(m: Floats, v: Floats, prior: Prior, mpe: float) -> _Large:
    lower, upper = -mpe / (1 - mpe), mpe / (1 + mpe)
    w, centres, s = prior.weights[1:] / prior.weights[1:].sum(), prior.means[1:], prior.spreads[1:]
    outside = ndtr((lower - centres) / s) + ndtr((centres - upper) / s)
    total_out, total_in = float((w * outside).sum()), float((w * (1 - outside)).sum())
    inner, outer = np.empty_like(m), np.empty_like(m)
    for part in blocks(m.size):
        mi, vi = m[part], v[part]
        sum_in, sum_out = np.zeros_like(mi), np.zeros_like(mi)
        for weight, c, spread in zip(w, centres, s, strict=True):
            width = vi + spread**2
            density = weight * np.exp(-0.5 * (mi - c) ** 2 / width) / np.sqrt(width)
            at, reach = (mi * spread**2 + c * vi) / width, spread * np.sqrt(vi / width)
            out = ndtr((lower - at) / reach) + ndtr((at - upper) / reach)
            sum_out += density * out
            sum_in += density * (1 - out)
        inner[part], outer[part] = sum_in / (ROOT_TWO_PI * total_in), sum_out / (ROOT_TWO_PI * total_out)
    wide_in = float(prior.weights[1:].sum()) * total_in
    return _Large(inner, outer, wide_in / (wide_in + float(prior.weights[0])))


def _in_order(
    numbers: Groups, m: Floats, v: Floats, large: _Large, prior: Prior, meters: Groups
) -> tuple[Pooled, Pooled, tuple[Floats, Floats]]:
    """Mean and variance of the meters in order of each group, by Fisher's scoring with pooling in each round."""
    count, there = meters.size, meters > 0
    mean = np.full(count, prior.means[0])
    square = np.full(count, prior.spreads[0] ** 2)
    share = np.full(count, 1 - float(prior.weights[0]))
    least = LEAST_SPREAD**2
    for _ in range(ROUNDS):
        in_order, pull, weight, excess, weight_square = _sums(numbers, m, v, large, mean, square, share)
        sure = there & (weight > 0)
        own, own_u = mean + pull / np.where(sure, weight, 1), 1 / np.sqrt(np.where(sure, weight, 1))
        centre = pool(own, own_u, sure)
        wide = square + excess / np.where(sure, weight_square, 1)
        variance = pool(wide, np.sqrt(2 / np.where(sure, weight_square, 1)), sure)
        lost = meters - in_order
        share = (lost + 20 * lost.sum() / meters.sum()) / (meters + 20)
        moved = float(np.max(np.abs(centre.value - mean) / centre.u))
        new = np.maximum(variance.value, least)
        moved = max(moved, float(np.max(np.abs(new - square) / variance.u)))
        mean, square = centre.value, new
        if moved < CLOSE:
            break
    variance = Pooled(square, variance.u, variance.centre, variance.centre_u, variance.between)
    return centre, variance, (np.where(there, own, np.nan), np.where(there, own_u, np.inf))


def _sums(
    numbers: Groups, m: Floats, v: Floats, large: _Large, mean: Floats, square: Floats, share: Floats
) -> tuple[Floats, ...]:
    """By group: meters in order; score and information of the mean; score and information of the variance, twice."""
    totals = tuple(np.zeros(mean.size) for _ in range(5))
    for part in blocks(m.size):
        g = numbers[part]
        w = 1 / (v[part] + square[g])
        d = m[part] - mean[g]
        wd2 = w * d * d
        s = share[g]
        small = (1 - s) * (1 - large.share_within) * np.sqrt(w) / ROOT_TWO_PI * np.exp(-0.5 * wd2)
        other = (1 - s) * large.share_within * large.within[part] + s * large.beyond[part]
        r = small / np.maximum(small + other, 1e-300)
        rw = r * w
        for total, term in zip(totals, (r, rw * d, rw, rw * (wd2 - 1), rw * w), strict=True):
            total += np.bincount(g, term, mean.size)
    return totals


def _factors(numbers: Groups, m: Floats, v: Floats, large: _Large, mean: Floats, square: Floats) -> Floats:
    """p(readings | a large error beyond the MPE) / p(readings | any other), of each meter."""
    factor = np.empty_like(m)
    for part in blocks(m.size):
        g = numbers[part]
        width = v[part] + square[g]
        small = np.exp(-0.5 * (m[part] - mean[g]) ** 2 / width) / (ROOT_TWO_PI * np.sqrt(width))
        usual = (1 - large.share_within) * small + large.share_within * large.within[part]
        factor[part] = large.beyond[part] / np.maximum(usual, 1e-250)
    return factor


def _beyond(
    mean: Pooled, square: Pooled, a: Floats, b: Floats, share_within: float, mpe: float
) -> tuple[Floats, Floats]:
    """Beta distributions of the share beyond the MPE: large errors, and the tails of the meters in order."""
    lower, upper = -mpe / (1 - mpe), mpe / (1 + mpe)

    def tails(at: Floats, variance: Floats) -> Floats:
        spread = np.sqrt(variance)
        return np.asarray((1 - share_within) * (ndtr((lower - at) / spread) + ndtr((at - upper) / spread)))

    # Central differences over two standard uncertainties: the tails are anything but straight.
    both = square.value + mean.u**2
    tail = tails(mean.value, both)
    by_mean = (tails(mean.value + mean.u, square.value) - tails(mean.value - mean.u, square.value)) / 2
    lowest = np.maximum(both - square.u, LEAST_SPREAD**2)
    by_square = (tails(mean.value, both + square.u) - tails(mean.value, lowest)) / 2
    share, spread = a / (a + b), a * b / ((a + b) ** 2 * (a + b + 1))
    value = share + (1 - share) * tail
    variance = (1 - tail) ** 2 * spread + (1 - share) ** 2 * (by_mean**2 + by_square**2)
    value = np.clip(value, 1e-12, 1 - 1e-12)
    return beta_of_moments(value, np.clip(variance, 1e-18 * value, 0.99 * value * (1 - value)))
