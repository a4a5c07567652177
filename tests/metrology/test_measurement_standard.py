import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.measurement_standard import (
    group_means,
    pooled_repeatability,
    repeatability,
    repeatability_holds,
    stability_in_use,
    stability_of_new,
    verify_by_comparison,
    verify_by_transfer,
)

READINGS = [10.02, 10.01, 10.03, 9.99, 10.00, 10.02, 10.01, 9.98, 10.00, 10.04]


def test_repeatability_is_bessels() -> None:
    found = repeatability(READINGS)
    mean = sum(READINGS) / 10
    assert float(found.s) == pytest.approx((sum((x - mean) ** 2 for x in READINGS) / 9) ** 0.5)
    assert found.dof == 9
    assert repeatability([READINGS, READINGS]).s.shape == (2,)
    assert repeatability_holds(0.01, 0.01)
    assert not repeatability_holds(0.0101, 0.01)


def test_pooling_weighs_by_degrees_of_freedom() -> None:
    found = pooled_repeatability([[1.0, 3.0], [5.0, 5.0, 5.0, 5.0, 5.0], [0.0, 2.0, 4.0]])
    assert found.dof == 7
    assert float(found.s) == pytest.approx(((2 + 0 + 8) / 7) ** 0.5)
    same = pooled_repeatability([READINGS] * 3)
    assert float(same.s) == pytest.approx(float(repeatability(READINGS).s))


def test_stability_before_and_in_use() -> None:
    means = [100.02, 100.05, 99.99, 100.01]
    assert stability_of_new(means, 0.07).change == pytest.approx(0.06)
    assert stability_of_new(means, 0.07).holds
    assert not stability_of_new(means, 0.05).holds
    assert stability_in_use([*means, 100.04], 0.02).change == pytest.approx(0.03)
    assert not stability_in_use([*means, 100.04], 0.02).holds
    assert not stability_in_use([1.0, 1.5], 0.5).holds  # smaller than, not up to
    assert group_means([READINGS, READINGS]) == pytest.approx([10.01, 10.01])


def test_transfer_against_a_higher_standard() -> None:
    near = verify_by_transfer([1.0, 1.0], [0.3, 0.3], [1.29, 1.31], 0.1)  # U0 = U / 3: by U alone
    assert near.holds.tolist() == [True, False]
    assert verify_by_transfer(1.0, 0.3, 1.3, 0.1).holds  # the limit belongs to it, though 1.3 - 1.0 > 0.3 in binary
    like = verify_by_transfer(1.0, 0.3, [1.49, 1.51], 0.4)
    assert like.limit == pytest.approx([0.5, 0.5])
    assert like.holds.tolist() == [True, False]


@settings(deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=2, max_size=12), st.floats(-100, 100))
def test_comparison_does_not_depend_on_the_origin(values: list[float], shift: float) -> None:
    n = len(values)
    found = verify_by_comparison(values, 0.5)
    moved = verify_by_comparison(np.array(values) + shift, 0.5)
    assert moved.difference == pytest.approx(found.difference, abs=1e-10)
    assert found.limit == pytest.approx(np.full(n, 0.5 * ((n - 1) / n) ** 0.5))


def test_comparison_of_several_items_at_once() -> None:
    found = verify_by_comparison([[1.0, 1.0, 1.6], [2.0, 2.0, 2.0]], 0.4)
    assert found.holds.tolist() == [[True, True, False], [True, True, True]]


def test_too_little_is_refused() -> None:
    for bad in (
        lambda: repeatability(READINGS[:9]),
        lambda: repeatability([float("nan")] * 10),
        lambda: pooled_repeatability([[1.0, 2.0], [1.0, 2.0]]),
        lambda: pooled_repeatability([[1.0], READINGS]),
        lambda: stability_of_new([1.0, 2.0, 3.0], 1.0),
        lambda: stability_of_new([1.0, 2.0, 3.0, 4.0], 0.0),
        lambda: verify_by_transfer(1.0, 0.0, 1.0, 0.1),
        lambda: verify_by_comparison([1.0], 0.1),
        lambda: verify_by_comparison([1.0, 2.0, 3.0], [0.1, 0.1]),
    ):
        with pytest.raises(ArgumentError):
            bad()
