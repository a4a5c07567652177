"""Coverage intervals of drawn values (JCGM 101:2008 7.7), against a plain sort and exact intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.coverage_interval import covered, intervals


def by_sorting(values: np.ndarray, p: float) -> tuple[float, float, float]:
    """Symmetric ends and least width, in the words of JCGM 101:2008 7.7.2, counted from one."""
    y, m = np.sort(values), len(values)
    q = int(p * m) if p * m == int(p * m) else int(p * m + 0.5)
    r = (m - q) // 2 if (m - q) % 2 == 0 else (m - q + 1) // 2
    return y[r - 1], y[r + q - 1], min(y[r + q - 1] - y[r - 1] for r in range(1, m - q + 1))


@given(st.lists(st.floats(-1e6, 1e6), min_size=10, max_size=300), st.sampled_from([0.5, 0.75, 0.875]))
def test_order_statistics_are_those_of_the_standard(values: list[float], p: float) -> None:
    found = intervals(np.array(values), p)
    low, high, width = by_sorting(np.array(values), p)
    assert (found.symmetric.low, found.symmetric.high, found.shortest.width) == (low, high, width)


@pytest.mark.parametrize("order", ["drawn", "rising", "periodic"])
def test_many_values_need_no_full_sort_and_give_the_same(order: str) -> None:
    values = np.random.default_rng(5).standard_gamma(2.0, 65_536)
    if order == "rising":
        values.sort()
    if order == "periodic":  # what a pilot of every eighth value misjudges
        values[::8] += 100
    found, (low, high, width) = intervals(values, 0.95), by_sorting(values, 0.95)
    assert (found.symmetric.low, found.symmetric.high) == (low, high)
    assert found.shortest.width == pytest.approx(width, rel=1e-14)
    assert intervals(values, 0.3).symmetric.low == by_sorting(values, 0.3)[0]


def test_how_many_values_lie_within() -> None:
    assert covered(1_000_000, 0.95) == 950_000  # 0.95 x 10^6 is no integer in binary
    assert covered(1_000_001, 0.95) == 950_001
    assert covered(10, 0.99 / 1.1) == 9


def test_ends_are_known_for_a_skew_distribution() -> None:
    values = stats.gamma(3).ppf((np.arange(200_000) + 0.5) / 200_000)
    found, exact = intervals(values, 0.9), stats.gamma(3)
    tail = optimize.minimize_scalar(lambda a: exact.ppf(a + 0.9) - exact.ppf(a), (0.0, 0.1), bounds=(0, 0.1)).x
    assert found.shortest.width == pytest.approx(exact.ppf(tail + 0.9) - exact.ppf(tail), rel=1e-4)
    assert (found.symmetric.low, found.symmetric.high) == pytest.approx(exact.ppf([0.05, 0.95]), rel=1e-3)


def test_play_of_the_shortest_interval() -> None:
    generator = np.random.default_rng(2)
    # A rectangular distribution has no one shortest interval: any of width 0.95 will do.
    assert intervals(generator.random(10**6)).play == pytest.approx(0.05, abs=0.01)
    assert intervals(generator.exponential(size=10**6)).play < 0.001
    assert 0.02 < intervals(generator.standard_normal(10**6)).play < 0.1


@given(st.integers(0, 2**32), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_intervals_follow_unit_zero_and_sign(seed: int, unit: float, zero: float) -> None:
    values = np.random.default_rng(seed).gamma(2.0, size=400)
    one, other = intervals(values, 0.9), intervals(zero + unit * values, 0.9)
    close = {"rel": 1e-9, "abs": 1e-9}
    assert other.symmetric.low == pytest.approx(zero + unit * one.symmetric.low, **close)
    assert other.shortest.width == pytest.approx(unit * one.shortest.width, **close)
    assert intervals(-values, 0.9).shortest.width == one.shortest.width


def test_rows_are_taken_one_by_one() -> None:
    values = np.random.default_rng(1).standard_normal((3, 30_000))
    together = intervals(values, 0.95)
    for row, low, width in zip(values, together.symmetric.low, together.shortest.width, strict=True):
        assert (low, width) == (intervals(row).symmetric.low, intervals(row).shortest.width)
    assert together.play.shape == (3,)


@pytest.mark.parametrize(
    ("values", "p", "argument"),
    [
        ([1.0, 2.0], 0.95, "trials"),
        ([1.0], 0.5, "values"),
        ([1.0, np.nan], 0.5, "values"),
        ([1.0, 2.0], 1.0, "probability"),
    ],
)
def test_bad_input(values: list[float], p: float, argument: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        intervals(np.array(values), p)
    assert refused.value.argument == argument
