"""The numerical tolerance of JCGM 101:2008 7.9.2."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.simulation import numerical_tolerance


@pytest.mark.parametrize(
    ("u", "digits", "delta"),
    [
        (0.0996, 2, 0.005),  # rounds to 0.10
        (0.094, 1, 0.005),
        (0.096, 1, 0.05),
        (1e-3, 1, 0.0005),
        (0.0, 2, 0.0),
    ],
)
def test_half_a_unit_in_the_last_digit(u: float, digits: int, delta: float) -> None:
    assert numerical_tolerance(u, digits) == pytest.approx(delta, rel=1e-12)


def test_the_examples_of_7_9_2(published: Published) -> None:
    source = "JCGM 101:2008 7.9.2"
    published("JCGM 101 7.9.2", source, "例 1，35 × 10⁻⁵ g 的 δ", "0.000005", numerical_tolerance(0.00035, 2), "g")
    published("JCGM 101 7.9.2", source, "例 2，2 K 的 δ", "0.5", numerical_tolerance(2.0, 1), "K")


@given(st.floats(1e-20, 1e20), st.integers(1, 4))
def test_agrees_with_decimal_notation(u: float, digits: int) -> None:
    # A tie may be rounded either way, and then carries or not: 0.995 to two digits.
    near = (f"{u * off:.{digits - 1}e}" for off in (1 - 1e-12, 1 + 1e-12))
    expected = {0.5 * 10.0 ** (int(text.split("e")[1]) - digits + 1) for text in near}
    found = numerical_tolerance(u, digits)
    assert any(found == pytest.approx(delta, rel=1e-9) for delta in expected)


def test_arrays_and_bad_input() -> None:
    assert numerical_tolerance(np.array([0.12, 12.0])) == pytest.approx([0.005, 0.5])
    for u, digits, argument in ((-1.0, 2, "u"), (np.nan, 2, "u"), (1.0, 0, "digits")):
        with pytest.raises(ArgumentError) as refused:
            numerical_tolerance(u, digits)
        assert refused.value.argument == argument
