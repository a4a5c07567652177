"""ISO/TS 28037:2010, ISO 6143:2001 Annex B.2 and York's weights on Pearson's points; the printed figures."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from published import FROM_MEMORY, Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.calibration_curve.evaluate import response, stimulus
from yuejingzhun.metrology.calibration_curve.family import exponential, polynomial, power
from yuejingzhun.metrology.calibration_curve.fit import CalibrationCurve, fit_curve

# Pearson (1901) with the weights of York (1966).
PEARSON_X = np.array([0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4])
PEARSON_Y = np.array([5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5])
YORK_U_X = np.array([1000, 1000, 500, 800, 200, 80, 60, 20, 1.8, 1]) ** -0.5
YORK_U_Y = np.array([1, 1.8, 4, 8, 20, 20, 70, 70, 100, 500]) ** -0.5


def printed_line(published: Published, clause: str, case: str, curve: CalibrationCurve, printed: str) -> partial[None]:
    """a, b, u(a), u(b), cov(a, b) and chi-squared as ISO/TS 28037 prints them, the last where it does."""
    row = partial(published, f"ISO/TS 28037 {clause}", f"ISO/TS 28037:2010 {clause} 的例子")
    found = (*curve.coefficients, *curve.u, curve.covariance[0, 1], curve.chi_squared)
    names = ("a", "b", "u(a)", "u(b)", "cov(a, b)", "χ²")
    for name, text, value in zip(names, printed.split(), found, strict=False):
        row(f"{case} {name}", text, value)
    return row


def test_iso_ts_28037_clause_6_equal_weights(published: Published) -> None:
    curve = fit_curve(range(1, 7), [3.3, 5.6, 7.1, 9.3, 10.7, 12.1], 0.5)
    row = printed_line(published, "6", "等权", curve, "1.867 1.757 0.465 0.120 -0.050 1.665")
    assert curve.dof_of_residuals == 4
    found, back = stimulus(curve, 10.5, 0.5), response(curve, 3.5, 0.2)
    row("等权 x(10.5)", "4.913", found.values[0])
    row("等权 u(x(10.5))", "0.322", found.u[0])
    row("等权 y(3.5)", "8.017", back.values[0])
    row("等权 u(y(3.5))", "0.406", back.u[0])


def test_iso_ts_28037_clause_6_unequal_weights(published: Published) -> None:
    curve = fit_curve(range(1, 7), [3.2, 4.3, 7.6, 8.6, 11.7, 12.8], [0.5, 0.5, 0.5, 1, 1, 1])
    row = printed_line(published, "6", "不等权", curve, "0.885 2.057 0.530 0.178 -0.082 4.131")
    found = stimulus(curve, 10.5, 1.0)
    row("不等权 x(10.5)", "4.674", found.values[0])
    row("不等权 u(x(10.5))", "0.533", found.u[0])


def test_iso_ts_28037_clause_7_both_axes(published: Published) -> None:
    curve = fit_curve(
        [1.2, 1.9, 2.9, 4.0, 4.7, 5.9], [3.4, 4.4, 7.2, 8.5, 10.8, 13.5], [0.2, 0.2, 0.2, 0.4, 0.4, 0.4], 0.2
    )
    printed_line(published, "7", "两轴", curve, "0.5788 2.1597 0.4764 0.1355 -0.0577 2.743")


def test_iso_ts_28037_annex_e_unknown_weights(published: Published) -> None:
    curve = fit_curve(range(1, 7), [3.014, 5.225, 7.004, 9.061, 11.201, 12.762])
    printed_line(published, "E", "权未知", curve, "1.172 1.964 0.159 0.041 -0.006")
    assert curve.dof == 4


def test_gum_h3_thermometer(published: Published) -> None:
    t = np.array([21.521, 22.012, 22.512, 23.003, 23.507, 23.999, 24.513, 25.002, 25.503, 26.010, 26.511])
    b = np.array([-171, -169, -166, -159, -164, -165, -156, -157, -159, -161, -160]) / 1000
    curve = fit_curve(t - 20, b)
    assert curve.coefficients == pytest.approx([-0.17120379, 0.00218270], abs=5e-9)
    assert curve.u == pytest.approx([0.00287760, 0.00066794], abs=5e-9)
    assert curve.covariance[0, 1] / np.prod(curve.u) == pytest.approx(-0.9304296, abs=5e-8)
    assert (curve.residual_u, curve.dof) == (pytest.approx(0.00349756, abs=5e-9), 9)
    at_30 = response(curve, 10.0)
    row = partial(published, "JCGM 100 H.3", f"JCGM 100:2008 H.3{FROM_MEMORY}")
    for name, text, value in (
        ("y₁", "-0.1712", curve.coefficients[0]),
        ("s(y₁)", "0.0029", curve.u[0]),
        ("y₂", "0.00218", curve.coefficients[1]),
        ("s(y₂)", "0.00067", curve.u[1]),
        ("r(y₁, y₂)", "-0.930", curve.covariance[0, 1] / np.prod(curve.u)),
        ("s", "0.0035", curve.residual_u),
        ("b(30 °C)", "-0.1494", at_30.values[0]),
        ("u_c(b(30 °C))", "0.0041", at_30.u[0]),
    ):
        row(f"温度计 {name}", text, value)
    assert at_30.values[0] == pytest.approx(-0.14937681, abs=5e-9)
    assert at_30.u[0] == pytest.approx(0.00413860, abs=5e-9)
    assert at_30.outside[0]


def test_pearson_with_the_weights_of_york(published: Published) -> None:
    # Neri et al. 1989; uncertainties of York et al. 2004 (at the adjusted points), S / (n - 2) = 1.4832941.
    curve = fit_curve(PEARSON_X, PEARSON_Y, YORK_U_Y, YORK_U_X)
    neri, york = "Neri 等 1989，Pearson 的点与 York 的权", "York 等 2004，Pearson 的点与 York 的权"
    published("York 2004", neri, "截距", "5.47991022403", curve.coefficients[0])
    published("York 2004", neri, "斜率", "-0.48053340745", curve.coefficients[1])
    published("York 2004", york, "u(截距)", "0.294970735", curve.u[0])
    published("York 2004", york, "u(斜率)", "0.0579850090", curve.u[1])
    published("York 2004", york, "S/(n − 2)", "1.4832941", curve.chi_squared / 8)
    assert curve.chi_squared / 8 == pytest.approx(1.483294149, abs=5e-10)


# ISO 6143:2001 B.2.1: x is the response, y the amount fraction.
B21 = ([0.1969, 0.7874, 2.0228], [4.5, 18.75, 50.0], [0.045, 0.1875, 0.5], [0.003938, 0.015748, 0.040456])
# ISO 6143:2001 B.2.2.
B22_X = np.array([60, 7786, 81700, 156200, 233300, 293000, 380600, 449700.0])
B22_U_X = np.array([35, 135.7, 36.7, 223.2, 137.2, 245.5, 125.1, 321.8])
B22_Y = np.array([0.0015, 0.1888, 1.99, 3.796, 5.677, 7.118, 9.21, 10.9])
B22_U_Y = np.array([0.0009, 0.00045, 0.004, 0.039, 0.0125, 0.0125, 0.02, 0.025])


def test_iso_6143_first_example(published: Published) -> None:
    x, y, u_y, u_x = B21
    curve = fit_curve(x, y, u_y, u_x)
    row = partial(published, "ISO 6143 B.2.1", "ISO 6143:2001 B.2.1")
    metas = partial(published, "ISO 6143 B.2.1", "METAS B LEAST，ISO 6143:2001 B.2.1")
    # METAS B LEAST's covariance is of the adjusted points, like ours.
    off = {"because": "来源的协方差不取在平差后的点上"}
    row("b₀", "-3.5747e-1", curve.coefficients[0])
    row("b₁", "2.4612e1", curve.coefficients[1])
    row("u(b₀)", "1.5716e-1", curve.u[0], within="3", **off)
    row("u(b₁)", "4.8048e-1", curve.u[1], within="13", **off)
    row("cov(b₀, b₁)", "-5.6921e-2", curve.covariance[0, 1], within="31", **off)
    metas("u(b₀)，METAS", "1.5713e-1", curve.u[0])
    metas("u(b₁)，METAS", "4.8035e-1", curve.u[1], within="0.6", because="所记的末位像是截尾")
    metas("cov(b₀, b₁)，METAS", "-5.6890e-2", curve.covariance[0, 1])
    row("残差平方和", "0.6743", curve.chi_squared)
    row("拟合优度", "0.568", curve.goodness)
    found = stimulus(fit_curve(y, x, u_x, u_y), [0.258, 0.6, 1.8], 0.0)  # the same line, read the other way
    values = response(curve, [0.258, 0.6, 1.8], [0.00516, 0.012, 0.036])
    for k, at in enumerate(("0.258", "0.6", "1.8")):
        row(f"y({at})", ("5.9923", "14.409", "43.943")[k], values.values[k])
        row(f"u(y({at}))", ("1.6377e-1", "3.5599e-1", "1.1631")[k], values.u[k], within=("1", "3", "1.3")[k], **off)
    pairs = ("y(0.258), y(0.6)", "y(0.258), y(1.8)", "y(0.6), y(1.8)")
    printed = ("1.16e-2", "1.48e-2", "1.37e-1")
    for pair, text, value in zip(pairs, printed, values.covariance[np.triu_indices(3, 1)], strict=True):
        row(f"cov({pair})", text, value)
    assert found.values == pytest.approx(values.values, rel=1e-8)


def test_iso_6143_second_example(published: Published) -> None:
    line = fit_curve(B22_X, B22_Y, B22_U_Y, B22_U_X)
    # The printed figures differ from any minimum of the printed data by a hundredth of u (METAS B LEAST finds the
    # same as we do), as if the data had been rounded for the table.
    assert (line.coefficients - [3.9189e-4, 2.4286e-5]) / line.u == pytest.approx([0, 0], abs=0.05)
    row = partial(published, "ISO 6143 B.2.2", "ISO 6143:2001 B.2.2")
    metas = partial(published, "ISO 6143 B.2.2", "METAS B LEAST，ISO 6143:2001 B.2.2")
    off = {"because": "由印出的输入重算不出，差约 u 的百分之一；METAS 与此处一致"}
    row("直线 b₀", "3.9189e-4", line.coefficients[0], within="630", **off)
    row("直线 b₁", "2.4286e-5", line.coefficients[1], within="1", **off)
    row("直线 u(b₀)", "1.1458e-3", line.u[0], within="1", **off)
    row("直线 u(b₁)", "2.4161e-8", line.u[1], within="2", **off)
    row("直线 残差平方和", "6.1697", line.chi_squared, within="1300", **off)
    row("直线 拟合优度", "1.6322", line.goodness, within="60", **off)
    metas("直线 残差平方和，METAS", "6.044452", line.chi_squared)
    assert line.coefficients == pytest.approx([3.98100244e-4, 2.42850337e-5], rel=2e-5)
    assert line.u == pytest.approx([1.14594139e-3, 2.41634414e-8], rel=1e-4)
    parabola = fit_curve(B22_X, B22_Y, B22_U_Y, B22_U_X, polynomial(2))
    row("抛物线 u(b₀)", "1.175e-3", parabola.u[0])
    row("抛物线 u(b₁)", "5.901e-8", parabola.u[1], within="1", **off)
    row("抛物线 u(b₂)", "1.895e-13", parabola.u[2])
    row("抛物线 b₀", "-1.4037e-4", parabola.coefficients[0], within="930", **off)
    row("抛物线 b₁", "2.4403e-5", parabola.coefficients[1], within="2", **off)
    row("抛物线 b₂", "-4.1096e-13", parabola.coefficients[2], within="250", **off)
    metas("抛物线 残差平方和，METAS", "1.396378", parabola.chi_squared)
    assert parabola.coefficients == pytest.approx([-1.31100258e-4, 2.44010742e-5, -4.08653105e-13], rel=1e-4)
    assert parabola.u == pytest.approx([1.17483731e-3, 5.90001597e-8, 1.89514926e-13], rel=1e-3)
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
