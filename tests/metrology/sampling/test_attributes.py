from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.sampling.attributes import (
    RiskPoints,
    quality_accepted_with,
    smallest_plan,
    zero_acceptance_sample,
)
from yuejingzhun.metrology.sampling.operating_characteristic import Law, cumulative
from yuejingzhun.metrology.sampling.plan import SinglePlan


def test_published_plan(published: Published) -> None:
    plan = smallest_plan(RiskPoints(0.05, 0.05, 0.15, 0.075))
    assert plan == SinglePlan(80, 7)
    source = "Kiermeier，Journal of Statistical Software 26 (2008) 6"
    case = "find.plan(PRP = c(0.05, 0.95), CRP = c(0.15, 0.075))：n，c"
    published("Kiermeier 2008", source, case, "80，7", f"{plan.sample_size}，{plan.acceptance_number}")


def test_success_run_theorem() -> None:
    # n = ln(beta) / ln(1 - p) without failure: 59 for 95 % with 95 % confidence, 299 for 99 %.
    assert zero_acceptance_sample(0.05, 0.05, 10_000_000) == SinglePlan(59, 0)
    assert zero_acceptance_sample(0.01, 0.05, 10_000_000) == SinglePlan(299, 0)


def _search(risks: RiskPoints, law: Law, lot: int | None) -> SinglePlan:
    """Every sample size and acceptance number in turn, with scipy.stats."""
    for n in range(1, (lot or 400) + 1):
        for c in range(n):
            if law is Law.HYPERGEOMETRIC:
                assert lot is not None
                good, bad = (
                    stats.hypergeom.cdf(c, lot, int(risks.good * lot + 1e-9), n),
                    stats.hypergeom.cdf(c, lot, int(np.ceil(risks.bad * lot - 1e-9)), n),
                )
            elif law is Law.BINOMIAL:
                good, bad = stats.binom.cdf(c, n, risks.good), stats.binom.cdf(c, n, risks.bad)
            else:
                good, bad = stats.poisson.cdf(c, n * risks.good), stats.poisson.cdf(c, n * risks.bad)
            if bad > risks.beta:
                break
            if good >= 1 - risks.alpha:
                return SinglePlan(n, c)
    raise AssertionError("none")


@pytest.mark.parametrize(
    ("law", "lot"), [(Law.BINOMIAL, None), (Law.POISSON, None), (Law.HYPERGEOMETRIC, 60), (Law.HYPERGEOMETRIC, 137)]
)
@pytest.mark.parametrize("risks", [RiskPoints(0.02, 0.05, 0.20, 0.10), RiskPoints(0.05, 0.1, 0.25, 0.1)])
def test_no_smaller_plan_exists(law: Law, lot: int | None, risks: RiskPoints) -> None:
    assert smallest_plan(risks, law, lot) == _search(risks, law, lot)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.001, 0.05), st.floats(2.5, 8), st.floats(0.01, 0.2), st.floats(0.01, 0.2))
def test_both_risks_are_kept(good: float, times: float, alpha: float, beta: float) -> None:
    risks = RiskPoints(good, alpha, good * times, beta)
    plan = smallest_plan(risks)
    n, c = plan.sample_size, plan.acceptance_number
    assert cumulative(c, n, risks.good) >= 1 - alpha
    assert cumulative(c, n, risks.bad) <= beta
    # One item fewer, whatever Ac: one of the risks is broken.
    for fewer in range(min(c + 1, n - 1)):
        broken = cumulative(fewer, n - 1, risks.good) < 1 - alpha or cumulative(fewer, n - 1, risks.bad) > beta
        assert broken


def test_quality_at_a_chance_inverts_the_curve(published: Published) -> None:
    plan = SinglePlan(125, 3)
    row = partial(published, "ISO 2859-1 表 10-K-1", "ISO 2859-1:1999 表 10-K-1", unit="%")
    row("字码 K，AQL 1.0，接收概率 95 % 的不合格率", "1.10", 100 * quality_accepted_with(plan, 0.95))
    row("字码 K，AQL 1.0，接收概率 10 % 的不合格率", "5.27", 100 * quality_accepted_with(plan, 0.10))
    for law in (Law.BINOMIAL, Law.POISSON):
        assert cumulative(3, 125, quality_accepted_with(plan, 0.3, law), law) == pytest.approx(0.3)
    worst = quality_accepted_with(plan, 0.3, Law.HYPERGEOMETRIC, 1000)
    assert cumulative(3, 125, worst, Law.HYPERGEOMETRIC, 1000) >= 0.3
    assert cumulative(3, 125, worst + 0.001, Law.HYPERGEOMETRIC, 1000) < 0.3


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("bad", lambda: RiskPoints(0.05, 0.05, 0.05, 0.1)),
        ("alpha", lambda: RiskPoints(0.01, 0.0, 0.05, 0.1)),
        ("beta", lambda: RiskPoints(0.01, 0.6, 0.05, 0.5)),
        ("bad", lambda: smallest_plan(RiskPoints(0.1, 0.05, 1.5, 0.1))),
        ("lot_size", lambda: smallest_plan(RiskPoints(0.01, 0.05, 0.05, 0.1), Law.HYPERGEOMETRIC)),
        ("chance", lambda: quality_accepted_with(SinglePlan(5, 0), 1.0)),
    ],
)
def test_bad_arguments_are_named(argument: str, call: object) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == argument
