from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.power_moderated_mean import power_moderated_mean
from yuejingzhun.metrology.comparison.random_effects import dersimonian_laird, paule_mandel, reml
from yuejingzhun.metrology.comparison.reference_value import linear_pool, weighted_mean

ESTIMATORS = (weighted_mean, linear_pool, dersimonian_laird, paule_mandel, reml, power_moderated_mean)

# CCQM-K25, PCB-105, as in the manual of the R package metRology; chi-squared and the rest recomputed there.
PCB105 = ([10.21, 10.9, 10.94, 10.58, 10.81, 9.62, 10.8], [0.381, 0.25, 0.13, 0.41, 0.445, 0.196, 0.093])

results = st.integers(3, 9).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(-5, 5), min_size=n, max_size=n),
        st.lists(st.floats(0.1, 3), min_size=n, max_size=n),
    )
)


def test_weighted_mean_and_chi_squared_of_pcb105(published: Published) -> None:
    mean = weighted_mean(*PCB105)
    row = partial(published, "CCQM-K25 PCB-105", "R 包 metRology 手册，CCQM-K25 PCB-105")
    row("加权平均值", "10.6886", mean.value)
    row("加权平均值的 u", "0.0653", mean.u)
    row("χ²", "37.34", mean.chi2)
    assert mean.value == pytest.approx(10.688564584785597, rel=1e-14)
    assert mean.u == pytest.approx(0.06527304858216201, rel=1e-13)
    assert mean.chi2 == pytest.approx(37.33693552629088, rel=1e-12)
    assert mean.p == pytest.approx(1.51362999152003e-06, rel=1e-10)
    assert mean.dof == 6
    assert not mean.consistent()
    assert mean.consistent(1e-7)


def test_correlated_participants_against_generalised_least_squares_written_out() -> None:
    x, u = np.array(PCB105[0]), np.array(PCB105[1])
    r = 0.3 ** np.abs(np.subtract.outer(np.arange(7), np.arange(7)))
    inverse = np.linalg.inv(r * np.outer(u, u))
    total = inverse.sum()
    expected = inverse.sum(axis=0) @ x / total
    found = weighted_mean(x, u, correlation=r)
    np.testing.assert_allclose([found.value, found.u], [expected, total**-0.5], rtol=1e-12)
    np.testing.assert_allclose(found.chi2, (x - expected) @ inverse @ (x - expected), rtol=1e-11)
    # Absent participants in a stack: as the same comparison without them.
    present = np.array([True, True, False, True, True, False, True])
    stacked = weighted_mean(np.stack([x, x]), u, np.stack([present, ~np.zeros(7, bool)]), r)
    alone = weighted_mean(x[present], u[present], correlation=r[np.ix_(present, present)])
    np.testing.assert_allclose(stacked.value, [alone.value, expected], rtol=1e-12)
    np.testing.assert_allclose(stacked.chi2, [alone.chi2, found.chi2], rtol=1e-11)
    np.testing.assert_allclose(weighted_mean(x, u, correlation=np.eye(7)).u, weighted_mean(x, u).u, rtol=1e-13)


def test_two_participants_that_share_a_standard() -> None:
    # JCGM 100:2008 5.2.2 for the mean of two equal u: u^2 (1 + r)/2.
    assert weighted_mean([1, 2], [2.0, 2.0], correlation=[[1, 0.5], [0.5, 1]]).u == pytest.approx(3**0.5)


def test_linear_pool_is_the_mixture() -> None:
    pool = linear_pool([1.0, 3.0], [0.5, 1.0], weights=[3.0, 1.0])
    # E = 1.5; E[x^2] = (3 (1 + 0.25) + (9 + 1))/4
    assert (pool.value, pool.u) == (1.5, pytest.approx((13.75 / 4 - 2.25) ** 0.5))
    draws = np.random.default_rng(3)
    x, u = np.array(PCB105[0]), np.array(PCB105[1])
    chosen = draws.integers(0, 7, 200_000)
    sample = x[chosen] + u[chosen] * draws.standard_normal(chosen.size)
    assert linear_pool(x, u).u == pytest.approx(sample.std(), rel=0.01)


@pytest.mark.parametrize("estimate", ESTIMATORS)
@settings(max_examples=30, deadline=None)
@given(case=results, factor=st.sampled_from([1e-6, 3.0, 1e9]), seed=st.integers(0, 99))
def test_units_and_order_do_not_matter(estimate, case, factor, seed) -> None:  # type: ignore[no-untyped-def]
    x, u = np.array(case[0]), np.array(case[1])
    base, order = estimate(x, u), np.random.default_rng(seed).permutation(x.size)
    scaled, shifted = estimate(x * factor, u * factor), estimate(x + 7, u)
    again = estimate(x[order], u[order])
    np.testing.assert_allclose(scaled.value / factor, base.value, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(scaled.u / factor, base.u, rtol=1e-7)
    np.testing.assert_allclose(shifted.value, base.value + 7, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(again.value, base.value, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(again.tau, base.tau, atol=1e-5)
    np.testing.assert_allclose(base.weights.sum(), 1, rtol=1e-12)
    assert x.min() - 1e-9 <= base.value <= x.max() + 1e-9


@pytest.mark.parametrize("estimate", ESTIMATORS)
def test_ragged_stacks_are_the_comparisons_one_by_one(estimate) -> None:  # type: ignore[no-untyped-def]
    generator = np.random.default_rng(5)
    x, u = 2 * generator.standard_normal((4, 5, 8)), generator.uniform(0.2, 2, (4, 5, 8))
    present = generator.random((4, 5, 8)) < 0.6
    present[..., :2] = True
    hidden = np.where(present, x, np.nan), np.where(present, u, -1.0)
    stack = estimate(*hidden, present)
    for at in np.ndindex(4, 5):
        one = estimate(x[at][present[at]], u[at][present[at]])
        for part in ("value", "u", "tau", "chi2", "dof", "p"):
            np.testing.assert_allclose(getattr(stack, part)[at], getattr(one, part), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(stack.weights[at][present[at]], one.weights, rtol=1e-9)
        assert np.all(stack.weights[at][~present[at]] == 0)


@pytest.mark.parametrize("estimate", ESTIMATORS)
@pytest.mark.parametrize(
    ("arguments", "named", "reason"),
    [
        (([1.0, np.nan], [1, 1]), "x", "有限"),
        (([1.0, 2.0], [1, 0]), "u", "大于零"),
        (([1.0, 2.0], [1, 1e-200]), "u", "超出"),
        (([1.0, 2.0], [1, 1, 1]), "x、u", "形状"),
        (([1.0], [1.0]), "x", "至少需要 2 个参加者"),
        ((1.0, 1.0), "x", "至少需要 2 个参加者"),
        (([1.0, 2.0, 3.0], [1, 1, 1], [True, False, False]), "present", "至少需要 2 个参加者"),
        (([1.0, 2.0], [1, 1], [1, 1]), "present", "布尔"),
        (([1.0, 2.0], [1, 1], [True, True, True]), "x、u、present", "形状"),
        ((["a", 2.0], [1, 1], [True, True]), "x、u", "应为数"),
    ],
)
def test_bad_input_is_named(estimate, arguments, named, reason) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ArgumentError, match=reason) as caught:
        estimate(*arguments)
    assert caught.value.argument == named


def test_weights_and_correlations_that_can_not_be() -> None:
    with pytest.raises(ArgumentError, match=r"^correlation：.*正定"):
        weighted_mean([1, 2], [1, 1], correlation=[[1, 1], [1, 1]])
    with pytest.raises(ArgumentError, match=r"^correlation：.*半正定"):
        weighted_mean([1, 2, 3], [1, 1, 1], correlation=[[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    with pytest.raises(ArgumentError, match=r"^weights：.*大于零"):
        linear_pool([1, 2], [1, 1], weights=[0, 0])
    with pytest.raises(ArgumentError, match=r"^weights：.*形状"):
        linear_pool([1, 2], [1, 1], weights=np.ones((3, 2)))
    with pytest.raises(ArgumentError, match=r"^level："):
        weighted_mean([1, 2], [1, 1]).consistent(1.0)
