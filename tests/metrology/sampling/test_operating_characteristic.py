from fractions import Fraction
from functools import partial
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from published import FROM_MEMORY, Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.sampling.operating_characteristic import (
    Law,
    average_outgoing_quality,
    average_outgoing_quality_limit,
    average_sample_number,
    average_total_inspection,
    cumulative,
    hypergeometric,
    probability_of_acceptance,
)
from yuejingzhun.metrology.sampling.plan import DoublePlan, SinglePlan

# Montgomery, Introduction to Statistical Quality Control, 6th ed., Table 15.2: n = 89, c = 2 (here and below from
# memory, to be read against the book).
MONTGOMERY = [
    (0.005, "0.9897"),
    (0.01, "0.9397"),
    (0.02, "0.7366"),
    (0.03, "0.4985"),
    (0.04, "0.3042"),
    (0.05, "0.1721"),
]
BOOK = f"Montgomery，统计质量控制导论，第 6 版{FROM_MEMORY}"


@pytest.mark.parametrize(("quality", "expected"), MONTGOMERY)
def test_published_points_of_a_single_plan(quality: float, expected: str, published: Published) -> None:
    found = probability_of_acceptance(SinglePlan(89, 2), quality)
    published("Montgomery 表 15.2", BOOK, f"n = 89，c = 2，p = {quality} 的接收概率", expected, found)


def test_published_outgoing_quality_and_total_inspection(published: Published) -> None:
    plan = SinglePlan(89, 2)
    row = partial(published, "Montgomery 15.2.4", BOOK)
    row("n = 89，c = 2，N = 10 000，p = 0.01：AOQ", "0.0093", average_outgoing_quality(plan, 0.01, 10_000))
    row("n = 89，c = 2，N = 10 000，p = 0.01：ATI", "687", average_total_inspection(plan, 0.01, 10_000))
    limit, at = average_outgoing_quality_limit(plan)
    row("n = 89，c = 2：AOQL", "0.0155", limit, within="1.2", because="书中说“约”，由图读出")
    grid = np.linspace(0, 0.2, 20_001)
    assert limit >= average_outgoing_quality(plan, grid).max()
    assert float(average_outgoing_quality(plan, at)) == pytest.approx(limit, rel=1e-9)


def test_published_double_plan(published: Published) -> None:
    plan = DoublePlan(50, 1, 4, 100, 3)
    case, sums = "n₁ = 50，c₁ = 1，n₂ = 100，c₂ = 3，p = 0.05", "由修约的 0.279 与 0.01 相加"
    found = probability_of_acceptance(plan, 0.05)
    published("Montgomery 15.3.1", BOOK, case, "0.289", found, within="2", because=sums)
    undecided = stats.binom.cdf(3, 50, 0.05) - stats.binom.cdf(1, 50, 0.05)
    assert float(average_sample_number(plan, 0.05)) == pytest.approx(50 + 100 * undecided, rel=1e-12)


@pytest.mark.parametrize(("lot", "size", "c"), [(10, 3, 1), (60, 25, 2), (2000, 200, 5), (1_000_000, 500, 3)])
def test_hypergeometric_against_whole_numbers(lot: int, size: int, c: int) -> None:
    counts = sorted({0, 1, 2, c, c + 1, lot // 50, lot // 7, lot // 2, lot - 1, lot})
    for bad, found in zip(counts, hypergeometric(c, size, counts, lot), strict=True):
        if lot > 10_000 and bad > 30_000:
            continue
        ways = sum(comb(bad, k) * comb(lot - bad, size - k) for k in range(c + 1) if size - k <= lot - bad)
        assert found == pytest.approx(float(Fraction(ways, comb(lot, size))), rel=1e-11, abs=1e-300)


def test_double_sampling_without_replacement_against_enumeration() -> None:
    lot, bad, plan = 30, 5, DoublePlan(6, 0, 3, 6, 2)
    total = 0.0
    for first in range(3):
        p1 = comb(bad, first) * comb(lot - bad, 6 - first) / comb(lot, 6)
        if first == 0:
            total += p1
            continue
        rest = sum(comb(bad - first, k) * comb(lot - bad - 6 + first, 6 - k) for k in range(3 - first))
        total += p1 * rest / comb(lot - 6, 6)
    assert float(probability_of_acceptance(plan, bad / lot, Law.HYPERGEOMETRIC, lot)) == pytest.approx(total, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(0, 10), st.floats(0, 1))
def test_laws_agree_with_scipy_and_fall_with_quality(size: int, c: int, quality: float) -> None:
    assert cumulative(c, size, quality) == pytest.approx(stats.binom.cdf(c, size, quality), rel=1e-9, abs=1e-15)
    poisson = cumulative(c, size, quality, Law.POISSON)
    assert poisson == pytest.approx(stats.poisson.cdf(c, size * quality), rel=1e-9, abs=1e-15)
    for law in Law:
        curve = cumulative(c, size, np.arange(101) / 100, law, 100)
        assert np.all(np.diff(curve) <= 1e-12)
        assert curve[0] == 1


def test_a_large_lot_tends_to_the_binomial_law_and_rare_items_to_poisson() -> None:
    quality = np.array([0.001, 0.01, 0.05])
    large = cumulative(2, 80, quality, Law.HYPERGEOMETRIC, 10_000_000)
    np.testing.assert_allclose(large, cumulative(2, 80, quality), atol=1e-5)
    np.testing.assert_allclose(
        cumulative(2, 10_000, quality / 1000), cumulative(2, 10, quality, Law.POISSON), atol=1e-5
    )


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("quality", lambda: cumulative(1, 10, 1.2)),
        ("quality", lambda: cumulative(1, 10, [0.1, np.nan])),
        ("lot_size", lambda: cumulative(1, 10, 0.1, Law.HYPERGEOMETRIC)),
        ("lot_size", lambda: cumulative(1, 10, 0.1, Law.HYPERGEOMETRIC, 9)),
        ("acceptance_number", lambda: SinglePlan(3, 3)),
        ("sample_size", lambda: SinglePlan(0, 0)),
        ("reject_first", lambda: DoublePlan(5, 1, 2, 5, 3)),
        ("accept_total", lambda: DoublePlan(5, 0, 3, 5, 1)),
        ("nonconforming", lambda: SinglePlan(5, 1).accepts(6)),
    ],
)
def test_bad_arguments_are_named(argument: str, call: object) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == argument
