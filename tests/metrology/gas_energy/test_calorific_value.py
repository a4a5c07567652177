import dataclasses
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.gas_energy.calorific_value import CHINA, ROWS_PER_BLOCK, Conditions, gas_properties
from yuejingzhun.metrology.gas_energy.components import find

NAMES = ["methane", "ethane", "propane", "nitrogen", "carbon dioxide"]
# ISO 6976:2016 Annex D, examples 1 and 2 (compositions, results).
EXAMPLE_1 = [0.933212, 0.025656, 0.015368, 0.010350, 0.015414]
WITH_WATER = ["methane", "ethane", "nitrogen", "carbon dioxide", "water"]
EXAMPLE_2 = [0.931819, 0.025618, 0.010335, 0.015391, 0.016837]

mixtures = st.lists(st.floats(0.01, 1), min_size=5, max_size=5).map(lambda w: np.array(w) / sum(w))


def test_example_1_of_annex_d(published: Published) -> None:
    gas = gas_properties(NAMES, EXAMPLE_1, Conditions(15, 15))
    row = partial(published, "ISO 6976 附录 D", "ISO 6976:2016 附录 D 例 1（二手）")
    row("例 1 M", "17.3884301", gas.molar_mass_g_mol, "g/mol")
    row("例 1 Z", "0.99776224", gas.compression_factor)
    row("例 1 高位摩尔", "906.1799588", gas.molar_gross_kj_mol, "kJ/mol")
    row("例 1 高位质量", "52.113961", gas.mass_gross_mj_kg, "MJ/kg")
    row("例 1 高位体积", "38.410611", gas.volume_gross_mj_m3, "MJ/m³")


def test_example_2_of_annex_d(published: Published) -> None:
    gas = gas_properties(WITH_WATER, EXAMPLE_2, Conditions(15.55, 15.55))
    row = partial(published, "ISO 6976 附录 D", "ISO 6976:2016 附录 D 例 2（二手）")
    row("例 2 M", "16.9891697", gas.molar_mass_g_mol, "g/mol")
    row("例 2 Z", "0.9975690", gas.compression_factor)
    row("例 2 高位摩尔", "871.443916", gas.molar_gross_kj_mol, "kJ/mol")
    row("例 2 高位质量", "51.294085", gas.mass_gross_mj_kg, "MJ/kg")
    off = {"within": "770", "because": "印出的值与同处印出的 Z 不相符，差 2 × 10⁻⁵"}
    row("例 2 高位体积", "36.874304", gas.volume_gross_mj_m3, "MJ/m³", **off)


def test_default_is_twenty_degrees_as_in_china() -> None:
    assert Conditions(20, 20, 101.325) == CHINA
    methane = gas_properties(["甲烷"], [1.0])
    assert methane.molar_gross_kj_mol == 891.05
    # 891.05 / (8.3144621 * 293.15 / 101.325 * (1 - 0.04317^2)), by hand
    assert methane.volume_gross_mj_m3 == pytest.approx(37.1112, abs=5e-4)
    assert methane.compression_factor == pytest.approx(1 - 0.04317**2, abs=1e-15)


def test_ideal_gas() -> None:
    real, ideal = gas_properties(NAMES, EXAMPLE_1), gas_properties(NAMES, EXAMPLE_1, Conditions(ideal=True))
    assert ideal.compression_factor == 1
    assert ideal.volume_gross_mj_m3 == pytest.approx(real.volume_gross_mj_m3 * real.compression_factor, rel=1e-14)
    assert ideal.density_kg_m3 == pytest.approx(real.density_kg_m3 * real.compression_factor, rel=1e-14)
    assert ideal.relative_density == pytest.approx(ideal.molar_mass_g_mol / 28.96546, rel=1e-14)
    assert ideal.mass_net_mj_kg == real.mass_net_mj_kg


def test_net_leaves_the_water_as_vapour() -> None:
    gas = gas_properties(["hydrogen", "carbon monoxide"], [[1, 0], [0, 1]], Conditions(25, 0))
    assert gas.molar_net_kj_mol == pytest.approx([285.83 - 44.013, 282.98], abs=1e-12)


def test_inert_gas_has_no_energy_and_still_a_density() -> None:
    gas = gas_properties(["nitrogen"], [1.0], Conditions(0, 0))
    assert gas.volume_gross_mj_m3 == gas.wobbe_net_mj_m3 == 0
    assert gas.density_kg_m3 == pytest.approx(1.2504, abs=1e-4)  # textbook density of nitrogen at 0 degC


def test_arrays_in_blocks_equal_one_by_one() -> None:
    generator = np.random.default_rng(4)
    x = generator.dirichlet([60, 3, 2, 1, 1], (2, ROWS_PER_BLOCK + 5))
    together = gas_properties(NAMES, x)
    assert together.density_kg_m3.shape == (2, ROWS_PER_BLOCK + 5)
    for place in [(0, 0), (1, 17), (1, ROWS_PER_BLOCK + 4)]:
        alone = gas_properties(NAMES, x[place])
        for field in dataclasses.fields(alone):
            assert getattr(together, field.name)[place] == pytest.approx(getattr(alone, field.name), rel=1e-13)


def test_no_rows_give_no_results() -> None:
    assert gas_properties(NAMES, np.empty((0, 5))).density_kg_m3.shape == (0,)


@settings(max_examples=30)
@given(mixtures, st.permutations(range(5)))
def test_order_of_components_does_not_matter(x: np.ndarray, order: list[int]) -> None:
    one = gas_properties(NAMES, x)
    other = gas_properties([NAMES[i] for i in order], x[list(order)])
    for field in dataclasses.fields(one):
        assert getattr(other, field.name) == pytest.approx(getattr(one, field.name), rel=1e-12)


@settings(max_examples=30)
@given(mixtures)
def test_relations_between_the_properties(x: np.ndarray) -> None:
    gas = gas_properties(NAMES, x)
    assert gas.volume_gross_mj_m3 == pytest.approx(gas.mass_gross_mj_kg * gas.density_kg_m3, rel=1e-12)
    assert gas.wobbe_net_mj_m3**2 * gas.relative_density == pytest.approx(gas.volume_net_mj_m3**2, rel=1e-12)
    assert gas.molar_net_kj_mol < gas.molar_gross_kj_mol
    richer = gas_properties(NAMES, 0.99 * x + 0.01 * np.array([0, 0, 1, 0, 0]))
    propane = find("propane").gross_kj_mol[3]
    assert richer.molar_gross_kj_mol == pytest.approx(0.99 * gas.molar_gross_kj_mol + 0.01 * propane, rel=1e-12)


@pytest.mark.parametrize(
    ("names", "fractions", "argument"),
    [
        (NAMES, [0.9, 0.05, 0.03, 0.01, 0.02], "fractions"),  # adds up to 1.01
        (NAMES, [0.9, 0.05, 0.03, 0.04, -0.02], "fractions"),
        (NAMES, [0.9, 0.05, 0.03, np.nan, 0.02], "fractions"),
        (NAMES, [0.9, 0.05, 0.03, np.inf, 0.02], "fractions"),
        (NAMES, [93.3212, 2.5656, 1.5368, 1.035, 1.5414], "fractions"),  # percent
        (NAMES, [[0.5, 0.5]], "fractions"),
        (NAMES, 1.0, "fractions"),
        (NAMES, "abc", "fractions"),
        ([], [], "fractions"),
        (["methane", "phlogiston"], [0.5, 0.5], "names"),
        (["methane", "CH4"], [0.5, 0.5], "names"),
        (["n-decane"], [1.0], "fractions"),  # Z = 0.67, out of the standard's range
        (["n-pentadecane"], [1.0], "fractions"),
    ],
)
def test_bad_input_is_named(names: list[str], fractions: object, argument: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        gas_properties(names, fractions)
    assert refused.value.argument == argument


def test_the_wrong_row_is_named() -> None:
    x = np.tile(EXAMPLE_1, (ROWS_PER_BLOCK + 10, 1))
    x[ROWS_PER_BLOCK + 4, 0] += 0.1
    with pytest.raises(ArgumentError, match=f"第 {ROWS_PER_BLOCK + 5} 组"):
        gas_properties(NAMES, x)


@pytest.mark.parametrize("values", [{"combustion_c": 30}, {"metering_c": 25}, {"pressure_kpa": 80}])
def test_conditions_outside_of_the_standard(values: dict[str, float]) -> None:
    with pytest.raises(ArgumentError, match=next(iter(values))):
        Conditions(**values)
