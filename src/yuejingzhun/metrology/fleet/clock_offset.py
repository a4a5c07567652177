"""Meters whose clock is late or early: found where the residual of the balance has the shape of a meter's own shift."""

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.gaps import shifted
from yuejingzhun.metrology.fleet.leaky import integrate

FARTHEST = 5  # intervals
FINE = 0.1  # interval: grid of the offset
WORTH = 20.0  # gain in log-likelihood that a shift needs: two thousand are tried in a district


def clock_offsets(
    increments: Floats, white: Floats, residual: Floats, leak: float, variance: float
) -> dict[int, float]:
    """Intervals that a meter's clock is late (early: negative), by row, for those that it explains something for.

    `increments` are kWh with the sign of the row, `white` the same after the filter, `residual` that of the balance
    after it. A meter read `late` intervals after its time has its energy at t in y[t + late], so the balance is left
    with y[t + late] - y[t].
    """
    rows = _suspects(white, residual, variance)
    offsets = {}
    for row in rows:
        late, gain = _best(increments[row], residual, leak)
        if gain / (2 * variance) > WORTH:
            offsets[int(row)] = late
    return offsets


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
            found |= (size > 0.25) & (size**2 * energy / (2 * variance) > WORTH)
    return np.flatnonzero(found)


def _best(increments: Floats, residual: Floats, leak: float) -> tuple[float, float]:
    """The shift that takes most from the squares of the residual, and how much."""
    grid = np.arange(-FARTHEST, FARTHEST + FINE / 2, FINE)
    moved = np.array([shifted(increments, late) - increments for late in grid])
    white = integrate(moved, leak)
    gain = 2 * white @ residual - np.einsum("ij,ij->i", white, white)
    best = int(gain.argmax())
    return float(grid[best]), float(gain[best])
