import cmath

import numpy as np
import pytest
from hypothesis import given as given_values
from hypothesis import settings
from hypothesis import strategies as st

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.budget import budget, correlation, given, simultaneous
from yuejingzhun.metrology.uncertainty.complex_quantity import (
    ComplexQuantity,
    complex_exp,
    complex_log,
    coverage_ellipse,
    polar,
)

numbers = st.complex_numbers(min_magnitude=0.2, max_magnitude=5, allow_nan=False)


def quantity(z: complex, u: float = 0.1) -> ComplexQuantity:
    return ComplexQuantity(given("re", z.real, u), given("im", z.imag, u))


def test_h2_impedance_as_a_complex_quotient() -> None:
    # JCGM 100:2008 H.2: Z = V / I e^(j phi).
    readings = [
        [5.007, 4.994, 5.005, 4.990, 4.999],
        [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3],
        [1.0456, 1.0438, 1.0468, 1.0428, 1.0433],
    ]
    (v, i, phi), r = simultaneous(["V", "I", "phi"], readings)
    z = polar(v, phi) / i
    assert z.value == pytest.approx(127.732170 + 219.846512j, abs=1e-6)
    matrix = z.covariance(r)
    assert np.sqrt(np.diagonal(matrix)) == pytest.approx([0.0710714, 0.2955817], abs=1e-7)
    assert matrix[0, 1] / np.sqrt(matrix[0, 0] * matrix[1, 1]) == pytest.approx(-0.588430, abs=1e-6)
    assert budget(z.magnitude(), r).u == pytest.approx(0.2363361, abs=1e-7)
    assert z.phase().value == pytest.approx(1.04446)
    assert budget(z.phase(), r).u == pytest.approx(7.52064e-4, abs=1e-9)


@settings(deadline=None)
@given_values(numbers, numbers)
def test_operations_agree_with_the_derivative_of_an_analytic_function(a: complex, b: complex) -> None:
    z, w = quantity(a), quantity(b)
    for result, value, slope in (
        (z + w, a + b, 1),
        (w - z, b - a, -1),
        (z * w, a * b, b),
        (w / z, b / a, -b / a**2),
        (complex_exp(z), cmath.exp(a), cmath.exp(a)),
        (2j / z, 2j / a, -2j / a**2),
        ((1 - z) * 3, (1 - a) * 3, -3),
    ):
        assert complex(result.value) == pytest.approx(value, rel=1e-9, abs=1e-9)
        (by_real, by_imag) = z.real.derivatives.keys() | z.imag.derivatives.keys()
        for key, turn in ((next(iter(z.real.derivatives)), 1), (next(iter(z.imag.derivatives)), 1j)):
            found = complex(result.real.derivatives.get(key, 0), result.imag.derivatives.get(key, 0))
            assert found == pytest.approx(slope * turn, rel=1e-7, abs=1e-7)
        assert by_real is not by_imag


@settings(deadline=None)
@given_values(numbers)
def test_logarithm_undoes_the_exponential(a: complex) -> None:
    back = complex_exp(complex_log(quantity(a)))
    np.testing.assert_allclose(back.covariance(), 0.01 * np.eye(2), rtol=1e-9, atol=1e-12)
    assert complex(back.value) == pytest.approx(a)


def test_a_quantity_less_itself_is_certain() -> None:
    z = quantity(3 + 4j)
    np.testing.assert_array_equal((z - z).covariance(), np.zeros((2, 2)))
    assert correlation(z.real, z.imag) == 0
    assert z.conjugate().magnitude().value == pytest.approx(5.0)


def test_coverage_ellipse(published: Published) -> None:
    circle = coverage_ellipse(np.eye(2))
    published("JCGM 102 6.5.2.3", "JCGM 102:2011 6.5.2.3", "两个量，95 % 的 k_p", "2.45", circle.factor)
    assert circle.area() == pytest.approx(np.pi * 5.991465, rel=1e-6)  # chi-squared, two degrees of freedom
    tilted = coverage_ellipse(np.array([[1.0, 0.6], [0.6, 1.0]]))
    assert float(tilted.angle_rad) == pytest.approx(np.pi / 4)
    assert float(tilted.semi_major / tilted.semi_minor) == pytest.approx(2.0)
    assert coverage_ellipse(np.eye(2), 0.95, 1e9).factor == pytest.approx(circle.factor, rel=1e-6)
    assert coverage_ellipse(np.eye(2), 0.95, 4).factor > circle.factor


def test_a_region_covers_as_often_as_it_says() -> None:
    matrix = np.array([[4.0, 1.0], [1.0, 0.5]])
    ellipse = coverage_ellipse(matrix, 0.9)
    points = np.random.default_rng(7).multivariate_normal([0, 0], matrix, 200_000)
    turn = np.array([np.cos(ellipse.angle_rad), np.sin(ellipse.angle_rad)])
    along, across = points @ turn, points @ np.array([-turn[1], turn[0]])
    inside = (along / ellipse.semi_major) ** 2 + (across / ellipse.semi_minor) ** 2 <= 1
    assert inside.mean() == pytest.approx(0.9, abs=0.003)


def test_arrays_and_what_is_refused() -> None:
    z = ComplexQuantity(given("re", np.array([1.0, 2.0]), 0.1), given("im", np.array([1.0, -1.0]), 0.2))
    assert (z * z).covariance().shape == (2, 2, 2)
    zero = quantity(0j)
    for bad in (zero.magnitude, zero.phase, zero.reciprocal):
        with pytest.raises(ArgumentError):
            bad()
    for matrix, dof in ((np.array([[1.0, 2.0], [2.0, 1.0]]), np.inf), (np.eye(3), np.inf), (np.eye(2), 1.0)):
        with pytest.raises(ArgumentError):
            coverage_ellipse(matrix, 0.95, dof)
