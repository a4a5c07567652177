"""Published cases of JCGM 100:2008 annex H; more digits than printed were recomputed independently."""

from decimal import Decimal
from functools import partial

import numpy as np
import pytest

from published import FROM_MEMORY, Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.bounded import ArcSine, Rectangular, Trapezoidal, Triangular
from yuejingzhun.metrology.uncertainty.budget import (
    budget,
    correlation,
    coverage_factor,
    given,
    given_relative,
    simultaneous,
    trapezoidal,
    type_a,
    type_b,
    type_b_relative,
)
from yuejingzhun.metrology.uncertainty.distribution import Normal, Shape
from yuejingzhun.metrology.uncertainty.dual import Uncertain, cos, sin


def end_gauge() -> Uncertain:
    """JCGM 100:2008 H.1, lengths in nm."""
    standard = given("ls", 50_000_623.0, 25.0, 18)
    difference = (
        given("d", 215.0, 5.8, 24)
        + given("d random comparator", 0.0, 3.9, 5)
        + given("d systematic comparator", 0.0, 6.7, 8)
    )
    expansion = type_b("alpha_s", 11.5e-6, 2e-6)
    temperature = given("theta mean", -0.1, 0.2) + type_b("theta cyclic", 0.0, 0.5, ArcSine)
    expansion_difference = type_b("delta alpha", 0.0, 1e-6, dof=50)
    temperature_difference = type_b("delta theta", 0.0, 0.05, dof=2)
    return standard + difference - standard * (expansion_difference * temperature + expansion * temperature_difference)


def test_h1_end_gauge(published: Published) -> None:
    result = budget(end_gauge())
    row = partial(published, "JCGM 100 H.1", f"JCGM 100:2008 H.1{FROM_MEMORY}")
    rounded = {"within": "1", "because": "来源由已修约的 32 nm 等分量算得"}
    row("端规 l", "50.000838", result.value / 1e6, "mm")
    row("端规 u_c(l)", "32", result.u, "nm")
    row("端规 ν_eff", "16.7", result.dof, **rounded)
    row("端规 U₉₉", "93", result.expanded(0.99), "nm", **rounded)
    assert result.value == pytest.approx(50_000_838.0)
    assert result.u == pytest.approx(31.663879, rel=1e-7)
    assert result.dof == pytest.approx(16.751856, rel=1e-6)
    assert result.expanded(0.99) == pytest.approx(92.48328, rel=1e-6)
    parts = {key.name: part for key, part in result.contributions.items()}
    assert parts["delta alpha"] == pytest.approx(2.8868, abs=5e-5)
    assert parts["delta theta"] == pytest.approx(50_000_623 * 11.5e-6 * 0.05 / 3**0.5, abs=5e-5)
    assert parts["alpha_s"] == parts["theta mean"] == 0


def test_h2_resistance_and_reactance_measured_together(published: Published) -> None:
    row = partial(published, "JCGM 100 H.2", f"JCGM 100:2008 H.2{FROM_MEMORY}")
    readings = [
        [5.007, 4.994, 5.005, 4.990, 4.999],
        [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3],
        [1.0456, 1.0438, 1.0468, 1.0428, 1.0433],
    ]
    (v, i, phi), r = simultaneous(["V", "I", "phi"], readings)
    assert [float(x) for x in r.values()] == pytest.approx([-0.355311, 0.857624, -0.645111], abs=1e-6)
    for pair, printed, found in zip(("V, I", "V, φ", "I, φ"), ("-0.36", "0.86", "-0.65"), r.values(), strict=True):
        row(f"阻抗 r({pair})", printed, found)
    printed = {"R": ("127.732", "0.071"), "X": ("219.847", "0.295"), "Z": ("254.260", "0.236")}
    results = {"R": v / i * cos(phi), "X": v / i * sin(phi), "Z": v / i}
    expected = {"R": (127.732170, 0.0710714), "X": (219.846512, 0.2955817), "Z": (254.259702, 0.2363361)}
    for name, (value, u) in expected.items():
        found = budget(results[name], r)
        assert found.value == pytest.approx(value, abs=1e-6)
        assert found.u == pytest.approx(u, abs=1e-7)
        row(f"阻抗 {name}", printed[name][0], found.value, "Ω")
        off = {"within": "1", "because": "来源由已修约的输入算得"} if name == "X" else {}
        row(f"阻抗 u({name})", printed[name][1], found.u, "Ω", **off)
    for pair, coefficient, shown in (
        ("RX", -0.588430, "-0.588"),
        ("RZ", -0.485259, "-0.485"),
        ("XZ", 0.992512, "0.993"),
    ):
        found_r = correlation(results[pair[0]], results[pair[1]], r)
        assert found_r == pytest.approx(coefficient, abs=1e-6)
        row(f"阻抗 r({pair[0]}, {pair[1]})", shown, found_r)


def test_h3_thermometer_line_from_its_readings() -> None:
    t = np.array([21.521, 22.012, 22.512, 23.003, 23.507, 23.999, 24.513, 25.002, 25.503, 26.010, 26.511])
    b = np.array([-171, -169, -166, -159, -164, -165, -156, -157, -159, -161, -160]) / 1000
    theta = t - 20
    coefficients, residual, *_ = np.linalg.lstsq(np.column_stack([np.ones(11), theta]), b, rcond=None)
    s = float(np.sqrt(residual[0] / 9))
    assert s == pytest.approx(0.00349756, abs=1e-8)

    readings = [given(f"b{k}", float(value), s) for k, value in enumerate(b)]
    weights = (theta - theta.mean()) / ((theta - theta.mean()) ** 2).sum()
    slope = sum((x * float(w) for x, w in zip(readings, weights, strict=True)), start=given("0", 0.0, 0.0))
    mean = sum((x / 11 for x in readings), start=given("0", 0.0, 0.0))
    intercept = mean - slope * float(theta.mean())
    prediction = intercept + slope * 10

    assert [intercept.value, slope.value] == pytest.approx(list(coefficients))
    assert budget(intercept).u == pytest.approx(0.00287760, abs=1e-8)
    assert budget(slope).u == pytest.approx(0.00066794, abs=1e-8)
    assert correlation(intercept, slope) == pytest.approx(-0.9304296, abs=1e-7)
    assert prediction.value == pytest.approx(-0.14937681, abs=1e-8)
    assert budget(prediction).u == pytest.approx(0.00413860, abs=1e-8)


def test_coverage_factors(published: Published) -> None:
    for p, dof, printed in (
        (0.95, np.inf, "1.960"),
        (0.99, 16, "2.92"),
        (0.95, 1, "12.71"),
        (0.95, 10, "2.23"),
    ):
        published("JCGM 100 表 G.2", "JCGM 100:2008 表 G.2", f"t(p = {p}, ν = {dof})", printed, coverage_factor(p, dof))
    assert np.asarray(coverage_factor(0.95, np.array([1, 10, np.inf]))) == pytest.approx([12.71, 2.23, 1.96], abs=5e-3)


@pytest.mark.parametrize(
    ("distribution", "divisor"),
    [
        (Normal, 3),
        (Rectangular, 3**0.5),
        (Triangular, 6**0.5),
        (ArcSine, 2**0.5),
    ],
)
def test_type_b_divisors(distribution: type[Shape], divisor: float) -> None:
    assert budget(type_b("x", 0.0, 1.0, distribution)).u == pytest.approx(1 / divisor)


def test_type_b_has_the_u_of_the_same_distribution_in_a_monte_carlo() -> None:
    for shape in (Rectangular, Triangular, ArcSine):
        assert budget(type_b("x", 5.0, 0.3, shape)).u == pytest.approx(shape(4.7, 5.3).sd)
    for wrong in (Rectangular(-1.0, 1.0), Trapezoidal, "rectangular"):
        with pytest.raises(ArgumentError, match="distribution：应为"):
            type_b("x", 0.0, 1.0, wrong)  # type: ignore[arg-type]


def test_fully_correlated_inputs_add_or_cancel() -> None:
    x, y = given("x", 1.0, 0.3), given("y", 1.0, 0.3)
    r = {frozenset((*x.derivatives, *y.derivatives)): 1.0}
    assert budget(x + y, r).u == pytest.approx(0.6)
    assert budget(x - y, r).u == pytest.approx(0.0, abs=1e-9)


def test_impossible_evaluations_are_refused() -> None:
    with pytest.raises(ValueError, match="two readings"):
        type_a("x", [1.0])
    for probability, dof in ((0, 5), (1, 5), (0.95, 0.5)):
        with pytest.raises(ValueError):
            coverage_factor(probability, dof)
    for u in (-1.0, float("nan"), float("inf"), np.array([0.1, -0.1])):
        with pytest.raises(ValueError, match="u >= 0"):
            given("x", 1.0, u)
    with pytest.raises(ValueError, match="u >= 0"):
        type_b("x", 0.0, -1.0)
    x, y = given("x", 1.0, 0.3), given("y", 1.0, 0.3)
    with pytest.raises(ValueError, match="r <= 1"):
        budget(x + y, {frozenset((*x.derivatives, *y.derivatives)): 2.0})


def test_readings_that_never_vary_correlate_with_nothing() -> None:
    (x, y), r = simultaneous(["x", "y"], [[1.0, 1.0, 1.0], [1.0, 2.0, 3.0]])
    assert list(r.values()) == [0.0]
    assert budget(x + y, r).u == pytest.approx(3**-0.5)


@pytest.mark.parametrize("dof", range(1, 60))
def test_a_single_input_keeps_its_degrees_of_freedom(dof: int) -> None:
    for u in (0.1, 0.3, 1.7, 12.3):
        assert budget(given("x", 1.0, u, dof)).expanded() == pytest.approx(u * coverage_factor(0.95, dof))


def test_decimals_are_taken_as_numbers() -> None:
    x = given("x", Decimal("2.5"), Decimal("0.1"))
    assert budget(x * Decimal(2) + x ** Decimal(2)).u == pytest.approx(0.7)


def test_a_trapezoid_lies_between_triangle_and_rectangle() -> None:
    # JCGM 100:2008 4.3.9: u^2 = a^2 (1 + beta^2) / 6.
    assert budget(trapezoidal("x", 0.0, 3.0, 0.0)).u == pytest.approx(3 / 6**0.5)
    assert budget(trapezoidal("x", 0.0, 3.0, 1.0)).u == pytest.approx(3 / 3**0.5)
    assert budget(trapezoidal("x", 0.0, 3.0, 0.5)).u == pytest.approx(3 * (1.25 / 6) ** 0.5)
    for half_width, top in ((-1.0, 0.5), (1.0, 1.5), (1.0, float("nan"))):
        with pytest.raises(ValueError):
            trapezoidal("x", 0.0, half_width, top)


def test_relative_components_follow_the_value_of_each_row() -> None:
    rows = np.array([-10.0, 0.0, 40.0])
    assert list(np.asarray(budget(given_relative("x", rows, 0.01)).u)) == pytest.approx([0.1, 0, 0.4])
    assert list(np.asarray(budget(type_b_relative("x", rows, 0.03)).u) * 3**0.5) == pytest.approx([0.3, 0, 1.2])
    with pytest.raises(ValueError, match="relative_u"):
        given_relative("x", 1.0, -0.1)


def test_pairs_that_are_possible_alone_but_not_together_are_refused() -> None:
    x, y, z = (given(name, 1.0, 0.1) for name in "xyz")
    keys = [next(iter(part.derivatives)) for part in (x, y, z)]
    pairs = {frozenset((keys[0], keys[1])): 0.9, frozenset((keys[1], keys[2])): 0.9}
    assert budget(x + y + z, pairs | {frozenset((keys[0], keys[2])): 0.7}).u > 0
    with pytest.raises(ValueError, match="半正定"):
        budget(x + y + z, pairs | {frozenset((keys[0], keys[2])): -0.9})
