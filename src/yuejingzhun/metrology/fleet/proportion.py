"""A share of meters and what is known of it, from counts, which need not be whole where they stand for estimates."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, matching, not_negative, probability, within


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share with its interval; arrays of one shape, or NaN with limits 0 and 1 where nothing was counted."""

    value: Floats
    low: Floats
    high: Floats
    units: Floats  # that it rests on


def exact_interval(found: ArrayLike, units: ArrayLike, level: float = 0.95) -> Proportion:
    """Limits of Clopper & Pearson (1934, Biometrika 26 404), which cover at least that often; one shape in and out."""
    k, n = matching(found=not_negative("found", found), units=not_negative("units", units))
    if np.any(k > n * (1 + 1e-9)):
        raise ArgumentError("found", "不应多于 units")
    k = np.minimum(k, n)
    tail = (1 - probability("level", level)) / 2
    low = np.where(k > 0, special.betaincinv(np.maximum(k, 1e-300), n - k + 1, tail), 0.0)
    high = np.where(k < n, special.betaincinv(k + 1, np.maximum(n - k, 1e-300), 1 - tail), 1.0)
    value = np.divide(k, n, out=np.full(k.shape, np.nan), where=n > 0)
    return Proportion(value, np.asarray(low), np.asarray(high), n)


def weighted_interval(hit: ArrayLike, weight: ArrayLike, level: float = 0.95) -> Proportion:
    """Share of `hit` (0 or 1) under weights, with the exact limits of as many equal weights as have its variance (Korn
    & Graubard 1998, Surv. Methodol. 24 193), or where all or none hit, of Kish's number (1965, 11.7).

    One share, from 1-D arrays of one length; equal weights give `exact_interval`.
    """
    y, w = matching(hit=within("hit", hit, 0, 1), weight=not_negative("weight", weight))
    total = float(w.sum())
    if total == 0:
        return exact_interval(0.0, 0.0, level)
    share = min(float((w * y).sum()) / total, 1.0)
    units = total**2 / float((w * w).sum())
    variance = float((w * w * (y - share) ** 2).sum()) / total**2
    if variance > 0:
        # Weights that go with the outcome, as where missed meters are rarely tested ones, tell less than Kish's.
        units = min(share * (1 - share) / variance, float(np.count_nonzero(w)))
    return exact_interval(share * units, units, level)


def beta_interval(a: Floats, b: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Equal tails of beta distributions."""
    tail = (1 - probability("level", level)) / 2
    return np.asarray(special.betaincinv(a, b, tail)), np.asarray(special.betaincinv(a, b, 1 - tail))


def beta_of_moments(mean: ArrayLike, variance: ArrayLike) -> tuple[Floats, Floats]:
    """Both parameters of the beta distributions with these moments; the mean strictly between 0 and 1."""
    m, v = matching(mean=finite("mean", mean), variance=finite("variance", variance))
    if np.any((m <= 0) | (m >= 1)) or np.any((v <= 0) | (v >= m * (1 - m))):
        raise ArgumentError("mean、variance", "不是取值在 0 与 1 之间的分布的均值与方差")
    strength = m * (1 - m) / v - 1
    return np.asarray(m * strength), np.asarray((1 - m) * strength)
