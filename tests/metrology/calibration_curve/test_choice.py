import numpy as np
import pytest

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.calibration_curve.choice import choose_degree

X = np.linspace(0, 10, 12)
NOISE = np.random.default_rng(5).standard_normal(12)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_the_degree_of_the_true_curve_is_found(degree: int) -> None:
    y = np.polynomial.polynomial.polyval(X, [1.0, 2.0, 0.3, 0.05][: degree + 1])
    chosen = choose_degree(X, y + 0.05 * NOISE, 0.05)
    assert chosen.degree == degree
    assert chosen.curve.family.size == degree + 1
    assert f"取 {degree} 次" in chosen.reason
    assert [c.adequate for c in chosen.candidates] == [k >= degree for k in (1, 2, 3)]
    assert choose_degree(X, y + 0.05 * NOISE).degree == degree  # with u from the residuals


def test_no_polynomial_for_what_is_none_and_few_points_leave_few_degrees() -> None:
    with pytest.raises(ArgumentError, match="没有合适"):
        choose_degree(X, np.sin(5 * X), 0.01)
    assert len(choose_degree([1.0, 2.0, 3.0], [1.0, 2.0, 3.1], 0.1).candidates) == 2
    assert len(choose_degree([1.0, 2.0, 3.0], [1.0, 2.0, 3.1]).candidates) == 1
    exact = choose_degree(X, 2 * X)
    assert exact.degree == 1
