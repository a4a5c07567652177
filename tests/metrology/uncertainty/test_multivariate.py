"""Several results together (JCGM 102:2011), against closed forms and JCGM 100:2008 H.2."""

import numpy as np
import pytest
from scipy import optimize, stats

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.bounded import Rectangular
from yuejingzhun.metrology.uncertainty.copula import Copula
from yuejingzhun.metrology.uncertainty.distribution import Constant, Normal, Student
from yuejingzhun.metrology.uncertainty.draws import Points
from yuejingzhun.metrology.uncertainty.dual import cos, sin
from yuejingzhun.metrology.uncertainty.multivariate import simulate_jointly


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_9_2_additive_model_of_normal_quantities() -> None:
    """JCGM 102:2011 9.2: Y1 = X1 + X3, Y2 = X2 + X3, all N(0, 1)."""
    found = simulate_jointly(lambda a, b, c: (a + c, b + c), [Normal(0.0, 1.0)] * 3, rng())
    np.testing.assert_allclose(found.covariance, [[2, 1], [1, 2]], atol=0.012)
    assert found.k_ellipsoid == pytest.approx(stats.chi2(2).ppf(0.95) ** 0.5, abs=0.01)  # 2.45
    normal = stats.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]])
    k = optimize.brentq(lambda k: normal.cdf([k, k], lower_limit=[-k, -k]) - 0.95, 1, 4)
    assert found.k_rectangle == pytest.approx(k, abs=0.01)


def test_h2_as_multivariate_t() -> None:
    """Readings of JCGM 100:2008 H.2 as in JCGM 102:2011 9.3: t with 4 degrees of freedom, so u is sqrt(2) times."""
    readings = np.array(
        [
            [5.007, 4.994, 5.005, 4.990, 4.999],
            [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3],
            [1.0456, 1.0438, 1.0468, 1.0428, 1.0433],
        ]
    )
    inputs = [Student.of_readings(row) for row in readings]
    copula = Copula(np.corrcoef(readings), dof=4)
    found = simulate_jointly(
        lambda v, i, phi: (v / i * cos(phi), v / i * sin(phi)), inputs, rng(), 2**18, copula=copula, points=Points.SOBOL
    )
    assert found.mean == pytest.approx([127.732170, 219.846512], rel=1e-5)
    assert found.u == pytest.approx(2**0.5 * np.array([0.0710714, 0.2955817]), rel=0.03)
    assert found.correlation[0, 1] == pytest.approx(-0.588430, abs=0.02)
    # Squared distances of a bivariate t, halved and in its scale, are F(2, 4); the covariance is twice the scale.
    assert found.k_ellipsoid == pytest.approx((2 * stats.f(2, 4).ppf(0.95) / 2) ** 0.5, rel=0.03)


def test_independent_rectangular_quantities() -> None:
    found = simulate_jointly(lambda a, b: (a, 3 * b), [Rectangular(-1.0, 1.0)] * 2, rng(), 2**16, points=Points.SOBOL)
    # A square of 95 % of the area.
    assert found.k_rectangle == pytest.approx(3**0.5 * 0.95**0.5, abs=1e-3)
    assert found.symmetric.high == pytest.approx([0.95, 2.85], abs=1e-3)
    assert found.correlation == pytest.approx(np.eye(2), abs=1e-3)


def test_one_output_is_the_interval() -> None:
    found = simulate_jointly(lambda a: (a,), [Normal(0.0, 2.0)], rng(), smallest=True)
    assert found.smallest is not None
    assert found.smallest.volume == pytest.approx(2 * 1.959964 * 2, rel=0.02)
    assert (found.k_ellipsoid, found.k_rectangle) == pytest.approx((1.959964, 1.959964), abs=0.01)


def test_a_result_without_uncertainty_is_left_out_of_the_regions() -> None:
    found = simulate_jointly(lambda a, c: (a, c), [Normal(0.0, 2.0), Constant(1.0)], rng(), 2**16, points=Points.SOBOL)
    assert found.k_ellipsoid == pytest.approx(1.959964, abs=0.01)
    np.testing.assert_array_equal(found.covariance[1], 0)


def test_bad_input() -> None:
    with pytest.raises(ArgumentError, match=r"model：输出量之间线性相关"):
        simulate_jointly(lambda a, b: (a + b, 2 * a + 2 * b), [Normal(0.0, 1.0)] * 2, rng(), 5000)
    with pytest.raises(ArgumentError, match="inputs"):
        simulate_jointly(lambda a: (a, a * a), [Normal(np.zeros(2), 1.0)], rng(), 5000)
