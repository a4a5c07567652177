"""Noise of a balance of registers and flows, and the filter that makes it white.

Rounding of registers is white in the registers, so its differences have the covariance r (2 on the diagonal, -1 beside
it); what the leak does by itself, and volumes that were filled in, are white in the flows. The covariance of both is
tridiagonal, and its factor L D L' whitens exactly, whatever the intervals' own variances, at two operations a value
(LAPACK pttrf, tbtrs).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from yuejingzhun.metrology.arguments import Floats

RATIOS = (0.0005, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1000.0)  # flow's variance to rounding's
FREQUENCIES = 2049
WORTH = 4.0  # gain in log-likelihood that is worth another look
LITTLE_CHANGE = (0.85, 1.18)


@dataclass(frozen=True, slots=True)
class Noise:
    """Variances, m6: of what the registers' steps leave in the balance of registers, and of the flow of an interval."""

    rounding: float
    flow: float


@dataclass(frozen=True, slots=True)
class Filter:
    """Of one area. `extra` is the further variance of single intervals, m6."""

    diagonal: Floats
    below: Floats

    def white(self, values: Floats) -> Floats:
        """`values` (columns x intervals, C order) with noise of variance 1 and no correlation."""
        band = np.zeros((2, self.diagonal.size), order="F")
        band[1, :-1] = self.below
        found, _ = lapack.dtbtrs(band, values.T, uplo="L", diag="U")
        return np.asarray((found / np.sqrt(self.diagonal)[:, None]).T)

    def weighted(self, values: Floats) -> Floats:
        """One series times the inverse of the covariance."""
        found, _ = lapack.dpttrs(self.diagonal, self.below, values)
        return np.asarray(found)

    @property
    def log_determinant(self) -> float:
        return float(np.log(self.diagonal).sum())


def noise_filter(noise: Noise, extra: Floats) -> Filter:
    """The filter of that noise."""
    diagonal = 2 * noise.rounding + noise.flow + extra
    factor, below, _ = lapack.dpttrf(diagonal, np.full(extra.size - 1, -noise.rounding))
    return Filter(factor, below)


def rounding_weight(noise: Noise, extra: Floats) -> float:
    """What rounding of unit variance in a register adds to the square of its white column: the trace of D times the
    inverse of the covariance, D that of differences; the derivative of the log-determinant."""
    little = 1e-3 * (noise.rounding + noise.flow)
    above, below = (
        noise_filter(Noise(noise.rounding + by, noise.flow), extra)
        for by in (little, -little if noise.rounding > little else 0.0)
    )
    return (above.log_determinant - below.log_determinant) / (2 * little if noise.rounding > little else little)


def resting_weight(noise: Noise, active: Floats) -> Floats:
    """By how much more rounding counts of a register that moves in that share of the intervals only.

    While the register rests its rounding stays the same, so that it is a Markov process in the registers, with that
    chance to be drawn anew; its power through the filter, over that of a register that always moves.
    """
    cosine = np.cos(np.linspace(0, np.pi, FREQUENCIES))
    through = (2 - 2 * cosine) / (noise.rounding * (2 - 2 * cosine) + noise.flow)
    stays = 1 - np.clip(active, 0.01, 1.0)[:, None]
    power = (1 - stays**2) / (1 + stays**2 - 2 * stays * cosine)
    return np.asarray((power * through).mean(axis=1) / through.mean())


def fitted_noise(residual: Floats, extra: Floats, noise: Noise, freedom: float) -> Noise:
    """The noise under which the residual (m3 in an interval) is most probable; both variances are free.

    `freedom` columns were fitted: the variance is raised for them. Where no ratio is clearly better than that of
    `noise`, it is kept.
    """
    now = noise.flow / noise.rounding
    tried = [
        (now, *_likelihood(residual, extra, noise, now)),
        *((r, *_likelihood(residual, extra, noise, r)) for r in RATIOS),
    ]
    best = max(tried, key=lambda each: each[1])
    if best[1] - tried[0][1] < WORTH:
        best = tried[0]
    size = float((own := 2 * noise.rounding + noise.flow) * (1 / (own + extra)).sum())
    raised = best[2] * size / max(size - freedom, 1.0)
    return Noise(noise.rounding * raised, noise.rounding * best[0] * raised)


def is_settled(fitted: Noise, noise: Noise) -> bool:
    """Whether the fitted noise is as good as the one that it was found with."""
    low, high = LITTLE_CHANGE
    same = low < (fitted.flow / fitted.rounding) / (noise.flow / noise.rounding) < high
    return same and low < fitted.rounding / noise.rounding < high


def _likelihood(residual: Floats, extra: Floats, noise: Noise, ratio: float) -> tuple[float, float]:
    """Logarithm of the profile likelihood at that ratio, and the factor by which the variance is best raised."""
    found = noise_filter(Noise(noise.rounding, noise.rounding * ratio), extra)
    white = found.white(residual[None, :])[0]
    own = (2 + ratio) * noise.rounding
    size = float((own / (own + extra)).sum())
    square = float(white @ white) / size
    return -0.5 * (size * np.log(square) + found.log_determinant), square
