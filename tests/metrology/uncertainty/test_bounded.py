"""Distributions between limits (JCGM 101:2008 6.4.2 to 6.4.6), against integrals of their densities and SciPy."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.bounded import (
    ArcSine,
    CurvilinearTrapezoid,
    Rectangular,
    Trapezoidal,
    Triangular,
)
from yuejingzhun.metrology.uncertainty.distribution import Distribution

P = np.array([1e-6, 0.001, 0.024, 0.1, 0.3, 0.5, 0.62, 0.9, 0.999, 1 - 1e-6])
BOUNDED = [
    (Rectangular(-1.0, 3.0), stats.uniform(-1, 4)),
    (Triangular(-1.0, 3.0), stats.triang(0.5, -1, 4)),
    (Trapezoidal(-1.0, 3.0, 0.25), stats.trapezoid(0.375, 0.625, -1, 4)),
    (ArcSine(-1.0, 3.0), stats.arcsine(-1, 4)),
]


@pytest.mark.parametrize(("ours", "peer"), BOUNDED, ids=lambda x: type(x).__name__)
def test_quantiles_mean_and_sd_are_those_of_scipy(ours: Distribution, peer: stats.rv_continuous) -> None:
    np.testing.assert_allclose(ours.quantile(P), peer.ppf(P), rtol=1e-9, atol=1e-9)
    assert ours.mean == pytest.approx(peer.mean())
    assert ours.sd == pytest.approx(peer.std(), rel=1e-7)


def curvilinear_density(a: float, b: float, d: float) -> Callable[[float], float]:
    """JCGM 101:2008 6.4.3.2."""
    middle, half = (a + b) / 2, (b - a) / 2

    def density(x: float) -> float:
        s = max(abs(x - middle), half - d)
        return float(np.log((half + d) / s) / (4 * d))

    return density


@pytest.mark.parametrize("d", [0.05, 0.4, 0.999, 1.0])
def test_the_curvilinear_trapezoid_inverts_the_integral_of_its_density(d: float) -> None:
    ours, density = CurvilinearTrapezoid(4.0, 6.0, d), curvilinear_density(4.0, 6.0, d)
    for p in P:
        x = float(ours.quantile(np.array([p]))[0])
        below = integrate.quad(density, 4 - d, x, points=sorted({min(4 + d, x), min(5.0, x), min(6 - d, x)}))[0]
        assert below == pytest.approx(p, abs=2e-8)
    assert ours.sd == pytest.approx(np.sqrt(4 / 12 + d * d / 9))  # 6.4.3.3


DRAWN = [*(ours for ours, _ in BOUNDED), CurvilinearTrapezoid(-1.0, 3.0, 0.7), Trapezoidal(-1.0, 3.0, 0.0)]


@pytest.mark.parametrize("ours", DRAWN, ids=lambda x: type(x).__name__)
def test_direct_draws_follow_the_quantiles(ours: Distribution) -> None:
    drawn = ours.at(ours.variates(np.random.default_rng(8), 40_000))
    levels = (np.arange(199) + 1) / 200
    share_below = np.searchsorted(np.sort(drawn), ours.quantile(levels)) / len(drawn)
    assert np.abs(share_below - levels).max() < 1.95 / len(drawn) ** 0.5  # Kolmogorov, 0.1 %
    assert drawn.std() == pytest.approx(ours.sd, rel=0.02)


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.floats(0, 1), st.floats(1e-6, 1 - 1e-6))
def test_quantiles_follow_the_unit_and_mirror_at_the_middle(low: float, width: float, share: float, p: float) -> None:
    high, levels = low + width, np.array([p, 1 - p])
    for make in (
        lambda a, b: Trapezoidal(a, b, share),
        lambda a, b: CurvilinearTrapezoid(a, b, (b - a) * (share + 1e-3) / 2.1),
    ):
        below, above = make(low, high).quantile(levels)
        assert below + above == pytest.approx(low + high, abs=1e-9 * (abs(low) + width))
        scaled = make(1000 * low, 1000 * high).quantile(levels)
        assert scaled / 1000 == pytest.approx(np.array([below, above]), abs=1e-6 * (abs(low) + width))


def test_trapezoid_between_triangle_and_rectangle() -> None:
    np.testing.assert_allclose(Trapezoidal(0.0, 1.0, 0.0).quantile(P), Triangular(0.0, 1.0).quantile(P))
    np.testing.assert_allclose(Trapezoidal(0.0, 1.0, 1.0).quantile(P), P)
    np.testing.assert_allclose(CurvilinearTrapezoid(0.0, 1.0, 1e-9).quantile(P), P, atol=1e-8)


def test_each_row_has_its_own_parameters() -> None:
    low, high = np.array([0.0, 10.0]), np.array([1.0, 30.0])
    levels = np.array([0.1, 0.5, 0.8])
    for kind in (Rectangular, Triangular, ArcSine, lambda a, b: Trapezoidal(a, b, np.array([0.2, 0.2]))):
        together = kind(low, high).quantile(levels)
        np.testing.assert_allclose(together[1], 10 + 20 * together[0])


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: Rectangular(1.0, 1.0), "high"),
        (lambda: Rectangular(np.nan, 1.0), "low"),
        (lambda: Rectangular(np.zeros(3), np.ones(2)), "high、low"),
        (lambda: Triangular(np.zeros((2, 2)), 1.0), "low"),
        (lambda: Trapezoidal(0.0, 1.0, 1.5), "beta"),
        (lambda: CurvilinearTrapezoid(0.0, 1.0, 0.0), "d"),
        (lambda: CurvilinearTrapezoid(0.0, 1.0, 0.6), "d"),
        (lambda: ArcSine(2.0, 1.0), "high"),
    ],
)
def test_impossible_limits_are_refused(make: Callable[[], object], argument: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        make()
    assert refused.value.argument == argument
