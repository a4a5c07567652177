"""A simulated gas supply zone: homes and restaurants, diaphragm meters indoors and outdoors, weather and line pack."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import uniform_filter1d

from yuejingzhun.demo.fleet import flow_area, uses
from yuejingzhun.demo.fleet.flow_area import FlowArea
from yuejingzhun.demo.fleet.flow_fault import FlowFault
from yuejingzhun.demo.fleet.household import Floats

MEALS = ((7.2, 0.6, 0.5), (11.8, 0.6, 0.7), (18.3, 0.8, 1.4))
BATHS = ((7.2, 0.7, 0.3), (20.8, 1.6, 1.6))
OF_HOME = (
    uses.Kind(2.4, 0.27, 0.3, 0.33, 0.45, MEALS),  # a burner
    uses.Kind(0.3, 0.11, 0.25, 1.4, 0.3, ((10.3, 1.0, 1.0), (16.8, 1.0, 1.0))),  # soup at low flame
)
PERSONAL = (
    uses.Kind(0.9, 1.7, 0.25, 0.13, 0.35, BATHS),  # shower: 0.22 m3
    uses.Kind(1.5, 1.1, 0.25, 0.02, 0.5, MEALS),  # washing up
)
KITCHEN = uses.Kind(7, 3.0, 0.4, 0.8, 0.4, ((11.3, 1.0, 1.0), (17.8, 1.2, 1.3)))
INLET_LIMIT = 0.01  # relative, of the inlet meter's class
ZONES = 3
BASE_C, BASE_KPA, ZERO_C = 20.0, 101.325, 273.15


@dataclass(frozen=True, slots=True)
class GasDesign:
    """How a zone is made."""

    homes: int = 150
    restaurants: int = 3
    days: int = 30
    points_a_day: int = 96
    bad_meters: int = 3  # 5 % to 12 % wrong from q_t on, either way
    worn_meters: int = 6  # 10 % to 40 % slow below q_t
    outdoor_share: float = 0.4
    compensated_share: float = 0.2
    error_mean: float = 0.002
    error_spread: float = 0.009
    leak_share: tuple[float, float] = (0.001, 0.012)
    leak_noise: float = 0.02
    site_spread_k: float = 1.0  # of single meters
    mean_air_c: tuple[float, float] = (12.0, 28.0)
    step_m3: float = 0.01
    inflow_step_m3: float = 0.01
    network_m3: float = 30.0
    use: float = 1.0


@dataclass(frozen=True, slots=True)
class _Meters:
    q_max: Floats
    q_min: Floats
    upper: Floats
    lower: Floats
    outdoor: np.ndarray
    compensated: np.ndarray


@dataclass(frozen=True, slots=True)
class _Weather:
    """Of the intervals; temperatures degC, pressures kPa. `sites`: indoors, outdoors."""

    air: Floats
    sites: Floats
    atmospheric: Floats
    gauge: Floats


def simulate_gas(seed: int, faults: Collection[FlowFault] = (), design: GasDesign = GasDesign()) -> FlowArea:
    """One zone, the same for the same seed, faults and design. The inlet counts m3 at 20 degC and 101.325 kPa."""
    rng = np.random.default_rng(seed)
    given = frozenset(faults)
    design = _with_coarse(design, given)
    rows, intervals, hours = (
        design.homes + design.restaurants,
        design.days * design.points_a_day,
        24 / design.points_a_day,
    )
    meters, weather = _meters(rng, design), _weather(rng, design)
    found = _events(rng, design)
    error = _error(found.flow_m3_h, found.home, meters)
    passed = found.volume_m3  # at the meter's own conditions
    flows = uses.spread_over(found, passed, rows, intervals, hours)
    late = flow_area.clock_offsets(rng, rows, given)
    shown = uses.spread_over(uses.delayed(found, late), passed * (1 + error), rows, intervals, hours)
    zone_error, zone_volume = flow_area.zone_truth(
        passed * (1 + error), passed, _zone(found, meters), found.home, (rows, ZONES)
    )
    base = flows * _factors(rng, meters, weather, design)
    faulty: list[int] = []
    fed, listed = np.ones(rows, dtype=bool), np.ones(rows, dtype=bool)
    if FlowFault.FOREIGN_METER in given:
        faulty.append(flow_area.a_busy_one(rng, flows))
        fed[faulty[-1]] = False
    if FlowFault.UNLISTED_METER in given:
        listed[flow_area.a_busy_one(rng, flows)] = False
    use = base[fed].sum(axis=0)
    loss = (
        float(use.mean()) * rng.uniform(*design.leak_share) * (1 + design.leak_noise * rng.standard_normal(intervals))
    )
    held = _line_pack(rng, use, design)
    inflow = use + loss + np.diff(held)
    scale = 1 + flow_area.inlet_error(rng, given, INLET_LIMIT)
    if FlowFault.THEFT in given:
        inflow = inflow + flow_area.stolen(rng, design.days, design.points_a_day, 0.6)
    # What the network takes up is never more than what comes in: a turbine does not run backwards.
    inflow = np.maximum(inflow, 0.0) * scale
    faulty += np.flatnonzero(late).tolist()
    if FlowFault.STOPPED_METER in given:
        faulty.append(flow_area.stop_one(rng, shown, design.points_a_day))
    registers = uses.floored(rng, shown, design.step_m3)
    total = uses.floored(rng, inflow[None, :], design.inflow_step_m3)[0]
    if FlowFault.MISSING_DAYS in given:
        flow_area.lose_days(rng, registers, total, design.points_a_day)
    site = meters.outdoor.astype(np.int64)
    if FlowFault.WRONG_SITE in given:
        wrong = rng.uniform(size=rows) < 0.1
        site = np.where(wrong, 1 - site, site)
    return FlowArea(
        registers=registers[listed],
        inflow=total,
        step_m3=design.step_m3,
        inflow_step_m3=design.inflow_step_m3,
        nominal={
            "q_max_m3_h": meters.q_max[listed],
            "q_min_m3_h": meters.q_min[listed],
            "site": site[listed],
            "compensated": meters.compensated[listed],
        },
        measured={
            "air_c": weather.air,
            "atmospheric_kpa": weather.atmospheric,
            "gauge_kpa": weather.gauge,
            "line_pack_m3": held * rng.uniform(0.92, 1.08),
        },
        zone_error=zone_error[listed],
        zone_volume=zone_volume[listed],
        faulty=np.array(faulty, dtype=np.int64),
        loss_m3=loss,
        points_a_day=design.points_a_day,
        faults=given,
    )


def _with_coarse(design: GasDesign, faults: frozenset[FlowFault]) -> GasDesign:
    if FlowFault.COARSE_REGISTERS in faults:
        design = replace(design, step_m3=10 * design.step_m3)
    if FlowFault.COARSE_INFLOW in faults:
        design = replace(design, inflow_step_m3=100 * design.inflow_step_m3)
    return replace(design, use=design.use / 15) if FlowFault.LITTLE_USE in faults else design


def _meters(rng: np.random.Generator, design: GasDesign) -> _Meters:
    rows = design.homes + design.restaurants
    large = np.arange(rows) >= design.homes
    upper = rng.normal(design.error_mean, design.error_spread, rows)
    lower = rng.normal(-0.008, 0.012, rows)
    bad = rng.choice(rows, design.bad_meters, replace=False)
    upper[bad] = rng.uniform(0.05, 0.12, bad.size) * rng.choice([-1.0, 1.0], bad.size)
    worn = rng.choice(rows, design.worn_meters, replace=False)
    lower[worn] = -rng.uniform(0.1, 0.4, worn.size)
    outdoor = rng.uniform(size=rows) < design.outdoor_share
    compensated = rng.uniform(size=rows) < design.compensated_share
    return _Meters(np.where(large, 10.0, 4.0), np.where(large, 0.06, 0.025), upper, lower, outdoor, compensated)


def _weather(rng: np.random.Generator, design: GasDesign) -> _Weather:
    intervals = design.days * design.points_a_day
    day = np.arange(intervals) / design.points_a_day
    fronts = np.interp(day, np.arange(design.days + 1), np.cumsum(rng.normal(0, 1.5, design.days + 1)))
    fronts -= fronts.mean()
    air = rng.uniform(*design.mean_air_c) + 0.8 * fronts - 4 * np.cos(2 * np.pi * (day - 2.5 / 24))
    wall = uniform_filter1d(air, max(design.points_a_day // 8, 1), mode="nearest")
    rooms = (uniform_filter1d(air, design.points_a_day, mode="nearest") + 24.0) / 2
    offset = rng.normal(0, 0.7, (2, 1))  # of the whole kind of site, from what the model takes
    atmospheric = 101.0 + 0.5 * np.interp(day, np.arange(design.days + 1), rng.standard_normal(design.days + 1))
    gauge = 2.0 + 0.03 * rng.standard_normal(intervals)
    return _Weather(air, np.stack([rooms, wall]) + offset, atmospheric, gauge)


def _factors(rng: np.random.Generator, meters: _Meters, weather: _Weather, design: GasDesign) -> Floats:
    """Base m3 for one that passes each meter, rows x intervals. A compensated meter's curve is that of base volume."""
    own = rng.normal(0, design.site_spread_k, len(meters.outdoor))
    kelvin = weather.sites[meters.outdoor.astype(int)] + own[:, None] + ZERO_C
    kelvin = np.where(meters.compensated[:, None], BASE_C + ZERO_C, kelvin)
    return np.asarray((weather.gauge + weather.atmospheric) / BASE_KPA * (BASE_C + ZERO_C) / kelvin)


def _line_pack(rng: np.random.Generator, use: Floats, design: GasDesign) -> Floats:
    """Base m3 in the network at the points: its pressure falls while much is used, and is set anew now and then."""
    smooth = uniform_filter1d(np.append(use, use[-1]), 4, mode="nearest") / use.mean()
    absolute = 300.0 - 2.0 * smooth + 0.3 * np.cumsum(rng.standard_normal(smooth.size)) / np.sqrt(smooth.size)
    return np.asarray(design.network_m3 * absolute / BASE_KPA)


def _events(rng: np.random.Generator, design: GasDesign) -> uses.Events:
    rows, homes = design.homes + design.restaurants, design.homes
    persons = np.zeros(rows)
    persons[:homes] = rng.choice([1, 2, 3, 4, 5], homes, p=[0.15, 0.3, 0.3, 0.17, 0.08]) * np.exp(
        0.3 * rng.standard_normal(homes)
    )
    cooks = np.exp(0.4 * rng.standard_normal(rows)) * (persons > 0) * design.use
    present = uses.presence(rng, rows, design.days, away_share=0.25, empty_share=0.05)
    parts = [uses.events(rng, kind, cooks, design.days, present) for kind in OF_HOME]
    parts += [uses.events(rng, kind, persons * design.use, design.days, present) for kind in PERSONAL]
    parts.append(uses.events(rng, KITCHEN, (np.arange(rows) >= homes) * design.use, design.days, present.clip(0.5)))
    return uses.joined(parts)


def _error(flow: Floats, row: np.ndarray, meters: _Meters) -> Floats:
    """The meter's curve: one error from q_t on, more and more lost below, as valves leak."""
    low = 1 / (1 + (flow / (0.1 * meters.q_max[row])) ** 3)
    return np.asarray((1 + meters.upper[row]) * (1 + meters.lower[row] * low) - 1)


def _zone(found: uses.Events, meters: _Meters) -> np.ndarray:
    bounds = np.stack([meters.q_min[found.home], 0.1 * meters.q_max[found.home]], axis=-1)
    return np.asarray((found.flow_m3_h[:, None] >= bounds).sum(axis=1))
