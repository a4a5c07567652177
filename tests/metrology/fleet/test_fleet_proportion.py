import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.proportion import beta_interval, beta_of_moments, exact_interval, weighted_interval


def test_exact_limits_of_a_share(published: Published) -> None:
    found = exact_interval(12, 150)
    source = "Statulator 的说明：150 例中 12 例"
    published("Clopper & Pearson 1934", source, "95 % 下限", "0.042", float(found.low))
    published("Clopper & Pearson 1934", source, "95 % 上限", "0.136", float(found.high))


@given(st.integers(0, 60), st.integers(1, 60), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_limits_are_where_the_binomial_tails_are(found: int, more: int, level: float) -> None:
    units = found + more
    limits, tail = exact_interval(found, units, level), (1 - level) / 2
    assert stats.binom.cdf(found, units, float(limits.high)) == pytest.approx(tail, rel=1e-6)
    if found:
        assert stats.binom.sf(found - 1, units, float(limits.low)) == pytest.approx(tail, rel=1e-6)
    else:
        assert limits.low == 0


def test_nothing_counted_says_nothing() -> None:
    found = exact_interval(0, 0)
    assert np.isnan(found.value)
    assert (float(found.low), float(found.high)) == (0, 1)
    with pytest.raises(ArgumentError, match="found：不应多于 units"):
        exact_interval(3, 2)


@given(st.lists(st.integers(0, 1), min_size=1, max_size=40), st.floats(1e-3, 1e3))
def test_equal_weights_are_no_weights(hits: list[int], weight: float) -> None:
    given_weights = weighted_interval(hits, np.full(len(hits), weight))
    plain = exact_interval(sum(hits), len(hits))
    assert [float(x) for x in (given_weights.value, given_weights.low, given_weights.high)] == pytest.approx(
        [float(x) for x in (plain.value, plain.low, plain.high)], abs=1e-9
    )


def test_unequal_weights_widen_the_interval() -> None:
    hits = np.array([1.0, 0, 0, 1, 0, 1, 0, 0])
    weights = np.array([9.0, 1, 1, 1, 1, 1, 1, 1])
    found = weighted_interval(hits, weights)
    assert float(found.value) == pytest.approx(11 / 16)
    # Korn & Graubard: p (1 - p) over the variance of the weighted mean.
    variance = (83 * (5 / 16) ** 2 + 5 * (11 / 16) ** 2) / 256
    assert float(found.units) == pytest.approx(11 / 16 * 5 / 16 / variance)
    none = weighted_interval(np.zeros(8), weights)
    assert float(none.units) == pytest.approx(256 / 88)  # Kish: (sum w)^2 / sum w^2


# Not where the quantile of a J-shaped distribution is 1 to the last bit.
@given(st.floats(0.01, 0.8), st.floats(0.01, 0.3))
def test_beta_distribution_has_the_moments(mean: float, part: float) -> None:
    a, b = beta_of_moments(mean, part * mean * (1 - mean))
    law = stats.beta(float(a), float(b))
    assert (law.mean(), law.var()) == pytest.approx((mean, part * mean * (1 - mean)), rel=1e-9)
    low, high = beta_interval(a, b, 0.9)
    assert (law.cdf(float(low)), law.cdf(float(high))) == pytest.approx((0.05, 0.95), abs=1e-6)


def test_impossible_moments_are_refused() -> None:
    with pytest.raises(ArgumentError, match="不是取值在 0 与 1 之间的分布"):
        beta_of_moments(0.5, 0.26)
