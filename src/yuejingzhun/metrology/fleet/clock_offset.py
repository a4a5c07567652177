"""Meters whose clock is late or early: found where the residual of the balance has the shape of a meter's own shift."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.gaps import shifted

FARTHEST = 5  # intervals
COARSE, FINE = 0.5, 0.1  # intervals: grids of the offset
WORTH = 20.0  # gain in log-likelihood that a shift needs: two thousand are tried in a district
# Gain from which a meter's time is left open, although nothing is said of it. It costs next to nothing, and a clock
# that is taken for right while it is not looks like an error of some per cent.
DOUBTFUL = 6.0
LEAST_SIZE = 0.25  # of the shift's whole effect that must be there


@dataclass(frozen=True, slots=True)
class Clocks:
    """Intervals that a meter's clock is late (early: negative), by row, and the rows whose time is not certain."""

    late: dict[int, float]
    doubtful: frozenset[int]


def clock_offsets(
    increments: Floats, white: Floats, residual: Floats, whiten: Callable[[Floats], Floats], variance: float
) -> Clocks:
    """Of the meters whose energy, moved in time, explains something of the balance's residual.

    `increments` are kWh with the sign of the row, `white` the same after the filter, `residual` that of the balance
    after it; `whiten` is the filter. A meter read `late` intervals after its time has its energy at t in y[t + late],
    so the balance is left with y[t + late] - y[t].
    """
    rows = _suspects(white, residual, variance)
    late = {}
    for row in rows.tolist():
        offset, gain = _best(increments[row], residual, whiten)
        if gain / (2 * variance) > WORTH:
            late[row] = offset
    return Clocks(late, frozenset(rows.tolist()))


def _suspects(white: Floats, residual: Floats, variance: float) -> NDArray[np.intp]:
    """Rows that some whole shift explains something for, with about the size that it must have."""
    power = np.einsum("ij,ij->i", white, white)
    straight = white @ residual
    found = np.zeros(len(white), dtype=bool)
    for lag in range(1, FARTHEST + 1):
        near, far = white[:, :-lag], white[:, lag:]
        energy = 2 * (power - np.einsum("ij,ij->i", near, far)) + 1e-12
        for moved in (far @ residual[:-lag], near @ residual[lag:]):
            size = (moved - straight) / energy
            found |= (size > LEAST_SIZE / lag) & (size**2 * energy / (2 * variance) > DOUBTFUL)
    return np.flatnonzero(found)


def _best(increments: Floats, residual: Floats, whiten: Callable[[Floats], Floats]) -> tuple[float, float]:
    """The shift that takes most from the squares of the residual, and how much."""
    coarse = np.arange(-FARTHEST, FARTHEST + COARSE / 2, COARSE)
    centre = coarse[_gains(coarse, increments, residual, whiten).argmax()]
    fine = np.arange(centre - COARSE + FINE, centre + COARSE - FINE / 2, FINE)
    gains = _gains(fine, increments, residual, whiten)
    return float(fine[gains.argmax()]), float(gains.max())


def _gains(offsets: Floats, increments: Floats, residual: Floats, whiten: Callable[[Floats], Floats]) -> Floats:
    white = whiten(np.array([shifted(increments, late) - increments for late in offsets]))
    return np.asarray(2 * white @ residual - np.einsum("ij,ij->i", white, white))
