import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.pooling import benjamini_hochberg, pool

# The fifteen hypotheses of the thrombolysis trial (Benjamini & Hochberg 1995, section 4).
TRIAL = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_discoveries_of_the_thrombolysis_trial(published: Published) -> None:
    rejected = benjamini_hochberg(TRIAL, 0.05)
    source = "Benjamini & Hochberg 1995，溶栓试验"
    published("错误发现率", source, "0.05 时拒绝的假设数", "4", int(rejected.sum()))
    assert rejected[:4].all()


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.1, 3)), min_size=2, max_size=20))
def test_every_group_lies_between_itself_and_all(groups: list[tuple[float, float]]) -> None:
    x, u = np.array(groups).T
    found = pool(x, u)
    low, high = np.minimum(x, found.centre), np.maximum(x, found.centre)
    assert ((found.value >= low - 1e-9) & (found.value <= high + 1e-9)).all()
    assert (found.u <= np.hypot(u, found.centre_u) + 1e-9).all()


def test_intervals_hold_the_groups_and_errors_shrink() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(1.0, 0.5, 4000)
    u = rng.uniform(0.2, 2.0, 4000)
    x = truth + rng.normal(0, u)
    found = pool(x, u)
    assert found.between == pytest.approx(0.5, rel=0.1)
    assert np.mean(np.abs(found.value - truth) < 1.96 * found.u) == pytest.approx(0.95, abs=0.012)
    assert np.mean((found.value - truth) ** 2) < 0.2 * np.mean((x - truth) ** 2)


def test_a_missing_group_has_the_centre_and_a_single_one_stays() -> None:
    found = pool(np.array([1.0, 3.0, 99.0]), np.array([0.1, 0.1, 1.0]), np.array([True, True, False]))
    assert found.value[2] == pytest.approx(found.centre)
    assert found.u[2] == pytest.approx(np.hypot(found.between, found.centre_u))
    alone = pool(np.array([1.0, 7.0]), np.array([0.1, 1.0]), np.array([True, False]))
    assert alone.value.tolist() == [1.0, 1.0]
    with pytest.raises(ArgumentError, match="没有一组"):
        pool(np.ones(2), np.ones(2), np.zeros(2, bool))
