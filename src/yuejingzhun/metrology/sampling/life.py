"""Life of instruments from records with censoring: Weibull, log-normal, exponential, by maximum likelihood.

The logarithm of life has a location and a scale (Meeker & Escobar, Statistical Methods for Reliability Data, 4 and
8): Weibull life has characteristic life exp(location) and shape 1 / spread. Censoring is a pair of bounds: both equal
for a failure seen, upper = inf for a unit still running, lower = 0 for one found failed, 0 < lower < upper between two
inspections.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, matching, not_negative, positive, within
from yuejingzhun.metrology.sampling.life_likelihood import (
    NO_MAXIMUM,
    NORMAL,
    SMALLEST_EXTREME,
    Sums,
    maximise,
    right_censored_weibull,
)


class LifeLaw(Enum):
    """Distribution of life; the value is the term on the screen."""

    WEIBULL = "威布尔分布"
    LOG_NORMAL = "对数正态分布"
    EXPONENTIAL = "指数分布"


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Bounds of each life in one unit of time, and how many units share them; three arrays of one length."""

    lower: Floats
    upper: Floats
    count: Floats

    def __post_init__(self) -> None:
        lower = not_negative("lower", self.lower)
        upper = np.asarray(self.upper, dtype=np.float64)
        if np.isnan(upper).any() or (upper <= 0).any():
            raise ArgumentError("upper", "应大于零（仍在用者为 inf），不应为 NaN")
        lower, upper, count = matching(lower=lower, upper=upper, count=not_negative("count", self.count))
        if lower.ndim != 1:
            raise ArgumentError("lower", f"应为一维，形状为 {lower.shape}")
        if (lower > upper).any():
            raise ArgumentError("lower、upper", "下界不应大于上界")
        if ((lower == 0) & np.isinf(upper) & (count > 0)).any():
            raise ArgumentError("lower、upper", "下界为 0、上界为 inf 的记录不含信息")
        for name, array in (("lower", lower), ("upper", upper), ("count", count)):
            object.__setattr__(self, name, array)


def observed(time: ArrayLike, failed: ArrayLike, count: ArrayLike = 1.0) -> Lifetimes:
    """Records of age and state: `failed` is true for a failure at `time`, false for a unit still running then."""
    at = positive("time", time)
    flags = np.asarray(failed)
    if flags.dtype != np.bool_:
        numbers = finite("failed", flags)
        if not np.isin(numbers, (0, 1)).all():
            raise ArgumentError("failed", "应为真假值或 0、1")
        flags = numbers == 1
    if flags.shape != at.shape:
        raise ArgumentError("time、failed", f"形状不一致：{at.shape}、{flags.shape}")
    return Lifetimes(at, np.where(flags, at, np.inf), np.asarray(count, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Life:
    """A fitted distribution of life: log life has `location` and `spread`."""

    law: LifeLaw
    location: float
    spread: float
    covariance: Floats  # 2 x 2, of (location, log spread), from the observed information
    log_likelihood: float
    units: float
    failures: float  # units not right censored

    @property
    def characteristic_life(self) -> float:
        """exp(location): 63.2 % of Weibull or exponential units, half of log-normal ones have failed by then."""
        return float(np.exp(self.location))

    @property
    def shape(self) -> float:
        """1 / spread: the Weibull shape, above 1 where units wear out."""
        return 1 / self.spread

    @property
    def standard_errors(self) -> tuple[float, float]:
        """Of characteristic life and shape, to first order."""
        location, spread = np.sqrt(np.diagonal(self.covariance))
        return float(location * self.characteristic_life), float(spread * self.shape)


def fit(lifetimes: Lifetimes, law: LifeLaw = LifeLaw.WEIBULL) -> Life:
    """Maximum likelihood, with the inverse of the observed information (Meeker & Escobar 8.3, 8.4).

    Raises ArgumentError where the data determine no such life: no failure, or all failures at one age with no unit
    running longer.
    """
    used = lifetimes.count > 0
    whole = bool(used.all())
    lower, upper, count = (
        array if whole else array[used] for array in (lifetimes.lower, lifetimes.upper, lifetimes.count)
    )
    exact, running = lower == upper, np.isinf(upper)
    failures = float(count[~running].sum()) if count.size else 0.0
    if failures == 0:
        raise ArgumentError("lifetimes", "没有失效记录，不能估计寿命分布")
    if lower.max() == 0:
        raise ArgumentError("lifetimes", f"{NO_MAXIMUM}，没有一台有已知的使用时间")
    if law is not LifeLaw.EXPONENTIAL and lower.max() <= upper.min():
        # One age lies within the bounds of every record: the narrower about it, the likelier.
        raise ArgumentError("lifetimes", f"{NO_MAXIMUM}，所有记录都容许同一寿命 {lower.max():g}")
    if law is LifeLaw.WEIBULL and bool((exact | running).all()):
        found = right_censored_weibull(lower, exact, count)
    else:
        family = NORMAL if law is LifeLaw.LOG_NORMAL else SMALLEST_EXTREME
        sums = Sums.of(lower, upper, count, family)
        found = maximise(sums, fixed_spread=1.0 if law is LifeLaw.EXPONENTIAL else None)
    return Life(law, found.location, found.spread, found.covariance, found.value, float(count.sum()), failures)


def survival(life: Life, time: ArrayLike) -> Floats:
    """P(life > time), in the shape of `time`."""
    return np.asarray(np.exp(log_survival(life, time)))


def log_survival(life: Life, time: ArrayLike) -> Floats:
    """ln P(life > time), exact far out in the tail."""
    at = not_negative("time", time)
    with np.errstate(divide="ignore"):
        w = (np.log(at) - life.location) / life.spread
    return np.asarray(special.log_ndtr(-w) if life.law is LifeLaw.LOG_NORMAL else -np.exp(w))


def hazard(life: Life, time: ArrayLike) -> Floats:
    """Failures per unit of time among the units still running."""
    at = positive("time", time)
    w = (np.log(at) - life.location) / life.spread
    if life.law is LifeLaw.LOG_NORMAL:
        rate = np.exp(-w * w / 2 - special.log_ndtr(-w)) / np.sqrt(2 * np.pi)
    else:
        rate = np.exp(w)
    return np.asarray(rate / (life.spread * at))


def quantile(life: Life, fraction: ArrayLike) -> Floats:
    """The age by which that fraction has failed."""
    return np.asarray(np.exp(life.location + life.spread * _standard_quantile(life, fraction)))


def quantile_interval(life: Life, fraction: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Confidence limits of quantiles, by the delta method on the logarithm (Meeker & Escobar 8.4.3)."""
    z = _standard_quantile(life, fraction)
    (a, b), (_, c) = life.covariance
    error = np.sqrt(np.maximum(a + 2 * z * life.spread * b + (z * life.spread) ** 2 * c, 0))
    reach = -float(special.ndtri((1 - _level(level)) / 2)) * error
    centre = life.location + life.spread * z
    return np.asarray(np.exp(centre - reach)), np.asarray(np.exp(centre + reach))


def intervals(life: Life, level: float = 0.95) -> tuple[tuple[float, float], tuple[float, float]]:
    """Confidence limits of characteristic life and of shape, by the delta method on their logarithms."""
    reach = -float(special.ndtri((1 - _level(level)) / 2)) * np.sqrt(np.diagonal(life.covariance))
    centres = np.array([life.location, -np.log(life.spread)])
    (low, high), (least, most) = np.exp(np.stack([centres - reach, centres + reach], axis=-1)).tolist()
    return (low, high), (least, most)


def profile_intervals(
    lifetimes: Lifetimes, life: Life, level: float = 0.95
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Confidence limits of characteristic life and of shape from the profile likelihood (Meeker & Escobar 8.3.2).

    Limits are where twice the loss of log-likelihood reaches the chi-squared quantile; they hold in small samples
    where the delta method does not. For the exponential law the shape is 1.
    """
    from scipy.optimize import brentq

    family = NORMAL if life.law is LifeLaw.LOG_NORMAL else SMALLEST_EXTREME
    used = lifetimes.count > 0
    sums = Sums.of(lifetimes.lower[used], lifetimes.upper[used], lifetimes.count[used], family)
    loss = float(special.chdtri(1, 1 - _level(level))) / 2
    exponential = life.law is LifeLaw.EXPONENTIAL

    def by_location(location: float) -> float:
        fixed = 1.0 if exponential else None
        found = maximise(sums, fixed_spread=fixed, fixed_location=location, start=(location, life.spread))
        return found.value - life.log_likelihood + loss

    def by_log_spread(log_spread: float) -> float:
        spread = float(np.exp(log_spread))
        found = maximise(sums, fixed_spread=spread, start=(life.location, spread))
        return found.value - life.log_likelihood + loss

    def limits(f: Callable[[float], float], centre: float, error: float) -> tuple[float, float]:
        ends = []
        for side in (-1, 1):
            reach = 2 * error
            while f(centre + side * reach) > 0:
                reach *= 2
            ends.append(float(brentq(f, centre, centre + side * reach, xtol=1e-12)))
        return ends[0], ends[1]

    errors = np.sqrt(np.diagonal(life.covariance))
    low, high = limits(by_location, life.location, float(errors[0]))
    scale = (float(np.exp(low)), float(np.exp(high)))
    if exponential:
        return scale, (1.0, 1.0)
    low, high = limits(by_log_spread, float(np.log(life.spread)), float(errors[1]))
    return scale, (float(np.exp(-high)), float(np.exp(-low)))


def _standard_quantile(life: Life, fraction: ArrayLike) -> Floats:
    p = within("fraction", fraction, 0.0, 1.0)
    if np.any((p == 0) | (p == 1)):
        raise ArgumentError("fraction", "应严格在 0 与 1 之间")
    return np.asarray(special.ndtri(p) if life.law is LifeLaw.LOG_NORMAL else np.log(-np.log1p(-p)))


def _level(level: float) -> float:
    if not 0 < level < 1:
        raise ArgumentError("level", f"应在 0 与 1 之间（不含两端），为 {level:g}")
    return level
