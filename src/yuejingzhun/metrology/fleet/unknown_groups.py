"""The loss of meters whose branch and phase nobody knows, as a random function of all loads that is taken out.

The loss is sum over pairs of R[i, j] x[i] x[j], and R[i, j] is the resistance r of a group if both meters are in it,
else 0. For an unknown pair that is a random number of mean r / K and variance r^2 (1 / K) (1 - 1 / K), with K groups.
So the loss is a Gaussian process over the loads (Rasmussen & Williams, Gaussian Processes, 2.7 and 4.2.2) with a
covariance that is a polynomial of the products of two intervals' loads: nothing has to be searched, and what the
readings don't tell of the groups widens the uncertainty of the meters. r is the most probable of a grid.
"""

import numpy as np
from scipy.linalg import solve_triangular

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.columns import EXTRA, Steps, write_columns
from yuejingzhun.metrology.fleet.leaky import integrate
from yuejingzhun.metrology.fleet.moments import Moments, loadings
from yuejingzhun.metrology.fleet.noise import Noise

GROUPS = 12  # four branches of three phases, where nothing is known
RESISTANCES = tuple(0.004 * 1.4**k for k in range(9))  # kWh lost for each kWh^2 of an interval, at the usual load
UNEVEN = 0.4  # relative standard deviation of a district's resistances
USUAL_KWH = 20.0  # load of a district in an interval that RESISTANCES are given for
SPREAD = 0.005  # of the errors, while r is chosen
MOST_BLOCKS = 3000  # of the covariance: beyond it the time, of the third power, is not worth the district
SLAB = 512  # rows of the covariance of intervals that are in memory at once


def fits_memory(steps: Steps, noise: Noise) -> bool:
    """Whether the covariance of the balance is of a size that can be factored in a second or so."""
    return bool(steps.meters.shape[1] // noise.block <= MOST_BLOCKS)


def unknown_loss(steps: Steps, noise: Noise) -> tuple[Floats, Floats]:
    """Of the loss with unknown groups at r = 1 kWh^-1, after the filter: covariance, and the shape of its mean."""
    energy = steps.meters * steps.unit[:, None]
    known = energy[steps.groups >= 0]
    share = 1 / GROUPS
    variance = share * (1 - share) + share * UNEVEN**2
    half = np.concatenate(
        [
            filtered(2 * variance * (_pairs(energy, part) - _pairs(known, part)), noise)
            for part in _slabs(energy.shape[1])
        ]
    )
    covariance = filtered(np.ascontiguousarray(half.T), noise)
    own = (energy[steps.groups < 0] ** 2).sum(axis=0)
    both = energy.sum(axis=0) ** 2 - (energy**2).sum(axis=0) - known.sum(axis=0) ** 2 + (known**2).sum(axis=0)
    mean = filtered(np.vstack([share * both + own, own]), noise)
    covariance += UNEVEN**2 * np.outer(mean[1], mean[1])
    return covariance, mean[0]


def unveiled(steps: Steps, noise: Noise) -> tuple[Moments, Floats]:
    """Moments and columns (columns.py) that are white with the unknown loss as a part of the noise."""
    covariance, mean = unknown_loss(steps, noise)
    raw = np.empty((len(steps.unit) + len(steps.load_scale) + EXTRA, steps.meters.shape[1]))
    loads = write_columns(steps, raw)
    squares, loading = loadings(steps, loads)
    white = filtered(raw, noise)
    white[-2] = noise.leak ** np.arange(white.shape[1])
    covariance /= noise.variance
    shape = mean / np.sqrt(noise.variance)
    resistance = _most_probable(white, steps, noise, covariance, shape)
    covariance *= resistance**2
    covariance += resistance**2 * np.outer(shape, shape)
    covariance[np.diag_indices_from(covariance)] += 1.0
    factor = np.linalg.cholesky(covariance)
    plain = np.ascontiguousarray(solve_triangular(factor, white.T, lower=True, check_finite=False).T)
    return Moments(plain @ plain.T, squares, loading, plain.shape[1]), plain


def _slabs(size: int) -> list[slice]:
    return [slice(begin, min(begin + SLAB, size)) for begin in range(0, size, SLAB)]


def _pairs(energy: Floats, part: slice) -> Floats:
    """Sum over pairs i < j, twice, of the products of their energies in two intervals: a part of them, and all."""
    square = energy**2
    return np.asarray((energy[:, part].T @ energy) ** 2 - square[:, part].T @ square)


def filtered(rows: Floats, noise: Noise) -> Floats:
    """Functions of the intervals through what the balance goes through: increments of the registers' means over blocks,
    and the leaky integrator."""
    means = np.cumsum(rows, axis=1).reshape(len(rows), -1, noise.block).mean(axis=2)
    return integrate(np.diff(means, axis=1, prepend=0.0), noise.leak)


def _most_probable(white: Floats, steps: Steps, noise: Noise, covariance: Floats, shape: Floats) -> float:
    """r of the largest marginal likelihood, with all else in the balance integrated out."""
    rows, groups = len(steps.unit), len(steps.load_scale)
    known = white[:-1] / np.sqrt(noise.variance)
    known[:rows] *= SPREAD * steps.unit[:, None]
    known[rows : rows + groups] *= 0.1 * np.sqrt(steps.load_scale)[:, None]
    known[-2] *= 0.1 * steps.total_kwh.mean()
    known[-1] *= np.sqrt(noise.variance)
    base = known.T @ known
    base[np.diag_indices_from(base)] += 1.0
    left = white[-1] / np.sqrt(noise.variance)
    usual = USUAL_KWH / max(float(np.abs(steps.total_kwh).mean()), 1e-6)
    best, chosen = -np.inf, RESISTANCES[0]
    for each in RESISTANCES:
        r = each * usual
        factor = np.linalg.cholesky(base + r**2 * covariance + np.outer(r * shape, r * shape))
        rest = solve_triangular(factor, left, lower=True, check_finite=False)
        likelihood = -0.5 * float(rest @ rest) - float(np.log(np.diag(factor)).sum())
        if likelihood > best:
            best, chosen = likelihood, r
    return chosen
