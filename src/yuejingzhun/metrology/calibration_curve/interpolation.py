"""Interpolation between calibrated points, with the uncertainty that the points hand on (JCGM 100:2008 5.1.2)."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import (
    ArgumentError,
    Floats,
    at_least,
    covariance_matrix,
    finite,
    matching,
    not_negative,
)
from yuejingzhun.metrology.calibration_curve.evaluate import Evaluated

Method = Literal["linear", "cubic"]


def interpolate(
    x_points: ArrayLike,
    y_points: ArrayLike,
    x: ArrayLike,
    u_points: ArrayLike = 0.0,
    u_x: ArrayLike = 0.0,
    covariance: ArrayLike | None = None,
    method: Method = "linear",
) -> Evaluated:
    """y at x between points (n,), linearly or by a cubic spline (not-a-knot), with covariance matrix (k, k).

    Each value is a weighted sum of the points' y, so u is exact for both: W V W^T. `covariance` (n, n) of the
    y takes the place of `u_points` where they are correlated. What the true curve does between the points is
    not in it. Raises ArgumentError for x_points that do not increase strictly or x beyond them.
    """
    xp, yp = matching(x_points=finite("x_points", x_points), y_points=finite("y_points", y_points))
    if xp.ndim != 1 or np.any(np.diff(xp) <= 0):
        raise ArgumentError("x_points", "应为严格递增的数列")
    at_least("x_points", xp, 2 if method == "linear" else 4, "个点")
    at, size = matching(x=np.atleast_1d(finite("x", x)), u_x=not_negative("u_x", u_x))
    if at.ndim != 1 or np.any((at < xp[0]) | (at > xp[-1])):
        raise ArgumentError("x", f"应在 {xp[0]:g} 与 {xp[-1]:g} 之间，不外推")
    if covariance is None:
        v = np.diag(matching(u_points=not_negative("u_points", u_points), y_points=yp)[0] ** 2)
    else:
        v = covariance_matrix("covariance", covariance, len(xp))
    weights, slopes = _linear(xp, at) if method == "linear" else _cubic(xp, at)
    own = np.diag((slopes @ yp * size) ** 2)
    return Evaluated(weights @ yp, weights @ v @ weights.T + own, np.zeros(at.shape, dtype=np.bool_))


def _linear(xp: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Weights (k, n) of the points in the values and in the slopes."""
    left = np.clip(np.searchsorted(xp, at, side="right") - 1, 0, len(xp) - 2)
    width = xp[left + 1] - xp[left]
    part = (at - xp[left]) / width
    weights, slopes = np.zeros((2, len(at), len(xp)))
    rows = np.arange(len(at))
    weights[rows, left], weights[rows, left + 1] = 1 - part, part
    slopes[rows, left], slopes[rows, left + 1] = -1 / width, 1 / width
    return weights, slopes


def _cubic(xp: Floats, at: Floats) -> tuple[Floats, Floats]:
    from scipy.interpolate import CubicSpline  # heavy, and few need it

    spline = CubicSpline(xp, np.eye(len(xp)))
    return spline(at), spline(at, 1)
