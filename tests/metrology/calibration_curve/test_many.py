"""Many curves at once: each as `fit_curve` fits it, which is tested against the published figures."""

import numpy as np
import pytest

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.calibration_curve.evaluate import response
from yuejingzhun.metrology.calibration_curve.family import polynomial
from yuejingzhun.metrology.calibration_curve.fit import fit_curve
from yuejingzhun.metrology.calibration_curve.many import fit_polynomials


def test_iso_ts_28037_clause_6_unequal_weights() -> None:
    # The printed figures of the clause, beside the same points ten times as high.
    y = np.array([3.2, 4.3, 7.6, 8.6, 11.7, 12.8])
    u = np.array([0.5, 0.5, 0.5, 1, 1, 1])
    found = fit_polynomials(np.arange(1, 7), [y, 10 * y], [u, 10 * u])
    assert found.coefficients[0] == pytest.approx([0.885, 2.057], abs=5e-4)
    assert found.u[0] == pytest.approx([0.530, 0.178], abs=5e-4)
    assert found.covariance[0, 0, 1] == pytest.approx(-0.082, abs=5e-4)
    assert found.chi_squared == pytest.approx([4.131, 4.131], abs=5e-4)
    assert found.coefficients[1] == pytest.approx(10 * found.coefficients[0])


@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("weighted", [True, False])
def test_each_is_what_it_is_alone(degree: int, weighted: bool) -> None:
    g = np.random.default_rng(degree)
    x = np.sort(g.uniform(10, 200, (3, 4, 9)), axis=-1)
    y, u = 3 + 0.2 * x + g.normal(0, 0.5, x.shape), g.uniform(0.2, 1, x.shape)
    found = fit_polynomials(x, y, u if weighted else None, degree)
    at_fifty = found.response(50.0)
    for at in np.ndindex(3, 4):
        alone = fit_curve(x[at], y[at], u[at] if weighted else None, family=polynomial(degree))
        assert found.coefficients[at] == pytest.approx(alone.coefficients, rel=1e-8)
        assert found.covariance[at] == pytest.approx(alone.covariance, rel=1e-8)
        assert found.chi_squared[at] == pytest.approx(alone.chi_squared, rel=1e-8)
        assert (found.dof_of_residuals, found.dof) == (alone.dof_of_residuals, alone.dof)
        assert found.residual_u[at] == pytest.approx(alone.residual_u, rel=1e-8)
        expected = response(alone, 50.0)
        assert (at_fifty[0][at], at_fifty[1][at]) == pytest.approx((expected.values[0], expected.u[0]), rel=1e-8)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"u_y": 0.0}, "u_y"),
        ({"x": [1.0, 1.0, 1.0]}, "x"),
        ({"x": [1.0, 2.0]}, "x、y、u_y"),
        ({"y": [1.0, 2.0, np.nan]}, "y"),
        ({"degree": 4}, "degree"),
        ({"degree": 3}, "x"),
        ({"degree": 2}, "u_y"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, object], named: str) -> None:
    arguments: dict[str, object] = {"x": [1.0, 2.0, 3.0], "y": [[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]], **change}
    with pytest.raises(ArgumentError) as caught:
        fit_polynomials(**arguments)  # type: ignore[arg-type]
    assert caught.value.argument == named
