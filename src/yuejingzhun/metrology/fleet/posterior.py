"""Errors given the moments of a batch of districts: a normal posterior around small errors, in which the few meters
that may have a large one are refined by expectation propagation (Minka 2001) in their own small space.

With every meter in order the posterior is normal and one Cholesky factor gives it. Replacing that assumption for m
candidates changes an m x m block only; the rest follows by conditioning. So the price of a sparse prior is m^3, not
the N^3 of a sweep over all meters, and m is at most `CANDIDATES`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from yuejingzhun.metrology.arguments import ArgumentError, Floats
from yuejingzhun.metrology.fleet.prior import Prior, responsibilities

CANDIDATES = 24
SWEEPS = 6
ROUNDS = 2
ENOUGH = 0.9  # probability of a small error above which it makes no difference whether a meter is a candidate
LEAST_PRECISION = 1.0  # of a site and of a cavity: an error of 100 % is nothing that can be measured


@dataclass(frozen=True, slots=True)
class Posterior:
    """Of a batch: districts x meters, and districts x columns for `coefficients` (errors first, then nuisances).

    `cavity_mean` and `cavity_variance` say what the readings alone tell of each error, given the others' prior.
    """

    coefficients: Floats
    cavity_mean: Floats
    cavity_variance: Floats
    freedom: Floats  # districts: columns that the data, not the prior, decided
    site: Floats  # precision that the prior comes to for each meter, at its error
    shift: Floats  # the same, times the mean that goes with it


def posterior(gram: Floats, rhs: Floats, precision: Floats, meters: int, prior: Prior) -> Posterior:
    """`gram` (districts x columns x columns) and `rhs` in units of the noise; the first `meters` columns are errors.
    `gram` is used as working space and lost.

    `precision` (districts x columns) is that of a normal prior around zero; its entries for meters are ignored.
    """
    lower, base, freedom = _all_in_order(gram, rhs, precision, meters, prior)
    variance = np.diagonal(lower, axis1=1, axis2=2)[:, :meters].copy()
    site = np.full(variance.shape, 1 / prior.spreads[0] ** 2)
    shift = site * prior.means[0]
    coefficients = base.copy()
    width = min(CANDIDATES, meters)
    known = np.zeros(variance.shape, dtype=bool)  # who was refined
    turn = np.arange(len(base))  # districts in which someone else may have a large error
    for _ in range(ROUNDS):
        there = cavity(coefficients[turn, :meters], variance[turn], site[turn], shift[turn])
        small = responsibilities(prior, *(each[..., None] for each in there))[..., 0]
        small[there[1] >= 1 / LEAST_PRECISION] = 2.0  # nothing is known of these, so nothing is refined
        new = ((small < ENOUGH) & ~known[turn]).any(axis=1) | ~known[turn].any(axis=1)
        turn, small = turn[new], small[new]
        if not turn.size:
            break
        picked = np.sort(np.argpartition(small, width - 1, axis=1)[:, :width], axis=1)
        coefficients[turn], variance[turn], site[turn], shift[turn] = _refined(lower, base, turn, picked, meters, prior)
        known[turn] = False
        known[turn[:, None], picked] = True
    cavity_mean, cavity_variance = cavity(coefficients[:, :meters], variance, site, shift)
    return Posterior(coefficients, cavity_mean, cavity_variance, freedom, site, shift)


def inverses(gram: Floats, precision: Floats, site: Floats) -> Floats:
    """Inverses of the equations with the prior as it was found; `gram` is lost."""
    _add_prior(gram, precision, site)
    for one in gram:
        _, wrong = lapack.dpotrf(one.T, lower=0, overwrite_a=1, clean=0)
        if wrong:
            raise ArgumentError("gram", "矩阵应正定")
        lapack.dpotri(one.T, lower=0, overwrite_c=1)
    lower = np.tril(gram)
    return np.asarray(lower + np.tril(lower, -1).transpose(0, 2, 1))


def _add_prior(gram: Floats, precision: Floats, site: Floats) -> Floats:
    """Precision of the prior of all columns, which is added in place."""
    added = precision.copy()
    added[:, : site.shape[1]] = site
    columns = np.arange(gram.shape[1])
    gram[:, columns, columns] += added
    return added


def _all_in_order(
    gram: Floats, rhs: Floats, precision: Floats, meters: int, prior: Prior
) -> tuple[Floats, Floats, Floats]:
    """Lower triangle of the covariance, mean and degrees of freedom with the first component of the prior for all."""
    plain = np.full((len(gram), meters), 1 / prior.spreads[0] ** 2)
    added = _add_prior(gram, precision, plain)
    mean = rhs.copy()
    mean[:, :meters] += plain * prior.means[0]
    for one, pull in zip(gram, mean, strict=True):  # LAPACK has no batched Cholesky; the transpose is in its order
        factor, wrong = lapack.dpotrf(one.T, lower=0, overwrite_a=1, clean=0)
        if wrong:
            raise ArgumentError("gram", "矩阵应正定")
        lapack.dpotrs(factor, pull[:, None], lower=0, overwrite_b=1)
        lapack.dpotri(factor, lower=0, overwrite_c=1)
    freedom = gram.shape[1] - (added * np.diagonal(gram, axis1=1, axis2=2)).sum(axis=1)
    return gram, mean, freedom


def _rows(lower: Floats, districts: NDArray[np.intp], picked: NDArray[np.intp]) -> Floats:
    """Rows of symmetric matrices of which the lower triangle is given; `picked` is ascending."""
    rows = np.empty((*picked.shape, lower.shape[1]))
    for number, places, own in zip(districts.tolist(), picked, rows, strict=True):
        one = lower[number]
        own[:] = one[:, places].T
        for row, place in zip(own, places.tolist(), strict=True):
            row[:place] = one[place, :place]
    return rows


def cavity(mean: Floats, variance: Floats, site: Floats, shift: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of each error without its own prior."""
    precision = np.maximum(1 / variance - site, LEAST_PRECISION)
    return (mean / variance - shift) / precision, 1 / precision


def _refined(
    lower: Floats, every: Floats, districts: NDArray[np.intp], picked: NDArray[np.intp], meters: int, prior: Prior
) -> tuple[Floats, Floats, Floats, Floats]:
    """Means of all columns, variances, sites and their shifts of all meters of some of the districts, with the mixture
    for the picked ones."""
    rows, base = _rows(lower, districts, picked), every[districts]
    block = np.take_along_axis(rows, picked[:, None, :], axis=2)
    centre = np.take_along_axis(base, picked, axis=1)
    own = np.asarray(np.linalg.inv(block), dtype=np.float64)
    plain = 1 / prior.spreads[0] ** 2
    pull = np.matmul(own, centre[..., None])[..., 0] - plain * prior.means[0]
    diagonal = np.arange(picked.shape[1])
    bare = own.copy()
    bare[:, diagonal, diagonal] -= plain
    site, shift, mean, covariance = _propagate(bare, pull, prior)
    gain = np.matmul(own, rows)
    coefficients = base + np.matmul((mean - centre)[:, None, :], gain)[:, 0]
    change = (gain * np.matmul(block - covariance, gain)).sum(axis=1)[:, :meters]
    variance = np.diagonal(lower, axis1=1, axis2=2)[districts, :meters] - change
    sites = np.full(variance.shape, plain)
    shifts = sites * prior.means[0]
    np.put_along_axis(sites, picked, site, axis=1)
    np.put_along_axis(shifts, picked, shift, axis=1)
    return coefficients, variance, sites, shifts


def _propagate(bare: Floats, pull: Floats, prior: Prior) -> tuple[Floats, Floats, Floats, Floats]:
    """Expectation propagation over the candidates, all sites at once and damped: sites, shifts, means, covariances."""
    site = np.full(pull.shape, 1 / prior.spreads[0] ** 2)
    shift = site * prior.means[0]
    diagonal = np.arange(pull.shape[1])
    for sweep in range(SWEEPS + 1):
        system = bare.copy()
        system[:, diagonal, diagonal] += site
        covariance = np.asarray(np.linalg.inv(system), dtype=np.float64)
        mean = np.matmul(covariance, (pull + shift)[..., None])[..., 0]
        if sweep == SWEEPS:
            break
        cavity_mean, cavity_variance = cavity(mean, covariance[:, diagonal, diagonal], site, shift)
        m, v = mixture_moments(prior, cavity_mean, cavity_variance)
        wanted = np.maximum(1 / v - 1 / cavity_variance, LEAST_PRECISION)
        moved = m * (wanted + 1 / cavity_variance) - cavity_mean / cavity_variance
        site, shift = 0.2 * site + 0.8 * wanted, 0.2 * shift + 0.8 * moved
    return site, shift, mean, covariance


def mixture_moments(prior: Prior, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of an error with a normal likelihood under the prior."""
    share = responsibilities(prior, mean[..., None], variance[..., None])
    within, centre = components(prior, mean, variance)
    m = (share * centre).sum(axis=-1)
    return m, (share * (within + (centre - m[..., None]) ** 2)).sum(axis=-1)


def components(prior: Prior, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Variance and mean of each component's posterior, on a new last axis."""
    within = 1 / (1 / variance[..., None] + 1 / prior.spreads**2)
    return within, within * ((mean / variance)[..., None] + prior.means / prior.spreads**2)
