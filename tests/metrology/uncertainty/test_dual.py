from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given as given_values
from hypothesis import strategies as st

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty import dual
from yuejingzhun.metrology.uncertainty.budget import budget, given
from yuejingzhun.metrology.uncertainty.dual import Uncertain

FUNCTIONS = ["sqrt", "exp", "log", "log10", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"]


def test_a_repeated_variable_is_one_variable() -> None:
    x = given("x", 10.0, 1.0)
    for result, value, u in ((x - x, 0, 0), (x + x, 20, 2), (x * x, 100, 20), (x / x, 1, 0)):
        assert result.value == pytest.approx(value, abs=1e-12)
        assert budget(result).u == pytest.approx(u, abs=1e-12)


def test_two_inputs_with_equal_numbers_stay_two() -> None:
    assert budget(given("x", 10.0, 1.0) - given("x", 10.0, 1.0)).u == pytest.approx(2**0.5)


@pytest.mark.parametrize("name", FUNCTIONS)
@given_values(st.floats(0.05, 0.95))
def test_derivatives_agree_with_a_complex_step(name: str, point: float) -> None:
    # f(x + ih) has the derivative in its imaginary part, without a difference that could cancel.
    x = given("x", point, 1.0)
    (slope,) = getattr(dual, name)(x).derivatives.values()
    assert slope == pytest.approx(getattr(np, name)(complex(point, 1e-30)).imag / 1e-30, rel=1e-10)


@given_values(st.floats(0.1, 10), st.floats(0.1, 10))
def test_arithmetic_derivatives_agree_with_a_complex_step(a: float, b: float) -> None:
    x, y = given("x", a, 1.0), given("y", b, 1.0)

    def model(p: object, q: object) -> Uncertain:
        return (3 - p * q) / (p + q) ** 3 + 2 / q - p**2 * 0.5 - (-q)  # type: ignore[operator,return-value,no-any-return]

    by_x, by_y = model(x, y).derivatives.values()
    h = 1e-30
    assert by_x == pytest.approx(model(complex(a, h), complex(b)).imag / h, rel=1e-9, abs=1e-12)  # type: ignore[attr-defined]
    assert by_y == pytest.approx(model(complex(a), complex(b, h)).imag / h, rel=1e-9, abs=1e-12)  # type: ignore[attr-defined]


def test_rows_of_an_array_are_separate_measurements() -> None:
    values, sizes = np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.2, 0.3])
    x, y = given("x", values, sizes), given("y", 2.0, 0.5)
    together = budget(x * y + x)
    for row in range(3):
        p, q = given("x", values[row], sizes[row]), given("y", 2.0, 0.5)
        assert np.asarray(together.u)[row] == pytest.approx(budget(p * q + p).u)


@pytest.mark.parametrize("other", [2, 2.0, Decimal(2), Fraction(2), np.array(2.0)])
def test_plain_numbers_of_every_kind_take_part_on_both_sides(other: object) -> None:
    x = given("x", 8.0, 1.0)
    for result, value in (
        (x * other, 16),
        (other * x, 16),
        (x / other, 4),
        (other / x, 0.25),
        (other - x, -6),
    ):  # type: ignore[operator]
        assert isinstance(result, Uncertain)
        assert result.value == pytest.approx(value)


@given_values(st.floats(0.1, 5), st.floats(-3, 3))
def test_a_power_of_two_uncertain_numbers(a: float, b: float) -> None:
    x, y = given("x", a, 1.0), given("y", b, 1.0)
    by_x, by_y = (x**y).derivatives.values()
    assert by_x == pytest.approx(b * a ** (b - 1))
    assert by_y == pytest.approx(a**b * np.log(a), rel=1e-9, abs=1e-12)
    (slope,) = (2.5**y).derivatives.values()
    assert slope == pytest.approx(2.5**b * np.log(2.5))


def test_whole_powers_keep_their_slope_at_zero() -> None:
    x = given("x", 0.0, 0.5)
    assert [budget(x**n).u for n in (0, 1, 2)] == [0, 0.5, 0]
    assert (x**0).value == 1


@given_values(st.floats(-5, 5), st.floats(-5, 5))
def test_the_angle_of_a_point(y: float, x: float) -> None:
    square = x * x + y * y
    if square < 1e-6:
        return
    p, q = given("y", y, 1.0), given("x", x, 1.0)
    angle = dual.arctan2(p, q)
    assert angle.value == pytest.approx(np.arctan2(y, x))
    assert list(angle.derivatives.values()) == pytest.approx([x / square, -y / square])
    assert list(dual.arctan2(p, x).derivatives.values()) == pytest.approx([x / square])


def test_a_size_has_the_slope_of_its_sign() -> None:
    x = given("x", np.array([-2.0, 3.0]), 0.1)
    (slope,) = abs(x * 2).derivatives.values()
    np.testing.assert_array_equal(slope, [-2, 2])
    with pytest.raises(ArgumentError, match="不可微"):
        abs(given("x", 0.0, 0.1))


@pytest.mark.parametrize("name", [*FUNCTIONS, "absolute"])
def test_one_function_serves_uncertain_and_plain_numbers(name: str) -> None:
    f, points = getattr(dual, name), np.array([0.2, 0.7])
    np.testing.assert_array_equal(f(points), f(given("x", points, 0.1)).value)
    assert f(0.2) == f(given("x", 0.2, 0.1)).value
    assert dual.arctan2(0.3, 0.4) == np.arctan2(0.3, 0.4)


def test_functions_without_a_derivative_are_refused() -> None:
    x = given("x", -1.0, 0.1)
    for bad in (lambda: x**x, lambda: (-2.0) ** x, lambda: dual.arctan2(x - x, 0.0)):
        with pytest.raises(ArgumentError):
            bad()
