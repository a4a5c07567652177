"""Double plans computed from what producer and consumer may risk."""

from yuejingzhun.metrology.arguments import ArgumentError, positive
from yuejingzhun.metrology.sampling.attributes import RiskPoints, smallest_plan
from yuejingzhun.metrology.sampling.operating_characteristic import (
    Law,
    average_sample_number,
    probability_of_acceptance,
)
from yuejingzhun.metrology.sampling.plan import DoublePlan


def cheapest_double_plan(
    risks: RiskPoints, law: Law = Law.BINOMIAL, lot_size: int | None = None, ratio: float = 1.0
) -> DoublePlan:
    """The double plan that keeps both risks with the fewest items on average at quality `good`.

    The second sample is `ratio` times the first, rounded; one rejection number serves both samples (the
    classical form: reject from accept_total + 1 on). Acceptance numbers up to two past the single plan's are tried.
    Raises ArgumentError where no such plan exists.
    """
    positive("ratio", ratio)
    single = smallest_plan(risks, law, lot_size)
    best: tuple[float, DoublePlan] | None = None
    for total in range(1, single.acceptance_number + 3):
        for first in range(total):
            plan = _smallest(first, total, single.sample_size, risks, law, lot_size, ratio)
            if plan is None:
                continue
            cost = float(average_sample_number(plan, risks.good, law, lot_size))
            if best is None or cost < best[0]:
                best = cost, plan
    if best is None:
        raise ArgumentError("ratio", "没有同时满足两种风险的二次抽样方案")
    return best[1]


def _smallest(
    first: int, total: int, most: int, risks: RiskPoints, law: Law, lot_size: int | None, ratio: float
) -> DoublePlan | None:
    """The smallest first sample that keeps the consumer's risk, if it keeps the producer's as well."""

    def plan(size: int) -> DoublePlan:
        return DoublePlan(size, first, total + 1, max(1, round(size * ratio)), total)

    def fits(size: int) -> bool:
        return lot_size is None or size + max(1, round(size * ratio)) <= lot_size

    def keeps(size: int) -> bool:
        return bool(probability_of_acceptance(plan(size), risks.bad, law, lot_size) <= risks.beta)

    low, high = first, 2 * most  # a first sample of twice the single one is never cheaper
    while not fits(high) and high > first + 1:
        high -= 1
    if not fits(high) or not keeps(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if keeps(middle) else (middle, high)
    found = plan(high)
    passes = float(probability_of_acceptance(found, risks.good, law, lot_size)) >= 1 - risks.alpha
    return found if passes else None
