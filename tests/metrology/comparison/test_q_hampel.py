"""ISO 13528:2022 E.3, the creosote data, and the recipes of C.5.2.2 and C.5.3.3 written out plainly."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.q_hampel import hampel, q_hampel, q_method

CREOSOTE = [24.14, 20.155, 19.5, 20.3, 20.705, 17.57, 20.1, 20.94, 21.185]
ATRAZINE = [  # ISO 13528:2022 Table E.4
    *(0.040, 0.055, 0.178, 0.202, 0.206, 0.227, 0.228, 0.230, 0.230, 0.235, 0.236, 0.237, 0.243, 0.244, 0.245),
    *(0.2555, 0.260, 0.264, 0.267, 0.270, 0.273, 0.274, 0.274, 0.278, 0.2811, 0.287, 0.287, 0.288, 0.289),
    *(0.295, 0.296, 0.311, 0.331, 0.4246),
]


def plain_q(values: np.ndarray) -> float:
    """Formulae (C.22) to (C.25); the values are multiples of 1/8, so that equal differences are equal in binary."""
    differences = np.abs(values[:, None] - values)[np.triu_indices(len(values), 1)]
    steps = np.unique(differences)
    share = [float(np.mean(differences <= step)) for step in steps]
    at_zero = float(np.mean(differences == 0))
    places, middles, before = [0.0], [0.0], 0.0
    for step, upto in zip(steps, share, strict=True):
        if step > 0:
            places.append(float(step))
            middles.append((before + upto) / 2)
        before = upto
    quantile = np.interp(0.25 + 0.75 * at_zero, middles, places)
    return float(quantile / (np.sqrt(2) * norm.ppf(0.625 + 0.375 * at_zero)))


def influence(location: float, values: np.ndarray, scale: float) -> float:
    """Formula (C.28) summed."""
    size = np.abs(values - location) / scale
    fall = np.where(size <= 1.5, size, np.where(size <= 3, 1.5, np.maximum(4.5 - size, 0)))
    return float(np.sum(np.sign(values - location) * fall))


def test_creosote() -> None:
    result = q_hampel(CREOSOTE)  # as pt13528 0.1.8 gives it
    assert float(result.location) == pytest.approx(20.412142857142424, rel=1e-13)
    assert float(result.scale) == pytest.approx(1.3370345407560063, rel=1e-14)


def test_atrazine_e3(published: Published) -> None:
    result = q_hampel(ATRAZINE)
    row = partial(published, "ISO 13528 E.3", "ISO 13528:2022 E.3（二手）")
    row("莠去津 Q/Hampel x*", "0.2600", result.location, "µg/L")
    row("莠去津 Q/Hampel s*", "0.0426", result.scale, "µg/L")
    row("莠去津 Q/Hampel u(x_pt)", "0.0091", result.uncertainty, "µg/L")


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(-80, 80), min_size=3, max_size=14).filter(lambda values: len(set(values)) > 1))
def test_recipe(values: list[int]) -> None:
    numbers = np.array(values) / 8
    scale = float(q_method(numbers))
    assert scale == pytest.approx(plain_q(numbers), rel=1e-12)
    location = float(hampel(numbers, scale))
    assert float(q_hampel(numbers).location) == location
    centre = float(np.median(numbers))
    # A zero of the summed influence, and none nearer to the median: its sign doesn't change in between. (At two
    # equally near zeros the median is returned, which is then no zero.)
    if abs(influence(location, numbers, scale)) > 1e-9:
        assert location == centre
    else:
        between = centre + (location - centre) * np.linspace(0, 0.999, 40)
        signs = {np.sign(round(influence(place, numbers, scale), 9)) for place in between} - {0.0}
        assert len(signs) <= 1


def test_decimal_ties_count_as_one() -> None:
    # 0.3 - 0.2 and 0.2 - 0.1 differ in binary; a tenth is one step whatever the unit.
    tenths = np.array([0.1, 0.2, 0.3, 0.3, 0.4, 0.7])
    assert float(q_method(tenths)) == pytest.approx(float(q_method(np.round(10 * tenths))) / 10, rel=1e-12)


def test_of_two_equally_near_solutions_the_median() -> None:
    # Two clusters out of each other's reach, none in the middle: zeros at both clusters and between.
    assert float(hampel([0, 0.1, 0.2, 9.8, 9.9, 10.0], 0.5)) == pytest.approx(5.0)
    # Three clusters; the middle one is nearest to the median.
    assert float(hampel([-9.0, -9.1, 0.1, 0.2, 0.3, 9.0, 9.1], 0.5)) == pytest.approx(0.2)


def test_rounds_at_once_and_absent_participants() -> None:
    generator = np.random.default_rng(3)
    rounds, present = generator.standard_normal((3, 20, 11)), generator.random((3, 20, 11)) < 0.7
    present[..., :3] = True
    rounds[..., 0] += 50
    rounds[~present] = np.nan
    together = q_hampel(rounds, present)
    for place in np.ndindex(3, 20):
        alone = q_hampel(rounds[place][present[place]])
        assert together.location[place] == pytest.approx(float(alone.location), rel=1e-10)
        assert together.scale[place] == pytest.approx(float(alone.scale), rel=1e-10)
    np.testing.assert_allclose(hampel(rounds, together.scale, present), together.location, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-50, 50), min_size=4, max_size=12).filter(lambda values: len(set(values)) > 3),
    st.sampled_from([0.001, 0.1, 7.0, 1e6]),
)
def test_unit(values: list[int], unit: float) -> None:
    base, scaled = q_hampel(values), q_hampel(unit * np.array(values))
    assert float(scaled.scale) == pytest.approx(unit * float(base.scale), rel=1e-9)
    assert float(scaled.location) == pytest.approx(unit * float(base.location), rel=1e-9, abs=1e-9 * unit)


def test_consistent_for_normal_results() -> None:
    rounds = np.random.default_rng(4).standard_normal((300, 100))
    assert np.mean(q_method(rounds)) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(
    ("rounds", "scale", "names"),
    [([1.0, 1.0, 1.0], 1.0, "rounds"), ([1.0, 2.0], 1.0, "rounds"), ([1.0, 2.0, 4.0], 0.0, "scale")],
)
def test_bad_arguments(rounds: list[float], scale: float, names: str) -> None:
    with pytest.raises(ArgumentError) as error:
        hampel(rounds, scale)
    assert error.value.argument == names
    with pytest.raises(ArgumentError, match="形状"):
        hampel([[1.0, 2.0, 4.0]] * 2, [1.0, 1.0, 1.0])
