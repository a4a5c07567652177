from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.gas_energy.energy_price import EnergyUnit, charge, convert, energy_price

D = Decimal
amounts = st.decimals(0, 10**12, places=3)


@given(amounts, st.sampled_from(EnergyUnit), st.sampled_from(EnergyUnit))
def test_conversion_is_exact_and_returns(energy: Decimal, unit: EnergyUnit, target: EnergyUnit) -> None:
    assert convert(energy, unit, target) * target.value / unit.value == Fraction(energy)


def test_units() -> None:
    assert convert(D(1), EnergyUnit.KWH, EnergyUnit.MJ) == Fraction(18, 5)
    assert convert(D(36), EnergyUnit.GJ, EnergyUnit.MWH) == 10
    assert convert(D(1), EnergyUnit.MMBTU, EnergyUnit.MJ) == Fraction("1055.05585262")


def test_charge_rounds_once_and_half_to_even() -> None:
    # 1 MJ = 0.2777... kWh: no intermediate figure is rounded, so 3.6e9 MJ cost what 1e9 kWh cost.
    assert charge(D(3_600_000_000), EnergyUnit.MJ, D("0.3125"), EnergyUnit.KWH) == D("312500000.00")
    assert charge(D(1), EnergyUnit.KWH, D("0.125"), EnergyUnit.KWH) == D("0.12")
    assert charge(D(3), EnergyUnit.KWH, D("0.125"), EnergyUnit.KWH) == D("0.38")
    assert charge(D(1), EnergyUnit.MJ, D("0.36"), EnergyUnit.KWH) == D("0.10")
    assert str(charge(D("7.3"), EnergyUnit.KWH, D(1), EnergyUnit.KWH, D("0.05"))) == "7.30"
    huge = D("123456789012345678901234567890.01")
    assert charge(huge, EnergyUnit.KWH, D(1), EnergyUnit.KWH) == huge


@given(amounts, amounts)
def test_energy_charged_in_parts_differs_by_rounding_only(one: Decimal, other: Decimal) -> None:
    price = D("0.2871")
    parts = [charge(e, EnergyUnit.MJ, price, EnergyUnit.KWH) for e in (one, other, one + other)]
    assert abs(parts[0] + parts[1] - parts[2]) <= D("0.01")


def test_price_by_energy_from_price_by_volume() -> None:
    # 3.45 yuan/m3 at 37.0 MJ/m3: 3.45 * 3.6 / 37 = 0.33568 yuan/kWh
    assert energy_price(D("3.45"), D("37.0"), EnergyUnit.KWH) == D("0.3357")
    assert energy_price(D("3.7"), D("37"), EnergyUnit.MJ) == D("0.1000")


@pytest.mark.parametrize("wrong", [1.5, D("NaN"), D("Infinity")])
def test_floats_and_what_is_not_finite_are_refused(wrong: object) -> None:
    with pytest.raises(ArgumentError, match="energy"):
        charge(wrong, EnergyUnit.MJ, D(1), EnergyUnit.MJ)


def test_impossible_prices_are_refused() -> None:
    with pytest.raises(ArgumentError, match="unit_price"):
        charge(D(1), EnergyUnit.MJ, D(-1), EnergyUnit.MJ)
    with pytest.raises(ArgumentError, match="interval"):
        charge(D(1), EnergyUnit.MJ, D(1), EnergyUnit.MJ, D(0))
    with pytest.raises(ArgumentError, match="gross_mj_m3"):
        energy_price(D(1), D(0), EnergyUnit.MJ)
    with pytest.raises(ArgumentError, match="volume_price"):
        energy_price(D(-1), D(1), EnergyUnit.MJ)
