"""Each weight on a case reckoned by hand: MPE 1.0, U 0.2, |error found| 0.6 so that 0.4 was left."""

import numpy as np
import pytest

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.traceability.effect import Weight, effect

NAN = float("nan")


@pytest.mark.parametrize(
    ("error", "mpe", "u", "margin", "weight"),
    [
        (0.2, 1.0, 0.2, 0.4, Weight.U_ALLOWS),
        (-0.3, 1.0, 0.2, 0.4, Weight.NOT_COVERED),
        (-0.41, 1.0, 0.2, 0.4, Weight.CONCLUSION_OPEN),
        (0.5, 1.0, 0.2, -0.4, Weight.CONCLUSION_OPEN),  # it failed by 0.4: the failure may have been the standard's
        (0.3, 1.0, 0.2, -0.4, Weight.NOT_COVERED),
        (1.01, 1.0, 0.2, 5.0, Weight.BEYOND_MPE),
        (0.3, 1.0, 0.2, NAN, Weight.NOT_COVERED),
        (0.34, 1.0, 0.2, NAN, Weight.CONCLUSION_OPEN),
        (NAN, 1.0, 0.2, 0.4, Weight.UNKNOWN),
        (0.3, NAN, 0.2, NAN, Weight.UNKNOWN),
        (0.1, NAN, 0.2, NAN, Weight.U_ALLOWS),
    ],
)
def test_weight(error: float, mpe: float, u: float, margin: float, weight: Weight) -> None:
    assert effect(error, mpe, u, margin).weight == weight


def test_ratios_in_arrays_that_broadcast() -> None:
    got = effect([-0.5, 0.1], 2.0, [0.25, NAN], NAN)
    assert got.to_mpe.tolist() == [0.25, 0.05]
    assert got.to_u[0] == 2.0
    assert np.isnan(got.to_u[1])


def test_what_is_no_error() -> None:
    with pytest.raises(ArgumentError, match="mpe"):
        effect(1.0, np.inf, 1.0, 1.0)
    with pytest.raises(ArgumentError, match="形状"):
        effect([1.0, 2.0], [1.0, 2.0, 3.0], 1.0, 1.0)
