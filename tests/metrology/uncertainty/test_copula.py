"""Correlated inputs (JCGM 101:2008 6.4.8), against closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.bounded import ArcSine, Rectangular
from yuejingzhun.metrology.uncertainty.copula import Copula, Of, score_correlation
from yuejingzhun.metrology.uncertainty.distribution import Distribution, Exponential, Gamma, Normal, Student
from yuejingzhun.metrology.uncertainty.draws import Points, Sampler


def pair(r: float) -> np.ndarray:
    return np.array([[1.0, r], [r, 1.0]])


def drawn(inputs: list[Distribution], copula: Copula, trials: int = 2**17, points: Points = Points.SOBOL) -> np.ndarray:
    sampler = Sampler(inputs, copula, points)
    return sampler.values(lambda *x: x, np.random.default_rng(4), trials)[:, 0]


@given(st.floats(-1, 1))
def test_two_rectangular_inputs(r: float) -> None:
    found = score_correlation(pair(r), [Rectangular(0.0, 1.0), Rectangular(5.0, 9.0)])
    assert found[0, 1] == pytest.approx(2 * np.sin(np.pi * r / 6), abs=1e-6)


def test_a_normal_and_a_rectangular_input() -> None:
    found = score_correlation(pair(0.6), [Normal(0.0, 2.0), Rectangular(0.0, 1.0)])
    assert found[0, 1] == pytest.approx(0.6 / np.sqrt(3 / np.pi))


@pytest.mark.parametrize("points", list(Points))
@pytest.mark.parametrize("r", [-0.35, 0.8])
def test_inputs_get_the_correlation_asked_for_and_keep_their_distributions(r: float, points: Points) -> None:
    inputs = [Exponential(2.0), ArcSine(-1.0, 1.0), Gamma(4.0)]
    values = drawn(inputs, Copula(pair(r), members=(0, 2)), points=points)
    found = np.corrcoef(values)
    assert found[0, 2] == pytest.approx(r, abs=0.01)
    assert found[0, 1] == pytest.approx(0, abs=0.01)
    assert stats.kstest(values[2], stats.gamma(4).cdf).pvalue > 0.001


def test_normal_inputs_are_multivariate_normal() -> None:
    matrix = np.array([[1.0, 0.5, -0.2], [0.5, 1.0, 0.3], [-0.2, 0.3, 1.0]])
    values = drawn([Normal(1.0, 2.0), Normal(2.0, 0.5), Normal(0.0, 1.0)], Copula(matrix))
    sd = np.array([2.0, 0.5, 1.0])
    np.testing.assert_allclose(np.cov(values), matrix * np.outer(sd, sd), atol=2e-3)


def test_t_inputs_with_the_copulas_degrees_of_freedom_are_multivariate_t() -> None:
    values = drawn([Student(1.0, 2.0, 6), Student(0.0, 1.0, 6)], Copula(pair(0.7), dof=6))
    # JCGM 102:2011 6.5.4: covariance = dof / (dof - 2) x scale matrix; squared distances over 2 are F(2, dof).
    np.testing.assert_allclose(np.cov(values), 1.5 * np.array([[4.0, 1.4], [1.4, 1.0]]), rtol=0.02)
    apart = values - np.array([[1.0], [0.0]])
    distance = np.einsum("it,ij,jt->t", apart, np.linalg.inv([[4.0, 1.4], [1.4, 1.0]]), apart) / 2
    assert stats.kstest(distance, stats.f(2, 6).cdf).pvalue > 0.001
    mixed = drawn([Rectangular(0.0, 1.0), Student(0.0, 1.0, 6)], Copula(pair(0.7), dof=6))
    assert stats.kstest(mixed[0], stats.uniform.cdf).pvalue > 0.001


def test_full_correlation_is_full() -> None:
    for inputs in ([Normal(0.0, 1.0), Normal(5.0, 1.0)], [Rectangular(0.0, 1.0), Rectangular(5.0, 6.0)]):
        values = drawn(inputs, Copula(pair(1.0)), 2**10)
        assert np.ptp(values[1] - values[0]) < 1e-9


def test_scores_are_used_as_given() -> None:
    values = drawn([Rectangular(0.0, 1.0), Rectangular(0.0, 1.0)], Copula(pair(0.6), of=Of.SCORES))
    assert np.corrcoef(values)[0, 1] == pytest.approx(6 / np.pi * np.arcsin(0.3), abs=2e-3)


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: Copula(np.array([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]])), "correlation"),
        (lambda: Copula(pair(1.2)), "correlation"),
        (lambda: Copula(pair(np.nan)), "correlation"),
        (lambda: Copula(np.eye(1)), "correlation"),
        (lambda: Copula(pair(0.5), members=(1, 1)), "members"),
        (lambda: Copula(pair(0.5), members=(0, 1, 2)), "correlation"),
        (lambda: Copula(pair(0.5), dof=-1), "dof"),
        (lambda: Copula(pair(0.5), members=(0, 7)).positions(3), "members"),
        (lambda: Copula(pair(0.5)).positions(3), "correlation"),
        # Two exponential quantities can't be correlated below 1 - pi^2 / 6 = -0.645.
        (lambda: score_correlation(pair(-0.7), [Exponential(1.0), Exponential(1.0)]), "correlation"),
    ],
)
def test_bad_input(make, argument: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        make()
    assert refused.value.argument == argument
