"""Moments of a district that asks for the uneven filter, or in which some meters' clocks are in doubt."""

from collections.abc import Collection

import numpy as np

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.columns import SAMPLED, Steps
from yuejingzhun.metrology.fleet.moments import Moments
from yuejingzhun.metrology.fleet.uneven import Uneven

TAPS = (-3, -2, -1, 1, 2, 3)  # intervals that a meter of doubtful time may also be read at

TINY = 1e-9


def loss_of(steps: Steps, columns: Floats, group_loss: Floats) -> Floats:
    """Loss in each interval, kWh, by the law found before; `columns` are those of `write_columns`."""
    rows = len(steps.unit)
    return np.asarray((group_loss * steps.load_scale) @ columns[rows : rows + len(steps.load_scale)])


def uneven_moments(
    steps: Steps, columns: Floats, filtered: Uneven, doubtful: Collection[int]
) -> tuple[Moments, Floats]:
    """Moments and white columns, with the time of the doubtful rows free: what their energy, moved by some intervals,
    can explain of any column is taken out of it, which leaves what is known whatever their clocks do."""
    rows = len(steps.unit)
    white = filtered(columns)
    white[-2] = 0.0  # the filter begins with an unknown register by itself
    if doubtful:
        moved = np.concatenate(
            [[np.roll(columns[row], tap) - columns[row] for tap in TAPS] for row in sorted(doubtful)]
        )
        known = filtered(moved)
        gram = known @ known.T
        gram[np.diag_indices_from(gram)] += TINY * np.trace(gram)  # of a meter that stands still all moves are one
        white -= np.linalg.solve(gram, known @ white.T).T @ known
    squares = steps.meters[:, ::SAMPLED] ** 2
    member = np.arange(len(steps.load_scale) + 1)[:, None] == steps.groups
    loads = (member[:-1] * steps.unit) @ steps.meters[:, ::SAMPLED]
    known = np.vstack([loads, np.zeros(squares.shape[1])])
    loading = np.einsum("ij,ij->i", squares, known[steps.groups])
    seen = round(filtered.rounding_seen)
    return Moments(white @ white.T, squares.sum(axis=1), loading, seen), white
