"""Generalised distance regression: a curve through points that are uncertain in both axes.

ISO/TS 28037:2010 clauses 6 to 10 (straight lines: weighted, both axes, correlated), ISO 6143:2001 5.2 and Annex A.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import (
    ArgumentError,
    Floats,
    at_least,
    covariance_matrix,
    finite,
    matching,
    not_negative,
)
from yuejingzhun.metrology.calibration_curve.family import Family, polynomial

MOST_STEPS = 200
# Relative to the standard uncertainties of what is sought: far below any that could matter.
STILL = 1e-10


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """A fitted curve. `covariance` (p, p) belongs to `coefficients` (p,), lowest power first.

    `adjusted_x` and `adjusted_y` are the points' estimates on the curve, `weighted_deviations` (n, 2) the
    observed less the adjusted in standard uncertainties (nan where an axis has none). `dof` is that of the
    uncertainties: infinite where the points' u were given, n - p where they came from the residuals.
    """

    family: Family
    coefficients: Floats
    covariance: Floats
    chi_squared: float
    dof_of_residuals: int
    dof: float
    x: Floats
    y: Floats
    adjusted_x: Floats
    adjusted_y: Floats
    weighted_deviations: Floats
    residual_u: float

    @property
    def u(self) -> Floats:
        """Standard uncertainties of the coefficients."""
        return np.sqrt(np.diagonal(self.covariance))

    @property
    def goodness(self) -> float:
        """Gamma: the largest weighted deviation; the curve is admissible up to 2 (ISO 6143:2001 5.2.2)."""
        return float(np.nanmax(np.abs(self.weighted_deviations)))

    @property
    def p_value(self) -> float:
        """Probability of a larger chi-squared if curve and uncertainties are right (ISO/TS 28037:2010 6.3)."""
        return float(special.chdtrc(self.dof_of_residuals, self.chi_squared)) if self.dof_of_residuals else 1.0

    @property
    def is_monotonic(self) -> bool:
        """Whether the curve only rises or only falls in the calibrated range."""
        slope = self.family.by_x(np.linspace(self.x.min(), self.x.max(), 513), self.coefficients)
        return bool(np.all(slope > 0) or np.all(slope < 0))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What speaks against using the curve, in Chinese; empty where nothing does."""
        found = []
        if not np.isfinite(self.dof):
            far = np.flatnonzero(np.nanmax(np.abs(self.weighted_deviations), axis=1) > 2)
            if far.size:
                found.append(f"第 {'、'.join(str(i + 1) for i in far)} 点偏离曲线超过 2 倍标准不确定度")
            if self.p_value < 0.05:
                found.append(f"χ² = {self.chi_squared:.4g}，自由度 {self.dof_of_residuals}，曲线与各点的不确定度不符")
        if self.dof_of_residuals == 0:
            found.append("点数与系数个数相同，曲线无从检验")
        if not self.is_monotonic:
            found.append("曲线在校准范围内不单调，由示值求值不唯一")
        return tuple(found)


def fit_curve(
    x: ArrayLike,
    y: ArrayLike,
    u_y: ArrayLike | None = None,
    u_x: ArrayLike = 0.0,
    family: Family | None = None,
    covariance: ArrayLike | None = None,
) -> CalibrationCurve:
    """Fit a family of curves (a straight line if none is named) to the points by generalised distance regression.

    `u_x`, `u_y` are standard uncertainties, (n,) or one for all; `covariance` (2n, 2n), of all x and then all y,
    takes their place where points or axes are correlated. Without any, the points are taken to be equally
    uncertain in y and that uncertainty comes from the residuals (ISO/TS 28037:2010 Annex E, JCGM 100:2008 H.3).
    Raises ArgumentError for shapes that differ, fewer points than coefficients, fewer different x than
    coefficients, negative or vanishing uncertainties, a covariance that is not positive semi-definite, or a fit
    that does not come to rest.
    """
    family = family or polynomial(1)
    xs, ys = _points(x, y, family.size)
    v = _covariance(len(xs), u_x, u_y, covariance)
    coefficients, matrix, adjusted, weighted = _adjust(family, xs, ys, v)
    squares, dof = float(weighted @ weighted), len(xs) - family.size
    from_residuals = u_y is None and covariance is None
    if from_residuals and dof == 0:
        raise ArgumentError("u_y", "点数与系数个数相同，须给出不确定度")
    scale = squares / dof if from_residuals else 1.0
    xi, eta = adjusted[: len(xs)], adjusted[len(xs) :]
    sizes = np.sqrt(np.diagonal(v) * scale)
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.where(sizes > 0, (np.concatenate([xs, ys]) - adjusted) / sizes, np.nan)
    return CalibrationCurve(
        family=family,
        coefficients=coefficients,
        covariance=matrix * scale,
        chi_squared=squares,
        dof_of_residuals=dof,
        dof=float(dof) if from_residuals else np.inf,
        x=xs,
        y=ys,
        adjusted_x=xi,
        adjusted_y=eta,
        weighted_deviations=relative.reshape(2, -1).T,
        residual_u=float(np.sqrt(scale)) if from_residuals else 0.0,
    )


def _points(x: ArrayLike, y: ArrayLike, coefficients: int) -> tuple[Floats, Floats]:
    """The points, enough of them and at enough places to tell the coefficients."""
    xs, ys = matching(x=finite("x", x), y=finite("y", y))
    if xs.ndim != 1:
        raise ArgumentError("x", f"应为一维数列，形状为 {xs.shape}")
    at_least("x", xs, coefficients, "个点")
    if len(np.unique(xs)) < coefficients:
        raise ArgumentError("x", f"至少需要 {coefficients} 个不同的 x")
    return xs, ys


def _covariance(n: int, u_x: ArrayLike, u_y: ArrayLike | None, covariance: ArrayLike | None) -> Floats:
    if covariance is not None:
        if u_y is not None or np.any(np.asarray(u_x) != 0):
            raise ArgumentError("covariance", "与 u_x、u_y 不能同时给出")
        return covariance_matrix("covariance", covariance, 2 * n)
    if u_y is None and np.any(np.asarray(u_x) != 0):
        raise ArgumentError("u_y", "给出 u_x 时应同时给出 u_y（可为零）")
    u = [not_negative("u_x", u_x), not_negative("u_y", 1.0 if u_y is None else u_y)]
    for name, part in zip(("u_x", "u_y"), u, strict=True):
        if part.shape not in ((), (n,), (1,)):
            raise ArgumentError(name, f"应为 {n} 个数或一个数，形状为 {part.shape}")
    both = np.concatenate([np.broadcast_to(part, n) for part in u])
    if np.any(both[:n] + both[n:] == 0):
        raise ArgumentError("u_y", "每个点至少有一个坐标的不确定度大于零")
    return np.diag(both**2)


def _adjust(family: Family, x: Floats, y: Floats, v: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Coefficients, their covariance, adjusted (x, y) and weighted residuals.

    The curve is a condition y_i = f(x_i; b) between quantities of known covariance; Gauss and Helmert's
    adjustment, linearised anew at the adjusted points until it rests, needs no inverse of v, so that an axis
    without uncertainty is no special case.
    """
    n = len(x)
    scale = np.sqrt(np.diagonal(v)[n:])
    weight = 1 / np.where(scale > 0, scale, scale.max() or 1.0)
    b, xi = family.start(x, y, weight), x.copy()
    best = float("inf")
    for _ in range(MOST_STEPS):
        slope, by_b = family.by_x(xi, b), family.by_coefficients(xi, b)
        condition = np.concatenate([np.diag(slope), -np.eye(n)], axis=1)
        spread = condition @ v  # (n, 2n)
        root = _root(spread @ condition.T)
        misfit = y - family.value(xi, b) - slope * (x - xi)
        design, target = np.linalg.solve(root, by_b), np.linalg.solve(root, misfit)
        size = np.linalg.norm(design, axis=0)
        q, r = np.linalg.qr(design / size)
        if np.min(np.abs(np.diagonal(r))) < 1e-13:
            raise ArgumentError("x", "各点定不出这种曲线的全部系数")
        step = np.linalg.solve(r, q.T @ target) / size
        inverse = np.linalg.inv(r) / size[:, None]
        rest = target - design @ step
        moved = spread.T @ np.linalg.solve(root.T, rest)
        change = float(np.linalg.norm((design / size) @ (step * size)))
        b_new, xi_new = b + step, x + moved[:n]
        # Far from the solution a full step may overshoot; half of it never does for long.
        if change > best and change > 1e-6:
            b_new, xi_new = b + step / 2, (xi + xi_new) / 2
        still_x = _most_moved(xi_new - xi, np.diagonal(v)[:n])
        b, xi, best = b_new, xi_new, min(best, change)
        if change < STILL * np.sqrt(n) and still_x < STILL:
            return b, inverse @ inverse.T, np.concatenate([xi, family.value(xi, b)]), rest
    raise ArgumentError("family", f"{family.name}的拟合在 {MOST_STEPS} 步内未收敛")


def _most_moved(step: Floats, variance: Floats) -> float:
    """The largest step in standard uncertainties; a point without any does not move."""
    u = np.sqrt(np.where(variance > 0, variance, np.inf))
    return float(np.max(np.abs(step) / u))


def _root(matrix: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)
    except np.linalg.LinAlgError as error:
        raise ArgumentError("covariance", "各点到曲线的距离有的没有不确定度，无法加权") from error
