import numpy as np
import pytest

from yuejingzhun.metrology.uncertainty.blocks import propagate
from yuejingzhun.metrology.uncertainty.dual import Input, Uncertain, sqrt


def model(x: Uncertain, y: Uncertain) -> Uncertain:
    return sqrt(x) * y - x


@pytest.mark.parametrize("rows_per_block", [1, 7, 100, 1000])
def test_every_block_size_agrees_with_the_derivatives_by_hand(rows_per_block: int) -> None:
    x, u = np.linspace(1, 9, 100), np.linspace(0.1, 0.2, 100)
    inputs = [Input("x", x, u), Input("y", 3.0, 0.05)]
    values, sizes = propagate(model, inputs, {(0, 1): -0.4}, rows_per_block)
    by_x, by_y = 3 / (2 * np.sqrt(x)) - 1, np.sqrt(x)
    expected = (by_x * u) ** 2 + (by_y * 0.05) ** 2 - 0.8 * by_x * u * by_y * 0.05
    np.testing.assert_allclose(values, np.sqrt(x) * 3 - x)
    np.testing.assert_allclose(sizes, np.sqrt(expected))


def test_lengths_that_differ_and_models_without_rows_are_refused() -> None:
    with pytest.raises(ValueError):
        propagate(model, [Input("x", np.ones(3), 1.0), Input("y", np.ones(4), 1.0)])
    with pytest.raises(ValueError, match="at least one array"):
        propagate(model, [Input("x", 1.0, 1.0), Input("y", 1.0, 1.0)])
