"""Likelihood of log life with location and scale, under every kind of censoring, and its maximum.

w = (ln t - location) / spread has a standard law. A failure seen contributes its density, any other record the
probability between its bounds (Meeker & Escobar, Statistical Methods for Reliability Data, 2.4 and 8.3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats

STEPS = 100
ROWS_PER_BLOCK = 32_768  # blocks that stay in the processor's cache
LARGEST_SHAPE = 1e6
NO_MAXIMUM = "数据不足以确定寿命分布：似然没有极大值"


@dataclass(frozen=True, slots=True)
class Family:
    """A standard law: ln density, its derivative and second derivative, ln P(a < w < b)."""

    log_density: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    curvature: Callable[[Floats], Floats]
    log_between: Callable[[Floats, Floats], Floats]


def _between_extreme(a: Floats, b: Floats) -> Floats:
    # ln(exp(-A) - exp(-B)) with A = e^a < B = e^b; b = inf leaves -A.
    low, high = np.exp(a), np.exp(b)
    return np.asarray(-low + np.log(-np.expm1(low - high)))


def _between_normal(a: Floats, b: Floats) -> Floats:
    # On the side of the smaller tail, where no digits are lost.
    flip = a > 0
    low, high = np.where(flip, -b, a), np.where(flip, -a, b)
    top = special.log_ndtr(high)
    return np.asarray(top + np.log(-np.expm1(special.log_ndtr(low) - top)))


SMALLEST_EXTREME = Family(lambda w: w - np.exp(w), lambda w: 1 - np.exp(w), lambda w: -np.exp(w), _between_extreme)
NORMAL = Family(lambda w: -(w * w + np.log(2 * np.pi)) / 2, lambda w: -w, lambda w: -np.ones_like(w), _between_normal)


@dataclass(frozen=True, slots=True)
class Maximum:
    location: float
    spread: float
    covariance: Floats  # of (location, ln spread); zero in the row of what was held fixed
    value: float


@dataclass(frozen=True, slots=True)
class Sums:
    """The records, split into failures seen and bounds, ready to be summed at any location and spread."""

    family: Family
    exact: Floats
    exact_count: Floats
    low: Floats
    high: Floats
    between_count: Floats

    @classmethod
    def of(cls, lower: Floats, upper: Floats, count: Floats, family: Family) -> Sums:
        """ln of the bounds: -inf for lower = 0, +inf for a unit still running."""
        seen = lower == upper
        with np.errstate(divide="ignore"):
            low, high = np.log(lower[~seen]), np.log(upper[~seen])
        return cls(family, np.log(lower[seen]), count[seen], low, high, count[~seen])

    def at(self, location: float, spread: float) -> tuple[float, Floats, Floats]:
        """ln likelihood, gradient and Hessian by (location, ln spread)."""
        w = (self.exact - location) / spread
        c, slope, bend = self.exact_count, self.family.slope(w), self.family.curvature(w)
        value = float(c @ (self.family.log_density(w) - np.log(spread) - self.exact))
        gradient = np.array([-(c @ slope) / spread, -(c @ (slope * w + 1))])
        cross = c @ (bend * w + slope) / spread
        hessian = np.array([[c @ bend / spread**2, cross], [cross, c @ (bend * w * w + slope * w)]])
        if self.low.size:
            parts = self._between(location, spread)
            value, gradient, hessian = value + parts[0], gradient + parts[1], hessian + parts[2]
        return value, gradient, hessian

    def _between(self, location: float, spread: float) -> tuple[float, Floats, Floats]:
        a, b, c = (self.low - location) / spread, (self.high - location) / spread, self.between_count
        log_p = self.family.log_between(a, b)
        # An infinite bound does not move: its density is zero and so are all its terms.
        at_a, at_b = np.isfinite(a), np.isfinite(b)
        a, b = np.where(at_a, a, 0.0), np.where(at_b, b, 0.0)
        fa = np.where(at_a, np.exp(self.family.log_density(a) - log_p), 0.0)
        fb = np.where(at_b, np.exp(self.family.log_density(b) - log_p), 0.0)
        daa = -fa * self.family.slope(a) - fa * fa
        dbb = fb * self.family.slope(b) - fb * fb
        dab = fa * fb
        gradient = np.array([c @ (fa - fb) / spread, c @ (fa * a - fb * b)])
        cross = c @ (daa * a + dbb * b + dab * (a + b) - fa + fb) / spread
        ss = c @ (daa * a * a + dbb * b * b + 2 * dab * a * b - fa * a + fb * b)
        hessian = np.array([[c @ (daa + dbb + 2 * dab) / spread**2, cross], [cross, ss]])
        return float(c @ log_p), gradient, hessian

    def start(self) -> tuple[float, float]:
        """Mean and spread of the logarithms of the finite bounds."""
        middle = np.where(np.isfinite(self.low), self.low, self.high)
        middle = np.where(np.isfinite(self.low) & np.isfinite(self.high), (self.low + self.high) / 2, middle)
        y, c = np.concatenate([self.exact, middle]), np.concatenate([self.exact_count, self.between_count])
        mean = float(np.average(y, weights=c))
        return mean, max(float(np.sqrt(np.average((y - mean) ** 2, weights=c))), 0.1)


def maximise(
    sums: Sums,
    fixed_spread: float | None = None,
    fixed_location: float | None = None,
    start: tuple[float, float] | None = None,
) -> Maximum:
    """Newton's method, the step halved until the likelihood rises; uphill also where the Hessian is not definite.

    Raises ArgumentError where the likelihood has no maximum: the spread runs to zero or past all bounds.
    """
    location, spread = start or sums.start()
    theta = np.array([location if fixed_location is None else fixed_location, np.log(fixed_spread or spread)])
    free = np.array([fixed_location is None, fixed_spread is None])
    value, gradient, hessian = sums.at(theta[0], np.exp(theta[1]))
    for _ in range(STEPS if free.any() else 0):
        step = np.zeros(2)
        step[free] = _direction(gradient[free], hessian[np.ix_(free, free)])
        if float(gradient @ step) <= 1e-16 * max(1.0, abs(value)):
            theta = theta + step  # so close, Newton's step is exact to rounding
            value, gradient, hessian = sums.at(theta[0], np.exp(theta[1]))
            break
        step *= min(1.0, 2.0 / float(np.abs(step).max()))
        size, found = _rise(sums, theta, step, value)
        if not size:
            break  # no further rise: rounding
        theta = theta + size * step
        value, gradient, hessian = found
    else:
        if free.any():
            raise ArgumentError("lifetimes", NO_MAXIMUM)
    return Maximum(float(theta[0]), float(np.exp(theta[1])), _covariance(theta, hessian, free), value)


def _rise(sums: Sums, theta: Floats, step: Floats, value: float) -> tuple[float, tuple[float, Floats, Floats]]:
    """The largest of 1, 1/2, 1/4, ... of the step that raises the likelihood, and what it leads to; 0 if none does."""
    size = 1.0
    while size > 1e-10:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = sums.at(theta[0] + size * step[0], np.exp(theta[1] + size * step[1]))
        if np.isfinite(found[0]) and found[0] > value:
            return size, found
        size /= 2
    return 0.0, found


def _covariance(theta: Floats, hessian: Floats, free: np.ndarray) -> Floats:
    covariance = np.zeros((2, 2))
    if not free.any():
        return covariance
    information = -hessian[np.ix_(free, free)]
    if abs(theta[1]) > np.log(LARGEST_SHAPE) or not np.linalg.eigvalsh(information).min() > 0:
        raise ArgumentError("lifetimes", NO_MAXIMUM)
    covariance[np.ix_(free, free)] = np.linalg.inv(information)
    return covariance


def right_censored_weibull(time: Floats, failed: np.ndarray, count: Floats) -> Maximum:
    """The usual case, by one equation in the shape k (Meeker & Escobar 8.3; Lawless 4.1): with y = ln t

    sum c e^(k y) y / sum c e^(k y) - mean of y over the failures - 1/k = 0, increasing in k.
    A thousandth of the rows gives the start; full sums run in blocks.
    """
    y = np.log(time)
    top = float(y.max())
    y -= top  # so that no power overflows
    weights = count * failed
    failures = float(weights.sum())
    mean = float(weights @ y) / failures
    k = 1.0
    stride = y.size // 4096
    if stride > 1 and failed[::stride].any():
        few = weights[::stride]
        k = _shape(y[::stride], count[::stride], float(few @ y[::stride]) / float(few.sum()), k, 1e-3)
    k = _shape(y, count, mean, k, 1e-14)
    s0, s1, s2 = _power_sums(y, count, k)
    location = np.log(s0 / failures) / k  # of y
    # Hessian by (location, ln spread), at the maximum, where sum c e^w = failures: w = k (y - location).
    w1 = k * (s1 / s0 - location) * failures
    w2 = k * k * (s2 / s0 - 2 * location * s1 / s0 + location**2) * failures
    hessian = -np.array([[k * k * failures, k * w1], [k * w1, failures + w2]])
    value = failures * (np.log(k) - 1 - top) + failures * (k * (mean - location) - mean)
    return Maximum(float(location + top), 1 / k, np.linalg.inv(-hessian), float(value))


def _shape(y: Floats, count: Floats, mean: float, k: float, tolerance: float) -> float:
    for _ in range(STEPS):
        s0, s1, s2 = _power_sums(y, count, k)
        ratio = s1 / s0
        excess = ratio - mean - 1 / k
        slope = s2 / s0 - ratio * ratio + 1 / k**2
        # Newton in 1/k, in which the equation is nearly a straight line; kept within a factor of three.
        inverse = 1 / k + excess / (slope * k * k)
        before, k = k, 1 / min(max(inverse, 1 / (3 * k)), 3 / k)
        # The error after a step is of the order of the step squared.
        if abs(k - before) <= np.sqrt(tolerance) * k / 10 or k > LARGEST_SHAPE:
            break
    if k > LARGEST_SHAPE:
        raise ArgumentError("lifetimes", NO_MAXIMUM)
    return k


def _power_sums(y: Floats, count: Floats, k: float) -> tuple[float, float, float]:
    """Sums of c e^(k y) times 1, y, y squared."""
    s0 = s1 = s2 = 0.0
    for start in range(0, y.size, ROWS_PER_BLOCK):
        block = y[start : start + ROWS_PER_BLOCK]
        powers = np.exp(k * block)
        powers *= count[start : start + ROWS_PER_BLOCK]
        s0 += float(powers.sum())
        s1 += float(powers @ block)
        powers *= block
        s2 += float(powers @ block)
    return s0, s1, s2


def _direction(gradient: Floats, hessian: Floats) -> Floats:
    values, vectors = np.linalg.eigh(-hessian)
    # Where the likelihood is not concave, the same step lengths uphill.
    return np.asarray(vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(values), 1e-12)))
