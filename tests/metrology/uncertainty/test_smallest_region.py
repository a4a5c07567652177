"""The smallest coverage region against areas in closed form, and by what it must be whatever the draws."""

import numpy as np
import pytest
from scipy import stats

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.smallest_region import smallest_region


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def normal_pair(trials: int) -> np.ndarray:
    """The additive model of JCGM 102:2011 9.2: Y1 = X1 + X3, Y2 = X2 + X3, all N(0, 1)."""
    x = rng().standard_normal((3, trials))
    return np.stack([x[0] + x[2], x[1] + x[2]])


def test_area_of_a_normal_pair_is_that_of_its_ellipse() -> None:
    # pi k^2 sqrt(det), k^2 = chi-squared quantile of 2 degrees of freedom, det = 2 x 2 - 1 x 1.
    exact = np.pi * stats.chi2(2).ppf(0.95) * 3**0.5
    found = smallest_region(normal_pair(10**6))
    assert found.volume == pytest.approx(exact, rel=0.03)
    assert not found.volume > 1.001 * exact
    assert found.contains(normal_pair(10**6)).mean() == found.share
    fresh = rng(2).standard_normal((3, 10**6))
    assert found.contains([fresh[0] + fresh[2], fresh[1] + fresh[2]]).mean() == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("p", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("shape", ["ring", "two pieces", "skew"])
def test_holds_p_of_the_draws_in_less_than_ellipse_and_rectangle(shape: str, p: float) -> None:
    g = rng(3)
    if shape == "ring":
        angle, radius = g.uniform(0, 2 * np.pi, 100_000), g.normal(5.0, 0.3, 100_000)
        values = np.stack([radius * np.cos(angle), radius * np.sin(angle)])
    elif shape == "two pieces":
        values = g.standard_normal((2, 100_000)) + np.where(g.random(100_000) < 0.5, -6.0, 6.0)
    else:
        values = g.exponential(size=(2, 100_000))
    found = smallest_region(values, p)
    assert p <= found.share < p + 0.05  # a rectangle is whole
    apart = values - values.mean(axis=1, keepdims=True)
    covariance = np.cov(values)
    distance = np.einsum("ik,ij,jk->k", apart, np.linalg.inv(covariance), apart)
    ellipse = np.pi * np.quantile(distance, p) * np.linalg.det(covariance) ** 0.5
    u = values.std(axis=1)
    rectangle = np.prod(2 * np.quantile(np.abs(apart / u[:, None]).max(axis=0), p) * u)
    assert found.volume < min(ellipse, rectangle)


def test_a_ring_has_a_hole() -> None:
    angle = rng().uniform(0, 2 * np.pi, 200_000)
    found = smallest_region(np.stack([np.cos(angle), np.sin(angle)]))
    inside = found.contains([[0.0, 1.0, 1.0, 9.0], [0.0, 0.0, 1.0, 9.0]])
    assert inside.tolist() == [False, True, False, False]


def test_one_result_is_the_shortest_interval_and_units_do_not_matter() -> None:
    values = rng().standard_normal((1, 10**6))
    found = smallest_region(values)
    assert found.volume == pytest.approx(2 * 1.959964, rel=0.02)
    scaled = smallest_region(values * 1024.0)
    assert scaled.volume == found.volume * 1024.0
    assert scaled.chosen.tolist() == found.chosen.tolist()


def test_corners_are_those_of_the_rectangles() -> None:
    found = smallest_region(normal_pair(10_000))
    middles = found.corners().T + found.widths[:, None] / 2
    assert found.contains(middles).all()
    assert len(found.corners()) * np.prod(found.widths) == pytest.approx(found.volume)


def test_what_makes_no_sense_is_refused() -> None:
    for values, named in (
        (np.zeros(10), "values"),
        (np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]), "values"),
        (np.array([[1.0, np.nan, 3.0]]), "values"),
        (np.array([[1.0, 2.0]]), "trials"),
    ):
        with pytest.raises(ArgumentError) as caught:
            smallest_region(values)
        assert caught.value.argument == named
    with pytest.raises(ArgumentError, match="points"):
        smallest_region(normal_pair(1000)).contains([[1.0], [2.0], [3.0]])
