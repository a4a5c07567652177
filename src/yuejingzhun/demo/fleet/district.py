"""A simulated district: registers as they would be collected, and the truth that made them."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.demo.fleet.household import POINTS_A_DAY, Floats, Habits, household_loads

MISSING = -1  # in a register: the point never arrived
GROUPS = 12  # four branches of three phases
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Design:
    """How a district is made; the defaults are the standard set of the project's claims."""

    meters: int = 200
    days: int = 30
    bad_meters: int = 2  # of 2 % to 10 %, either sign
    error_mean: float = 0.0005
    error_spread: float = 0.0035
    loss_share: tuple[float, float] = (0.015, 0.045)  # of the energy
    meter_resolution_kwh: float = 0.01
    total_resolution_kwh: float = 1e-4
    transformer_ratio: int = 80
    habits: Habits = field(default_factory=Habits)


@dataclass(frozen=True, slots=True)
class District:
    """Registers are whole steps of their resolution at the ends of intervals, points = days * 96 + 1; MISSING marks a
    gap. A feed-in register is a row of its own after the meters, with sign -1."""

    registers: Ints  # rows x points
    total: Ints  # points
    resolution_kwh: float
    total_resolution_kwh: float  # with the transformer ratio
    groups: Ints  # rows: branch and phase, 0 to 11
    signs: Ints  # rows: +1 energy drawn, -1 fed in
    errors: Floats  # rows, the truth: (indication - energy) / energy
    faulty: Ints  # rows that a fault was given to
    losses_kwh: Floats  # intervals, the truth
    faults: frozenset[Fault]


@dataclass(frozen=True, slots=True)
class Flows:
    """Energies of the rows before anything is measured, kWh, rows x intervals."""

    energy: Floats
    groups: Ints
    signs: Ints
    errors: Floats
    meters: Ints  # rows: the meter that each belongs to, itself or the one under the same roof


def flows_of(seed: int, faults: Collection[Fault] = (), design: Design = Design()) -> Flows:
    """What flows in the district that `simulate` makes of the same arguments."""
    given = frozenset(faults)
    return _flows(np.random.default_rng(seed), given, _with_coarse(design, given))


def simulate(seed: int, faults: Collection[Fault] = (), design: Design = Design()) -> District:
    """One district, the same for the same seed, faults and design."""
    rng = np.random.default_rng(seed)
    given = frozenset(faults)
    design = _with_coarse(design, given)
    flows = _flows(rng, given, design)
    fed = np.ones(len(flows.errors), dtype=bool)
    listed = fed.copy()
    faulty: list[int] = []
    if Fault.FOREIGN_METER in given:
        faulty.append(_a_busy_one(rng, flows))
        fed[faulty[-1]] = False
    if Fault.UNLISTED_METER in given:
        listed[_a_busy_one(rng, flows)] = False
    losses = _losses(rng, flows, fed, given, design)
    total = (flows.energy * flows.signs[:, None])[fed].sum(axis=0) + losses
    if Fault.THEFT in given:
        total = total + _stolen(rng, design.days)
    registers = _registers(rng, flows.energy * (1 + flows.errors[:, None]), design.meter_resolution_kwh)
    step = design.total_resolution_kwh * design.transformer_ratio
    total_register = _registers(rng, total[None, :], step)[0]
    if Fault.CLOCK_OFFSET in given:
        faulty += _shift_clocks(rng, registers, flows, design)
    if Fault.MISSING_DAYS in given:
        _lose_days(rng, registers, total_register, design.days)
    return District(
        registers=registers[listed],
        total=total_register,
        resolution_kwh=design.meter_resolution_kwh,
        total_resolution_kwh=step,
        groups=flows.groups[listed],
        signs=flows.signs[listed],
        errors=flows.errors[listed],
        faulty=np.array([listed[:row].sum() for row in faulty if listed[row]], dtype=np.int64),
        losses_kwh=losses,
        faults=given,
    )


def _with_coarse(design: Design, faults: frozenset[Fault]) -> Design:
    if Fault.COARSE_REGISTERS in faults:
        design = replace(design, meter_resolution_kwh=0.1)
    if Fault.COARSE_TOTAL in faults:
        design = replace(design, total_resolution_kwh=0.01)
    if Fault.LIGHT_LOAD in faults:
        habits = replace(design.habits, median_kwh=design.habits.median_kwh / 15, spikes_a_day=0.2)
        design = replace(design, habits=habits)
    return design


def _flows(rng: np.random.Generator, faults: frozenset[Fault], design: Design) -> Flows:
    """Loads, groups and errors of the meters, then those of their feed-in registers where there are any."""
    drawn = household_loads(rng, design.meters, design.days, design.habits)
    groups = rng.integers(0, GROUPS, design.meters)
    errors = rng.normal(design.error_mean, design.error_spread, design.meters)
    bad = rng.choice(design.meters, design.bad_meters, replace=False)
    errors[bad] = rng.uniform(0.02, 0.10, bad.size) * rng.choice([-1.0, 1.0], bad.size)
    signs = np.ones(design.meters, dtype=np.int64)
    if Fault.FEED_IN not in faults:
        return Flows(drawn, groups, signs, errors, np.arange(design.meters))
    roofs = rng.choice(design.meters, design.meters // 10, replace=False)
    net = drawn[roofs] - _sunshine(rng, roofs.size, design.days)
    drawn[roofs] = np.maximum(net, 0)
    return Flows(
        np.vstack([drawn, np.maximum(-net, 0)]),
        np.concatenate([groups, groups[roofs]]),
        np.concatenate([signs, np.full(roofs.size, -1)]),
        np.concatenate([errors, rng.normal(design.error_mean, design.error_spread, roofs.size)]),
        np.concatenate([np.arange(design.meters), roofs]),
    )


def _sunshine(rng: np.random.Generator, roofs: int, days: int) -> Floats:
    """Photovoltaic energy, roofs x intervals, kWh: 3 kW to 8 kW at noon, one sky over all, clouds of its own."""
    hour = np.arange(POINTS_A_DAY) * (24 / POINTS_A_DAY)
    arch = np.clip(np.sin((hour - 6) / 12 * np.pi), 0, None) ** 1.3
    sky = rng.uniform(0.2, 1.0, (1, days, 1)) * rng.uniform(0.7, 1.0, (1, days, POINTS_A_DAY))
    cloud = rng.uniform(0.85, 1.0, (roofs, days, POINTS_A_DAY))
    peak = rng.uniform(3, 8, (roofs, 1, 1)) / 4
    return np.asarray((peak * arch * sky * cloud).reshape(roofs, -1))


def _losses(
    rng: np.random.Generator, flows: Flows, fed: NDArray[np.bool_], faults: frozenset[Fault], design: Design
) -> Floats:
    """Loss in each interval: fixed, and the square of each group's net load, with a resistance of its own."""
    net = flows.energy * flows.signs[:, None]
    member = (np.arange(GROUPS)[:, None] == flows.groups) & fed
    squares = (member.astype(np.float64) @ net) ** 2
    energy = float(np.abs(net[fed].sum(axis=0)).sum()) * rng.uniform(*design.loss_share)
    fixed = rng.uniform(0.05, 0.2)
    weight = np.exp(0.4 * rng.standard_normal(GROUPS)) @ squares
    if Fault.ROUGH_LOSS in faults:
        weight = weight * np.exp(0.05 * rng.standard_normal(weight.size))
    return np.asarray(energy * (fixed / weight.size + (1 - fixed) * weight / weight.sum()))


def _stolen(rng: np.random.Generator, days: int) -> Floats:
    """A load that no meter sees: 0.5 kW to 2 kW for some hours of most evenings."""
    hour = np.arange(POINTS_A_DAY) * (24 / POINTS_A_DAY)
    begin, length = rng.uniform(17, 21, (days, 1)), rng.uniform(1, 5, (days, 1))
    on = (hour >= begin) & (hour < begin + length) & (rng.uniform(size=(days, 1)) < 0.7)
    load = rng.uniform(0.5, 2.0) / 4 * np.exp(0.3 * rng.standard_normal(on.shape))
    return np.asarray((on * load).reshape(-1))


def _registers(rng: np.random.Generator, energy: Floats, step_kwh: float) -> Ints:
    """Cumulative registers, floored to whole steps, from a start of some years of service."""
    start = rng.uniform(1e3, 3e4, (energy.shape[0], 1))
    cumulative = np.concatenate([start, start + np.cumsum(energy, axis=1)], axis=1)
    return np.asarray(np.floor(cumulative / step_kwh), dtype=np.int64)


def _a_busy_one(rng: np.random.Generator, flows: Flows) -> int:
    """A meter of at least half the median load: one that stands empty could be listed anywhere."""
    means = flows.energy.mean(axis=1)
    return int(rng.choice(np.flatnonzero((means > 0.5 * np.median(means)) & (flows.signs > 0))))


def _shift_clocks(rng: np.random.Generator, registers: Ints, flows: Flows, design: Design) -> list[int]:
    """Six meters whose registers are read up to an hour late or early, in place; their rows are returned."""
    rows = rng.choice(np.flatnonzero(flows.signs > 0), 6, replace=False)
    for row in rows:
        offset = rng.uniform(0.2, 4.0) * rng.choice([-1.0, 1.0])
        begin = float(registers[row, 0]) * design.meter_resolution_kwh
        energy = flows.energy[row] * (1 + flows.errors[row])
        cumulative = begin + np.concatenate([[0.0], np.cumsum(energy)]) + 10 * energy.mean()
        points = np.arange(cumulative.size)
        late = np.interp(points - offset, points, cumulative)
        late += np.where(points - offset < 0, points - offset, 0) * energy.mean()
        late += np.where(points - offset > points[-1], points - offset - points[-1], 0) * energy.mean()
        registers[row] = np.floor(late / design.meter_resolution_kwh)
    return [int(row) for row in rows]


def _lose_days(rng: np.random.Generator, registers: Ints, total: Ints, days: int) -> None:
    """One meter's day in two hundred, and one day of the total, in place; the register at midnight came with the day
    that follows."""
    for row, day in np.argwhere(rng.uniform(size=(len(registers), days)) < 0.005):
        registers[row, day * POINTS_A_DAY + 1 : (day + 1) * POINTS_A_DAY] = MISSING
    day = int(rng.integers(days))
    total[day * POINTS_A_DAY + 1 : (day + 1) * POINTS_A_DAY] = MISSING
