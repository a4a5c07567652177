"""D-SI strings: the official ones, what is refused and why, and both ways."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from yuejingzhun.metrology.units.dsi import Factor, factors, parse_dsi, standing, write_dsi
from yuejingzhun.metrology.units.named import UNITS, Standing
from yuejingzhun.metrology.units.unit import UnitError

REFERENCE = Path(__file__).parents[2] / "reference"
SI = "{https://ptb.de/si}"


def official(folder: str) -> set[str]:
    tags = (f"{SI}unit", f"{SI}listUnit")
    return {
        node.text or ""
        for path in (REFERENCE / "dsi" / folder).glob("*.xml")
        for hybridless in [etree.parse(path).getroot()]
        for node in hybridless.iter(*tags)
        if next(node.iterancestors(f"{SI}hybrid", f"{SI}covarianceMatrix"), None) is None
    }


@pytest.mark.parametrize("folder", ["GOLD", "SILVER", "BRONZE"])
def test_every_unit_of_an_understood_example_is_parsed(folder: str) -> None:
    texts = official(folder)
    assert texts
    for text in texts:
        parse_dsi(text)
        assert standing(text) <= Standing[folder]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (r"\meter", "没有名为"),
        ("metre", "第 1 个字符"),
        ("", "不完整"),
        (r"\kilo", "不完整"),
        (r"\kilo\gram", "不能带词头"),
        (r"\deca\kilogram", "不能带词头"),
        (r"\micro\mega\ampere", "不能带词头|没有名为"),
        (r"\milli\degreecelsius", "不能带词头"),
        (r"\one\tothe{5}", "不能有指数"),
        (r"\metre\tothe{2/3}", "tothe"),
        (r"\metre\tothe{2}\tothe{2}", "指数"),
        (r"\metre\tothe{0,5}", "指数"),
        (r"\kilogram\metre^2", "字符起无法识别"),
        (r"\kilo|yuan", "不能带词头"),
    ],
)
def test_a_wrong_string_is_refused_with_its_part(text: str, says: str) -> None:
    with pytest.raises(UnitError, match=says):
        parse_dsi(text)
    assert standing(text) is Standing.IMPROVABLE


def test_per_takes_all_that_follows_below_the_line() -> None:
    assert parse_dsi(r"\one\per\kilo\watt\hour") == parse_dsi(r"\kilo\watt\tothe{-1}\hour\tothe{-1}")
    assert parse_dsi(r"\one\per\kilo\watt\hour") == parse_dsi(r"\joule\tothe{-1}") ** 1 * parse_dsi(r"\one") / (
        parse_dsi(r"\kilo\watt\hour") / parse_dsi(r"\joule")
    )


def test_blanks_between_parts_have_no_meaning() -> None:
    spaced = r"\kilogram   \metre\tothe{2}   \micro    \ampere\tothe{   -1}\second \tothe{-2   }"
    assert parse_dsi(spaced) == parse_dsi(r"\kilogram\metre\tothe{2}\micro\ampere\tothe{-1}\second\tothe{-2}")


def test_a_unit_outside_the_si_is_carried_by_its_name() -> None:
    price = parse_dsi(r"|yuan\litre\tothe{-1}")
    assert price.others == {("|yuan", Fraction(1))}
    assert not price.fits(parse_dsi(r"\litre\tothe{-1}"))


@given(
    st.lists(
        st.sampled_from([name for name in UNITS if name not in ("one", "degreecelsius")]).flatmap(
            lambda name: st.builds(
                Factor,
                st.just(name),
                st.sampled_from(["", *sorted(UNITS[name].prefixes)]),
                st.integers(-4, 4).map(Fraction),
            )
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_written_is_read_again(parts: list[Factor]) -> None:
    assert factors(write_dsi(parts)) == tuple(parts)


@given(st.text(alphabet="\\|{}-0123456789 abcdeghiklmnoprstuwy", max_size=40))
def test_any_text_is_a_unit_or_our_error(text: str) -> None:
    try:
        factors(text)
    except UnitError as refusal:
        assert "D-SI 单位" in str(refusal)
