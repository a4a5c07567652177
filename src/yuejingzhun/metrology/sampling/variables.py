"""Inspection by variables: s method and sigma method (ISO 3951-1:2022, ISO 3951-2:2013 = GB/T 6378).

The characteristic is normal within a lot; a lot passes where Q = (limit distance of the mean) / s (or sigma)
reaches k (form k), or where the estimated fraction nonconforming stays at p* or below (form p*).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, at_least, finite, positive, whole, within
from yuejingzhun.metrology.sampling.attributes import RiskPoints

LARGEST_SAMPLE = 100_000


@dataclass(frozen=True, slots=True)
class VariablesPlan:
    """Form k for one limit; `sigma_known` tells which method the constant `k` is for."""

    sample_size: int
    k: float
    sigma_known: bool = False

    def __post_init__(self) -> None:
        whole("sample_size", self.sample_size, 1 if self.sigma_known else 2)
        finite("k", self.k)

    @property
    def largest_fraction(self) -> float:
        """p*, the largest estimated fraction nonconforming that passes (ISO 3951-2:2013 form p*)."""
        return float(estimated_fraction(self.k, self.sample_size, self.sigma_known))


@dataclass(frozen=True, slots=True)
class VariablesVerdict:
    """Decision on each lot, in the shape of the readings without their last axis."""

    accepted: np.ndarray
    q_lower: Floats  # +inf where that limit is not given
    q_upper: Floats
    fraction: Floats  # estimated fraction nonconforming, both sides together


def probability_of_acceptance(plan: VariablesPlan, quality: ArrayLike) -> Floats:
    """OC curve for one limit, in the shape of `quality` (fraction nonconforming, strictly between 0 and 1).

    s method: P(T >= k sqrt(n)), T non-central t with n - 1 degrees of freedom and noncentrality z_p sqrt(n)
    (ISO 3951-1:2022 annex on operating characteristics); sigma method: Phi(sqrt(n) (z_p - k)).
    """
    p = within("quality", quality, 0.0, 1.0)
    if np.any((p == 0) | (p == 1)):
        raise ArgumentError("quality", "应严格在 0 与 1 之间：正态分布没有不含不合格品的批")
    n, root = plan.sample_size, np.sqrt(plan.sample_size)
    z = -special.ndtri(p)
    if plan.sigma_known:
        return np.asarray(special.ndtr(root * (z - plan.k)))
    return _noncentral_t_upper(plan.k * root, n - 1, z * root)


def smallest_plan(risks: RiskPoints, sigma_known: bool = False) -> VariablesPlan:
    """The smallest sample that keeps both risks, with k midway between the constants that keep one each exactly.

    Raises ArgumentError where more than 100,000 items would be needed, or `bad` is no fraction below 1.
    """
    if not 0 < risks.good < risks.bad < 1:
        raise ArgumentError("good", "应在 0 与 1 之间（不含两端）")

    def constants(n: int) -> tuple[float, float]:
        return constant(n, risks.bad, risks.beta, sigma_known), constant(n, risks.good, 1 - risks.alpha, sigma_known)

    low, high = 1, 2
    while constants(high)[0] > constants(high)[1]:
        low, high = high, 2 * high
        if high > LARGEST_SAMPLE:
            raise ArgumentError("bad", f"样本量超过 {LARGEST_SAMPLE}：good 与 bad 太近")
    while high - low > 1:
        middle = (low + high) // 2
        kept = constants(middle)[0] <= constants(middle)[1]
        low, high = (low, middle) if kept else (middle, high)
    if sigma_known and high == 2 and constants(1)[0] <= constants(1)[1]:
        high = 1
    least, most = constants(high)
    return VariablesPlan(high, (least + most) / 2, sigma_known)


def constant(sample_size: int, quality: float, acceptance: float, sigma_known: bool = False) -> float:
    """The k with which a lot of that quality passes with that probability.

    With `acceptance` = 1 - confidence it is the one-sided tolerance factor of ISO 16269-6:2014 as well.
    """
    n = whole("sample_size", sample_size, 1 if sigma_known else 2)
    root, z = float(np.sqrt(n)), -float(special.ndtri(quality))
    if not 0 < quality < 1 or not 0 < acceptance < 1:
        raise ArgumentError("quality", "quality 与 acceptance 应在 0 与 1 之间（不含两端）")
    by_sigma = z - float(special.ndtri(acceptance)) / root
    if sigma_known:
        return by_sigma
    from scipy.optimize import brentq

    def excess(k: float) -> float:
        return float(_noncentral_t_upper(k * root, n - 1, np.asarray(z * root))) - acceptance

    reach = 1.0
    while excess(by_sigma - reach) < 0 or excess(by_sigma + reach) > 0:
        reach *= 2
    return float(brentq(excess, by_sigma - reach, by_sigma + reach, xtol=1e-13, rtol=1e-13))


def estimated_fraction(q: ArrayLike, sample_size: int, sigma_known: bool = False) -> Floats:
    """Minimum variance unbiased estimate of the fraction beyond a limit at Q (ISO 3951-2:2013 annex; +inf gives 0).

    s method: symmetric beta distribution with parameters n/2 - 1 at (1 - Q sqrt(n) / (n - 1)) / 2, from n = 3 on;
    sigma method: normal distribution at -Q sqrt(n / (n - 1)), from n = 2 on.
    """
    distance = np.asarray(q, dtype=np.float64)
    if np.isnan(distance).any():
        raise ArgumentError("q", "应为数")
    n = whole("sample_size", sample_size, 2 if sigma_known else 3)
    if sigma_known:
        return np.asarray(special.ndtr(-distance * np.sqrt(n / (n - 1))))
    x = np.clip((1 - distance * np.sqrt(n) / (n - 1)) / 2, 0.0, 1.0)
    return np.asarray(special.betainc(n / 2 - 1, n / 2 - 1, x))


def inspect(
    readings: ArrayLike,
    plan: VariablesPlan,
    lower: float | None = None,
    upper: float | None = None,
    sigma: float | None = None,
) -> VariablesVerdict:
    """Judge lots, one along the last axis of `readings` each, which has the plan's sample size.

    One limit: form k. Two: combined control, form p* (the fractions beyond both limits added together). Raises
    ArgumentError for a sigma missing or unwanted, readings that are all equal (s method), limits in the wrong order.
    """
    rows = at_least("readings", finite("readings", readings), plan.sample_size, "个读数")
    if rows.shape[-1:] != (plan.sample_size,):
        raise ArgumentError("readings", f"每批应有 {plan.sample_size} 个读数，为 {rows.shape[-1]}")
    if lower is None and upper is None:
        raise ArgumentError("lower、upper", "至少应给出一个规范限")
    if lower is not None and upper is not None and not lower < upper:
        raise ArgumentError("lower、upper", f"下规范限应小于上规范限：{lower:g}、{upper:g}")
    if plan.sigma_known != (sigma is not None):
        raise ArgumentError("sigma", "σ 法应给出 sigma，s 法不应给出")
    mean = rows.mean(axis=-1)
    spread = np.broadcast_to(positive("sigma", sigma), mean.shape) if sigma is not None else rows.std(axis=-1, ddof=1)
    if np.any(spread == 0):
        raise ArgumentError("readings", "全部读数相等，s 法不能判定")
    beyond = np.full(mean.shape, np.inf)
    q_lower = beyond if lower is None else (mean - float(finite("lower", lower))) / spread
    q_upper = beyond if upper is None else (float(finite("upper", upper)) - mean) / spread
    n, known = plan.sample_size, plan.sigma_known
    fraction = estimated_fraction(q_lower, n, known) + estimated_fraction(q_upper, n, known)
    both = lower is not None and upper is not None
    accepted = fraction <= plan.largest_fraction if both else np.minimum(q_lower, q_upper) >= plan.k
    return VariablesVerdict(accepted, q_lower, q_upper, fraction)


def _noncentral_t_upper(t: float, dof: int, noncentrality: Floats) -> Floats:
    """P(T >= t). The noncentral t itself where its series is sound; past that, the integral over s that defines it."""
    if np.abs(noncentrality).max(initial=0.0) < 30:
        return np.asarray(1.0 - special.nctdtr(dof, noncentrality, t))
    # E[Phi(noncentrality - t u)], u = s / sigma, in equal steps of the normal score of u: smooth at both ends.
    score = np.linspace(-9.0, 9.0, 401)
    weight = np.exp(-score * score / 2)
    u = np.sqrt(
        2
        * np.where(
            score < 0,
            special.gammaincinv(dof / 2, special.ndtr(score)),
            special.gammainccinv(dof / 2, special.ndtr(-score)),
        )
        / dof
    )
    return np.asarray((special.ndtr(noncentrality[..., None] - t * u) * weight).sum(axis=-1) / weight.sum())
