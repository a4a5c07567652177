"""Gas: supply zones (供气区), their losses (供销差), and the errors of their diaphragm meters by zones of flow.

What a household meter shows is volume at its own pressure and temperature. At base conditions, 20 degC and 101.325 kPa
in China, it is V (p_g + p_atm) / p_b * T_b / T * Z_b / Z (ISO 15112:2018 7; GB/T 18603; from memory), with Z_b / Z = 1
at household pressure. A meter with temperature compensation shows volume at T_b already (EN 1359; JJG 577-2012; from
memory). The zone's balance is that of base volumes: inlet less what the network holds more (line pack) = meters +
leakage.

The temperature at a site is known to some kelvin only; one kelvin is 0.34 %. A constant part of it can't be told from
an error of the meter, and is stated as uncertainty.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import uniform_filter1d

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, positive
from yuejingzhun.metrology.fleet.balance import Ints
from yuejingzhun.metrology.fleet.flow.error_curve import gas_curves
from yuejingzhun.metrology.fleet.flow.estimate import ZoneEstimates, estimate
from yuejingzhun.metrology.fleet.flow.supply import Supply, mean_inflow
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.metrology.gas_energy.calorific_value import CHINA

ZERO_CELSIUS_K = 273.15
BASE_K = CHINA.metering_c + ZERO_CELSIUS_K
LEAK_SPREAD = 0.03  # of the mean inflow
LEVEL_SPREAD = 0.001  # of the mean inflow, from a day to the next
LINE_PACK_SPREAD = 0.1  # relative: the network's volume is known from plans
PURE = 0.6  # of simulated homes at 15 minutes, see docs/fleet-water-gas.md
INLET_UNCERTAINTY = 0.0058  # relative, standard: a turbine meter with conversion within 1 %, either way alike
SITES_UNCERTAINTY_K = 0.7  # standard, of all sites of a kind alike
COMPENSATION_UNCERTAINTY = 0.003  # relative, standard: of a mechanical compensation within 0.5 %
WALL_HOURS = 3.0  # over which a meter on a wall takes the air's temperature
COMFORT_C = 24.0  # to which people bring a room, half of the way


class Site(IntEnum):
    """Where a meter hangs."""

    INDOOR = 0
    OUTDOOR = 1


@dataclass(frozen=True, slots=True)
class GasZones:
    """A batch of zones of one number of rows and points; points as in flow/supply.py.

    The inlet's register is in m3 at base conditions where `inlet_kpa` is None; otherwise at that absolute pressure and
    temperature, with `inlet_z_ratio` Z_b / Z (gas_energy/compressibility.py gives it).
    """

    registers: Ints  # zones x rows x points, steps; negative: missing
    inflow: Ints  # zones x points, steps
    listed: NDArray[np.bool_]  # zones x rows
    step_m3: Floats  # zones x rows
    inflow_step_m3: Floats  # zones
    q_max_m3_h: Floats  # zones x rows
    q_min_m3_h: Floats  # zones x rows
    accuracy_class: Floats  # zones x rows: 1.0 or 1.5
    site: Ints  # zones x rows, see Site
    compensated: NDArray[np.bool_]  # zones x rows
    gauge_kpa: Floats  # zones x intervals: supply pressure at the meters
    atmospheric_kpa: Floats  # zones x intervals
    site_c: Floats  # zones x sites x intervals: see site_temperatures
    inlet_kpa: Floats | None = None  # zones x intervals, absolute
    inlet_c: Floats | None = None  # zones x intervals
    inlet_z_ratio: Floats | float = 1.0
    line_pack_m3: Floats | None = None  # zones x points, base volume that the network holds
    points_a_day: int = 96
    inlet_uncertainty: float = INLET_UNCERTAINTY
    site_uncertainty_k: float = 1.2  # standard, of a meter's temperature, from that of its site


def default_gas_prior() -> Prior:
    """Errors from q_t on of diaphragm meters in service."""
    return Prior(
        weights=np.array([0.94, 0.025, 0.015, 0.01, 0.007, 0.003]),
        means=np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        spreads=np.array([0.01, 0.02, 0.04, 0.08, 0.2, 0.5]),
    )


def base_volume(
    volume_m3: ArrayLike, absolute_kpa: ArrayLike, temperature_c: ArrayLike, z_ratio: ArrayLike = 1.0
) -> Floats:
    """Volume at 20 degC and 101.325 kPa, of volumes at absolute pressures and temperatures; all broadcast."""
    kelvin = positive("temperature_c", finite("temperature_c", temperature_c) + ZERO_CELSIUS_K)
    pressure = positive("absolute_kpa", absolute_kpa) / CHINA.pressure_kpa
    base = BASE_K / kelvin
    return np.asarray(finite("volume_m3", volume_m3) * pressure * base * positive("z_ratio", z_ratio))


def line_pack(network_m3: ArrayLike, absolute_kpa: ArrayLike, ground_c: ArrayLike, z_ratio: ArrayLike = 1.0) -> Floats:
    """Base volume in the pipes of that volume, zones x points, from the network's mean pressure and temperature."""
    return base_volume(network_m3, absolute_kpa, ground_c, z_ratio)


def site_temperatures(air_c: Floats, points_a_day: int) -> Floats:
    """Temperatures of gas in meters, ... x sites x intervals, from the outdoor air's, ... x intervals: outdoors that of
    the wall, indoors half of the way from the day's mean to what people like. An assumption, not a standard's."""
    wall = uniform_filter1d(air_c, max(round(WALL_HOURS * points_a_day / 24), 1), axis=-1, mode="nearest")
    day = uniform_filter1d(air_c, points_a_day, axis=-1, mode="nearest")
    return np.stack([(day + COMFORT_C) / 2, wall], axis=-2)


def estimate_gas(zones: GasZones, prior: Prior | None = None) -> ZoneEstimates:
    """Errors of every meter in the zones of flow it works in; without a prior, that of the batch is learnt."""
    return estimate(supply_of(zones), prior or default_gas_prior(), learns=prior is None)


def supply_of(zones: GasZones) -> Supply:
    """The batch for the estimation; raises ArgumentError where pressures or temperatures are impossible."""
    steps = (len(zones.inflow), zones.inflow.shape[1] - 1)
    absolute = zones.gauge_kpa + zones.atmospheric_kpa
    sites = zones.site_c.shape[1]
    if absolute.shape != steps or zones.site_c.shape != (steps[0], len(Site), steps[1]):
        raise ArgumentError("gauge_kpa、atmospheric_kpa、site_c", f"应为 分区 × 时段 {steps}，site_c 另有站点一维")
    plain = base_volume(1.0, absolute[:, None, :], zones.site_c)
    compensated = base_volume(np.ones((1, sites, 1)), absolute[:, None, :], CHINA.metering_c)
    through = np.ones(steps)
    if zones.inlet_kpa is not None and zones.inlet_c is not None:
        through = np.broadcast_to(base_volume(1.0, zones.inlet_kpa, zones.inlet_c, zones.inlet_z_ratio), steps)
    elif zones.inlet_kpa is not None or zones.inlet_c is not None:
        raise ArgumentError("inlet_kpa、inlet_c", "应同时给出，或都不给出")
    inflow = mean_inflow(zones.inflow, zones.inflow_step_m3) * through.mean(axis=1)
    terms, spread, held = [np.ones(steps)], [LEAK_SPREAD * inflow], np.zeros(steps)
    if zones.line_pack_m3 is not None:
        held = np.diff(zones.line_pack_m3, axis=1)
        terms.append(held)
        spread.append(np.full(steps[0], LINE_PACK_SPREAD))
    common = float(np.hypot(zones.inlet_uncertainty, SITES_UNCERTAINTY_K / BASE_K))
    own = np.where(zones.compensated, COMPENSATION_UNCERTAINTY, zones.site_uncertainty_k / BASE_K)
    return Supply(
        registers=zones.registers,
        inflow=zones.inflow,
        listed=zones.listed,
        step_m3=zones.step_m3,
        inflow_step_m3=zones.inflow_step_m3,
        curves=gas_curves(zones.q_max_m3_h, zones.q_min_m3_h, zones.accuracy_class),
        factor=np.concatenate([plain, compensated], axis=1),
        site=zones.site + sites * zones.compensated,
        inflow_factor=through,
        inflow_offset_m3=held,
        terms=np.stack(terms, axis=1),
        spread=np.stack(spread, axis=1),
        levels=np.ones(steps),
        level_spread_m3=LEVEL_SPREAD * inflow,
        common_uncertainty=np.full(steps[0], common),
        known_uncertainty=np.hypot(own, common),
        points_a_day=zones.points_a_day,
        continuous=1,
        pure=PURE,
        leaks=1,
    )
