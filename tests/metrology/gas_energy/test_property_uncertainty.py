import dataclasses
from functools import partial

import numpy as np
import pytest

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.gas_energy.calorific_value import Conditions, gas_properties
from yuejingzhun.metrology.gas_energy.property_uncertainty import ROWS_PER_BLOCK, evaluate_gas

# ISO 6976:2016 Annex D, as printed there.
NAMES = ["methane", "ethane", "propane", "nitrogen", "carbon dioxide"]
X1, U1 = [0.933212, 0.025656, 0.015368, 0.010350, 0.015414], [0.000346, 0.000243, 0.000148, 0.000195, 0.000111]
WITH_WATER = ["methane", "ethane", "nitrogen", "carbon dioxide", "water"]
X2, U2 = [0.931819, 0.025618, 0.010335, 0.015391, 0.016837], [0.000350, 0.000243, 0.000195, 0.000111, 0.000162]
ELEVEN = [
    *("methane", "ethane", "propane", "n-butane", "2-methylpropane", "n-pentane", "2-methylbutane"),
    *("2,2-dimethylpropane", "n-hexane", "nitrogen", "carbon dioxide"),
]
X3 = [0.922393, 0.025358, 0.015190, 0.000523, 0.001512, 0.002846, 0.002832, 0.001015, 0.002865, 0.010230, 0.015236]
U3 = [0.000348, 0.000247, 0.000149, 0.000018, 0.000027, 0.000007, 0.000009, 0.000004, 0.000008, 0.000195, 0.000112]
# Upper triangle of the correlation matrix of example 3, row by row.
ABOVE = """
-0.657246 -0.377458 -0.041205 -0.056924 0.099228 0.061961 0.064295 0.080202 -0.512347 -0.265664
-0.035617 -0.007450 -0.013720 -0.085690 -0.063295 -0.054908 -0.074061 -0.030668 -0.038371
-0.004442 -0.007810 -0.039877 -0.029677 -0.025538 -0.034574 -0.024994 -0.023925
-0.000824 -0.000592 -0.000551 -0.000372 -0.000567 -0.005703 -0.003373
0.002803 0.001827 0.001811 0.002303 -0.010740 -0.005392
0.079557 0.071180 0.094670 -0.072794 -0.014019
0.051085 0.067927 -0.053627 -0.010845
0.060788 -0.046653 -0.008952
-0.062845 -0.012357
-0.028699
"""
PROPERTIES = (
    *("volume_gross_mj_m3", "volume_net_mj_m3", "density_kg_m3", "relative_density"),
    *("wobbe_gross_mj_m3", "wobbe_net_mj_m3"),
)
NAMED = ("高位体积", "低位体积", "密度", "相对密度", "高位沃泊", "低位沃泊")
UNITS = ("MJ/m³", "MJ/m³", "kg/m³", "", "MJ/m³", "MJ/m³")
VALUES_15_15 = "39.73351 35.86811 0.76462 0.62391 50.30318 45.40954"
VALUES_25_0 = "41.89360 37.85228 0.80701 0.62411 53.02930 47.91376"


def correlation_of_example_3() -> np.ndarray:
    r = np.eye(11)
    r[np.triu_indices(11, 1)] = [float(number) for number in ABOVE.split()]
    return np.maximum(r, 0) + np.maximum(r, 0).T + np.minimum(r, 0) + np.minimum(r, 0).T - np.eye(11)


def test_example_1(published: Published) -> None:
    u = evaluate_gas(NAMES, X1, U1, None, Conditions(15, 15)).u
    row = partial(published, "ISO 6976 附录 D", "ISO 6976:2016 附录 D 例 1（二手）")
    row("例 1 u(高位摩尔)", "0.615609872", u.molar_gross_kj_mol, "kJ/mol")
    row("例 1 u(高位质量)", "0.024301", u.mass_gross_mj_kg, "MJ/kg")
    row("例 1 u(高位体积)", "0.026267", u.volume_gross_mj_m3, "MJ/m³")


def test_example_2_with_water(published: Published) -> None:
    u = evaluate_gas(WITH_WATER, X2, U2, None, Conditions(15.55, 15.55)).u
    row = partial(published, "ISO 6976 附录 D", "ISO 6976:2016 附录 D 例 2（二手）")
    row("例 2 u(高位摩尔)", "0.522493911", u.molar_gross_kj_mol, "kJ/mol")
    row("例 2 u(高位质量)", "0.025938", u.mass_gross_mj_kg, "MJ/kg")
    row("例 2 u(高位体积)", "0.022289", u.volume_gross_mj_m3, "MJ/m³")


@pytest.mark.parametrize(
    ("correlated", "temperatures", "values", "spreads"),
    [
        (False, (15, 15), VALUES_15_15, "0.026917 0.024757 0.000586 0.000478 0.021588 0.020151"),
        (True, (15, 15), VALUES_15_15, "0.016316 0.015305 0.000277 0.000226 0.019823 0.018498"),
        (False, (25, 0), VALUES_25_0, "0.028425 0.026164 0.000619 0.000479 0.022783 0.021278"),
        (True, (25, 0), VALUES_25_0, "0.017241 0.016181 0.000293 0.000227 0.020914 0.019528"),
    ],
)
def test_example_3(
    correlated: bool, temperatures: tuple[float, float], values: str, spreads: str, published: Published
) -> None:
    r = correlation_of_example_3() if correlated else None
    gas = evaluate_gas(ELEVEN, X3, U3, r, Conditions(*temperatures))
    row = partial(published, "ISO 6976 附录 D", "ISO 6976:2016 附录 D 例 3（二手）")
    at, how = f"例 3，{temperatures[0]} °C/{temperatures[1]} °C，", "相关" if correlated else "不相关"
    printed = zip(PROPERTIES, NAMED, UNITS, values.split(), spreads.split(), strict=True)
    for name, named, unit, value, spread in printed:
        row(f"{at}{named}", value, getattr(gas.value, name), unit)
        row(f"{at}u({named})（{how}）", spread, getattr(gas.u, name), unit)


@pytest.mark.parametrize("ideal", [False, True])
def test_monte_carlo_of_everything_that_is_uncertain_in_the_composition(ideal: bool) -> None:
    # Independent of the derivatives: draws of a correlated composition (JCGM 101), the tables held fixed by
    # giving the same u and taking off what they alone contribute.
    conditions = Conditions(20, 15, 98.0, ideal=ideal)
    r = np.full((5, 5), 0.3) + 0.7 * np.eye(5)
    u = 10 * np.array(U1)
    gas, tables = evaluate_gas(NAMES, X1, u, r, conditions), evaluate_gas(NAMES, X1, np.zeros(5), r, conditions)
    draws = np.array(X1) + np.random.default_rng(5).standard_normal((200_000, 5)) @ np.linalg.cholesky(r).T * u
    # `gas_properties` wants sums of one; homogeneity of the sums gives the rest.
    weights = draws.sum(axis=1)
    keep = (draws > 0).all(axis=1)
    assert keep.mean() > 0.99
    drawn = gas_properties(NAMES, draws[keep] / weights[keep, None], conditions)
    w = weights[keep]
    z = np.ones_like(w) if ideal else 1 - w**2 * (1 - drawn.compression_factor)
    volume = drawn.volume_gross_mj_m3 * drawn.compression_factor * w / z
    density = drawn.density_kg_m3 * drawn.compression_factor * w / z
    for drawn_value, name in ((volume, "volume_gross_mj_m3"), (density, "density_kg_m3")):
        expected = np.sqrt(getattr(gas.u, name) ** 2 - getattr(tables.u, name) ** 2)
        assert drawn_value.std() == pytest.approx(expected, rel=0.01), name


def test_arrays_equal_one_by_one_and_shapes_broadcast() -> None:
    x = np.random.default_rng(6).dirichlet([60, 3, 2, 1, 1], ROWS_PER_BLOCK + 3)
    together = evaluate_gas(NAMES, x, U1)
    for row in (0, ROWS_PER_BLOCK + 2):
        alone = evaluate_gas(NAMES, x[row], U1)
        for field in dataclasses.fields(alone.u):
            assert getattr(together.u, field.name)[row] == pytest.approx(getattr(alone.u, field.name), rel=1e-10)
    assert evaluate_gas(NAMES, X1, np.tile(U1, (4, 2, 1))).u.density_kg_m3.shape == (4, 2)


def test_an_inert_gas_still_has_an_uncertain_calorific_value() -> None:
    gas = evaluate_gas(["nitrogen", "methane"], [1.0, 0.0], [1e-4, 1e-4])
    assert gas.value.volume_gross_mj_m3 == 0
    assert gas.u.molar_gross_kj_mol == pytest.approx(891.05e-4, rel=1e-12)


def test_order_of_components_does_not_matter() -> None:
    r = correlation_of_example_3()
    order = np.random.default_rng(7).permutation(11)
    one = evaluate_gas(ELEVEN, X3, U3, r).u
    other = evaluate_gas([ELEVEN[i] for i in order], np.array(X3)[order], np.array(U3)[order], r[order][:, order]).u
    for field in dataclasses.fields(one):
        assert getattr(other, field.name) == pytest.approx(getattr(one, field.name), rel=1e-12)


@pytest.mark.parametrize(
    ("u", "r", "argument"),
    [
        ([1e-4, 1e-4, 1e-4, 1e-4, -1e-4], None, "u_fractions"),
        ([1e-4, 1e-4, 1e-4, 1e-4, np.nan], None, "u_fractions"),
        ([1e-4, 1e-4], None, "fractions、u_fractions"),
        (U1, np.eye(4), "correlation"),
        (U1, -np.ones((5, 5)) + 2 * np.eye(5), "correlation"),
    ],
)
def test_bad_input_is_named(u: list, r: object, argument: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        evaluate_gas(NAMES, X1, u, r)
    assert refused.value.argument == argument
