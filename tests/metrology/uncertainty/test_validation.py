"""First order against Monte Carlo (JCGM 101:2008 clause 8) on the examples of its clause 9."""

import numpy as np
import pytest

from published import FROM_MEMORY, Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.bounded import Rectangular
from yuejingzhun.metrology.uncertainty.copula import Copula
from yuejingzhun.metrology.uncertainty.distribution import Constant, Normal, Student
from yuejingzhun.metrology.uncertainty.dual import exp, sqrt
from yuejingzhun.metrology.uncertainty.monte_carlo import simulate
from yuejingzhun.metrology.uncertainty.simulation import Kind
from yuejingzhun.metrology.uncertainty.validation import compare, validate


def added(*x):
    return sum(x[1:], x[0])


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_9_2_2_normal_quantities_are_validated() -> None:
    found = validate(added, [Normal(0.0, 1.0)] * 4, rng())
    assert found.budget.u == pytest.approx(2)
    assert found.agreement.delta == 0.05
    assert found.agreement.is_valid
    assert found.agreement.interval.high == pytest.approx(3.919928, abs=1e-6)


def test_9_2_3_rectangular_quantities_are_validated(published: Published) -> None:
    found = validate(added, [Rectangular(-(3**0.5), 3**0.5)] * 4, rng(), trials=2 * 10**6)
    source = f"JCGM 101:2008 9.2.3{FROM_MEMORY}"
    published("JCGM 101 9.2.3", source, "四个矩形分布之和，一阶 95 % 区间上端", "3.92", found.budget.expanded())
    # First order +-3.92, exact +-3.88: apart by 0.04, within 0.05 (P).
    assert (found.agreement.d_low, found.agreement.d_high) == pytest.approx((0.04052, 0.04052), abs=0.009)
    assert found.agreement.is_valid
    assert not validate(added, [Rectangular(-(3**0.5), 3**0.5)] * 4, rng(), digits=3, trials=10**6).agreement.is_valid


def test_9_2_4_a_dominating_rectangular_quantity_is_not(published: Published) -> None:
    half_widths = [3**0.5] * 3 + [300**0.5]
    found = validate(added, [Rectangular(-a, a) for a in half_widths], rng(), trials=10**6)
    source = f"JCGM 101:2008 9.2.4{FROM_MEMORY}"
    published("JCGM 101 9.2.4", source, "一个矩形分布占优，一阶 95 % 区间上端", "19.9", found.budget.expanded())
    assert found.agreement.delta == 0.5
    assert found.agreement.d_low == pytest.approx(2.9, abs=0.1)
    assert not found.agreement.is_valid


def mass(m, dm, air, w, r):
    return (m + dm) * (1 + (air - 1.2) * (1 / w - 1 / r)) - 100_000


def test_9_3_mass_is_not_validated() -> None:
    inputs = [
        Normal(100_000.0, 0.050),
        Normal(1.234, 0.020),
        Rectangular(1.10, 1.30),
        Rectangular(7000.0, 9000.0),
        Rectangular(7950.0, 8050.0),
    ]
    found = validate(mass, inputs, rng(), digits=1, trials=10**6)
    assert found.budget.u == pytest.approx(0.0538516, rel=1e-5)  # 0.0539, P
    first = found.agreement.interval
    assert (first.low, first.high) == pytest.approx((1.12845, 1.33955), abs=1e-5)
    assert found.agreement.delta == 0.005
    assert (found.agreement.d_low, found.agreement.d_high) == pytest.approx((0.04405, 0.04400), abs=1e-3)
    assert not found.agreement.is_valid


def test_9_4_first_order_vanishes() -> None:
    found = validate(lambda a, b: a * a + b * b, [Normal(0.0, 0.005)] * 2, rng(), kind=Kind.SHORTEST, trials=200_000)
    assert (found.budget.u, found.agreement.is_valid) == (0, False)
    assert any("一阶" in line for line in found.simulation.warnings)


def test_correlation_enters_both_ways() -> None:
    copula = Copula(np.array([[1.0, 0.8], [0.8, 1.0]]), members=(0, 2))
    inputs = [Normal(1.0, 0.1), Rectangular(0.0, 0.1), Normal(1.0, 0.2)]
    found = validate(lambda a, b, c: a - c + b, inputs, rng(), copula=copula, trials=200_000)
    exact = (0.01 + 0.04 - 2 * 0.8 * 0.02 + 0.01 / 12) ** 0.5
    assert found.budget.u == pytest.approx(exact)
    assert found.simulation.u == pytest.approx(exact, rel=0.01)


def test_the_same_model_with_functions_serves_both_ways() -> None:
    found = validate(lambda a, b: sqrt(a) * exp(b), [Normal(4.0, 0.01), Normal(0.0, 0.003)], rng(), digits=1)
    assert found.budget.u == pytest.approx((0.0025**2 + 0.006**2) ** 0.5)
    assert found.agreement.is_valid


def test_degrees_of_freedom_widen_the_first_order_interval() -> None:
    found = validate(lambda a: 2 * a, [Student(1.0, 0.1, 9)], rng(), trials=500_000)
    # One t input: both ways give its own interval, exactly.
    assert found.agreement.interval.high == pytest.approx(2 + 0.2 * 2.262157, abs=1e-5)
    assert found.agreement.d_high < 0.005


def test_rows() -> None:
    u = np.array([0.1, 1.0])
    found = validate(lambda a, b: a * a + b, [Normal(0.5, u), Constant(1.0)], rng(), trials=100_000)
    assert found.agreement.is_valid.tolist() == [False, False]
    flat = validate(lambda a: 2 * a, [Normal(0.5, u)], rng(), trials=400_000, digits=1)
    assert flat.agreement.is_valid.tolist() == [True, True]


def test_bad_input() -> None:
    simulation = simulate(added, [Normal(0.0, 1.0)] * 2, rng(), 10_000)
    for value, expanded, argument in ((np.nan, 1.0, "value"), (0.0, -1.0, "expanded_uncertainty")):
        with pytest.raises(ArgumentError) as refused:
            compare(value, expanded, simulation)
        assert refused.value.argument == argument
    batch = simulate(added, [Normal(np.zeros(3), 1.0)] * 2, rng(), 10_000)
    with pytest.raises(ArgumentError, match="形状不一致"):
        compare(np.zeros(2), 1.0, batch)
    with pytest.raises(ArgumentError, match="x1 的标准差不存在"):
        from scipy import stats

        from yuejingzhun.metrology.uncertainty.distribution import FromScipy

        validate(added, [FromScipy(stats.cauchy()), Normal(0.0, 1.0)], rng())
