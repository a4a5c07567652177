"""Sizes of units against the SI Brochure (9th edition) and NIST SP 811 (2008) appendix B.8, and the algebra."""

from decimal import Decimal
from fractions import Fraction
from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from published import Published
from yuejingzhun.metrology.units.dsi import parse_dsi
from yuejingzhun.metrology.units.legal import parse_symbol
from yuejingzhun.metrology.units.named import PREFIXES, UNITS
from yuejingzhun.metrology.units.unit import ONE, Unit, UnitError, convert, dimension_symbol

RATIOS = [unit.unit for unit in UNITS.values() if not unit.unit.offset]


SIZES = [
    ("1", r"\kilo\watt\hour", r"\joule", "3600000"),
    ("1", r"\bar", r"\kilo\pascal", "100"),
    ("1", r"\mmhg", r"\pascal", "133.322387415"),
    ("1", r"\litre", r"\metre\tothe{3}", "0.001"),
    ("1", r"\nauticalmile", r"\kilo\metre", "1.852"),
    ("25", r"\degreecelsius", r"\kelvin", "298.15"),
    ("0", r"\kelvin", r"\degreecelsius", "-273.15"),
    ("90", r"\kilo\metre\hour\tothe{-1}", r"\metre\second\tothe{-1}", "25"),
    ("1", r"\electronvolt", r"\joule", "1.602176634E-19"),
    ("1", r"\hectare", r"\metre\tothe{2}", "10000"),
    ("2", r"\percent", r"\one", "0.02"),
    ("1", r"\tonne\metre\tothe{-3}", r"\gram\centi\metre\tothe{-3}", "1"),
    ("1", r"\astronomicalunit", r"\metre", "149597870700"),
]


def test_published_sizes_are_exact(published: Published) -> None:
    found = [convert(Decimal(value), parse_dsi(source), parse_dsi(target)) for value, source, target, _ in SIZES]
    printed = [expected for *_, expected in SIZES]
    assert found == [Decimal(expected) for expected in printed]
    source = "SI 手册第 9 版；NIST SP 811 附录 B.8"
    published.series("单位的大小", source, "焦耳、毫米汞柱、电子伏等的换算，逐位", printed, found)


def test_a_knot_has_34_digits() -> None:
    knots = convert(Decimal(1), parse_symbol("kn"), parse_symbol("m/s"))
    assert str(knots) == "0.5144444444444444444444444444444444"


def test_turning_degrees_into_radians_needs_floats() -> None:
    assert convert(180.0, parse_symbol("°"), parse_symbol("rad")) == pytest.approx(pi, rel=1e-15)
    with pytest.raises(UnitError, match="π"):
        convert(Decimal(180), parse_symbol("°"), parse_symbol("rad"))
    assert convert(Decimal(1), parse_symbol("°"), parse_symbol("′")) == 60


def test_the_reduced_planck_constant_is_that_of_codata_2018(published: Published) -> None:
    found = float(parse_dsi(r"\planckbar").factor) / pi
    cut = {"within": "1", "because": "印出的是 1.054571817…，末位截尾"}
    published("CODATA 2018", "CODATA 2018", "约化普朗克常数", "1.054571817e-34", found, "J·s", **cut)


DIMENSIONS = [
    ("newton", "m·kg·s⁻²"),
    ("pascal", "m⁻¹·kg·s⁻²"),
    ("joule", "m²·kg·s⁻²"),
    ("watt", "m²·kg·s⁻³"),
    ("coulomb", "s·A"),
    ("volt", "m²·kg·s⁻³·A⁻¹"),
    ("farad", "m⁻²·kg⁻¹·s⁴·A²"),
    ("ohm", "m²·kg·s⁻³·A⁻²"),
    ("siemens", "m⁻²·kg⁻¹·s³·A²"),
    ("weber", "m²·kg·s⁻²·A⁻¹"),
    ("tesla", "kg·s⁻²·A⁻¹"),
    ("henry", "m²·kg·s⁻²·A⁻²"),
    ("lux", "m⁻²·cd"),
    ("gray", "m²·s⁻²"),
    ("katal", "s⁻¹·mol"),
]


def test_derived_units_have_the_dimensions_of_si_brochure_table_4(published: Published) -> None:
    units = [UNITS[name].unit for name, _ in DIMENSIONS]
    assert {unit.factor for unit in units} == {1}
    printed = [f"{name}：{dimension}" for name, dimension in DIMENSIONS]
    found = [f"{name}：{dimension_symbol(unit)}" for (name, _), unit in zip(DIMENSIONS, units, strict=True)]
    published.series("SI 手册 表 4", "SI 手册第 9 版 表 4", "有专门名称的单位的量纲", printed, found)


def test_the_prefixes_are_24_powers_of_ten_in_pairs() -> None:
    assert len(PREFIXES) == 24
    assert {1 / size for size in PREFIXES.values()} == set(PREFIXES.values())


def test_arrays_convert_element_by_element() -> None:
    kelvin = convert(np.array([0.0, 100.0]), parse_symbol("°C"), parse_symbol("K"))
    np.testing.assert_allclose(kelvin, [273.15, 373.15], rtol=1e-15)


def test_different_dimensions_are_refused() -> None:
    with pytest.raises(UnitError, match="量纲不同"):
        convert(1.0, parse_symbol("m"), parse_symbol("s"))


@pytest.mark.parametrize("what", ["product", "power"])
def test_degrees_celsius_are_no_factor(what: str) -> None:
    celsius = parse_symbol("°C")
    with pytest.raises(UnitError, match="零点偏移"):
        _ = celsius * ONE if what == "product" else celsius**2
    assert celsius.ratio() == parse_symbol("K")


def test_a_root_is_exact_or_refused() -> None:
    assert parse_dsi(r"\metre\tothe{2}") ** Fraction(1, 2) == parse_dsi(r"\metre")
    with pytest.raises(UnitError, match="有理数"):
        parse_dsi(r"\kilo\metre\tothe{0.5}")


@given(st.sampled_from(RATIOS), st.sampled_from(RATIOS), st.integers(-3, 3))
def test_the_algebra_of_units_is_that_of_numbers(first: Unit, second: Unit, power: int) -> None:
    assert first * second == second * first
    assert (first * second) / second == first
    assert (first * second) ** power == first**power * second**power
    assert first**0 == ONE


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9), st.data())
def test_there_and_back_is_the_same_exactly(value: Decimal, data: st.DataObject) -> None:
    names = [name for name, unit in UNITS.items() if not unit.unit.pi_power]
    source = UNITS[data.draw(st.sampled_from(names))].unit
    target = data.draw(st.sampled_from([UNITS[name].unit for name in names if UNITS[name].unit.fits(source)]))
    exact = Fraction(value)
    assert convert(convert(exact, source, target), target, source) == exact
