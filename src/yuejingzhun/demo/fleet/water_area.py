"""A simulated district metering area: homes and shops, their meters with error curves, pressure and leakage."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from yuejingzhun.demo.fleet import flow_area, uses
from yuejingzhun.demo.fleet.flow_area import FlowArea
from yuejingzhun.demo.fleet.flow_fault import FlowFault
from yuejingzhun.demo.fleet.household import Floats

DAY = ((7.3, 1.2, 1.0), (12.3, 1.2, 0.6), (19.5, 2.2, 1.6), (15.0, 4.0, 0.4))
EVENING = ((7.0, 0.8, 0.4), (20.8, 1.5, 1.6))
# Flows and volumes of uses are usual ones of Chinese and other surveys of end uses.
PERSONAL = (
    uses.Kind(4.5, 0.36, 0.25, 0.0165, 0.25, DAY),  # lavatory: 6 L
    uses.Kind(10, 0.22, 0.45, 0.0065, 0.8, DAY),  # tap: 1.5 L
    uses.Kind(0.9, 0.55, 0.25, 0.085, 0.4, EVENING),  # shower: 47 L
    uses.Kind(1.5, 0.30, 0.35, 0.025, 0.6, ((7.0, 0.8, 0.5), (11.8, 0.8, 0.8), (18.5, 0.9, 1.2))),  # kitchen
)
OF_HOME = (uses.Kind(0.35, 0.6, 0.2, 0.1, 0.3, ((9.5, 2.0, 1.0), (20.0, 1.5, 1.0))),)  # washing machine: 60 L
TANK = uses.Kind(2.2, 0.042, 0.3, 2.6, 0.35, DAY)  # a float valve that lets a roof tank fill slowly
SHOP = uses.Kind(9, 1.4, 0.6, 0.5, 0.5, ((11.0, 3.0, 1.0), (16.5, 3.0, 1.0)))
INLET_LIMIT = 0.005  # relative, of the inlet meter's class
ZONES = 4


@dataclass(frozen=True, slots=True)
class WaterDesign:
    """How an area is made."""

    homes: int = 150
    shops: int = 4
    days: int = 30
    points_a_day: int = 96
    bad_meters: int = 3  # 5 % to 15 % wrong above Q2, slow twice as often as fast
    worn_meters: int = 8  # 15 % to 60 % slow below Q2
    tank_share: float = 0.2
    drip_share: float = 0.15
    error_mean: float = -0.003
    error_spread: float = 0.01
    leak_share: tuple[float, float] = (0.06, 0.2)  # of the inflow
    exponent: tuple[float, float] = (0.8, 1.4)  # N1
    leak_noise: float = 0.01  # of the leak, in an interval
    step_m3: float = 0.001
    inflow_step_m3: float = 0.01
    use: float = 1.0


@dataclass(frozen=True, slots=True)
class _Meters:
    q3: Floats
    ratio: Floats
    upper: Floats  # error above Q2
    lower: Floats  # what is added where the flow is small


def simulate_water(seed: int, faults: Collection[FlowFault] = (), design: WaterDesign = WaterDesign()) -> FlowArea:
    """One area, the same for the same seed, faults and design."""
    rng = np.random.default_rng(seed)
    given = frozenset(faults)
    design = _with_coarse(design, given)
    rows, intervals = design.homes + design.shops, design.days * design.points_a_day
    meters = _meters(rng, design)
    found = _events(rng, design)
    error = _error(found.flow_m3_h, found.home, meters)
    passed = found.volume_m3
    kept = passed * (1 + error)
    hours = 24 / design.points_a_day
    flows = uses.spread_over(found, passed, rows, intervals, hours)
    late = flow_area.clock_offsets(rng, rows, given)
    shown = uses.spread_over(uses.delayed(found, late), kept, rows, intervals, hours)
    zone_error, zone_volume = flow_area.zone_truth(kept, passed, _zone(found, meters), found.home, (rows, ZONES))
    faulty: list[int] = []
    fed, listed = np.ones(rows, dtype=bool), np.ones(rows, dtype=bool)
    if FlowFault.FOREIGN_METER in given:
        faulty.append(flow_area.a_busy_one(rng, flows))
        fed[faulty[-1]] = False
    if FlowFault.UNLISTED_METER in given:
        listed[flow_area.a_busy_one(rng, flows)] = False
    use = flows[fed].sum(axis=0)
    pressure = _pressure(rng, use, design)
    loss = _leakage(rng, pressure, float(use.mean()), design, given)
    inflow = use + loss
    scale = 1 + flow_area.inlet_error(rng, given, INLET_LIMIT)
    if FlowFault.THEFT in given:
        inflow = inflow + flow_area.stolen(rng, design.days, design.points_a_day, 0.8)
    inflow = inflow * scale
    faulty += np.flatnonzero(late).tolist()
    if FlowFault.STOPPED_METER in given:
        faulty.append(flow_area.stop_one(rng, shown, design.points_a_day))
    registers = uses.floored(rng, shown, design.step_m3)
    total = uses.floored(rng, inflow[None, :], design.inflow_step_m3)[0]
    if FlowFault.MISSING_DAYS in given:
        flow_area.lose_days(rng, registers, total, design.points_a_day)
    return FlowArea(
        registers=registers[listed],
        inflow=total,
        step_m3=design.step_m3,
        inflow_step_m3=design.inflow_step_m3,
        nominal={"q3_m3_h": meters.q3[listed], "ratio": meters.ratio[listed]},
        measured={} if FlowFault.NO_PRESSURE in given else {"pressure_kpa": pressure},
        zone_error=zone_error[listed],
        zone_volume=zone_volume[listed],
        faulty=np.array(faulty, dtype=np.int64),
        loss_m3=loss,
        points_a_day=design.points_a_day,
        faults=given,
    )


def _with_coarse(design: WaterDesign, faults: frozenset[FlowFault]) -> WaterDesign:
    if FlowFault.COARSE_REGISTERS in faults:
        design = replace(design, step_m3=10 * design.step_m3)
    if FlowFault.COARSE_INFLOW in faults:
        design = replace(design, inflow_step_m3=100 * design.inflow_step_m3)
    return replace(design, use=design.use / 15) if FlowFault.LITTLE_USE in faults else design


def _meters(rng: np.random.Generator, design: WaterDesign) -> _Meters:
    rows = design.homes + design.shops
    shop = np.arange(rows) >= design.homes
    upper = rng.normal(design.error_mean, design.error_spread, rows)
    lower = rng.normal(-0.01, 0.02, rows)
    bad = rng.choice(rows, design.bad_meters, replace=False)
    upper[bad] = rng.uniform(0.05, 0.15, bad.size) * rng.choice([-1.0, -1.0, 1.0], bad.size)
    worn = rng.choice(rows, design.worn_meters, replace=False)
    lower[worn] = -rng.uniform(0.15, 0.6, worn.size)
    return _Meters(np.where(shop, 6.3, 2.5), rng.choice([80.0, 100.0, 160.0], rows), upper, lower)


def _events(rng: np.random.Generator, design: WaterDesign) -> uses.Events:
    rows, homes = design.homes + design.shops, design.homes
    persons = np.zeros(rows)
    persons[:homes] = rng.choice([1, 2, 3, 4, 5], homes, p=[0.15, 0.3, 0.3, 0.17, 0.08]) * np.exp(
        0.3 * rng.standard_normal(homes)
    )
    persons *= design.use
    present = uses.presence(rng, rows, design.days, away_share=0.25, empty_share=0.05)
    tank = (rng.uniform(size=rows) < design.tank_share) & (persons > 0)
    parts = [uses.events(rng, kind, np.where(tank, 0.25, 1.0) * persons, design.days, present) for kind in PERSONAL]
    of_home = (persons > 0) * np.where(tank, 0.25, 1.0) * min(design.use, 1.0)
    parts += [uses.events(rng, kind, of_home, design.days, present) for kind in OF_HOME]
    parts.append(uses.events(rng, TANK, tank * np.minimum(persons / 3, 1.5), design.days, present))
    parts.append(uses.events(rng, SHOP, (np.arange(rows) >= homes) * design.use, design.days, present.clip(0.5)))
    drips = np.flatnonzero(rng.uniform(size=rows) < design.drip_share)
    whole = np.full(drips.size, 24.0 * design.days)
    parts.append(uses.Events(drips, np.zeros(drips.size), whole, rng.uniform(0.002, 0.012, drips.size)))
    return uses.joined(parts)


def _error(flow: Floats, row: np.ndarray, meters: _Meters) -> Floats:
    """The meter's curve: one error above Q2, more and more lost below, nothing registered under a third of Q1."""
    q1 = meters.q3[row] / meters.ratio[row]
    low = 1 / (1 + (flow / (1.6 * q1)) ** 4)
    error = (1 + meters.upper[row]) * (1 + meters.lower[row] * low) - 1
    return np.where(flow < q1 / 3, np.maximum(-1.0, error - 0.3 * (1 - flow / (q1 / 3))), error)


def _zone(found: uses.Events, meters: _Meters) -> np.ndarray:
    q1 = meters.q3[found.home] / meters.ratio[found.home]
    bounds = np.stack([q1, 1.6 * q1, meters.q3[found.home]], axis=-1)
    return np.asarray((found.flow_m3_h[:, None] >= bounds).sum(axis=1))


def _pressure(rng: np.random.Generator, use: Floats, design: WaterDesign) -> Floats:
    """Gauge pressure at the average zone point, kPa: that of the pumps, less at night, less friction."""
    hour = (np.arange(use.size) % design.points_a_day) * (24 / design.points_a_day)
    pumps = rng.uniform(300, 400) - np.where((hour < 5) | (hour > 23), rng.uniform(20, 60), 0.0)
    return np.asarray(pumps - 25 * (use / use.mean()) ** 2 / 4 + rng.normal(0, 2, use.size)).clip(60)


def _leakage(
    rng: np.random.Generator, pressure: Floats, use: float, design: WaterDesign, faults: frozenset[FlowFault]
) -> Floats:
    """m3 in each interval: with a power of the pressure, slowly growing and mended, noise of its own, a burst."""
    share = rng.uniform(*design.leak_share)
    level = use * share / (1 - share) / max(design.use, 0.3)
    days = np.arange(pressure.size) / design.points_a_day
    wander = np.exp(np.interp(days, np.arange(design.days + 1), np.cumsum(rng.normal(0, 0.01, design.days + 1))))
    noise = 1 + design.leak_noise * rng.standard_normal(pressure.size)
    leak = level * (pressure / pressure.mean()) ** rng.uniform(*design.exponent) * wander * noise
    if FlowFault.BURST in faults:
        begin = rng.uniform(0.2, 0.7) * design.days
        end = begin + rng.uniform(1, 6)
        open_ = np.clip((days - begin) * 48, 0, 1) * (days < end)
        leak = leak + use * rng.uniform(0.1, 0.5) * open_ * (pressure / pressure.mean()) ** 0.5
    return np.asarray(leak)
