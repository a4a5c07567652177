"""Values from a calibration curve, either way, with their uncertainty (ISO/TS 28037:2010 clause 11, ISO 6143 5.2.4)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, matching, not_negative
from yuejingzhun.metrology.calibration_curve.fit import CalibrationCurve


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Values (k,) with their covariance matrix (k, k); `outside` marks those beyond the calibrated range."""

    values: Floats
    covariance: Floats
    outside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

    @property
    def u(self) -> Floats:
        """Standard uncertainties (k,)."""
        return np.sqrt(np.diagonal(self.covariance))


def response(curve: CalibrationCurve, x: ArrayLike, u_x: ArrayLike = 0.0) -> Evaluated:
    """y = f(x) with the uncertainty of curve and x (ISO/TS 28037:2010 11.2); the mean response, not one reading.

    `x` and `u_x` are numbers or (k,). The values share the curve, so they are correlated.
    """
    xs, size = _numbers("x", x, "u_x", u_x)
    b = curve.coefficients
    by_b = curve.family.by_coefficients(xs, b)
    own = (curve.family.by_x(xs, b) * size) ** 2
    return Evaluated(curve.family.value(xs, b), by_b @ curve.covariance @ by_b.T + np.diag(own), _outside(curve, xs))


def stimulus(curve: CalibrationCurve, y: ArrayLike, u_y: ArrayLike = 0.0, beyond: float = 0.05) -> Evaluated:
    """The x at which f(x) = y, with the uncertainty of curve and y (ISO/TS 28037:2010 11.1).

    `y` and `u_y` are numbers or (k,); x is sought in the calibrated range and `beyond` times its span on each
    side. Raises ArgumentError where the curve is not monotonic in the calibrated range or does not reach y.
    """
    ys, size = _numbers("y", y, "u_y", u_y)
    if not curve.is_monotonic:
        raise ArgumentError("curve", "曲线在校准范围内不单调，由示值求值不唯一")
    xs = _solve(curve, ys, float(not_negative("beyond", beyond)))
    b = curve.coefficients
    slope = curve.family.by_x(xs, b)
    by_b = curve.family.by_coefficients(xs, b) / slope[:, None]
    return Evaluated(xs, by_b @ curve.covariance @ by_b.T + np.diag((size / slope) ** 2), _outside(curve, xs))


def _solve(curve: CalibrationCurve, y: Floats, beyond: float) -> Floats:
    """Bisection of all at once, then Newton's step to the last digit."""
    family, b = curve.family, curve.coefficients
    start, end = _monotonic_range(curve, beyond)
    ends = family.value(np.array([start, end]), b)
    slack = 1e-12 * np.abs(ends).max()
    unreached = (y < ends.min() - slack) | (y > ends.max() + slack)
    if unreached.any():
        first = y[np.argmax(unreached)]
        raise ArgumentError("y", f"{first:.6g} 在曲线可求值的范围 {ends.min():.6g} 至 {ends.max():.6g} 之外")
    low, high = np.full(y.shape, start), np.full(y.shape, end)
    rising = ends[1] > ends[0]
    for _ in range(60):
        middle = (low + high) / 2
        below = (family.value(middle, b) < y) == rising
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    x = (low + high) / 2
    return np.asarray(x - (family.value(x, b) - y) / family.by_x(x, b), dtype=np.float64)


def _monotonic_range(curve: CalibrationCurve, beyond: float) -> tuple[float, float]:
    """The calibrated range, widened as far as asked and as the curve keeps its direction."""
    low, high = float(curve.x.min()), float(curve.x.max())
    sides = []
    for end, step in ((low, -(high - low) * beyond), (high, (high - low) * beyond)):
        grid = end + step * np.linspace(0, 1, 101)
        slope = curve.family.by_x(grid, curve.coefficients)
        kept = np.cumprod(slope * slope[0] > 0).astype(bool)
        sides.append(float(grid[kept][-1]))
    return sides[0], sides[1]


def _numbers(name: str, values: ArrayLike, u_name: str, u: ArrayLike) -> tuple[Floats, Floats]:
    numbers, sizes = matching(**{name: finite(name, values), u_name: not_negative(u_name, u)})
    if numbers.ndim > 1:
        raise ArgumentError(name, f"应为数或一维数列，形状为 {numbers.shape}")
    return np.atleast_1d(numbers), np.atleast_1d(sizes)


def _outside(curve: CalibrationCurve, x: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    slack = 1e-12 * float(np.ptp(curve.x))
    return np.asarray((x < curve.x.min() - slack) | (x > curve.x.max() + slack), dtype=np.bool_)
