"""From the registers of one area to volumes of intervals, with what was filled in and what that costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.balance import MISSING
from yuejingzhun.metrology.fleet.flow.supply import Supply
from yuejingzhun.metrology.fleet.gaps import Flags, filled, filled_total, shifted

NOTHING = 1e4  # variance, of the inflow's mean square, of an interval that counts for nothing
STILL_DAYS = 8.0  # without a step, before a register that used to move is taken for stopped
STILL_LONGER = 3.0  # times its longest rest before


@dataclass(frozen=True, slots=True)
class Corrections:
    """What was found wrong with an area's list of meters, by row, and with its days."""

    dropped: frozenset[int] = frozenset()  # not fed from here
    late: Mapping[int, float] = field(default_factory=dict)  # intervals that a meter's clock is behind
    disturbed: frozenset[int] = frozenset()  # days that do not count


@dataclass(frozen=True, slots=True)
class Read:
    """Volumes of one area, m3. Rows that gave trouble: read too little, with a register that falls, stopped."""

    volumes: Floats  # rows x intervals, as registered
    inflow: Floats  # intervals, in the balance's m3
    extra: Floats  # intervals: variance, m6
    unread: tuple[int, ...]
    falling: tuple[int, ...]
    stopped: tuple[int, ...]
    inflow_read: float  # share of its intervals
    days: float  # of which the inflow and all meters were read


def read(supply: Supply, area: int, corrections: Corrections) -> Read:
    """The readings of that area of the batch."""
    step, points_a_day = supply.step_m3[area], supply.points_a_day
    registers = supply.registers[area]
    volumes = np.diff(registers, axis=1).astype(np.float64)
    extra = np.zeros(volumes.shape[1])
    seen = np.ones(volumes.shape[1], dtype=bool)
    unread, falling, stopped = [], [], []
    for row in range(len(step)):
        if not supply.listed[area, row] or row in corrections.dropped:
            volumes[row] = 0.0
            continue
        register = registers[row]
        if register.min() >= 0 and (last := _stopped_after(volumes[row], points_a_day)):
            register = np.where(np.arange(register.size) > last, MISSING, register)
            stopped.append(row)
        if register.min() < 0 or volumes[row].min() < 0:
            found = filled(register, points_a_day)
            volumes[row] = 0.0
            if found is None:
                unread.append(row)
                continue
            volumes[row] = found.increments
            extra += np.where(found.read, 0.0, _spread(found.increments, found.read, points_a_day) * step[row] ** 2)
            seen &= found.read
            if found.fell:
                falling.append(row)
        if row in corrections.late:
            volumes[row] = shifted(volumes[row], corrections.late[row])
    volumes *= step[:, None]
    inflow, arrived = _inflow(supply, area, volumes)
    nothing = NOTHING * float(np.mean(inflow**2))
    extra[~arrived] += nothing
    for day in corrections.disturbed:
        extra[day * points_a_day : (day + 1) * points_a_day] += nothing
    share = float(arrived.mean())
    return Read(
        volumes,
        inflow,
        extra,
        tuple(unread),
        tuple(falling),
        tuple(stopped),
        share,
        float((seen & arrived).sum()) / points_a_day,
    )


def _inflow(supply: Supply, area: int, volumes: Floats) -> tuple[Floats, Flags]:
    factor, step = supply.inflow_factor[area], float(supply.inflow_step_m3[area])
    register = supply.inflow[area]
    arrived = (register[1:] >= 0) & (register[:-1] >= 0) & (np.diff(register) >= 0)
    inflow = np.diff(register) * step
    if not arrived.all():
        inflow = filled_total(register, step, volumes.sum(axis=0), may_fall=False).increments
    return inflow * factor - supply.inflow_offset_m3[area], arrived


def _spread(increments: Floats, known: Flags, points_a_day: int) -> float:
    """Variance of what a meter registers in an interval, about its mean day, steps^2."""
    of_day = np.arange(increments.size) % points_a_day
    count = np.maximum(np.bincount(of_day, known, points_a_day), 1)
    mean = np.bincount(of_day, np.where(known, increments, 0.0), points_a_day) / count
    return float(((increments - mean[of_day]) ** 2)[known].mean())


def _stopped_after(steps: Floats, points_a_day: int) -> int:
    """The point after which a register that moved rested to the end, much longer than ever before; 0 if it did not."""
    moved = np.flatnonzero(steps > 0)
    if moved.size < 10:
        return 0
    rest = steps.size - 1 - moved[-1]
    return int(moved[-1]) + 1 if rest > STILL_DAYS * points_a_day and rest > STILL_LONGER * np.diff(moved).max() else 0
