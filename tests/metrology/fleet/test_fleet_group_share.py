from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from published import FROM_MEMORY, Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.group_share import (
    Counts,
    SharePrior,
    bayes_factor,
    common_prior,
    effective_counts,
    group_numbers,
    log_density_of_prior,
    posterior_share,
)

# Tumours among rats of 71 control groups (Tarone 1982; Gelman et al., Bayesian Data Analysis, Table 5.1).
RATS = (
    "0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20 1/20 1/19 1/19 1/18 1/18 "
    "2/25 2/24 2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19 5/46 3/27 2/17 7/49 7/47 3/20 3/20 2/13 9/48 10/50 "
    "4/20 4/20 4/20 4/20 4/20 4/20 4/20 10/48 4/19 4/19 4/19 5/22 11/46 12/49 5/20 5/20 6/23 5/19 6/22 6/20 6/20 6/20 "
    "16/52 15/46 15/47 9/24 4/14"
)
TUMOURS = Counts(*np.array([[float(x) for x in each.split("/")] for each in RATS.split()]).T)


def test_density_of_the_common_distribution_of_rat_tumours(published: Published) -> None:
    odds, size = np.linspace(-2.8, -0.8, 100), np.linspace(1, 6, 120)
    a = np.exp(size)[None] / (1 + np.exp(-odds))[:, None]
    b = np.exp(size)[None] / (1 + np.exp(odds))[:, None]
    pairs = zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)
    log = np.array([log_density_of_prior(TUMOURS, SharePrior(*pair)) for pair in pairs]).reshape(a.shape)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    row = partial(published, "贝塔-二项分层模型", f"Gelman 等 2013，5.3，鼠瘤数据{FROM_MEMORY}")
    row("α 的后验均值", "2.4", float((weight * a).sum()))
    row("β 的后验均值", "14.3", float((weight * b).sum()))
    best = np.unravel_index(log.argmax(), log.shape)
    found = common_prior(TUMOURS)
    assert (found.a, found.b) == pytest.approx((a[best], b[best]), rel=0.06)
    assert log_density_of_prior(TUMOURS, found) >= log.max()


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=6))
@settings(max_examples=30)
def test_meters_of_known_state_count_as_themselves(groups: list[tuple[int, int]]) -> None:
    number = np.concatenate([np.full(bad + good, g) for g, (bad, good) in enumerate(groups)]).astype(int)
    state = np.concatenate([np.r_[np.full(bad, 1e200), np.zeros(good)] for bad, good in groups])
    counts = effective_counts(number, state, len(groups))
    assert counts.failures == pytest.approx([bad for bad, _ in groups], abs=1e-3)
    assert counts.units == pytest.approx([bad + good for bad, good in groups], abs=2e-3)


def test_meters_that_tell_nothing_count_nothing() -> None:
    counts = effective_counts(np.zeros(500, int), np.ones(500))
    assert float(counts.units[0]) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("size", [1, 7, 60, 3000])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.6])
def test_counts_have_the_moments_of_the_likelihood(size: int, share: float) -> None:
    rng = np.random.default_rng(size)
    z = rng.normal(2.0 * (rng.random(size) < share), 1)
    factor = np.exp(2.0 * z - 2.0)
    counts = effective_counts(np.zeros(size, int), factor)
    top = max(float(np.log1p(s * (factor - 1)).sum()) for s in np.linspace(0, 1, 2001))

    def moment(power: int) -> float:
        edges = [0.0, *np.quantile([0, 1], np.linspace(0.01, 1, 100))]
        return sum(
            integrate.fixed_quad(
                lambda s: s**power * np.exp(np.log1p(s[:, None] * (factor - 1)).sum(axis=1) - top), low, high, n=12
            )[0]
            for low, high in pairwise(edges)
        )

    mean = moment(1) / moment(0)
    variance = moment(2) / moment(0) - mean**2
    a, b = counts.failures[0] + 1, counts.units[0] - counts.failures[0] + 1
    if counts.failures[0] > 0 and counts.units[0] < size:  # not cut off at what `size` tests could tell
        assert a / (a + b) == pytest.approx(mean, rel=0.02)
        assert a * b / (a + b) ** 2 / (a + b + 1) == pytest.approx(variance, rel=0.05)
    assert 0 <= counts.failures[0] <= counts.units[0] <= size


def test_large_groups_keep_their_digits() -> None:
    state = np.zeros(1_000_000)
    state[:10_000] = 1e200
    counts = effective_counts(np.zeros(state.size, int), state)
    assert (float(counts.failures[0]), float(counts.units[0])) == pytest.approx((10_000, 1_000_000), rel=1e-3)


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.5))
def test_a_stated_probability_gives_back_its_factor(exceeds: float, share: float) -> None:
    factor = float(bayes_factor(exceeds, share))
    assert share * factor / (1 - share + share * factor) == pytest.approx(exceeds)


def test_small_groups_are_drawn_to_the_others() -> None:
    rng = np.random.default_rng(5)
    size = rng.integers(3, 40, 400)
    share = rng.beta(2, 60, 400)
    found = rng.binomial(size, share)
    a, b = posterior_share(*(lambda c: (c, common_prior(c)))(Counts(found.astype(float), size.astype(float))))
    drawn, raw = a / (a + b), found / size
    assert ((drawn - share) ** 2).mean() < 0.25 * ((raw - share) ** 2).mean()
    assert drawn.max() < raw.max()


def test_wrong_groups_are_named() -> None:
    with pytest.raises(ArgumentError, match="组号应在 0 与 1 之间，有 2"):
        group_numbers([0, 2], 2, 2)
    with pytest.raises(ArgumentError, match="应为 3 个整数"):
        group_numbers([0.0, 1, 2], 3)
    with pytest.raises(ArgumentError, match="没有一组有可用的估计"):
        common_prior(Counts(np.zeros(2), np.zeros(2)))
