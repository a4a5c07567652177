from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.youden import youden_plot

# Berthouex and Brown, Statistics for Environmental Engineers, 2nd edition, Table 9.1 (ug/L).
LOW = np.array([2.0, 3.6, 1.8, 1.1, 2.5, 2.4, 1.8, 1.7])
HIGH = np.array([6.3, 6.6, 6.8, 6.8, 7.4, 6.9, 6.1, 6.3])


def test_published_pairs(published: Published) -> None:
    plot = youden_plot(LOW, HIGH)
    row = partial(published, "尤登图", "Berthouex 与 Brown，第 2 版，表 9.1", unit="µg/L")
    row("低浓度平均值", "2.11", plot.centre[0])
    row("高浓度平均值", "6.66", plot.centre[1], within="1", because="印出数据的平均值恰为 6.65")
    row("s", "0.55", plot.within_sd)
    row("半径，t 取 7 个自由度", "1.3", plot.within_sd * stats.t.isf(0.025, 7))
    # 95 % of laboratories without bias lie within that many s of the centre.
    published("尤登图", "Youden 1959", "95 % 圆的半径与 s 之比", "2.448", plot.circle_radius() / plot.within_sd)


def test_ellipse_against_hotelling_from_the_matrix() -> None:
    plot = youden_plot(LOW, HIGH)
    matrix = np.cov(LOW, HIGH)
    np.testing.assert_allclose(plot.covariance, matrix)
    off = np.stack([LOW, HIGH]) - np.array([[LOW.mean()], [HIGH.mean()]])
    np.testing.assert_allclose(plot.distance, (off * np.linalg.solve(matrix, off)).sum(axis=0))
    assert plot.limit == pytest.approx(2 * 7 / 6 * stats.f.isf(0.05, 2, 6))
    assert plot.correlation == pytest.approx(stats.pearsonr(LOW, HIGH).statistic)
    # Every point of the drawn ellipse has the limit's distance, and the semi-axes are its extremes.
    ring = plot.ellipse(721) - plot.centre
    np.testing.assert_allclose((ring.T * np.linalg.solve(matrix, ring.T)).sum(axis=0), plot.limit)
    axes, angle = plot.semi_axes()
    radii = np.hypot(*ring.T)
    np.testing.assert_allclose(axes, [radii.max(), radii.min()], rtol=1e-4)
    far = ring[radii.argmax()]
    assert np.tan(angle) == pytest.approx(far[1] / far[0], abs=0.02)


def test_components_are_those_of_the_analysis_of_variance() -> None:
    # Two results a laboratory, sample means taken off: MS between = 2 s_L^2 + s_r^2, MS within = s_r^2.
    plot = youden_plot(LOW, HIGH)
    off = np.stack([LOW - LOW.mean(), HIGH - HIGH.mean()])
    between, within = 2 * (off.mean(axis=0) ** 2).sum() / 7, ((off - off.mean(axis=0)) ** 2).sum() / 7
    assert plot.within_sd == pytest.approx(within**0.5)
    assert plot.between_sd == pytest.approx(((between - within) / 2) ** 0.5)
    assert plot.p == pytest.approx(stats.f.sf(between / within, 7, 7))
    np.testing.assert_allclose(plot.laboratory_bias + plot.within_deviation, off[0])
    np.testing.assert_allclose(plot.laboratory_bias - plot.within_deviation, off[1])


@pytest.mark.parametrize("robust", [False, True])
def test_components_are_found_again(robust: bool) -> None:
    generator = np.random.default_rng(6)
    bias = 2 * generator.standard_normal((50, 1, 100))
    a, b = np.moveaxis(bias + generator.standard_normal((50, 2, 100)), 1, 0)
    plot = youden_plot(a, b, robust=robust)
    assert plot.within_sd.mean() == pytest.approx(1, rel=0.03)
    assert plot.between_sd.mean() == pytest.approx(2, rel=0.03)
    assert plot.correlation.mean() == pytest.approx(0.8, abs=0.02)
    assert plot.outside().mean() == pytest.approx(0.05, abs=0.015)


def test_small_numbers_are_not_biased() -> None:
    generator = np.random.default_rng(9)
    for n in (4, 5, 8, 9, 10, 11):
        a, b = generator.standard_normal((2, 3000, n))
        assert youden_plot(a, b, robust=True).within_sd.mean() == pytest.approx(1, rel=0.05)


def test_the_robust_ellipse_withstands_what_carries_the_classical_one_away() -> None:
    generator = np.random.default_rng(1)
    bias = generator.standard_normal(20)
    a, b = bias + 0.3 * generator.standard_normal((2, 20))
    a[:4] += 1000.0
    assert youden_plot(a, b, robust=True).outside()[:4].all()
    assert not youden_plot(a, b).outside()[:4].all()
    assert youden_plot(a, b, robust=True).within_sd < 1 < youden_plot(a, b).within_sd


@pytest.mark.parametrize("robust", [False, True])
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), factor=st.sampled_from([1e-6, 1e3]), n=st.integers(4, 12))
def test_units_order_and_absence(robust: bool, seed: int, factor: float, n: int) -> None:
    generator = np.random.default_rng(seed)
    a, b = generator.standard_normal((2, n))
    order = generator.permutation(n)
    base, other = youden_plot(a, b, robust=robust), youden_plot(factor * a[order], factor * b[order], robust=robust)
    np.testing.assert_allclose(other.distance, base.distance[order], rtol=1e-6)
    np.testing.assert_allclose(other.within_sd, factor * base.within_sd, rtol=1e-9)
    np.testing.assert_allclose(youden_plot(b, a, robust=robust).distance, base.distance, rtol=1e-6)
    more = youden_plot(np.append(a, np.nan), np.append(b, 5.0), np.arange(n + 1) < n, robust)
    np.testing.assert_allclose(more.distance[:n], base.distance, rtol=1e-9)
    assert np.isnan([more.distance[n], more.laboratory_bias[n]]).all()
    assert not more.outside()[n]


@pytest.mark.parametrize(
    ("a", "b", "named"),
    [
        ([1, 2, 3], [1, 2, 4], "x"),
        ([1, 1, 1, 1], [1, 2, 3, 5], "a"),
        ([1, 2, 3, 5], [1, 1, 1, 1], "b"),
        ([1, 2, 3, 5], [2, 4, 6, 10], "a、b"),
        ([1, 2, 3, np.inf], [2, 4, 6, 1], "a"),
        ([1, 2, 3, 5], [2, 4, 6], "a、b"),
    ],
)
@pytest.mark.parametrize("robust", [False, True])
def test_bad_input_is_named(a: list[float], b: list[float], named: str, robust: bool) -> None:
    with pytest.raises(ArgumentError) as caught:
        youden_plot(a, b, robust=robust)
    assert caught.value.argument == ("a" if named == "x" else named)
