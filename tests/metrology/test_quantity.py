"""Quantities: units are checked, exactness is kept, inputs of an uncertain value keep their identity."""

from decimal import Decimal

import numpy as np
import pytest

from yuejingzhun.metrology.quantity import Quantity, quantity
from yuejingzhun.metrology.uncertainty.dual import Input, Uncertain
from yuejingzhun.metrology.units.unit import UnitError


def q(value: str, symbol: str) -> Quantity:
    return quantity(Decimal(value), symbol)


def test_sums_take_the_unit_of_the_first() -> None:
    assert str(q("1", "km") + q("250", "m")) == "1.25 km"
    assert q("1", "kg") - q("1", "g") == q("0.999", "kg")


def test_products_and_quotients_make_new_units() -> None:
    assert q("2", "kW") * q("3", "h") == q("21.6", "MJ")
    assert (q("100", "m") / q("9.58", "s")).unit == q("1", "m/s").unit
    assert q("3", "m") ** 2 == q("9", "m²")
    assert 2 * q("3", "m") == q("6", "m")
    assert q("3", "m") / 2 == q("1.5", "m")


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UnitError, match="量纲不同"):
        q("1", "m") + q("1", "s")
    with pytest.raises(UnitError, match="量纲不同"):
        _ = q("1", "m") < q("1", "s")
    assert q("1", "m") != q("1", "s")


def test_order_is_that_of_the_physical_quantity() -> None:
    assert q("999", "m") < q("1", "km") <= q("1000", "m")
    assert -q("1", "m") < q("0", "m")


def test_a_difference_of_celsius_temperatures_is_in_kelvin() -> None:
    assert str(q("25.5", "°C") - q("20", "°C")) == "5.5 K"
    with pytest.raises(UnitError, match="倍数"):
        2 * q("20", "°C")
    assert q("20", "°C").to("K") == q("293.15", "K")


def test_arrays_are_quantities_too() -> None:
    power = quantity(np.array([1.0, 2.0]), "kW") * quantity(np.array([30.0, 60.0]), "min")
    np.testing.assert_allclose(np.asarray(power.to("kW·h").value), [0.5, 2.0])


def test_an_uncertain_value_keeps_its_inputs() -> None:
    source = Input("t", 20.0, 0.1)
    reading = quantity(Uncertain(20.0, {source: 1.0}), "°C")
    kelvin = reading.to("K").value
    assert isinstance(kelvin, Uncertain)
    assert (kelvin.value, kelvin.derivatives[source]) == (pytest.approx(293.15), 1.0)


def test_a_calculated_unit_is_shown_in_base_units() -> None:
    assert str(q("6", "N") / q("2", "m²")) == "3 m⁻¹·kg·s⁻²"
    assert str(q("30", "°")) == "30°"
