"""Widths of guard bands for a target risk (JCGM 106:2012 8.3, 9.5.5); in the unit of the limits.

A positive width makes acceptance stricter than tolerance, a negative one more lenient.
"""

from collections.abc import Callable

import numpy as np
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, positive, probability
from yuejingzhun.metrology.conformity_risk import (
    Limits,
    NormalPrior,
    Prior,
    global_risk,
    posterior,
    specific_consumer_risk,
)


def width_for_specific_risk(
    tolerance: Limits, u: float, risk: float, prior: NormalPrior | None = None, side: str = "upper"
) -> float:
    """The width at whose limit an item just accepted fails with this probability (8.3.2 with 9.3.2).

    `side` is that of the limit, "upper" or "lower", which matters only with a prior that is not centred. For one
    limit far from the other, and no prior, it is u times the normal quantile: 1.645 u for 5 %. Raises
    ArgumentError where no measured value has so small a risk.
    """
    target, size = probability("risk", risk), float(positive("u", u))
    limit = {"upper": tolerance.upper, "lower": tolerance.lower}.get(side, np.nan)
    if not np.isfinite(limit):
        raise ArgumentError("side", "应为有限值的一侧：upper 或 lower")
    inward = -1.0 if side == "upper" else 1.0

    def excess(width: float) -> float:
        y, u_y = (limit + inward * width, size) if prior is None else posterior(prior, limit + inward * width, size)
        return float(specific_consumer_risk(tolerance, y, u_y)) - target

    start, end = _reach(tolerance, size, prior, limit, inward)
    if excess(end) > 0:
        raise ArgumentError("risk", f"测量不确定度过大，任何测得值的风险都超过 {target:g}")
    return _root(excess, start, end, 1e-12 * size)


def width_for_global_risk(prior: Prior, u: float, tolerance: Limits, risk: float, of_accepted: bool = False) -> float:
    """The width, the same at every limit, for this global consumer's risk (9.5.5).

    `of_accepted` takes the share of failing items among the accepted in place of that among all. Raises
    ArgumentError where the target is not below the share of failing items before measurement, as then every
    width will do, or cannot be reached by any width.
    """
    target, size = probability("risk", risk), float(positive("u", u))
    failing = 1 - global_risk(prior, size, tolerance).conforming
    if target >= failing:
        raise ArgumentError("risk", f"不检验时的不合格率只有 {failing:.4g}，目标风险应小于它")

    def excess(width: float) -> float:
        found = global_risk(prior, size, tolerance, tolerance.guarded(width))
        if not of_accepted:
            return float(found.consumer) - target
        return float(found.consumer_of_accepted) - target if found.accepted > 1e-12 else np.nan

    half = (tolerance.upper - tolerance.lower) / 2
    low, high = -size, min(size, half / 2)
    while excess(low) < 0:
        low *= 2
    while not excess(high) < 0:
        high = high * 2 if np.isinf(half) else half - (half - high) / 4
        if np.isnan(excess(high)) or high > 1e3 * size or half - high < 1e-9 * half:
            raise ArgumentError("risk", f"任何保护带都达不到 {target:g}")
    return _root(excess, low, high, 1e-10 * size)


def width_of_factor(expanded_u: float, factor: float) -> float:
    """w = r U (8.3.2.1; ILAC-G8:09/2019 table 1)."""
    return factor * float(positive("expanded_u", expanded_u))


def quantile_factor(risk: float) -> float:
    """r of w = r U, U = 2 u, for a specific risk at one limit: 0.822 for 5 % (ISO 14253-1:2017: 0.83)."""
    return float(-special.ndtri(probability("risk", risk))) / 2


def _root(excess: Callable[[float], float], low: float, high: float, tolerance: float) -> float:
    from scipy import optimize  # heavy, and few need it

    return float(optimize.brentq(excess, low, high, xtol=tolerance, rtol=1e-14))


def _reach(tolerance: Limits, u: float, prior: NormalPrior | None, limit: float, inward: float) -> tuple[float, float]:
    """Widths from surely too small to the one of least risk."""
    stretch = 1.0 if prior is None else (prior.sd**2 + u**2) / prior.sd**2
    mean = limit if prior is None else prior.mean
    # With a prior the measured value is pulled to its mean: the range is in terms of what remains.
    middle = (tolerance.lower + tolerance.upper) / 2
    best = middle if np.isfinite(middle) else limit + inward * 40 * u
    worst = limit - inward * 40 * u
    ends = [inward * (mean + (end - mean) * stretch - limit) for end in (worst, best)]
    return ends[0], ends[1]
