"""JCGM 100:2008 H.1.7 and JCGM 101:2008 9.3; more digits than printed were recomputed independently."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given as given_values
from hypothesis import settings
from hypothesis import strategies as st

from published import FROM_MEMORY, Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.dual import (
    Input,
    Uncertain,
    arctan2,
    cos,
    cosh,
    exp,
    log,
    log10,
    sin,
    sinh,
    sqrt,
    tanh,
)
from yuejingzhun.metrology.uncertainty.second_order import second_order


def end_gauge(ls: Uncertain, d: Uncertain, a: Uncertain, t: Uncertain, da: Uncertain, dt: Uncertain) -> Uncertain:
    return ls + d - ls * (da * t + a * dt)


END_GAUGE = [
    Input("ls", 50_000_623.0, 25.0),
    Input("d", 215.0, (5.8**2 + 3.9**2 + 6.7**2) ** 0.5),
    Input("alpha", 11.5e-6, 2e-6 / 3**0.5),
    Input("theta", -0.1, (0.2**2 + 0.5**2 / 2) ** 0.5),
    Input("delta alpha", 0.0, 1e-6 / 3**0.5),
    Input("delta theta", 0.0, 0.05 / 3**0.5),
]


def test_h1_end_gauge_with_second_order_terms(published: Published) -> None:
    result = second_order(end_gauge, END_GAUGE)
    row = partial(published, "JCGM 100 H.1.7", f"JCGM 100:2008 H.1.7{FROM_MEMORY}")
    row("端规 u_c(l)，含二阶项", "34", result.u, "nm")
    assert result.value == pytest.approx(50_000_838.0)
    assert result.first_order_u == pytest.approx(31.663879, abs=5e-7)
    assert result.u == pytest.approx(33.806545, abs=5e-7)
    both = result.terms + result.terms.T
    row("端规 δα·θ 的二阶项", "11.7", both[3, 4] ** 0.5, "nm")
    row("端规 α_s·δθ 的二阶项", "1.7", both[2, 5] ** 0.5, "nm")
    assert both[3, 4] ** 0.5 == pytest.approx(11.7262, abs=5e-5)
    assert both[2, 5] ** 0.5 == pytest.approx(1.6667, abs=5e-5)
    assert result.shift == 0


def test_mass_calibration_of_jcgm_101(published: Published) -> None:
    inputs = [
        Input("mRc", 100_000.0, 0.050),
        Input("dmRc", 1.234, 0.020),
        Input("ra", 1.2, 0.1 / 3**0.5),
        Input("rW", 8000.0, 1000 / 3**0.5),
        Input("rR", 8000.0, 50 / 3**0.5),
    ]
    result = second_order(lambda m, d, a, w, r: (m + d) * (1 + (a - 1.2) * (1 / w - 1 / r)) - 100_000, inputs)
    assert result.first_order_u == pytest.approx(0.0538516, abs=5e-8)
    assert result.u == pytest.approx(0.0749635, abs=5e-8)
    row = partial(published, "JCGM 101 9.3", f"JCGM 101:2008 9.3{FROM_MEMORY}")
    row("质量 u，一阶", "0.0539", result.first_order_u, "mg")
    row("质量 u，含二阶项", "0.0750", result.u, "mg")


@settings(deadline=None)
@given_values(st.floats(-3, 3), st.floats(0.01, 2))
def test_a_square_and_a_cube_of_a_normal_quantity_have_their_known_moments(mean: float, u: float) -> None:
    # x^2: mean m^2 + u^2, variance 4 m^2 u^2 + 2 u^4, exactly.
    square = second_order(lambda x: x**2, [Input("x", mean, u)])
    assert np.asarray(square.value) + square.shift == pytest.approx(mean**2 + u**2)
    assert square.u == pytest.approx((4 * mean**2 * u**2 + 2 * u**4) ** 0.5)
    # x^3: 9 m^4 u^2 + (18 m^2 + 18 m^2) u^4, the rest is of higher order.
    cube = second_order(lambda x: x**3, [Input("x", mean, u)])
    assert np.asarray(cube.u) ** 2 == pytest.approx(9 * mean**4 * u**2 + 36 * mean**2 * u**4, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("f", [sin, cos, exp, log, log10, sqrt, sinh, cosh, tanh, lambda x: arctan2(x, 2.0)])
def test_second_and_third_derivatives_agree_with_differences_of_the_first(f: object) -> None:
    def slope(x: float) -> float:
        (d,) = f(Uncertain(x, {key: 1.0})).derivatives.values()  # type: ignore[operator]
        return float(d)

    key = Input("x", 0.6, 1.0)
    h = 1e-4
    second = (slope(0.6 + h) - slope(0.6 - h)) / (2 * h)
    third = (slope(0.6 + h) - 2 * slope(0.6) + slope(0.6 - h)) / h**2
    result = second_order(f, [Input("x", 0.6, 0.1)])  # type: ignore[arg-type]
    assert result.shift == pytest.approx(0.5 * second * 0.01, rel=1e-6)
    assert result.terms[0, 0] == pytest.approx((0.5 * second**2 + slope(0.6) * third) * 1e-4, rel=1e-4)


def test_rows_are_separate_measurements_and_a_failed_series_is_refused() -> None:
    rows = second_order(lambda x, y: x * y, [Input("x", np.array([1.0, 2.0]), 0.1), Input("y", 3.0, 0.2)])
    one = second_order(lambda x, y: x * y, [Input("x", 2.0, 0.1), Input("y", 3.0, 0.2)])
    assert np.asarray(rows.u)[1] == pytest.approx(one.u)
    with pytest.raises(ArgumentError, match="model"):
        second_order(sin, [Input("x", 0.0, 3.0)])
    with pytest.raises(ArgumentError, match="inputs"):
        second_order(sin, [])
