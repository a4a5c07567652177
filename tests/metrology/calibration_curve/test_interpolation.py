import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.calibration_curve.interpolation import Method, interpolate

X = np.array([0.0, 1.0, 3.0, 4.0, 7.0])
Y = np.array([1.0, 2.0, 8.0, 9.0, 3.0])


@settings(deadline=None)
@given(st.floats(0, 7))
def test_linear_values_and_uncertainties_by_hand(x: float) -> None:
    found = interpolate(X, Y, x, 0.1)
    assert found.values[0] == pytest.approx(np.interp(x, X, Y))
    left = min(int(np.searchsorted(X, x, side="right")) - 1, 3)
    part = (x - X[left]) / (X[left + 1] - X[left])
    assert found.u[0] == pytest.approx(0.1 * np.hypot(part, 1 - part))


@pytest.mark.parametrize("method", ["linear", "cubic"])
def test_points_give_themselves_and_a_common_shift_shifts_all(method: Method) -> None:
    found = interpolate(X, Y, X, [0.1, 0.2, 0.3, 0.2, 0.1], method=method)
    assert found.values == pytest.approx(Y)
    assert found.u == pytest.approx([0.1, 0.2, 0.3, 0.2, 0.1])
    common = interpolate(X, Y, [0.5, 2.2, 6.0], covariance=np.full((5, 5), 0.04), method=method)
    assert common.u == pytest.approx([0.2, 0.2, 0.2])


def test_a_cubic_is_met_by_the_spline_and_u_of_x_counts_with_the_slope() -> None:
    found = interpolate(X, X**3, 2.0, 0.0, 0.01, method="cubic")
    assert found.values[0] == pytest.approx(8.0)
    assert found.u[0] == pytest.approx(0.12)


def test_what_cannot_be_interpolated_is_refused() -> None:
    for arguments in ((X[::-1], Y, 1.0), (X, Y, 7.5), (X[:1], Y[:1], 0.0), (X, Y[:2], 1.0)):
        with pytest.raises(ArgumentError):
            interpolate(*arguments)
    with pytest.raises(ArgumentError, match="u_points"):
        interpolate(X, Y, 1.0, -0.1)
    with pytest.raises(ArgumentError, match="4 个点"):
        interpolate(X[:3], Y[:3], 1.0, method="cubic")
