from functools import partial

import numpy as np
import pytest

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.gas_energy.components import COMBUSTION_C, METERING_C, components, find, table


def test_sixty_components_with_molar_masses_of_table_a2(published: Published) -> None:
    # Decane is 142.28168 (a public table has it as 42.28).
    printed = {
        "methane": 16.04246,
        "n-decane": 142.28168,
        "methanol": 32.04186,
        "methanethiol": 48.10746,
        "hydrogen sulphide": 34.08088,
        "ammonia": 17.03052,
        "hydrogen cyanide": 27.02534,
        "carbonyl sulphide": 60.0751,
        "carbon disulphide": 76.1407,
        "helium": 4.002602,
        "argon": 39.948,
        "nitrogen": 28.0134,
        "carbon dioxide": 44.0095,
        "sulphur dioxide": 64.0638,
        "n-pentadecane": 212.41458,
    }
    assert len(components()) == 60
    found = [find(name).molar_mass_g_mol for name in printed]
    assert found == pytest.approx(list(printed.values()), abs=1e-9)
    row = partial(published.series, "ISO 6976 表 A.2", "ISO 6976:2016 表 A.2（二手）")
    row("15 种组分的摩尔质量", [str(mass) for mass in printed.values()], found, "g/mol")


@pytest.mark.parametrize("component", components(), ids=lambda component: component.name)
def test_a_mistyped_digit_would_bend_the_tables(component) -> None:
    # Both properties run smoothly with temperature: a parabola through three of the temperatures meets the others.
    ideal = np.array(component.gross_kj_mol)
    curve = np.polynomial.Polynomial.fit(np.delete(COMBUSTION_C, 2), np.delete(ideal, 2), 2)
    assert curve(np.array(COMBUSTION_C)) == pytest.approx(ideal, abs=0.011 + 1.5e-6 * ideal[0])
    s = np.array(component.summation)
    assert np.interp(15.55, [15, 20], s[[1, 3]]) == pytest.approx(s[2], abs=3e-4)
    assert list(s) == sorted(s, reverse=True)


def test_names() -> None:
    for name in ("methane", "Methane", "甲烷", "CH4"):
        assert find(name).name == "methane"
    for name in ("isobutane", "i-butane", "2-methylpropane", "异丁烷"):
        assert find(name).name == "2-methylpropane"
    assert find("carbon_dioxide").name == find("CO2").name == "carbon dioxide"
    assert find("n_butane").name == "n-butane"
    assert find("hydrogen_sulfide").name == "hydrogen sulphide"


@pytest.mark.parametrize("name", ["C4H10", "unobtainium", ""])
def test_a_name_that_does_not_tell_is_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match="names"):
        find(name)


def test_table_follows_the_order_asked_for() -> None:
    data = table(["nitrogen", "methane"], 25, 0)
    assert data.names == ("nitrogen", "methane")
    assert data.gross_kj_mol.tolist() == [0.0, 890.58]
    assert data.summation.tolist() == [0.0214, 0.04886]
    assert table(["methane"], 15.5556, 15.5556).gross_kj_mol[0] == 891.46


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="combustion_c"):
        table(["methane"], 10)
    with pytest.raises(ArgumentError, match="metering_c"):
        table(["methane"], 25, 25)
    with pytest.raises(ArgumentError, match="重复"):
        table(["CH4", "methane"])
    assert COMBUSTION_C[:4] == METERING_C
