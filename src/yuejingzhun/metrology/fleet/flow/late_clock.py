"""Meters whose clock is off: what is left of the balance resembles the change of their own flow."""

import numpy as np

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.flow.register_noise import Filter

CERTAIN = 7.0  # standard uncertainties of the offset
CANDIDATES = 12
FARTHEST = 4.0  # intervals
LEAST = 0.03


def late_clocks(volumes: Floats, residual: Floats, through: Filter, misfit: float) -> dict[int, float]:
    """Intervals by which a meter's clock is behind, by row, those that are certain. `volumes` in the balance's m3.

    To first order a register read `d` intervals late makes the balance wrong by d times the flow's change, so that the
    offset is a regression of the residual on it. The sharpest few by a rough test are then tested exactly.
    """
    change = np.zeros_like(volumes)
    change[:, 1:-1] = (volumes[:, 2:] - volumes[:, :-2]) / 2
    white = through.white(residual[None, :])[0]
    weight = through.diagonal / np.median(through.diagonal)
    rough = np.abs(change @ (residual / weight)) / np.sqrt((change**2).sum(axis=1) + 1e-300)
    tried = np.argsort(-rough)[:CANDIDATES]
    own = through.white(change[tried])
    square = (own**2).sum(axis=1)
    slope = own @ white / np.where(square > 0, square, np.inf)
    certain = np.abs(slope) * np.sqrt(square) > CERTAIN * np.sqrt(misfit)
    found = {int(row): float(by) for row, by, is_so in zip(tried, slope, certain, strict=True) if is_so and abs(by) > LEAST}
    if not found:
        return {}
    # One at a time: a neighbour that happens to look alike is judged again without it.
    sharpest = max(found, key=lambda row: abs(found[row]) * float(np.sqrt(square[list(tried).index(row)])))
    return {sharpest: found[sharpest]}
