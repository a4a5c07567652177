"""Meters whose clock is late or early: found where the residual of the balance has the shape of a meter's own shift."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.gaps import shifted

FARTHEST = 5  # intervals
COARSE, FINE = 0.5, 0.1  # intervals: grids of the offset
WORTH = 30.0  # gain in log-likelihood that a shift needs: two thousand are tried in a district
# Gain from which a meter's time is left open, although nothing is said of it. It costs next to nothing, and a clock
# that is taken for right while it is not looks like an error of some per cent.
DOUBTFUL = 7.0
LEAST_SIZE = 0.1  # of a whole move's effect that must be there


@dataclass(frozen=True, slots=True)
class Clocks:
    """Intervals that a meter's clock is late (early: negative), by row, and the rows whose time is not certain."""

    late: dict[int, float]
    doubtful: frozenset[int]


def clock_offsets(
    increments: Floats,
    white: Floats,
    residual: Floats,
    whiten: Callable[[Floats], Floats],
    variance: float,
    stretches: NDArray[np.intp],
) -> Clocks:
    """Of the meters whose energy, moved in time, explains something of the balance's residual.

    `increments` are kWh with the sign of the row, `white` the same after the filter, `residual` that of the balance
    after it; `whiten` is the filter, `stretches` (intervals) tells the uninterrupted ones apart. A meter read `late` intervals after its time has its energy at t in y[t + late],
    so the balance is left with y[t + late] - y[t].
    """
    rows = _suspects(white, residual, variance, stretches)
    late = {}
    for row in rows.tolist():
        offset, gain = _offset(increments[row], residual, whiten)
        if gain / (2 * variance) > WORTH:
            late[row] = offset
    return Clocks(late, frozenset(rows.tolist()))


def _suspects(white: Floats, residual: Floats, variance: float, stretches: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows of which some move by whole intervals explains something; backwards, too, where it is a part of one."""
    found = np.zeros(len(white), dtype=bool)
    for lag in range(1, FARTHEST + 1):
        moves = white[:, lag:] - white[:, :-lag]
        moves *= stretches[lag:] == stretches[:-lag]
        energy = np.einsum("ij,ij->i", moves, moves) + 1e-12
        for effect in (moves @ residual[:-lag], -moves @ residual[lag:]):
            found |= (np.abs(effect) > LEAST_SIZE * energy) & (effect**2 > DOUBTFUL * 2 * variance * energy)
    return np.flatnonzero(found)


def _offset(increments: Floats, residual: Floats, whiten: Callable[[Floats], Floats]) -> tuple[float, float]:
    """The shift that takes most from the squares of the residual, and how much."""
    coarse = np.arange(-FARTHEST, FARTHEST + COARSE / 2, COARSE)
    centre = coarse[_gains(coarse, increments, residual, whiten).argmax()]
    fine = np.arange(centre - COARSE + FINE, centre + COARSE - FINE / 2, FINE)
    gains = _gains(fine, increments, residual, whiten)
    return round(float(fine[gains.argmax()]), 1), float(gains.max())


def _gains(offsets: Floats, increments: Floats, residual: Floats, whiten: Callable[[Floats], Floats]) -> Floats:
    white = whiten(np.array([shifted(increments, late) - increments for late in offsets]))
    return np.asarray(2 * white @ residual - np.einsum("ij,ij->i", white, white))
