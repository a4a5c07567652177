"""What a plan does to lots of every quality: OC curve, ASN, AOQ, ATI, exact for the law that is chosen.

Quality is a fraction of nonconforming items (0.01 for 1 %) or, for the Poisson law, nonconformities an item.
"""

from enum import Enum

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, not_negative, whole, within
from yuejingzhun.metrology.sampling.plan import DoublePlan, SinglePlan


class Law(Enum):
    """Distribution of the number found in a sample (ISO 2859-1:1999 12.1): the value is the term on the screen."""

    HYPERGEOMETRIC = "超几何分布"  # an isolated lot of known size (type A curve)
    BINOMIAL = "二项分布"  # lots out of a process (type B curve)
    POISSON = "泊松分布"  # nonconformities, more than one to an item


def cumulative(
    at_most: int, sample_size: int, quality: ArrayLike, law: Law = Law.BINOMIAL, lot_size: int | None = None
) -> Floats:
    """P(at most that many nonconforming in the sample), in the shape of `quality`.

    The hypergeometric law takes the whole number of items nearest to quality x lot size. Raises ArgumentError
    for a quality out of range, a missing lot size, a sample larger than its lot.
    """
    n = whole("sample_size", sample_size, 1)
    p = not_negative("quality", quality) if law is Law.POISSON else within("quality", quality, 0.0, 1.0)
    if at_most < 0:
        return np.zeros(p.shape)
    if law is Law.POISSON:
        return np.asarray(special.pdtr(at_most, n * p))
    if law is Law.BINOMIAL:
        return np.ones(p.shape) if at_most >= n else np.asarray(special.bdtr(at_most, n, p))
    lot = _lot(lot_size, n)
    return hypergeometric(at_most, n, np.rint(p * lot), lot)


def hypergeometric(at_most: int, sample_size: int, nonconforming: ArrayLike, lot_size: int) -> Floats:
    """P(at most that many in a sample without replacement), in the shape of `nonconforming` (counts in the lot).

    Weights are built up from one end of the support by their ratios and divided by their sum, so no difference
    of large logarithms of factorials costs digits.
    """
    lot = _lot(lot_size, sample_size)
    bad = within("nonconforming", nonconforming, 0, lot)[..., None]
    low = np.maximum(0.0, sample_size + bad - lot)
    high = np.minimum(float(sample_size), bad)
    k = low + np.arange(1 + int((high - low).max(initial=0)))  # possible counts, padded past `high`
    inside = k < high
    ratio = np.where(inside, (bad - k) * (sample_size - k), 1.0)
    ratio /= np.where(inside, (k + 1) * (lot - bad - sample_size + k + 1), 1.0)
    steps = np.cumsum(np.log(ratio), axis=-1)
    logs = np.concatenate([np.zeros_like(low), steps[..., :-1]], axis=-1)
    logs[k > high] = -np.inf
    weights = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return np.asarray(np.where(k <= at_most, weights, 0.0).sum(axis=-1) / weights.sum(axis=-1))


def probability_of_acceptance(
    plan: SinglePlan | DoublePlan, quality: ArrayLike, law: Law = Law.BINOMIAL, lot_size: int | None = None
) -> Floats:
    """The OC curve: P(lot accepted) at each quality, in its shape (ISO 2859-1:1999 12.1)."""
    if isinstance(plan, SinglePlan):
        return cumulative(plan.acceptance_number, plan.sample_size, quality, law, lot_size)
    accepted = cumulative(plan.accept_first, plan.first_size, quality, law, lot_size)
    for found in range(plan.accept_first + 1, plan.reject_first):
        here = _exactly(found, plan.first_size, quality, law, lot_size)
        accepted = accepted + here * _second(plan, found, quality, law, lot_size)
    return np.minimum(accepted, 1.0)


def average_sample_number(
    plan: SinglePlan | DoublePlan, quality: ArrayLike, law: Law = Law.BINOMIAL, lot_size: int | None = None
) -> Floats:
    """Items inspected on average, samples being inspected to their end (ISO 2859-1:1999 12.5)."""
    if isinstance(plan, SinglePlan):
        return np.full(np.shape(quality), float(plan.sample_size))
    to_reject = cumulative(plan.reject_first - 1, plan.first_size, quality, law, lot_size)
    undecided = to_reject - cumulative(plan.accept_first, plan.first_size, quality, law, lot_size)
    return np.asarray(plan.first_size + plan.second_size * undecided)


def average_total_inspection(plan: SinglePlan, quality: ArrayLike, lot_size: int, law: Law = Law.BINOMIAL) -> Floats:
    """Items inspected a lot where refused lots are inspected wholly: n + (1 - Pa) (N - n)."""
    lot = _lot(lot_size, plan.sample_size)
    accepted = probability_of_acceptance(plan, quality, law, lot)
    return np.asarray(plan.sample_size + (1 - accepted) * (lot - plan.sample_size))


def average_outgoing_quality(
    plan: SinglePlan, quality: ArrayLike, lot_size: int | None = None, law: Law = Law.BINOMIAL
) -> Floats:
    """Quality after refused lots are inspected wholly and all that is found is replaced (ISO 2859-1:1999 12.4).

    p Pa (N - n) / N; without a lot size p Pa, its limit for large lots.
    """
    p = not_negative("quality", quality)
    kept = 1.0 if lot_size is None else 1 - plan.sample_size / _lot(lot_size, plan.sample_size)
    return np.asarray(p * probability_of_acceptance(plan, p, law, lot_size) * kept)


def average_outgoing_quality_limit(
    plan: SinglePlan, lot_size: int | None = None, law: Law = Law.BINOMIAL
) -> tuple[float, float]:
    """The worst average outgoing quality and the incoming quality at which it occurs (ISO 2859-1:1999 12.4)."""
    if law is Law.HYPERGEOMETRIC:
        lot = _lot(lot_size, plan.sample_size)
        grid = np.arange(lot + 1) / lot
    else:
        # The maximum lies below (c + 2) / n, where fewer than half of all lots pass; then 1/1000 of that is refined.
        top = (plan.acceptance_number + 2) / plan.sample_size
        grid = np.linspace(0, min(top, 1.0) if law is Law.BINOMIAL else top, 1001)
        for _ in range(4):
            best = int(average_outgoing_quality(plan, grid, lot_size, law).argmax())
            grid = np.linspace(grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)], 1001)
    outgoing = average_outgoing_quality(plan, grid, lot_size, law)
    best = int(outgoing.argmax())
    return float(outgoing[best]), float(grid[best])


def _exactly(found: int, size: int, quality: ArrayLike, law: Law, lot_size: int | None) -> Floats:
    return cumulative(found, size, quality, law, lot_size) - cumulative(found - 1, size, quality, law, lot_size)


def _second(plan: DoublePlan, found: int, quality: ArrayLike, law: Law, lot_size: int | None) -> Floats:
    """P(accepted by both samples together | `found` in the first)."""
    rest = plan.accept_total - found
    if law is not Law.HYPERGEOMETRIC:
        return cumulative(rest, plan.second_size, quality, law)
    # The first sample is gone from the lot, with what was found in it.
    lot = _lot(lot_size, plan.first_size + plan.second_size)
    left = np.rint(within("quality", quality, 0.0, 1.0) * lot) - found
    remaining = lot - plan.first_size
    possible = np.clip(left, 0, remaining)
    return np.where((left < 0) | (left > remaining), 0.0, hypergeometric(rest, plan.second_size, possible, remaining))


def _lot(lot_size: int | None, sample_size: int) -> int:
    if lot_size is None:
        raise ArgumentError("lot_size", "超几何分布需要批量")
    lot = whole("lot_size", lot_size, 1)
    if lot < sample_size:
        raise ArgumentError("lot_size", f"批量 {lot} 小于样本量 {sample_size}")
    return lot
