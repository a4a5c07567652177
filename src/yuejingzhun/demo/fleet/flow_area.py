"""What a simulated water or gas area has in common, and the faults that both have."""

from dataclasses import dataclass

import numpy as np

from yuejingzhun.demo.fleet.flow_fault import FlowFault
from yuejingzhun.demo.fleet.household import Floats

MISSING = -1  # in a register: the point never arrived
Ints = np.ndarray


@dataclass(frozen=True, slots=True)
class FlowArea:
    """Registers are whole steps at the ends of intervals, points = intervals + 1; MISSING marks a gap.

    `zone_error` (rows x zones) is the truth: what the meter registered of all that passed in the zone, less one; NaN
    where nothing passed. `nominal` holds what is known of each meter (water: q3_m3_h, ratio; gas: q_max_m3_h, …).
    """

    registers: Ints  # rows x points
    inflow: Ints  # points
    step_m3: float
    inflow_step_m3: float
    nominal: dict[str, Ints]
    measured: dict[str, Floats]  # of the area: pressures, temperatures of the intervals
    zone_error: Floats
    zone_volume: Floats  # rows x zones, m3, the truth
    faulty: Ints  # rows that a fault was given to
    loss_m3: Floats  # intervals, the truth
    points_a_day: int
    faults: frozenset[FlowFault]


def zone_truth(
    registered: Floats, passed: Floats, zone: Ints, row: Ints, shape: tuple[int, int]
) -> tuple[Floats, Floats]:
    """Error and volume (rows x zones) of events that passed so much and of which so much was registered."""
    place, size = row * shape[1] + zone, shape[0] * shape[1]
    through = np.bincount(place, passed, minlength=size).reshape(shape)
    shown = np.bincount(place, registered, minlength=size).reshape(shape)
    return np.where(through > 0, shown / np.where(through > 0, through, 1) - 1, np.nan), through


def a_busy_one(rng: np.random.Generator, volumes: Floats) -> int:
    """A row of at least half the median volume."""
    mean = volumes.mean(axis=1)
    return int(rng.choice(np.flatnonzero(mean > 0.5 * np.median(mean))))


def clock_offsets(rng: np.random.Generator, rows: int, faults: frozenset[FlowFault]) -> Floats:
    """Hours by which each row's clock is behind: none, or for six rows up to an hour, either way."""
    offsets = np.zeros(rows)
    if FlowFault.CLOCK_OFFSET in faults:
        wrong = rng.choice(rows, 6, replace=False)
        offsets[wrong] = rng.uniform(0.05, 1.0, 6) * rng.choice([-1.0, 1.0], 6)
    return offsets


def stop_one(rng: np.random.Generator, volumes: Floats, points_a_day: int) -> int:
    """A busy row registers nothing from somewhere in the second third on, in place."""
    row, days = a_busy_one(rng, volumes), volumes.shape[1] // points_a_day
    volumes[row, int(rng.uniform(days / 3, 2 * days / 3)) * points_a_day :] = 0.0
    return row


def lose_days(rng: np.random.Generator, registers: Ints, inflow: Ints, points_a_day: int) -> None:
    """One meter's day in a thousand and one day of the inlet, in place; the register at midnight came with the next."""
    days = (registers.shape[1] - 1) // points_a_day
    for row, day in np.argwhere(rng.uniform(size=(len(registers), days)) < 0.001):
        registers[row, day * points_a_day + 1 : (day + 1) * points_a_day] = MISSING
    day = int(rng.integers(days))
    inflow[day * points_a_day + 1 : (day + 1) * points_a_day] = MISSING


def stolen(rng: np.random.Generator, days: int, points_a_day: int, flow_m3_h: float) -> Floats:
    """What somebody draws for some hours of most evenings, m3 in each interval."""
    hour = np.arange(points_a_day) * (24 / points_a_day)
    begin, length = rng.uniform(17, 21, (days, 1)), rng.uniform(1, 5, (days, 1))
    on = (hour >= begin) & (hour < begin + length) & (rng.uniform(size=(days, 1)) < 0.7)
    flow = flow_m3_h * rng.uniform(0.7, 1.5) * np.exp(0.3 * rng.standard_normal(on.shape))
    return np.asarray((on * flow).reshape(-1) * 24 / points_a_day)


def inlet_error(rng: np.random.Generator, faults: frozenset[FlowFault], limit: float) -> float:
    """Relative error of the inlet meter: within its class's limit, or four times that."""
    within = float(rng.uniform(-limit, limit))
    return 4 * limit * float(np.sign(within)) if FlowFault.INLET_ERROR in faults else within
