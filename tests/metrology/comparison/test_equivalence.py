from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.equivalence import bilateral_degrees, degrees_of_equivalence, leave_one_out
from yuejingzhun.metrology.comparison.random_effects import paule_mandel, reml
from yuejingzhun.metrology.comparison.reference_value import linear_pool, weighted_mean

X, U = np.array([10.21, 10.9, 10.94, 10.58, 10.81]), np.array([0.381, 0.25, 0.13, 0.41, 0.445])
R = 0.5 ** np.abs(np.subtract.outer(np.arange(5), np.arange(5)))


def propagated(weights: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """u(x - w x) by the law of propagation, from the full matrix (JCGM 100:2008 5.2.2)."""
    slopes = np.eye(weights.size) - weights
    return np.sqrt(np.diag(slopes @ covariance @ slopes.T))


@pytest.mark.parametrize("correlation", [None, R])
def test_unilateral_by_the_law_of_propagation_also_for_the_excluded(correlation: np.ndarray | None) -> None:
    included = np.array([True, True, False, True, True])
    mean = weighted_mean(X, U, included, correlation)
    covariance = (np.eye(5) if correlation is None else correlation) * np.outer(U, U)
    found = degrees_of_equivalence(X, U, mean, correlation=correlation)
    np.testing.assert_allclose(found.u, propagated(mean.weights, covariance), rtol=1e-12)
    np.testing.assert_allclose(found.difference, X - mean.value)
    if correlation is None:
        expected = U**2 + np.where(included, -1, 1) * mean.u**2
        np.testing.assert_allclose(found.u**2, expected, rtol=1e-12)


def test_between_laboratory_component() -> None:
    mean = paule_mandel([1.0, 4.0, 2.0, 9.0, 3.0], U)
    assert mean.tau > 0
    found = degrees_of_equivalence([1.0, 4.0, 2.0, 9.0, 3.0], U, mean, include_tau=True)
    np.testing.assert_allclose(found.u, propagated(mean.weights, np.diag(U**2 + mean.tau**2)), rtol=1e-12)
    pairs = bilateral_degrees([1.0, 4.0, 2.0, 9.0, 3.0], U, tau=mean.tau)
    assert pairs.u[0, 1] == pytest.approx((U[0] ** 2 + U[1] ** 2 + 2 * mean.tau**2) ** 0.5)


def test_bilateral_by_the_law_of_propagation() -> None:
    found, covariance = bilateral_degrees(X, U, correlation=R), R * np.outer(U, U)
    for i, j in np.ndindex(5, 5):
        slope = np.eye(5)[i] - np.eye(5)[j]
        assert found.difference[i, j] == X[i] - X[j]
        assert found.u[i, j] == pytest.approx((slope @ covariance @ slope) ** 0.5)
    assert np.all(np.diagonal(found.en()) == 0)
    np.testing.assert_allclose(found.en(), -found.en().T)
    np.testing.assert_allclose(found.en(3.0)[0, 1], (X[0] - X[1]) / (3 * found.u[0, 1]))


@pytest.mark.parametrize("estimate", [weighted_mean, reml, linear_pool])
def test_leaving_one_out_is_the_comparison_of_the_others(estimate) -> None:  # type: ignore[no-untyped-def]
    found = leave_one_out(np.stack([X, X + 1]), U, estimate)
    for i in range(5):
        others = np.arange(5) != i
        mean = estimate(X[others], U[others])
        np.testing.assert_allclose([found.value[0, i], found.u[0, i]], [mean.value, mean.u], rtol=1e-12)
        np.testing.assert_allclose(found.equivalence.difference[:, i], X[i] - mean.value, rtol=1e-9)
        np.testing.assert_allclose(found.equivalence.u[0, i] ** 2, U[i] ** 2 + mean.u**2, rtol=1e-12)


def test_leaving_one_out_of_correlated_results() -> None:
    found = leave_one_out(X, U, partial(weighted_mean, correlation=R), correlation=R)
    others = np.arange(5) != 2
    weights = weighted_mean(X, U, others, R).weights
    assert found.equivalence.u[2] == pytest.approx(propagated(weights, R * np.outer(U, U))[2])


def test_the_absent_have_no_degree_and_leave_the_others_theirs() -> None:
    present = np.array([True, False, True, True, True])
    x = np.where(present, X, np.nan)
    mean, alone = weighted_mean(x, U, present), weighted_mean(X[present], U[present])
    found = degrees_of_equivalence(x, U, mean, present)
    np.testing.assert_allclose(found.u[present], degrees_of_equivalence(X[present], U[present], alone).u)
    pairs = bilateral_degrees(x, U, present)
    left = leave_one_out(x, U, weighted_mean, present)
    for part in (found.difference, found.u, found.en(), pairs.u, left.value, left.equivalence.u):
        np.testing.assert_array_equal(np.isnan(part).reshape(part.shape[0], -1).all(axis=-1), ~present)
    assert np.isfinite(pairs.en()[np.ix_(present, present)]).all()


@settings(max_examples=40, deadline=None)
@given(
    x=st.lists(st.floats(-9, 9), min_size=3, max_size=8),
    factor=st.sampled_from([1e-6, 1e6]),
    seed=st.integers(0, 1000),
)
def test_units_and_order(x: list[float], factor: float, seed: int) -> None:
    generator = np.random.default_rng(seed)
    values, u = np.array(x), generator.uniform(0.2, 2, len(x))
    order = generator.permutation(len(x))
    base = degrees_of_equivalence(values, u, weighted_mean(values, u))
    mean = weighted_mean(values[order] * factor, u[order] * factor)
    other = degrees_of_equivalence(values[order] * factor, u[order] * factor, mean)
    np.testing.assert_allclose(other.en(), base.en()[order], rtol=1e-6, atol=1e-6)
    # Weighted by 1/u^2, the degrees of equivalence cancel.
    assert (base.difference / u**2).sum() == pytest.approx(0, abs=1e-9)
    # And their chi-squared is that of the comparison.
    assert ((base.difference / u) ** 2).sum() == pytest.approx(weighted_mean(values, u).chi2)


def test_bad_input_is_named() -> None:
    with pytest.raises(ArgumentError, match=r"^reference：.*形状"):
        degrees_of_equivalence(X[:4], U[:4], weighted_mean(X, U))
    with pytest.raises(ArgumentError, match=r"^u：.*En 无定义"):
        bilateral_degrees([1, 2], [1, 1], correlation=[[1, 1], [1, 1]]).en()
    with pytest.raises(ArgumentError, match=r"^x：至少需要 3 个参加者"):
        leave_one_out([1, 2], [1, 1], weighted_mean)
    with pytest.raises(ArgumentError, match=r"^tau：不应为负"):
        bilateral_degrees([1, 2], [1, 1], tau=-1.0)
    with pytest.raises(ArgumentError, match=r"^k：应大于零"):
        bilateral_degrees([1, 2], [1, 1]).expanded(0.0)
