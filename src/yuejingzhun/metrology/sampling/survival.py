"""Survival without assuming a distribution: Kaplan-Meier, Greenwood, and the points of a probability plot."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, probability
from yuejingzhun.metrology.sampling.life import LifeLaw, Lifetimes, observed


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """One entry for each distinct age at failure, ascending."""

    time: Floats
    at_risk: Floats
    failures: Floats
    survival: Floats
    standard_error: Floats  # Greenwood


def kaplan_meier(time: ArrayLike, failed: ArrayLike, count: ArrayLike = 1.0) -> SurvivalCurve:
    """Product-limit estimate (Kaplan & Meier 1958) with Greenwood's variance; units censored at an age count as at
    risk there. Raises ArgumentError without a failure."""
    records = observed(time, failed, count)
    return _curve(records)


def _curve(records: Lifetimes) -> SurvivalCurve:
    ages, place = np.unique(records.lower, return_inverse=True)
    seen = records.lower == records.upper
    failures = np.asarray(np.bincount(place, records.count * seen, ages.size), dtype=np.float64)
    leaving = np.asarray(np.bincount(place, records.count, ages.size), dtype=np.float64)
    at_risk = np.cumsum(leaving[::-1])[::-1]
    some = failures > 0
    if not some.any():
        raise ArgumentError("failed", "没有失效记录")
    d, n = failures[some], at_risk[some]
    # Summed from the end, counts that are not whole leave rounding behind; nobody survives the last failure of all.
    left = np.where(np.isclose(n, d, rtol=1e-12, atol=0), 0.0, n - d)
    survival = np.asarray(np.cumprod(left / n), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = survival * np.sqrt(np.cumsum(d / (n * left)))
    return SurvivalCurve(ages[some], n, d, survival, np.asarray(np.where(survival > 0, error, 0.0), dtype=np.float64))


def survival_interval(curve: SurvivalCurve, level: float = 0.95, log_log: bool = True) -> tuple[Floats, Floats]:
    """Pointwise confidence limits: on ln(-ln S), which stay within 0 and 1, or plain S +- z SE cut at 0 and 1.

    Where the curve has come to zero neither is defined and both limits are zero.
    """
    z = -float(special.ndtri((1 - probability("level", level)) / 2))
    s, error = curve.survival, curve.standard_error
    if not log_log:
        return np.clip(s - z * error, 0, 1), np.clip(s + z * error, 0, 1)
    inside = s > 0
    safe = np.where(inside, s, 0.5)
    reach = np.exp(z * error / (safe * -np.log(safe)))
    return np.where(inside, safe**reach, 0.0), np.where(inside, safe ** (1 / reach), 0.0)


def survival_at(curve: SurvivalCurve, time: ArrayLike) -> Floats:
    """The step function at any age, in the shape of `time`."""
    steps = np.concatenate([[1.0], curve.survival])
    return np.asarray(steps[np.searchsorted(curve.time, np.asarray(time, dtype=np.float64), side="right")])


def probability_plot(curve: SurvivalCurve, law: LifeLaw = LifeLaw.WEIBULL) -> tuple[Floats, Floats]:
    """(ln age, standard quantile of the plotting position): a straight line of slope 1 / spread under the law.

    Plotting positions are the middles of the jumps of the failure probability (Meeker & Escobar 6.4).
    """
    before = np.concatenate([[1.0], curve.survival[:-1]])
    failed = 1 - (before + curve.survival) / 2
    line = special.ndtri(failed) if law is LifeLaw.LOG_NORMAL else np.log(-np.log1p(-failed))
    return np.log(curve.time), np.asarray(line)
