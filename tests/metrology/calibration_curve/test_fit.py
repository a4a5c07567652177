"""ISO/TS 28037:2010, ISO 6143:2001 Annex B.2 and York's weights on Pearson's points; the printed figures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.calibration_curve.evaluate import response, stimulus
from yuejingzhun.metrology.calibration_curve.family import exponential, polynomial, power
from yuejingzhun.metrology.calibration_curve.fit import fit_curve

# Pearson (1901) with the weights of York (1966).
PEARSON_X = np.array([0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4])
PEARSON_Y = np.array([5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5])
YORK_U_X = np.array([1000, 1000, 500, 800, 200, 80, 60, 20, 1.8, 1]) ** -0.5
YORK_U_Y = np.array([1, 1.8, 4, 8, 20, 20, 70, 70, 100, 500]) ** -0.5


def test_iso_ts_28037_clause_6_equal_weights() -> None:
    curve = fit_curve(range(1, 7), [3.3, 5.6, 7.1, 9.3, 10.7, 12.1], 0.5)
    assert curve.coefficients == pytest.approx([1.867, 1.757], abs=5e-4)
    assert curve.u == pytest.approx([0.465, 0.120], abs=5e-4)
    assert curve.covariance[0, 1] == pytest.approx(-0.050, abs=5e-4)
    assert (curve.chi_squared, curve.dof_of_residuals) == (pytest.approx(1.665, abs=5e-4), 4)
    found = stimulus(curve, 10.5, 0.5)
    assert (found.values[0], found.u[0]) == (pytest.approx(4.913, abs=5e-4), pytest.approx(0.322, abs=5e-4))
    back = response(curve, 3.5, 0.2)
    assert (back.values[0], back.u[0]) == (pytest.approx(8.017, abs=5e-4), pytest.approx(0.406, abs=5e-4))


def test_iso_ts_28037_clause_6_unequal_weights() -> None:
    curve = fit_curve(range(1, 7), [3.2, 4.3, 7.6, 8.6, 11.7, 12.8], [0.5, 0.5, 0.5, 1, 1, 1])
    assert curve.coefficients == pytest.approx([0.885, 2.057], abs=5e-4)
    assert curve.u == pytest.approx([0.530, 0.178], abs=5e-4)
    assert curve.covariance[0, 1] == pytest.approx(-0.082, abs=5e-4)
    assert curve.chi_squared == pytest.approx(4.131, abs=5e-4)
    found = stimulus(curve, 10.5, 1.0)
    assert (found.values[0], found.u[0]) == (pytest.approx(4.674, abs=5e-4), pytest.approx(0.533, abs=5e-4))


def test_iso_ts_28037_clause_7_both_axes() -> None:
    curve = fit_curve(
        [1.2, 1.9, 2.9, 4.0, 4.7, 5.9], [3.4, 4.4, 7.2, 8.5, 10.8, 13.5], [0.2, 0.2, 0.2, 0.4, 0.4, 0.4], 0.2
    )
    assert curve.coefficients == pytest.approx([0.5788, 2.1597], abs=5e-5)
    assert curve.u == pytest.approx([0.4764, 0.1355], abs=5e-5)
    assert curve.covariance[0, 1] == pytest.approx(-0.0577, abs=5e-5)
    assert curve.chi_squared == pytest.approx(2.743, abs=5e-4)


def test_iso_ts_28037_annex_e_unknown_weights() -> None:
    curve = fit_curve(range(1, 7), [3.014, 5.225, 7.004, 9.061, 11.201, 12.762])
    assert curve.coefficients == pytest.approx([1.172, 1.964], abs=5e-4)
    assert curve.u == pytest.approx([0.159, 0.041], abs=5e-4)
    assert curve.covariance[0, 1] == pytest.approx(-0.006, abs=5e-4)
    assert curve.dof == 4


def test_gum_h3_thermometer() -> None:
    t = np.array([21.521, 22.012, 22.512, 23.003, 23.507, 23.999, 24.513, 25.002, 25.503, 26.010, 26.511])
    b = np.array([-171, -169, -166, -159, -164, -165, -156, -157, -159, -161, -160]) / 1000
    curve = fit_curve(t - 20, b)
    assert curve.coefficients == pytest.approx([-0.17120379, 0.00218270], abs=5e-9)
    assert curve.u == pytest.approx([0.00287760, 0.00066794], abs=5e-9)
    assert curve.covariance[0, 1] / np.prod(curve.u) == pytest.approx(-0.9304296, abs=5e-8)
    assert (curve.residual_u, curve.dof) == (pytest.approx(0.00349756, abs=5e-9), 9)
    at_30 = response(curve, 10.0)
    assert at_30.values[0] == pytest.approx(-0.14937681, abs=5e-9)
    assert at_30.u[0] == pytest.approx(0.00413860, abs=5e-9)
    assert at_30.outside[0]


def test_pearson_with_the_weights_of_york() -> None:
    # Neri et al. 1989; uncertainties of York et al. 2004 (at the adjusted points), S / (n - 2) = 1.4832941.
    curve = fit_curve(PEARSON_X, PEARSON_Y, YORK_U_Y, YORK_U_X)
    assert curve.coefficients == pytest.approx([5.47991022403, -0.48053340745], abs=5e-11)
    assert curve.u == pytest.approx([0.294970735, 0.0579850090], abs=5e-10)
    assert curve.chi_squared / 8 == pytest.approx(1.483294149, abs=5e-10)


# ISO 6143:2001 B.2.1: x is the response, y the amount fraction.
B21 = ([0.1969, 0.7874, 2.0228], [4.5, 18.75, 50.0], [0.045, 0.1875, 0.5], [0.003938, 0.015748, 0.040456])
# ISO 6143:2001 B.2.2.
B22_X = np.array([60, 7786, 81700, 156200, 233300, 293000, 380600, 449700.0])
B22_U_X = np.array([35, 135.7, 36.7, 223.2, 137.2, 245.5, 125.1, 321.8])
B22_Y = np.array([0.0015, 0.1888, 1.99, 3.796, 5.677, 7.118, 9.21, 10.9])
B22_U_Y = np.array([0.0009, 0.00045, 0.004, 0.039, 0.0125, 0.0125, 0.02, 0.025])


def test_iso_6143_first_example() -> None:
    x, y, u_y, u_x = B21
    curve = fit_curve(x, y, u_y, u_x)
    assert curve.coefficients == pytest.approx([-3.5747e-1, 2.4612e1], rel=2e-5)
    # Printed, to four digits and a half; METAS B LEAST, whose covariance is of the adjusted points like ours, notes
    # 1.5713e-1, 4.8035e-1 and -5.6890e-2 beside them.
    assert curve.u == pytest.approx([1.5716e-1, 4.8048e-1], rel=3e-4)
    assert curve.u == pytest.approx([1.5713e-1, 4.8035e-1], rel=2e-5)
    assert curve.covariance[0, 1] == pytest.approx(-5.6890e-2, rel=2e-5)
    assert curve.covariance[0, 1] == pytest.approx(-5.6921e-2, rel=1e-3)
    assert curve.chi_squared == pytest.approx(0.6743, abs=5e-5)
    assert curve.goodness == pytest.approx(0.568, abs=1e-3)
    found = stimulus(fit_curve(y, x, u_x, u_y), [0.258, 0.6, 1.8], 0.0)  # the same line, read the other way
    values = response(curve, [0.258, 0.6, 1.8], [0.00516, 0.012, 0.036])
    assert values.values == pytest.approx([5.9923, 14.409, 43.943], rel=5e-5)
    assert values.u == pytest.approx([1.6377e-1, 3.5599e-1, 1.1631], rel=2e-4)
    assert values.covariance[np.triu_indices(3, 1)] == pytest.approx([1.16e-2, 1.48e-2, 1.37e-1], rel=5e-3)
    assert found.values == pytest.approx(values.values, rel=1e-8)


def test_iso_6143_second_example() -> None:
    line = fit_curve(B22_X, B22_Y, B22_U_Y, B22_U_X)
    # The printed figures differ from any minimum of the printed data by a hundredth of u (METAS B LEAST finds the
    # same as we do), as if the data had been rounded for the table.
    assert (line.coefficients - [3.9189e-4, 2.4286e-5]) / line.u == pytest.approx([0, 0], abs=0.05)
    assert line.u == pytest.approx([1.1458e-3, 2.4161e-8], rel=5e-4)
    assert line.chi_squared == pytest.approx(6.1697, abs=0.13)
    assert line.goodness == pytest.approx(1.6322, abs=0.02)
    assert line.coefficients == pytest.approx([3.98100244e-4, 2.42850337e-5], rel=2e-5)
    assert line.u == pytest.approx([1.14594139e-3, 2.41634414e-8], rel=1e-4)
    assert line.chi_squared == pytest.approx(6.044452, abs=2e-6)
    parabola = fit_curve(B22_X, B22_Y, B22_U_Y, B22_U_X, polynomial(2))
    assert parabola.u == pytest.approx([1.175e-3, 5.901e-8, 1.895e-13], rel=1e-3)
    assert parabola.coefficients == pytest.approx([-1.4037e-4, 2.4403e-5, -4.1096e-13], abs=1e-5, rel=1e-2)
    assert parabola.coefficients == pytest.approx([-1.31100258e-4, 2.44010742e-5, -4.08653105e-13], rel=1e-4)
    assert parabola.u == pytest.approx([1.17483731e-3, 5.90001597e-8, 1.89514926e-13], rel=1e-3)
    assert parabola.chi_squared == pytest.approx(1.396378, abs=2e-6)
    values = response(parabola, [70_000, 370_000], [40, 200])
    assert values.values == pytest.approx([1.70594170, 8.97232176], rel=1e-6)
    assert values.u == pytest.approx([3.29026e-3, 1.176394e-2], rel=1e-3)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_agrees_with_a_general_minimiser_over_points_and_coefficients(degree: int) -> None:
    family = polynomial(degree)
    for x, y, u_y, u_x in (
        (PEARSON_X, PEARSON_Y, YORK_U_Y, YORK_U_X),
        (B22_X / 1e5, B22_Y, B22_U_Y, B22_U_X / 1e5),
    ):
        curve = fit_curve(x, y, u_y, u_x, family)

        def deviations(
            both: np.ndarray, x: np.ndarray = x, y: np.ndarray = y, u_y: np.ndarray = u_y, u_x: np.ndarray = u_x
        ) -> np.ndarray:
            b, xi = both[: degree + 1], both[degree + 1 :]
            return np.concatenate([(x - xi) / u_x, (y - np.polynomial.polynomial.polyval(xi, b)) / u_y])

        start = np.concatenate([np.polynomial.polynomial.polyfit(x, y, degree), x])
        peer = optimize.least_squares(deviations, start, x_scale="jac", xtol=1e-15, ftol=1e-15, gtol=1e-12)
        assert curve.chi_squared == pytest.approx(2 * peer.cost, rel=1e-8)
        assert (curve.coefficients - peer.x[: degree + 1]) / curve.u == pytest.approx(np.zeros(degree + 1), abs=1e-4)


def test_correlated_axes_agree_with_york_2004_on_another_route() -> None:
    # York et al. 2004 equation 13 with correlated errors: the slope is a root of their own equation.
    r = 0.6 * np.cos(np.arange(10.0))
    v = np.diag(np.concatenate([YORK_U_X, YORK_U_Y]) ** 2)
    for k in range(10):
        v[k, 10 + k] = v[10 + k, k] = r[k] * YORK_U_X[k] * YORK_U_Y[k]
    curve = fit_curve(PEARSON_X, PEARSON_Y, covariance=v)
    wx, wy, slope = YORK_U_X**-2, YORK_U_Y**-2, -0.5
    for _ in range(200):
        root = np.sqrt(wx * wy)
        w = wx * wy / (wx + slope**2 * wy - 2 * slope * r * root)
        u, t = PEARSON_X - (w @ PEARSON_X) / w.sum(), PEARSON_Y - (w @ PEARSON_Y) / w.sum()
        beta = w * (u / wy + slope * t / wx - (slope * u + t) * r / root)
        slope = (w * beta) @ t / ((w * beta) @ u)
    assert curve.coefficients[1] == pytest.approx(slope, rel=1e-9)
    assert curve.coefficients[0] == pytest.approx((w @ PEARSON_Y - slope * (w @ PEARSON_X)) / w.sum(), rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.permutations(range(10)))
def test_units_and_order_do_not_matter(a: float, b: float, order: list[int]) -> None:
    plain = fit_curve(PEARSON_X, PEARSON_Y, YORK_U_Y, YORK_U_X)
    other = fit_curve(
        a * PEARSON_X[order], b * PEARSON_Y[order], b * YORK_U_Y[order], a * YORK_U_X[order], polynomial(1)
    )
    assert other.coefficients == pytest.approx(plain.coefficients * [b, b / a], rel=1e-7)
    assert other.u == pytest.approx(plain.u * [b, b / a], rel=1e-7)
    assert other.chi_squared == pytest.approx(plain.chi_squared, rel=1e-9)


def test_axes_may_be_exchanged() -> None:
    plain = fit_curve(PEARSON_X, PEARSON_Y, YORK_U_Y, YORK_U_X)
    turned = fit_curve(PEARSON_Y, PEARSON_X, YORK_U_X, YORK_U_Y)
    assert turned.coefficients[1] == pytest.approx(1 / plain.coefficients[1], rel=1e-9)
    assert turned.chi_squared == pytest.approx(plain.chi_squared, rel=1e-9)


@pytest.mark.parametrize(
    ("family", "b"),
    [(exponential(), [1.0, 2.0, -0.7]), (power(), [0.5, 2.0, 0.3]), (polynomial(3), [1.0, 2.0, 0.1, 0.02])],
)
def test_points_on_a_curve_give_it_back(family: object, b: list[float]) -> None:
    x = np.linspace(0.5, 6, 9)
    y = family.value(x, np.array(b))  # type: ignore[attr-defined]
    curve = fit_curve(x, y, 0.02, 0.01, family)  # type: ignore[arg-type]
    assert curve.coefficients == pytest.approx(b, rel=1e-6)
    assert curve.chi_squared == pytest.approx(0, abs=1e-12)
    assert curve.warnings == ()
    assert stimulus(curve, y[1:-1]).values == pytest.approx(x[1:-1], rel=1e-8)


def test_the_uncertainty_is_that_of_many_calibrations() -> None:
    generator = np.random.default_rng(3)
    x, y, u = np.linspace(0, 10, 8), 1 + 2 * np.linspace(0, 10, 8), 0.1
    fits = [
        fit_curve(x + u * generator.standard_normal(8), y + u * generator.standard_normal(8), u, u) for _ in range(250)
    ]
    found = np.std([curve.coefficients for curve in fits], axis=0)
    assert found == pytest.approx(fits[0].u, rel=0.15)


def test_warnings_name_the_points_and_the_misfit() -> None:
    y = [1.0, 2.0, 3.0, 4.6, 5.0]
    curve = fit_curve(range(1, 6), y, 0.1)
    assert "第 4、5 点" in curve.warnings[0]
    assert "χ²" in curve.warnings[1]
    bend = fit_curve(range(1, 6), [1.0, 2.0, 2.5, 2.0, 1.0], 0.1, family=polynomial(2))
    assert any("不单调" in text for text in bend.warnings)
    with pytest.raises(ArgumentError, match="curve"):
        stimulus(bend, 1.5)
    with pytest.raises(ArgumentError, match="范围"):
        stimulus(curve, 50.0)
    assert "无从检验" in fit_curve([1.0, 2.0], [1.0, 2.0], 0.1).warnings[0]


@pytest.mark.parametrize(
    ("argument", "arguments"),
    [
        ("x", {"x": [1.0], "y": [1.0], "u_y": 0.1}),
        ("x", {"x": [1.0, 1.0, 1.0], "y": [1.0, 2.0, 3.0], "u_y": 0.1}),
        ("x、y", {"x": [1.0, 2.0], "y": [1.0, 2.0, 3.0]}),
        ("y", {"x": [1.0, 2.0], "y": [1.0, float("nan")]}),
        ("u_y", {"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 3.0], "u_y": -1.0}),
        ("u_y", {"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 3.0], "u_y": [0.1, 0.0, 0.1]}),
        ("u_y", {"x": [1.0, 2.0], "y": [1.0, 2.0]}),
        ("u_y", {"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 3.0], "u_x": 0.1}),
        ("u_y", {"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 3.0], "u_y": [0.1, 0.1]}),
        ("covariance", {"x": [1.0, 2.0], "y": [1.0, 2.0], "covariance": np.ones((4, 4)) - 2 * np.eye(4)}),
        ("covariance", {"x": [1.0, 2.0], "y": [1.0, 2.0], "covariance": np.zeros((4, 4))}),
    ],
)
def test_points_that_cannot_be_fitted_are_refused(argument: str, arguments: dict[str, object]) -> None:
    with pytest.raises(ArgumentError) as refused:
        fit_curve(**arguments)  # type: ignore[arg-type]
    assert refused.value.argument == argument
    with pytest.raises(ArgumentError, match="degree"):
        polynomial(4)
