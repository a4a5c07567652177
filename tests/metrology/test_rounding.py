from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from published import FROM_MEMORY, Published
from yuejingzhun.metrology.rounding import round_result, round_to_interval, round_uncertainty

NUMBERS = st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False)
INTERVALS = st.sampled_from([Decimal(text) for text in ("0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "5", "20")])


# GB/T 8170-2008 3.2 (interval 1, 0.1, 10), 3.4.1 (0.5) and 3.4.2 (0.2), as printed; the rest by its rule.
def test_published_examples(published: Published) -> None:
    examples = [
        ("12.1498", "0.1", "12.1"),
        ("12.1498", "1", "12"),
        ("10.5002", "1", "11"),
        ("1.050", "0.1", "1.0"),
        ("0.35", "0.1", "0.4"),
        ("2500", "1000", "2000"),
        ("3500", "1000", "4000"),
        ("-36.5", "1", "-36"),
        ("-365", "10", "-360"),
        ("60.25", "0.5", "60.0"),
        ("60.38", "0.5", "60.5"),
        ("60.28", "0.5", "60.5"),
        ("-60.75", "0.5", "-61.0"),
        ("830", "20", "840"),
        ("842", "20", "840"),
        ("-930", "20", "-920"),
        ("-0.04", "0.1", "0.0"),
    ]
    found = [str(round_to_interval(value, interval)) for value, interval, _ in examples]
    source, case = f"GB/T 8170-2008 3.2、3.4{FROM_MEMORY}", "间隔 0.1 至 1000 与 0.5、0.2 单位的例子"
    published.series("GB/T 8170 3", source, case, [printed for *_, printed in examples], found)


@given(NUMBERS, INTERVALS)
def test_result_is_the_nearest_multiple_and_rounding_is_odd_and_idempotent(value: Decimal, interval: Decimal) -> None:
    rounded = round_to_interval(value, interval)
    assert rounded % interval == 0
    assert abs(rounded - value) * 2 <= interval
    assert round_to_interval(rounded, interval) == rounded
    assert round_to_interval(-value, interval) == -rounded


@given(st.integers(-(10**6), 10**6), INTERVALS)
def test_a_tie_goes_to_the_even_multiple(multiple: int, interval: Decimal) -> None:
    assert round_to_interval((multiple + Decimal("0.5")) * interval, interval) / interval % 2 == 0


def test_the_examples_of_the_gum(published: Published) -> None:
    for clause, value, u, expected in (
        ("7.2.2", "100.021472", "0.00035", "100.02147 0.00035"),
        ("7.2.6", "10.057623", "0.0270", "10.058 0.027"),
    ):
        rounded = " ".join(map(str, round_result(value, u)))
        source = f"JCGM 100:2008 {clause}"
        published(f"JCGM 100 {clause}", source, f"{value}，u = {u}", expected, rounded)


@pytest.mark.parametrize(
    ("value", "uncertainty", "expected"),
    [
        ("5", "0.0996", ("5.00", "0.10")),
        ("1234.5", "96", ("1234", "96")),
    ],
)
def test_value_ends_where_the_uncertainty_ends(value: str, uncertainty: str, expected: tuple[str, str]) -> None:
    assert tuple(map(str, round_result(value, uncertainty))) == expected


def test_more_digits_than_the_default_decimal_context_stay_exact() -> None:
    tie = Decimal("1234567890123456789012345678901.5")
    assert str(round_to_interval(tie, 1)) == "1234567890123456789012345678902"
    assert str(round_to_interval("-0.2", 1)) == "0"


def test_floats_and_impossible_numbers_are_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        round_to_interval(0.15, "0.1")  # type: ignore[arg-type]
    for value, interval in (
        ("NaN", "1"),
        ("Infinity", "1"),
        ("1", "0"),
        ("1", "-1"),
        ("abc", "1"),
        ("1e250", "0.1"),
    ):
        with pytest.raises(ValueError):
            round_to_interval(value, interval)
    with pytest.raises(ValueError):
        round_uncertainty("-1")
