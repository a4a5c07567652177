"""Polynomials through the points of many instruments at once, uncertain in y alone (ISO/TS 28037:2010 clause 6).

One curve with all that can be asked of it, or one uncertain in both axes, is `fit.fit_curve`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, at_least, finite, matching, positive
from yuejingzhun.metrology.calibration_curve.family import polynomial

SINGULAR = 1e-13  # smallest share of a column that isn't in the others


@dataclass(frozen=True, eq=False, slots=True)
class FittedPolynomials:
    """`coefficients` (..., p), lowest power first, their `covariance` (..., p, p), and `chi_squared` (...).

    `dof` is that of the uncertainties: infinite where the points' u were given, n - p where they came from the
    residuals; `residual_u` (...) is then the standard deviation of y, else 0.
    """

    coefficients: Floats
    covariance: Floats
    chi_squared: Floats
    dof_of_residuals: int
    dof: float
    residual_u: Floats

    @property
    def u(self) -> Floats:
        """Standard uncertainties of the coefficients, (..., p)."""
        return np.sqrt(np.diagonal(self.covariance, axis1=-2, axis2=-1))

    def response(self, x: ArrayLike) -> tuple[Floats, Floats]:
        """y = f(x) of each curve and its standard uncertainty, as in 11.2; x broadcasts with the curves (...)."""
        powers = np.stack([finite("x", x) ** k for k in range(self.coefficients.shape[-1])], axis=-1)
        variance = np.einsum("...i,...ij,...j->...", powers, self.covariance, powers)
        return (powers * self.coefficients).sum(axis=-1), np.sqrt(variance)


def fit_polynomials(x: ArrayLike, y: ArrayLike, u_y: ArrayLike | None = None, degree: int = 1) -> FittedPolynomials:
    """Weighted least squares of degree 1, 2 or 3 along the last axis of x, y, u_y (..., n), which broadcast.

    Without u_y the points of a curve are taken to be equally uncertain, which the residuals then tell (ISO/TS
    28037:2010 Annex E). Raises ArgumentError as `fit_curve` does.
    """
    size = polynomial(degree).size
    xs, ys, us = matching(x=finite("x", x), y=finite("y", y), u_y=positive("u_y", 1.0 if u_y is None else u_y))
    at_least("x", xs, size, "个点")
    different = 1 + (np.diff(np.sort(xs, axis=-1), axis=-1) > 0).sum(axis=-1)
    if np.any(different < size):
        raise ArgumentError("x", f"至少需要 {size} 个不同的 x")
    dof = xs.shape[-1] - size
    if u_y is None and dof == 0:
        raise ArgumentError("u_y", "点数与系数个数相同，须给出不确定度")
    design, target = np.polynomial.polynomial.polyvander(xs, degree) / us[..., None], (ys / us)[..., None]
    scale = np.linalg.norm(design, axis=-2, keepdims=True)
    q, r = np.linalg.qr(design / scale)
    if np.any(np.abs(np.diagonal(r, axis1=-2, axis2=-1)) < SINGULAR):
        raise ArgumentError("x", "各点定不出这种曲线的全部系数")
    inverse = np.linalg.inv(r) / scale.swapaxes(-1, -2)
    coefficients = inverse @ (q.swapaxes(-1, -2) @ target)
    chi_squared = ((target - design @ coefficients) ** 2).sum(axis=(-2, -1))
    variance = chi_squared / dof if u_y is None else np.ones_like(chi_squared)
    return FittedPolynomials(
        coefficients[..., 0],
        inverse @ inverse.swapaxes(-1, -2) * variance[..., None, None],
        chi_squared,
        dof,
        float(dof) if u_y is None else np.inf,
        np.sqrt(variance) if u_y is None else np.zeros_like(variance),
    )
