"""From the registers of one district to the increments that its model is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.averages import Whole
from yuejingzhun.metrology.fleet.balance import Balance
from yuejingzhun.metrology.fleet.columns import Steps
from yuejingzhun.metrology.fleet.gaps import Flags, filled, filled_total, shifted
from yuejingzhun.metrology.fleet.noise import rounding_variance

# Variance of what was filled in for a meter, in units of the rounding's of all, that an interval still counts as read
# with: most such gaps are of homes that drew next to nothing.
QUIET = 0.1
MOVED = 8  # intervals that a meter's energy may be moved by: its offset, and what is left open of it
MARGINAL_LOSS = 0.08  # of a group's energy: what a wrong shape inside a gap makes of the loss in it


@dataclass(frozen=True, slots=True)
class Corrections:
    """What was found wrong with the list of a district's meters, by row."""

    dropped: frozenset[int] = frozenset()  # not fed by this transformer
    late: Mapping[int, float] = field(default_factory=dict)  # intervals that a meter's clock is behind
    doubtful: frozenset[int] = frozenset()  # whose time is left open; the late ones are among them


Made = TypeVar("Made", Steps, Whole)


@dataclass(frozen=True, slots=True)
class Read(Generic[Made]):
    """What one district's columns are made of, and the rows that gave trouble: read too little, or with a register that
    falls."""

    steps: Made
    unread: tuple[int, ...]
    falling: tuple[int, ...]
    total_read: float  # share of the total's intervals
    intervals: int  # that every register was read in
    difference_kwh: float  # mean of the total less the meters
    mean_steps: Floats  # rows
    unsure: Floats | None  # intervals: variance of the balance that comes from filling in, kWh^2; None: nothing was


def whole(balance: Balance, district: int, groups: int, corrections: Corrections) -> Read[Whole] | None:
    """Where the registers may say all by themselves: no clock to be corrected, the total read at each point and never
    falling. Whether that is so of the meters shows when their columns are made, where it costs less."""
    if corrections.late or corrections.doubtful:
        return None
    unit = _unit(balance, district, corrections)
    registers, total = balance.registers[district], balance.total[district]
    total_kwh = np.diff(total) * float(balance.total_resolution_kwh[district])
    if total.min() < 0 or (total_kwh.min() < 0 and not (unit < 0).any()):
        return None
    steps = (registers[:, -1] - registers[:, 0]) / total_kwh.size
    if steps.min() < 0:
        return None
    group = balance.groups[district]
    made = Whole(registers, total_kwh, unit, group, _load_scale(unit, group, steps, groups), balance.is_rising)
    difference = float(total_kwh.mean() - unit @ steps)
    return Read(made, (), (), 1.0, total_kwh.size, difference, steps, None)


def _unit(balance: Balance, district: int, corrections: Corrections) -> Floats:
    unit = np.asarray(balance.signs[district] * balance.resolution_kwh[district], dtype=np.float64)
    unit[list(corrections.dropped)] = 0.0
    return unit


def _load_scale(unit: Floats, group: NDArray[np.signedinteger], steps: Floats, groups: int) -> Floats:
    """Square of each group's mean energy; the first bin of the count is that of unknown groups."""
    load = np.asarray(np.bincount(group + 1, np.abs(unit) * steps, groups + 1)[1:], dtype=np.float64)
    load[load == 0] = 1.0
    return np.square(load)


def increments(balance: Balance, district: int, groups: int, corrections: Corrections, out: Floats) -> Read[Steps]:
    """`out` (rows x intervals) receives the increments of the meters."""
    unit = _unit(balance, district, corrections)
    step = float(balance.total_resolution_kwh[district])
    unread, falling, read, unsure = _write_meters(balance, district, unit, out, corrections.doubtful)
    for row, late in corrections.late.items():
        out[row] = shifted(out[row], late)
    if corrections.doubtful:  # what belongs at the ends was read before the first point, or after the last one
        for ends in (slice(None, MOVED), slice(-MOVED, None)):
            read[ends], unsure[ends] = False, np.inf
    registers, total = balance.registers[district], balance.total[district]
    total_kwh, share = np.diff(total).astype(np.float64) * step, 1.0
    feeds_in = bool((unit < 0).any())
    if total.min() < 0 or (total_kwh.min() < 0 and not feeds_in):
        found = filled_total(total, step, unit @ out, feeds_in)
        total_kwh, share = found.increments, float(found.read.mean())
        read &= found.read
        unsure = unsure + found.unsure
    group = balance.groups[district]
    clean = not corrections.late and read.all()
    steps = (registers[:, -1] - registers[:, 0]) / out.shape[1] if clean else out.mean(axis=1)
    difference = float(total_kwh.mean() - unit @ steps)
    return Read(
        Steps(
            out,
            total_kwh,
            unit,
            group,
            _load_scale(unit, group, steps, groups),
            None if read.all() or read.sum() < balance.points_a_day else read,
        ),
        unread,
        falling,
        share,
        int(read.sum()),
        difference,
        steps,
        None if read.all() and not unsure.any() else np.where(read, unsure, MARGINAL_LOSS**2 * unsure),
    )


def _write_meters(
    balance: Balance, district: int, unit: Floats, out: Floats, moved: frozenset[int]
) -> tuple[tuple[int, ...], tuple[int, ...], Flags, Floats]:
    """Rows that could not be read, rows that fall; intervals that all were read in, variance of what was filled in."""
    registers = balance.registers[district]
    np.subtract(registers[:, 1:], registers[:, :-1], out=out, casting="unsafe")
    read = np.ones(out.shape[1], dtype=bool)
    unsure = np.zeros(out.shape[1])
    unread, falling = [], []
    if out.min() >= 0 and registers[:, 0].min() >= 0:  # a point that is missing later shows as a fall
        return (), (), read, unsure
    little = QUIET * rounding_variance(unit, float(balance.total_resolution_kwh[district]))
    for row in np.flatnonzero((out.min(axis=1) < 0) | (registers[:, 0] < 0)):
        found = filled(registers[row], balance.points_a_day) if unit[row] else None
        out[row] = 0.0
        if found is not None:
            out[row] = found.increments
            own, variance = found.read, unit[row] ** 2 * found.unsure
            if row in moved:  # so may what was filled in
                own = np.convolve(~own, np.ones(2 * MOVED + 1), "same") == 0
                variance = np.where(own, 0.0, variance.max())
            read &= own | (variance < little)
            unsure += variance
            if found.fell:
                falling.append(int(row))
        elif unit[row]:
            unread.append(int(row))
    return tuple(unread), tuple(falling), read, unsure
