"""Distributions of JCGM 101:2008 table 1 that have no limits on both sides, against SciPy."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.distribution import (
    Constant,
    Distribution,
    Exponential,
    FromScipy,
    Gamma,
    Normal,
    Student,
    first_order,
    rows_in,
    rows_of,
)

P = np.array([1e-9, 0.025, 0.5, 0.9, 1 - 1e-6])
CASES = [
    (Normal(5.0, 0.2), stats.norm(5, 0.2)),
    (Student(5.0, 0.2, 4), stats.t(4, 5, 0.2)),
    (Exponential(2.5), stats.expon(0, 2.5)),
    (Gamma(3.5, 0.2), stats.gamma(3.5, 0, 0.2)),
    (FromScipy(stats.lognorm(0.3)), stats.lognorm(0.3)),
]


@pytest.mark.parametrize(("ours", "peer"), CASES, ids=lambda x: type(x).__name__)
def test_against_scipy(ours: Distribution, peer: stats.rv_continuous) -> None:
    np.testing.assert_allclose(ours.quantile(P), peer.ppf(P), rtol=1e-8)
    assert (ours.mean, ours.sd) == pytest.approx((peer.mean(), peer.std()))
    drawn = ours.at(ours.variates(np.random.default_rng(8), 40_000))
    assert stats.kstest(drawn, peer.cdf).pvalue > 0.001


def test_a_mean_of_readings_is_t_with_n_minus_1_degrees_of_freedom() -> None:
    voltages = [5.007, 4.994, 5.005, 4.990, 4.999]  # JCGM 100:2008 H.2
    found = Student.of_readings(voltages)
    assert (found.location, found.scale, found.dof) == pytest.approx((4.999, 3.20936e-3, 4), rel=1e-6)
    assert found.sd == pytest.approx(3.20936e-3 * np.sqrt(4 / 2), rel=1e-6)  # JCGM 101:2008 6.4.9.4
    assert Student.of_readings([voltages, voltages]).scale[1] == found.scale


def test_without_a_standard_deviation() -> None:
    assert Student(1.0, 2.0, 2).sd == np.inf
    cauchy = FromScipy(stats.cauchy(3))
    assert (cauchy.mean, cauchy.sd) == (3.0, np.inf)
    with pytest.raises(ArgumentError, match="x1 的标准差不存在"):
        first_order("x1", cauchy)


def test_counts() -> None:
    found = Gamma.of_count(8)  # JCGM 101:2008 6.4.11: expectation and variance q + 1
    assert (found.mean, found.sd) == (9.0, 3.0)


def test_for_a_first_order_budget_t_gives_its_scale_and_degrees_of_freedom() -> None:
    student, gamma = first_order("a", Student(1.0, 0.5, 7)), first_order("b", Gamma(4.0, 2.0))
    assert (student.value, student.u, student.dof) == (1.0, 0.5, 7.0)
    assert (gamma.value, gamma.u, gamma.dof) == (8.0, 4.0, np.inf)
    assert first_order("c", Constant(3.0)).u == 0


def test_rows() -> None:
    rows = Normal(np.arange(4.0), 1.0)
    assert (rows_in(rows), rows_in(Normal(1.0, 1.0))) == ((4,), ())
    assert rows_of(rows, slice(1, 3)).mean.tolist() == [1.0, 2.0]
    assert rows_of(rows, slice(1, 3)).at(np.zeros(5)).shape == (2, 5)
    assert Constant(np.array([1.0, 2.0])).at(np.zeros(3)).tolist() == [[1.0] * 3, [2.0] * 3]


def test_a_distribution_keeps_its_own_copy_of_an_array() -> None:
    means = np.array([1.0, 2.0])
    found = Normal(means, 1.0)
    means[0] = 9.0
    assert found.mean.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: Normal(1.0, 0.0), "sd"),
        (lambda: Normal(np.inf, 1.0), "mean"),
        (lambda: Student(1.0, -1.0, 3), "scale"),
        (lambda: Student(1.0, 1.0, 0), "dof"),
        (lambda: Student(1.0, 1.0, np.array([3.0, 4.0])), "dof"),
        (lambda: Student.of_readings([1.0]), "readings"),
        (lambda: Student.of_readings([0.1, 0.1, 0.1]), "readings"),
        (lambda: Exponential(-1.0), "mean"),
        (lambda: Gamma(0.0), "shape"),
        (lambda: Gamma.of_count(-1), "count"),
        (lambda: Constant(np.nan), "value"),
        (lambda: FromScipy(stats.gamma), "frozen"),
        (lambda: FromScipy(stats.norm([1.0, 2.0])), "frozen"),
        (lambda: FromScipy(3.0), "frozen"),
    ],
)
def test_impossible_parameters_are_refused(make: Callable[[], object], argument: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        make()
    assert refused.value.argument == argument
