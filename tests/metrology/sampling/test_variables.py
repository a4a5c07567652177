from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from published import FROM_MEMORY, Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.sampling.attributes import RiskPoints
from yuejingzhun.metrology.sampling.variables import (
    VariablesPlan,
    constant,
    estimated_fraction,
    inspect,
    probability_of_acceptance,
    smallest_plan,
)

RISKS = RiskPoints(0.01, 0.05, 0.06, 0.10)


@pytest.mark.parametrize(
    ("size", "fraction", "expected"),
    # One-sided tolerance factors at 95 % confidence (ISO 16269-6:2014; Owen 1962): the s method's k.
    [
        (10, 0.05, "2.911"),
        (20, 0.05, "2.396"),
        (30, 0.05, "2.220"),
        (50, 0.05, "2.065"),
        (10, 0.01, "3.981"),
        (10, 0.10, "2.355"),
    ],
)
def test_constants_are_the_published_tolerance_factors(
    size: int, fraction: float, expected: str, published: Published
) -> None:
    case = f"95 % 置信的单侧容限因子，n = {size}，不合格 {fraction:.0%}"
    published("ISO 16269-6", "ISO 16269-6:2014；Owen 1962", case, expected, constant(size, fraction, 0.05))


def test_published_plan(published: Published) -> None:
    # Montgomery, Introduction to SQC, 6th ed., 16.2: p1 = 1 %, p2 = 6 %, alpha 5 %, beta 10 %: n = 40, k = 1.9 read
    # off a nomograph, whose normal approximation is a little short of the exact n (from memory, to be read against the
    # book).
    plan = smallest_plan(RISKS)
    row = partial(published, "Montgomery 16.2", f"Montgomery，统计质量控制导论，第 6 版{FROM_MEMORY}")
    row("计量方案 n", "40", plan.sample_size, within="2", because="由诺模图读出，正态近似稍小")
    row("计量方案 k", "1.9", plan.k)
    assert plan.k == pytest.approx(1.9, abs=0.01)
    # R package AcceptanceSampling, find.plan (documentation of AQLSchemes): n = 42 and k = 1.905285, the largest k that
    # keeps the producer's risk.
    assert plan.sample_size == 42
    assert constant(42, RISKS.good, 0.95) == pytest.approx(1.905285, abs=5e-7)


@pytest.mark.parametrize(
    ("size", "k", "percent"),
    # ANSI/ASQ Z1.9 (MIL-STD-414), s method, normal inspection: k of Table B-1 (public page of the Instituto Superior
    # Técnico, Lisbon) and M of Table B-3 (R package AQLSchemes, AAZ19) for one plan, in two forms.
    [
        (10, 1.72, 3.27), (10, 1.41, 7.26), (10, 0.828, 20.73), (15, 1.79, 3.06), (20, 1.82, 2.93), (25, 1.85, 2.86),
        (35, 2.45, 0.534), (35, 1.89, 2.66), (35, 1.76, 3.70), (50, 1.93, 2.47), (75, 1.98, 2.27), (100, 2.00, 2.18),
        (150, 2.03, 2.05), (200, 2.04, 2.04),
    ],
)  # fmt: skip
def test_both_forms_of_the_plans_of_z1_9(size: int, k: float, percent: float) -> None:
    # k has three digits, and some rows of the two tables were rounded on different ways.
    strict, lax = (100 * VariablesPlan(size, k + off).largest_fraction for off in (0.0065, -0.0065))
    assert strict < percent < lax


def test_sigma_method_against_the_closed_form() -> None:
    z = stats.norm.isf
    n = int(np.ceil(((z(0.05) + z(0.10)) / (z(0.01) - z(0.06))) ** 2))
    plan = smallest_plan(RISKS, sigma_known=True)
    assert plan.sample_size == n
    assert float(probability_of_acceptance(plan, 0.01)) >= 0.95
    assert float(probability_of_acceptance(plan, 0.06)) <= 0.10


@settings(max_examples=20, deadline=None)
@given(st.floats(0.001, 0.03), st.floats(2.5, 6), st.booleans())
def test_both_risks_are_kept_and_no_fewer_items_do(good: float, times: float, known: bool) -> None:
    risks = RiskPoints(good, 0.05, good * times, 0.10)
    plan = smallest_plan(risks, known)
    chances = probability_of_acceptance(plan, [risks.good, risks.bad])
    assert chances[0] >= 0.95 - 1e-12
    assert chances[1] <= 0.10 + 1e-12
    fewer = plan.sample_size - 1
    if fewer >= 2:
        assert constant(fewer, risks.bad, 0.10, known) > constant(fewer, risks.good, 0.95, known)


@pytest.mark.parametrize("size", [3, 20, 400])
def test_curve_against_simulation_free_integration(size: int) -> None:
    # E over the chi distribution of s / sigma, the definition that the non-central t stands for.
    plan, quality = VariablesPlan(size, 1.6), np.array([0.005, 0.03, 0.1])
    u = np.linspace(*stats.chi.ppf([1e-15, 1 - 1e-15], size - 1), 40_001)
    weight = stats.chi.pdf(u, size - 1)
    z = stats.norm.isf(quality)[:, None]
    inside = stats.norm.cdf(np.sqrt(size) * (z - plan.k * u / np.sqrt(size - 1))) * weight
    expected = np.trapezoid(inside, u, axis=-1)
    np.testing.assert_allclose(probability_of_acceptance(plan, quality), expected, atol=1e-6)


def test_large_samples_keep_their_digits() -> None:
    # Noncentrality beyond 30 goes another way; both must meet; n = 20,000 is nearly normal.
    near = [float(probability_of_acceptance(VariablesPlan(n, 1.6), 0.05)) for n in (331, 332, 333, 334)]
    steps = np.diff(near)
    np.testing.assert_allclose(steps, steps[0], rtol=0.01)
    n, k = 20_000, 1.6
    approximate = stats.norm.cdf((stats.norm.isf(0.055) - k) * np.sqrt(n / (1 + k * k / 2)))
    assert float(probability_of_acceptance(VariablesPlan(n, k), 0.055)) == pytest.approx(approximate, abs=5e-3)


def test_published_estimates(published: Published) -> None:
    # Five readings, mean 195, s = 8.81, upper limit 209.
    estimate = 100 * estimated_fraction(1.59, 5)
    published("MIL-STD-414 例 B-3", "MIL-STD-414 例 B-3", "n = 5，Q = 1.59 的不合格率估计", "2.19", estimate, "%")
    # n = 4: the beta distribution is uniform, 0.5 - Q / 3; n = 3: arcs of a circle (ISO 3951-1, small samples).
    assert float(estimated_fraction(0.75, 4)) == pytest.approx(0.25, abs=1e-15)
    assert float(estimated_fraction(2 / np.sqrt(3), 3)) == 0
    assert float(estimated_fraction(0.0, 7)) == pytest.approx(0.5)
    assert float(estimated_fraction(np.inf, 7)) == 0
    assert float(estimated_fraction(1.2, 10, True)) == pytest.approx(stats.norm.sf(1.2 * np.sqrt(10 / 9)))


def test_the_estimate_is_unbiased() -> None:
    rows = np.random.default_rng(7).normal(size=(40_000, 6))
    q = (1.5 - rows.mean(axis=1)) / rows.std(axis=1, ddof=1)
    assert estimated_fraction(q, 6).mean() == pytest.approx(stats.norm.sf(1.5), abs=0.0012)


def test_lots_are_judged_at_once_whatever_their_unit() -> None:
    rows = np.random.default_rng(3).normal(10, 0.1, size=(50, 20))
    plan = VariablesPlan(20, 1.7)
    one = inspect(rows, plan, lower=9.8)
    np.testing.assert_array_equal(one.accepted, (rows.mean(axis=1) - 9.8) / rows.std(axis=1, ddof=1) >= 1.7)
    assert 0 < one.accepted.sum() < 50
    # For a single limit form k and form p* are the same rule.
    np.testing.assert_array_equal(one.accepted, one.fraction <= plan.largest_fraction)
    two = inspect(rows, plan, 9.8, 10.2)
    scaled = inspect(rows * 1000, plan, 9800, 10_200)
    np.testing.assert_array_equal(two.accepted, scaled.accepted)
    assert np.all(two.accepted <= one.accepted)
    known = inspect(rows, VariablesPlan(20, 1.7, True), lower=9.8, sigma=0.1)
    np.testing.assert_allclose(known.q_lower, (rows.mean(axis=1) - 9.8) / 0.1)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("readings", lambda: inspect([1.0, 1, 1], VariablesPlan(3, 1.0), lower=0)),
        ("readings", lambda: inspect([1.0, 2], VariablesPlan(3, 1.0), lower=0)),
        ("readings", lambda: inspect([1.0, 2, 3, 4], VariablesPlan(3, 1.0), lower=0)),
        ("readings", lambda: inspect([1.0, 2, np.nan], VariablesPlan(3, 1.0), lower=0)),
        ("lower、upper", lambda: inspect([1.0, 2, 3], VariablesPlan(3, 1.0))),
        ("lower、upper", lambda: inspect([1.0, 2, 3], VariablesPlan(3, 1.0), 3, 3)),
        ("sigma", lambda: inspect([1.0, 2, 3], VariablesPlan(3, 1.0, True), 0)),
        ("sigma", lambda: inspect([1.0, 2, 3], VariablesPlan(3, 1.0), 0, sigma=1.0)),
        ("quality", lambda: probability_of_acceptance(VariablesPlan(3, 1.0), 0.0)),
        ("sample_size", lambda: VariablesPlan(1, 1.0)),
        ("sample_size", lambda: estimated_fraction(1.0, 2)),
        ("good", lambda: smallest_plan(RiskPoints(0.0, 0.05, 0.1, 0.1))),
        ("q", lambda: estimated_fraction(np.nan, 5)),
    ],
)
def test_bad_arguments_are_named(argument: str, call: object) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == argument
