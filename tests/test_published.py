from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from published import Published, Row, show, units_apart


def kept() -> tuple[Published, list[Row]]:
    rows: list[Row] = []
    return Published("标题", lambda _, fields: rows.append(Row(**fields))), rows  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("printed", "obtained", "shown"),
    [
        ("32", 31.663879, "31.66"),
        ("-0.050", -0.0502, "-0.05020"),
        ("0.000", -1e-17, "0.00000"),
        ("1.6377e-1", 0.163772, "1.637720e-1"),
        ("2.4161e-8", 2.41613e-8, "2.416130e-8"),
        ("1.5e3", 1499.0, "1.499e3"),
        ("5.47991022403", 5.479910224034, "5.47991022403"),  # twelve digits are shown, no more
        ("50000838", 50_000_838.0, "50000838"),
        ("80", 80, "80"),
        ("80", np.int64(80), "80"),
        ("1.028", Decimal("1.028"), "1.028"),
        ("4.5", Decimal("4.50"), "4.50"),
        ("0.33", Fraction(1, 3), "0.3333"),
        ("2.68", 2.675, "2.6750"),  # a tie in decimal digits, though the float lies below it
        ("2.67", 2.675, "2.6750"),
    ],
)
def test_what_rounds_to_the_printed_digits_is_kept(printed: str, obtained: object, shown: str) -> None:
    published, rows = kept()
    published("条款", "来源", "案例", printed, obtained, "mm")
    assert rows == [Row("标题", "条款", "案例", "来源", f"{printed} mm", f"{shown} mm")]


@pytest.mark.parametrize(
    ("printed", "obtained"),
    [
        ("32", 32.50001),
        ("0.050", 0.0506),
        ("1.6377e-1", 0.163776),
        ("80", 81),
        ("2000", 2001.0),
        ("2.67", 2.6751),
        ("1.0", float("nan")),
        ("1.0", float("inf")),
        ("符合", "不符合"),
        ("符合", 1.0),
    ],
)
def test_what_does_not_is_refused_with_both_figures(printed: str, obtained: object) -> None:
    published, rows = kept()
    with pytest.raises(AssertionError):
        published("条款", "来源", "案例", printed, obtained)
    assert rows == []


def test_the_refusal_names_clause_case_source_and_figures() -> None:
    published, _ = kept()
    with pytest.raises(AssertionError, match=r"H\.1\.7，端规：表 H\.1 印出的是 32 nm，所得为 33\.81 nm.*1\.81 个末位"):
        published("H.1.7", "表 H.1", "端规", "32", 33.806545, "nm")


def test_more_than_half_a_digit_wants_a_reason_that_is_shown() -> None:
    published, rows = kept()
    published("条款", "来源", "案例", "3.92", 3.94, within="2", because="抽样所得")
    assert rows[0].expected == "3.92（±2 个末位：抽样所得）"
    with pytest.raises(AssertionError, match="允许 2"):
        published("条款", "来源", "案例", "3.92", 3.9401, within="2", because="抽样所得")
    with pytest.raises(AssertionError, match="不符合"):
        published("条款", "来源", "案例", "符合", "不符合", within="9", because="文字没有末位")
    with pytest.raises(TypeError, match="理由"):
        published("条款", "来源", "案例", "3.92", 3.94, within="2")
    with pytest.raises(TypeError, match="真假"):
        published("条款", "来源", "案例", "1", np.bool_(True))


def test_a_series_is_one_line_and_fails_at_the_value_that_differs() -> None:
    published, rows = kept()
    published.series("条款", "来源", "案例", ["1.0", "2.0"], np.array([1.04, 2.01]), "g")
    assert (rows[0].expected, rows[0].obtained) == ("2 个值，g", "全部一致，最多相差 0.40 个末位")
    with pytest.raises(AssertionError, match="第 2 个"):
        published.series("条款", "来源", "案例", ["1.0", "2.0"], [1.0, 2.06])
    with pytest.raises(ValueError):
        published.series("条款", "来源", "案例", ["1.0", "2.0"], [1.0])


@given(st.decimals(-(10**6), 10**6, places=6), st.integers(0, 5))
def test_a_number_agrees_with_its_own_rounding_and_not_with_the_next(number: Decimal, places: int) -> None:
    unit = Decimal(1).scaleb(-places)
    printed = number.quantize(unit)
    assert units_apart(f"{printed:f}", number) <= Decimal("0.5")
    assert units_apart(f"{printed + 2 * unit:f}", number) > 1
    assert abs(Decimal(show(f"{printed:f}", number)) - number) <= unit / 2
