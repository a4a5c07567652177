from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from yuejingzhun.metrology.arguments import ArgumentError, Floats
from yuejingzhun.metrology.fleet.population import Population, bad_groups, bad_groups_by_test, describe
from yuejingzhun.metrology.fleet.prior import Prior, default_prior

MPE = 0.02
LOWER, UPPER = -MPE / (1 - MPE), MPE / (1 + MPE)


@dataclass
class Fleet:
    """Groups whose truth is known, and what would be read of their meters."""

    group: np.ndarray
    mean: Floats
    variance: Floats
    true_mean: Floats
    true_spread: Floats
    true_share: Floats

    def described(self) -> Population:
        return describe(self.group, self.mean, self.variance, default_prior(), MPE)


def fleet(seed: int, groups: int = 400, largest: int = 300) -> Fleet:
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), rng.integers(5, largest, groups))
    mean, spread = rng.normal(0.0005, 0.001, groups), rng.uniform(0.002, 0.004, groups)
    bad = rng.beta(1, 80, groups)
    true = rng.normal(mean[group], spread[group])
    large = rng.random(group.size) < bad[group]
    true[large] = rng.choice([-1, 1], large.sum()) * rng.uniform(0.0205, 0.10, large.sum())
    u = rng.uniform(0.002, 0.012, group.size)
    tails = stats.norm.cdf((LOWER - mean) / spread) + stats.norm.sf((UPPER - mean) / spread)
    return Fleet(group, true + rng.normal(0, u), u * u, mean, spread, bad + (1 - bad) * tails)


@pytest.fixture(scope="module")
def known() -> Fleet:
    return fleet(seed=1)


@pytest.fixture(scope="module")
def population(known: Fleet) -> Population:
    return known.described()


def test_intervals_hold_the_truth_of_the_groups(known: Fleet, population: Population) -> None:
    mean_held = np.abs(population.mean - known.true_mean) < 1.96 * population.mean_u
    spread_held = np.abs(population.spread - known.true_spread) < 1.96 * population.spread_u
    share_held = (population.share_low <= known.true_share) & (known.true_share <= population.share_high)
    assert 0.91 <= mean_held.mean() <= 0.98
    assert 0.87 <= spread_held.mean() <= 0.99
    assert 0.91 <= share_held.mean() <= 0.98


def test_the_scatter_of_the_estimates_is_taken_off(known: Fleet, population: Population) -> None:
    size = np.bincount(known.group)
    raw_spread = np.sqrt([known.mean[known.group == g].var() for g in range(50)])
    assert (raw_spread > 2 * known.true_spread[:50]).mean() > 0.8
    large = size > 200
    assert np.median(population.spread[large] / known.true_spread[large]) == pytest.approx(1, abs=0.08)
    assert population.share.mean() == pytest.approx(known.true_share.mean(), rel=0.1)


def test_pooling_keeps_small_groups_from_looking_extreme(known: Fleet, population: Population) -> None:
    small = np.bincount(known.group) < 40
    own_error = population.own_mean - known.true_mean
    error = population.mean - known.true_mean
    assert (error[small] ** 2).mean() < 0.5 * (own_error[small] ** 2).mean()
    most = np.argsort(population.own_mean)[-5:]
    assert np.bincount(known.group)[most].mean() < np.bincount(known.group)[np.argsort(population.mean)[-5:]].mean()


@pytest.mark.parametrize("name", [bad_groups, bad_groups_by_test])
def test_few_of_the_batches_named_are_in_order(name: object) -> None:
    rng = np.random.default_rng(8)
    group = np.repeat(np.arange(200), 400)
    bad = np.where(np.arange(200) < 30, 0.08, 0.005)
    true = rng.normal(0, 0.003, group.size)
    large = rng.random(group.size) < bad[group]
    true[large] = rng.uniform(0.025, 0.10, large.sum())
    found = describe(group, true + rng.normal(0, 0.005, group.size), np.full(group.size, 0.005**2), default_prior())
    named = name(found, 0.03, 0.05)  # type: ignore[operator]
    assert (named < 30).mean() >= 0.9
    assert (named < 30).sum() >= 26
    assert (np.diff(found.probability_above(0.03)[named]) <= 1e-9).all() or name is bad_groups_by_test


def test_a_batch_that_has_drifted_shows_its_tail() -> None:
    rng = np.random.default_rng(9)
    group = np.repeat(np.arange(40), 500)
    mean = np.where(np.arange(40) == 7, 0.016, 0.0)
    true = rng.normal(mean[group], 0.003)
    found = describe(group, true + rng.normal(0, 0.004, group.size), np.full(group.size, 0.004**2), default_prior())
    tail = float(stats.norm.sf((UPPER - 0.016) / 0.003))
    assert found.mean[7] == pytest.approx(0.016, abs=0.001)
    assert found.share_low[7] <= tail <= found.share_high[7]
    assert bad_groups(found, 0.05).tolist() == [7]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_the_order_of_meters_and_of_groups_does_not_matter(seed: int) -> None:
    few = fleet(3, groups=12, largest=60)
    rng = np.random.default_rng(seed)
    order, new = rng.permutation(few.group.size), rng.permutation(12)
    first = few.described()
    second = describe(new[few.group][order], few.mean[order], few.variance[order], default_prior(), MPE)
    assert second.share[new] == pytest.approx(first.share, rel=1e-6)
    assert second.mean[new] == pytest.approx(first.mean, rel=1e-6, abs=1e-9)


def test_a_group_without_meters_and_a_fleet_of_one() -> None:
    few = fleet(4, groups=5, largest=60)
    gap = np.where(few.group >= 2, few.group + 1, few.group)
    found = describe(gap, few.mean, few.variance, default_prior())
    assert found.meters[2] == 0
    assert np.isnan(found.own_mean[2])
    assert found.share_low[2] < found.share[2] < found.share_high[2]
    one = describe(np.zeros(3, int), np.array([0.0, 0.001, -0.001]), np.full(3, 1e-5), default_prior())
    assert 0 < one.share_low[0] < one.share[0] < one.share_high[0] < 0.9


def test_bad_input_is_named() -> None:
    one = Prior(np.ones(1), np.zeros(1), np.ones(1))
    with pytest.raises(ArgumentError, match="prior：应至少有两个分量"):
        describe([0], [0.0], [1e-6], one)
    with pytest.raises(ArgumentError, match="variance：应大于零"):
        describe([0], [0.0], [0.0], default_prior())
    with pytest.raises(ArgumentError, match="mean：应为一维且不为空"):
        describe(np.zeros(0, int), np.zeros(0), np.zeros(0), default_prior())
    with pytest.raises(ArgumentError, match="group：应为 2 个整数"):
        describe([0], [0.0, 0.1], [1e-6, 1e-6], default_prior())
