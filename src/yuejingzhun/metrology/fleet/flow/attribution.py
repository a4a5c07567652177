"""At which flow a meter registered what it registered, as far as readings of intervals can tell.

A flow that lasts is seen: the opening of the flow (its greatest minimum over windows that hold the interval) is what
runs all the time, such as a dripping tap, a tank's float valve, a burner at low flame. The rest are uses shorter than
the window, whose flow is at least the mean of the interval; they count to the main zone of the meter, or to the zone
above where even the mean is there. What a meter's zone holds too little of goes with its largest zone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import grey_opening, uniform_filter1d

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.flow.error_curve import zone_of

LEAST_SHARE = 0.04  # of a meter's volume, below which a zone is none of its own
LEAST_STEPS = 30  # of the register: fewer say nothing
LEAST_ALIKE = 0.75  # share of the intervals around in which a steady flow is seen alone


@dataclass(frozen=True, slots=True)
class Zoned:
    """Volumes by meter and zone. `row` and `zone` name the columns; `active` is the share of intervals that moved."""

    volumes: Floats  # columns x intervals, m3
    row: NDArray[np.intp]
    zone: NDArray[np.intp]
    active: Floats  # columns
    part: Floats  # columns: of the intervals in which the meter moved
    share: Floats  # rows x zones: of the meter's volume, before small zones were joined to others


def zoned(
    volumes: Floats, bounds_m3_h: Floats, step_m3: Floats, continuous: int, hours: float, main: int, pure: float
) -> Zoned:
    """`volumes`: rows x intervals, m3; `bounds_m3_h`: rows x (zones - 1); rows of no volume get no column.

    With `continuous` 1 the mean flow of the interval decides, for media whose small uses last for many minutes. `pure`
    is the share of a small flow's volume that truly was one, on average.
    """
    bounds = bounds_m3_h[:, None, :] * hours
    high = np.maximum(zone_of(volumes, bounds), main)
    if continuous > 1:
        lasting = _steady(volumes, step_m3, continuous)
        low = zone_of(_smoothed(lasting, continuous), bounds)
    else:
        lasting = volumes
        low = zone_of(volumes, bounds)
    rest = volumes - lasting
    zones = bounds_m3_h.shape[1] + 1
    split = np.stack([lasting * (low == zone) + rest * (high == zone) for zone in range(zones)], axis=1)
    held = split.sum(axis=2)
    whole = held.sum(axis=1)
    share = held / np.where(whole > 0, whole, 1.0)[:, None]
    kept = (share >= LEAST_SHARE) & (held >= LEAST_STEPS * step_m3[:, None])
    largest = share.argmax(axis=1)
    kept[np.arange(len(whole)), largest] = whole > 0
    for row, zone in np.argwhere(~kept & (held > 0)):
        split[row, largest[row]] += split[row, zone]
    _expect(split, kept, main, pure)
    row, zone = np.nonzero(kept)
    columns = split[row, zone]
    active = (columns > 0).mean(axis=1)
    of_meter = np.bincount(row, active, minlength=len(volumes))[row]
    return Zoned(columns, row, zone, active, active / np.maximum(of_meter, 1e-12), share)


def _expect(split: Floats, kept: NDArray[np.bool_], main: int, pure: float) -> None:
    """Volumes by zone, in place, become what is expected of them given what was seen.

    A regression on expected volumes is not biased by what they miss (Berkson 1950, JASA 45 164), as one on volumes that
    came to the wrong zone would be.
    """
    for row, zone in np.argwhere(kept[:, :main] & kept[:, [main]]):
        strange = (1 - pure) * split[row, zone]
        split[row, zone] -= strange
        split[row, main] += strange


def _steady(volumes: Floats, step_m3: Floats, continuous: int) -> Floats:
    """Of what lasts, what is steady: many short uses one after the other last too, but are never alike for long."""
    lasting = grey_opening(volumes, size=(1, continuous))
    # A step more or less is how a steady flow looks in whole steps.
    alike = (lasting > 0) & (volumes - lasting < 1.5 * step_m3[:, None])
    near = uniform_filter1d(alike.astype(np.float64), continuous, axis=1)
    return np.where(near >= LEAST_ALIKE, np.where(alike, volumes, lasting), 0.0)


def _smoothed(lasting: Floats, continuous: int) -> Floats:
    """A steady flow in whole steps would change its zone from interval to interval: its mean over a window."""
    if continuous <= 2:
        return lasting
    there = (lasting > 0).astype(np.float64)
    near = uniform_filter1d(there, continuous, axis=1)
    mean = uniform_filter1d(lasting, continuous, axis=1) / np.maximum(near, 0.5 / continuous)
    return np.asarray(np.where(there > 0, mean, 0.0))
