from collections.abc import Sequence

import numpy as np
import pytest

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.budget import covariance, given
from yuejingzhun.metrology.uncertainty.covariance import propagate_together, read_together
from yuejingzhun.metrology.uncertainty.dual import Input, Uncertain, cos, sin

# JCGM 100:2008 table H.2.
READINGS = [
    [5.007, 4.994, 5.005, 4.990, 4.999],
    [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3],
    [1.0456, 1.0438, 1.0468, 1.0428, 1.0433],
]
NAMES = ["V", "I", "phi"]


def impedance(v: Uncertain, i: Uncertain, phi: Uncertain) -> Sequence[Uncertain]:
    z = v / i
    return z * cos(phi), z * sin(phi), z


@pytest.mark.parametrize("rows", [1, 3, 10])
@pytest.mark.parametrize("rows_per_block", [1, 4, 100])
def test_h2_in_every_row(rows: int, rows_per_block: int) -> None:
    inputs, r = read_together(NAMES, np.broadcast_to(READINGS, (rows, 3, 5)))
    found = propagate_together(impedance, inputs, r, rows_per_block)
    for row in range(rows):
        assert found.values[row] == pytest.approx([127.732170, 219.846512, 254.259702], abs=1e-6)
        assert found.u[row] == pytest.approx([0.0710714, 0.2955817, 0.2363361], abs=1e-7)
        assert found.correlation[row][np.triu_indices(3, 1)] == pytest.approx(
            [-0.588430, -0.485259, 0.992512], abs=1e-6
        )


def test_h2_alone_and_with_one_matrix_for_all_rows() -> None:
    inputs, r = read_together(NAMES, READINGS)
    alone = propagate_together(impedance, inputs, r)
    assert alone.u == pytest.approx([0.0710714, 0.2955817, 0.2363361], abs=1e-7)
    many = [Input(x.name, np.full(4, x.value), x.u) for x in inputs]
    np.testing.assert_allclose(propagate_together(impedance, many, r).covariance[3], alone.covariance)


def test_independent_inputs_agree_with_the_covariance_of_pairs() -> None:
    x, y = given("x", 2.0, 0.3), given("y", 5.0, 0.1)
    a, b = x * y, x / y
    inputs = [*x.derivatives, *y.derivatives]
    found = propagate_together(lambda p, q: (p * q, p / q), inputs)
    assert found.covariance[0, 1] == pytest.approx(covariance(a, b))
    assert found.covariance[1, 1] == pytest.approx(covariance(b, b))


def test_readings_that_never_vary_correlate_with_nothing() -> None:
    _, r = read_together(["x", "y"], [[1.0, 1.0, 1.0], [1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(r, np.eye(2))


def test_matrices_that_no_inputs_could_have_are_refused() -> None:
    inputs = [Input(name, np.ones(2), 0.1) for name in NAMES]
    wrong = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    for matrix in (wrong, np.stack([np.eye(3), wrong]), np.ones((2, 2)), np.ones((5, 3, 3)), np.full((2, 3, 3), 0.2)):
        with pytest.raises(ArgumentError, match="correlation"):
            propagate_together(impedance, inputs, matrix)
    propagate_together(impedance, inputs, np.ones((2, 3, 3)))  # full correlation is possible
    with pytest.raises(ArgumentError, match="inputs"):
        propagate_together(impedance, [*inputs[:2], Input("phi", np.ones(3), 0.1)])
    with pytest.raises(ArgumentError, match="readings"):
        read_together(NAMES, READINGS[:2])
    with pytest.raises(ArgumentError, match="至少需要 2"):
        read_together(["x"], [[1.0]])
