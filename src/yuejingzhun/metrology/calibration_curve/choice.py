"""Which degree a calibration polynomial should have, and why (ISO 6143:2001 5.2.2, ISO/TS 28037:2010 6.3)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, finite
from yuejingzhun.metrology.calibration_curve.family import polynomial
from yuejingzhun.metrology.calibration_curve.fit import CalibrationCurve, fit_curve


@dataclass(frozen=True, slots=True)
class Candidate:
    """A degree with what speaks for it; `aicc` is infinite where the points are too few for the correction."""

    degree: int
    curve: CalibrationCurve
    aicc: float
    adequate: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen curve, all candidates and the reason, in Chinese."""

    degree: int
    curve: CalibrationCurve
    candidates: tuple[Candidate, ...]
    reason: str


def choose_degree(
    x: ArrayLike,
    y: ArrayLike,
    u_y: ArrayLike | None = None,
    u_x: ArrayLike = 0.0,
    covariance: ArrayLike | None = None,
    highest: int = 3,
    significance: float = 0.05,
) -> Choice:
    """Among the adequate degrees that with the smallest corrected Akaike criterion.

    Adequate is a polynomial whose chi-squared has a probability of at least `significance` (where the points' u
    are given) and that is monotonic in the calibrated range, as a calibration must be. AICc = chi^2 + 2 p +
    2 p (p + 1) / (n - p - 1), with n ln(chi^2 / n) in place of chi^2 where u comes from the residuals. Raises
    ArgumentError where no degree is adequate.
    """
    points = len(np.atleast_1d(finite("x", x)))
    different = len(np.unique(finite("x", x)))
    spare = 1 if u_y is None and covariance is None else 0
    candidates = []
    for degree in range(1, highest + 1):
        if degree + 1 + spare > points or degree + 1 > different:
            break
        curve = fit_curve(x, y, u_y, u_x, polynomial(degree), covariance)
        fits = np.isfinite(curve.dof) or curve.p_value >= significance
        candidates.append(Candidate(degree, curve, _aicc(curve), bool(fits) and curve.is_monotonic))
    adequate = [candidate for candidate in candidates if candidate.adequate]
    if not adequate:
        tried = "；".join(f"{c.degree} 次 χ² = {c.curve.chi_squared:.4g}" for c in candidates)
        raise ArgumentError("y", f"没有合适的多项式：{tried or '点数不足'}")
    best = min(adequate, key=lambda candidate: (candidate.aicc, candidate.degree))
    return Choice(best.degree, best.curve, tuple(candidates), _reason(best, candidates))


def _aicc(curve: CalibrationCurve) -> float:
    n, p = len(curve.x), curve.family.size
    if np.isfinite(curve.dof):
        p += 1  # the variance is one more that the points have to yield
    if n - p - 1 <= 0:
        return float("inf")
    misfit = curve.chi_squared
    if np.isfinite(curve.dof):
        # Points that lie on the curve to the last digit leave only rounding to take the logarithm of.
        smallest = (np.finfo(np.float64).eps * float(np.abs(curve.y).max())) ** 2 * n or 1e-300
        misfit = n * float(np.log(max(misfit, smallest) / n))
    return misfit + 2 * p + 2 * p * (p + 1) / (n - p - 1)


def _reason(best: Candidate, candidates: list[Candidate]) -> str:
    parts = []
    for candidate in candidates:
        text = f"{candidate.degree} 次：χ² = {candidate.curve.chi_squared:.4g}"
        if not np.isfinite(candidate.curve.dof):
            text += f"（自由度 {candidate.curve.dof_of_residuals}，p = {candidate.curve.p_value:.3g}）"
        text += f"，AICc = {candidate.aicc:.4g}" if np.isfinite(candidate.aicc) else "，点数不足以算 AICc"
        parts.append(text + ("" if candidate.adequate else "，不合适"))
    return f"取 {best.degree} 次：合适者中 AICc 最小。" + "；".join(parts)
