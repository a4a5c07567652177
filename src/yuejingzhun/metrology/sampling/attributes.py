"""Single plans by attributes, computed from what producer and consumer may risk (ISO 2859-1:1999 12; ISO 28592)."""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from yuejingzhun.metrology.arguments import ArgumentError, finite, positive, probability, whole
from yuejingzhun.metrology.sampling.operating_characteristic import Law, cumulative
from yuejingzhun.metrology.sampling.plan import SinglePlan

LARGEST_SAMPLE = 10_000_000


@dataclass(frozen=True, slots=True)
class RiskPoints:
    """Lots of quality `good` pass with at least 1 - `alpha`, lots of quality `bad` with at most `beta`."""

    good: float
    alpha: float
    bad: float
    beta: float

    def __post_init__(self) -> None:
        probability("alpha", self.alpha)
        probability("beta", self.beta)
        if float(finite("good", self.good)) < 0:
            raise ArgumentError("good", f"不应为负，为 {self.good:g}")
        if float(positive("bad", self.bad)) <= self.good:
            raise ArgumentError("bad", f"应差于 good = {self.good:g}，为 {self.bad:g}")
        if 1 - self.alpha <= self.beta:
            raise ArgumentError("beta", f"应小于 1 - alpha = {1 - self.alpha:g}，为 {self.beta:g}")


def smallest_plan(risks: RiskPoints, law: Law = Law.BINOMIAL, lot_size: int | None = None) -> SinglePlan:
    """The plan with the smallest sample that keeps both risks; where it allows several, the smallest Ac.

    For the hypergeometric law `good` and `bad` are the whole lots at least that good and that bad: floor(good N)
    and ceil(bad N) items. Raises ArgumentError where no sample can keep both.
    """
    if law is not Law.POISSON and risks.bad > 1:
        raise ArgumentError("bad", f"不合格品率应不大于 1，为 {risks.bad:g}")
    good, bad, limit = risks.good, risks.bad, LARGEST_SAMPLE
    if law is Law.HYPERGEOMETRIC:
        limit = whole("lot_size", lot_size if lot_size is not None else 0, 2)
        # The tolerance keeps 0.05 x 60 at 3, where the exact product would be.
        good, bad = floor(good * limit * (1 + 1e-12)) / limit, ceil(bad * limit * (1 - 1e-12)) / limit
        if good >= bad:
            raise ArgumentError("lot_size", f"批量 {limit} 太小，分不开 good 与 bad")
    size = 1
    for acceptance in range(limit):
        size = _smallest_sample(acceptance, max(size, acceptance + 1), bad, risks.beta, law, limit)
        if float(cumulative(acceptance, size, good, law, limit)) >= 1 - risks.alpha:
            return SinglePlan(size, acceptance)
    raise ArgumentError("lot_size", "没有同时满足两种风险的抽样方案")


def _smallest_sample(acceptance: int, least: int, bad: float, beta: float, law: Law, limit: int) -> int:
    """Acceptance falls as the sample grows: double until it is low enough, then halve the gap."""

    def keeps(size: int) -> bool:
        return bool(cumulative(acceptance, size, bad, law, limit) <= beta)

    low, high = least - 1, least
    while not keeps(high):
        if high >= limit:
            raise ArgumentError("beta", f"样本量到 {limit} 仍不能满足使用方风险")
        low, high = high, min(2 * high, limit)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if keeps(middle) else (middle, high)
    return high


def zero_acceptance_sample(bad: float, beta: float, lot_size: int) -> SinglePlan:
    """The smallest sample without a nonconforming item that shows, with confidence 1 - beta, a lot better than `bad`.

    Exact for the lot (hypergeometric): ceil(bad x lot_size) nonconforming items pass with at most beta.
    """
    probability("bad", bad)
    probability("beta", beta)
    lot = whole("lot_size", lot_size, 2)
    least_bad = ceil(bad * lot * (1 - 1e-12)) / lot
    return SinglePlan(_smallest_sample(0, 1, least_bad, beta, Law.HYPERGEOMETRIC, lot), 0)


def quality_accepted_with(
    plan: SinglePlan, chance: float, law: Law = Law.BINOMIAL, lot_size: int | None = None
) -> float:
    """The quality at which lots pass with that probability: 0.95 gives the producer's, 0.10 the consumer's point.

    Hypergeometric: the largest whole fraction of the lot that passes at least that often.
    """
    probability("chance", chance)
    if law is Law.HYPERGEOMETRIC:
        lot = whole("lot_size", lot_size if lot_size is not None else 0, plan.sample_size)
        curve = cumulative(plan.acceptance_number, plan.sample_size, np.arange(lot + 1) / lot, law, lot)
        return float(np.flatnonzero(curve >= chance).max()) / lot
    from scipy import special

    if law is Law.POISSON:
        return float(special.pdtri(plan.acceptance_number, chance)) / plan.sample_size
    return float(special.bdtri(plan.acceptance_number, plan.sample_size, chance))
