import numpy as np
import pytest
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.equivalence import degrees_of_equivalence
from yuejingzhun.metrology.comparison.monte_carlo_median import monte_carlo_median


def test_three_equal_results_against_the_exact_distribution() -> None:
    # Variance of the median of three standard normal values: 1 - sqrt(3)/pi (David and Nagaraja, Order Statistics).
    found = monte_carlo_median([2.0, 2.0, 2.0], [1.0, 1.0, 1.0], np.random.default_rng(1))
    assert found.reference.value == pytest.approx(2, abs=0.01)
    assert found.reference.u == pytest.approx((1 - 3**0.5 / np.pi) ** 0.5, rel=0.01)
    np.testing.assert_allclose(found.reference.weights, 1 / 3, atol=0.01)
    # Its distribution function is F^2 (3 - 2F); it is symmetric, so the shortest interval is about the centre.
    quantile = special.ndtri(np.roots([-2, 3, 0, -0.975])[1].real)
    np.testing.assert_allclose(found.interval, [2 - quantile, 2 + quantile], atol=0.04)


def test_two_results_are_the_mean_of_both() -> None:
    found = monte_carlo_median([0.0, 4.0], [3.0, 4.0], np.random.default_rng(1)).reference
    assert (found.value, found.u) == (pytest.approx(2, abs=0.03), pytest.approx(2.5, rel=0.01))
    assert found.weights.tolist() == [0.5, 0.5]


@pytest.mark.parametrize("correlated", [False, True])
def test_covariances_from_the_weights_are_those_of_the_draws(correlated: bool) -> None:
    x, u = np.array([1.0, 1.4, 2.0, 0.2, 1.1]), np.array([0.4, 0.2, 0.9, 0.5, 0.7])
    r = np.full((5, 5), 0.4) + 0.6 * np.eye(5) if correlated else np.eye(5)
    correlation = r if correlated else None
    found = monte_carlo_median(x, u, np.random.default_rng(2), correlation=correlation)
    draws = np.random.default_rng(3).multivariate_normal(x, r * np.outer(u, u), 100_000)
    expected = (draws - np.median(draws, axis=-1, keepdims=True)).std(axis=0)
    degrees = degrees_of_equivalence(x, u, found.reference, correlation=correlation)
    np.testing.assert_allclose(degrees.u, expected, rtol=0.015)
    covered = (found.difference_interval[:, 1] - found.difference_interval[:, 0]) / (2 * degrees.u)
    assert np.all((covered > 1.5) & (covered < 2.3))


def test_ragged_and_repeatable() -> None:
    present = np.array([[True, True, True, False], [True, True, True, True]])
    x = np.array([[1.0, 2.0, 3.0, np.nan], [1.0, 2.0, 3.0, 1000.0]])
    one, other = (monte_carlo_median(x, 1.0, np.random.default_rng(7), present, draws=5000) for _ in range(2))
    np.testing.assert_array_equal(one.reference.value, other.reference.value)
    assert one.reference.weights[0, 3] == 0
    assert np.isnan(one.difference_interval[0, 3]).all()
    assert one.reference.value[1] < 4  # the median does not follow the fourth


@pytest.mark.parametrize(
    ("change", "named"),
    [({"draws": 10}, "draws"), ({"coverage": 1.0}, "coverage"), ({"generator": 1}, "generator")],
)
def test_bad_choices(change: dict[str, object], named: str) -> None:
    arguments: dict[str, object] = {"x": [1, 2], "u": [1, 1], "generator": np.random.default_rng(1), **change}
    with pytest.raises(ArgumentError) as caught:
        monte_carlo_median(**arguments)  # type: ignore[arg-type]
    assert caught.value.argument == named
