"""China's legal units by symbol (GB 3100-1993), with D-SI both ways."""

from decimal import Decimal

import pytest

from yuejingzhun.metrology.units.dsi import factors, parse_dsi
from yuejingzhun.metrology.units.legal import dsi_of_symbol, parse_symbol, symbol_factors, symbol_of_dsi
from yuejingzhun.metrology.units.unit import UnitError, convert
from yuejingzhun.procedures.catalogue import procedures

SYMBOLS = {
    "%": r"\percent",
    "°C": r"\degreecelsius",
    "s/d": r"\second\day\tothe{-1}",
    "mm": r"\milli\metre",
    "kg": r"\kilogram",
    "m³/h": r"\metre\tothe{3}\hour\tothe{-1}",
    "MPa": r"\mega\pascal",
    "kW·h": r"\kilo\watt\hour",
    "imp/kW·h": r"\kilo\watt\tothe{-1}\hour\tothe{-1}",
    "L/min": r"\litre\minute\tothe{-1}",
    "kg/m³": r"\kilogram\metre\tothe{-3}",
    "mm²": r"\milli\metre\tothe{2}",
    "mΩ": r"\milli\ohm",
    "N·m": r"\newton\metre",
    "元/(kW·h)": r"|yuan\kilo\watt\tothe{-1}\hour\tothe{-1}",
    "": r"\one",
}


@pytest.mark.parametrize(("symbol", "dsi"), SYMBOLS.items())
def test_a_symbol_and_its_dsi_string_mean_the_same(symbol: str, dsi: str) -> None:
    assert dsi_of_symbol(symbol) == dsi
    assert parse_dsi(dsi) == parse_symbol(symbol)
    assert parse_symbol(symbol_of_dsi(factors(dsi))) == parse_symbol(symbol)


def test_every_unit_of_every_regulation_is_legal() -> None:
    units = {column.number.unit for found in procedures().values() for test in found.tests for column in test.columns}
    assert len(units) > 5
    for unit in units:
        assert parse_dsi(dsi_of_symbol(unit)) == parse_symbol(unit)


@pytest.mark.parametrize(
    ("symbol", "says"),
    [
        ("公斤", "应改用 kg"),
        ("斤", "应改用 kg"),
        ("亩", "应改用 m²"),
        ("马力", "应改用 W"),
        ("kgf", "应改用 N"),
        ("度", "应改用 kW·h"),
        ("xyz", "不是法定计量单位"),
        ("m/s/s", "两条斜线"),
        ("m/", "斜线后没有单位"),
        ("kkg", "不是法定计量单位"),
        ("m⁻", "指数"),
    ],
)
def test_what_is_not_legal_is_refused_with_what_is(symbol: str, says: str) -> None:
    with pytest.raises(UnitError, match=says):
        symbol_factors(symbol)


def test_a_unit_that_is_not_legal_has_no_symbol() -> None:
    with pytest.raises(UnitError, match="bar"):
        symbol_of_dsi(factors(r"\bar"))


def test_revolutions_a_minute_are_a_frequency() -> None:
    assert convert(Decimal(3000), parse_symbol("r/min"), parse_symbol("Hz")) == 50
