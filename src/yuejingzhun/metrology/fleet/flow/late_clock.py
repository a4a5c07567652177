"""Meters whose clock is off: what they registered fits the balance earlier or later."""

import numpy as np

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.flow.register_noise import Filter

CERTAIN = 7.0  # standard uncertainties of the residual's product with a shifted meter
SUSPECTS = 12  # at a time; others have their turn when these are put right
FARTHEST = 6  # intervals
LEAST = 0.08  # intervals
SHARP = 4.0  # standard uncertainties of the offset
FITS = 0.5  # share of the meter's flow that must be found at the new time: less, and the meter is not fed from here


def late_clocks(volumes: Floats, share: Floats, residual: Floats, through: Filter) -> dict[int, float]:
    """Intervals by which a meter's clock is behind, by row, of those that are certain.

    `volumes`: rows x intervals, m3 of the balance; `share`: rows, what of them the balance accounts for now. A meter is
    looked at if the residual resembles it at any shift, by one matrix product; what of it is found at each shift is
    then a regression of the balance without this meter.
    """
    lags = range(-FARTHEST, FARTHEST + 1)
    weighted = through.weighted(residual)
    ahead = np.stack([_moved(weighted, -lag) for lag in lags], axis=1)
    size = np.sqrt((volumes**2).sum(axis=1) * float(np.mean(1 / through.diagonal)))
    alike = np.abs(volumes @ ahead).max(axis=1) / np.where(size > 0, size, np.inf)
    suspects = [row for row in np.argsort(-alike)[:SUSPECTS] if alike[row] > CERTAIN]
    found = {}
    for row in suspects:
        shifted = np.stack([_moved(volumes[row], lag) for lag in lags])
        white = through.white(np.vstack([shifted, residual + share[row] * volumes[row]]))
        fitting = np.linalg.lstsq(white[:-1].T, white[-1], rcond=None)[0]
        pairs = fitting[:-1] + fitting[1:]
        best = int(pairs.argmax())
        late = lags[best] + np.clip(fitting[best + 1] / pairs[best], 0, 1)
        covariance = np.linalg.inv(white[:-1] @ white[:-1].T)[best : best + 2, best : best + 2]
        arm = np.array([lags[best] - late, lags[best] + 1 - late]) / pairs[best]
        if pairs[best] > FITS and abs(late) > max(LEAST, SHARP * float(np.sqrt(arm @ covariance @ arm))):
            found[int(row)] = float(late)
    return found


def _moved(values: Floats, earlier: int) -> Floats:
    """Values so many intervals earlier; zero where there are none."""
    result = np.zeros_like(values)
    if earlier >= 0:
        result[: values.size - earlier] = values[earlier:]
    else:
        result[-earlier:] = values[:earlier]
    return result
