import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.gas_energy.composition import checked_composition, normalised

raw = st.lists(st.floats(0.01, 100), min_size=2, max_size=6)


@given(raw, st.floats(0.1, 10))
def test_a_normalised_sum_has_no_uncertainty(fractions: list[float], factor: float) -> None:
    u = 0.01 * np.sqrt(fractions)
    x, spread, r = normalised(fractions, u)
    assert x.sum() == pytest.approx(1, abs=1e-12)
    assert spread @ r @ spread == pytest.approx(0, abs=1e-12 * (spread @ spread))
    for mine, scaled in zip((x, spread, r), normalised(factor * np.array(fractions), factor * u), strict=True):
        assert scaled == pytest.approx(mine, rel=1e-9, abs=1e-12)


def test_two_components_by_hand() -> None:
    # x = a/(a+b): u(x) = sqrt(b^2 u_a^2 + a^2 u_b^2) / (a+b)^2, and the other one moves against it.
    x, u, r = normalised([3.0, 1.0], [0.03, 0.04])
    expected = np.hypot(1 * 0.03, 3 * 0.04) / 16
    assert x.tolist() == [0.75, 0.25]
    assert u == pytest.approx([expected, expected], rel=1e-12)
    assert r == pytest.approx(np.array([[1, -1], [-1, 1]]), abs=1e-12)


def test_a_common_relative_error_cancels() -> None:
    x, u, _ = normalised([3.0, 1.0], [0.03, 0.01], np.ones((2, 2)))
    assert x.tolist() == [0.75, 0.25]
    assert u == pytest.approx([0, 0], abs=1e-10)


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="fractions"):
        normalised([0.0, 0.0], [0.1, 0.1])
    with pytest.raises(ArgumentError, match="u："):
        normalised([1.0, 1.0], [0.1, -0.1])
    with pytest.raises(ArgumentError, match="fractions"):
        normalised([1.0, 1.0], [0.1])
    with pytest.raises(ArgumentError, match="correlation"):
        normalised([1.0, 1.0], [0.1, 0.1], [[1, 2], [2, 1]])
    with pytest.raises(ArgumentError, match="第 2 组"):
        checked_composition(["CH4", "N2"], [[0.5, 0.5], [0.5, 0.4]])
