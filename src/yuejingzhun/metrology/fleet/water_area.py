"""Water: district metering areas (独立计量区), their leakage, and the errors of their meters by zones of flow.

Leakage follows the pressure h by fixed and by variable areas of the leaks (FAVAD; May, J., Pressure dependent leakage,
World Water and Environmental Engineering, 1994): Q = c1 h^0.5 + c2 h^1.5, linear in what is unknown. Its exponent at a
pressure is N1 = (0.5 Q1 + 1.5 Q2) / (Q1 + Q2), which for mixed pipes is near 1.15 (IWA Water Loss Task Force; both
cited from memory). Where no pressure is measured, that of the night stands for all: it falls with the square of the
inflow, by friction, and with the hour, as pumps are set, and so does the leakage.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats, positive
from yuejingzhun.metrology.fleet.balance import Ints
from yuejingzhun.metrology.fleet.flow.error_curve import water_curves
from yuejingzhun.metrology.fleet.flow.estimate import ZoneEstimates, estimate
from yuejingzhun.metrology.fleet.flow.supply import Supply, mean_inflow
from yuejingzhun.metrology.fleet.prior import Prior

FIXED_AREA, VARIABLE_AREA = 0.5, 1.5
LEAK_SPREAD = 0.5  # of the mean inflow
LEVEL_SPREAD = 0.02  # of the mean inflow, from a day to the next
PURE = 0.8  # of simulated homes at 15 minutes, see docs/fleet-water-gas.md
INLET_UNCERTAINTY = 0.0029  # relative, standard: an electromagnetic meter within 0.5 %, either way alike
UNKNOWN_PRESSURE_SPREAD = 0.01  # of the mean inflow, of each form that leakage may take by pressure unknown
UNKNOWN_PRESSURE_UNCERTAINTY = 0.009  # relative, standard: of all meters alike, who use most when the leaks run least
CONTINUOUS_HOURS = 1.5
LEAST_CONTINUOUS = 5  # intervals


@dataclass(frozen=True, slots=True)
class WaterAreas:
    """A batch of areas of one number of rows and points; points as in flow/supply.py.

    `pressure_kpa` is the mean gauge pressure of each interval at the average zone point (AZP), None where unknown.
    """

    registers: Ints  # areas x rows x points, steps; negative: missing
    inflow: Ints  # areas x points, steps, net of what flows on to other areas
    listed: NDArray[np.bool_]  # areas x rows
    step_m3: Floats  # areas x rows
    inflow_step_m3: Floats  # areas
    q3_m3_h: Floats  # areas x rows
    ratio: Floats  # areas x rows: Q3 / Q1
    accuracy_class: Ints  # areas x rows: 1 or 2
    pressure_kpa: Floats | None  # areas x intervals
    points_a_day: int = 96
    inlet_uncertainty: float = INLET_UNCERTAINTY


def default_water_prior() -> Prior:
    """Errors between Q2 and Q3 of meters in service: wider than new ones, and slow rather than fast."""
    return Prior(
        weights=np.array([0.93, 0.03, 0.02, 0.01, 0.007, 0.003]),
        means=np.array([-0.003, 0.0, 0.0, 0.0, 0.0, 0.0]),
        spreads=np.array([0.01, 0.02, 0.04, 0.08, 0.2, 0.5]),
    )


def estimate_water(areas: WaterAreas, prior: Prior | None = None) -> ZoneEstimates:
    """Errors of every meter in the zones it works in; without a prior, that of the batch is learnt."""
    return estimate(supply_of(areas), prior or default_water_prior(), learns=prior is None)


def supply_of(areas: WaterAreas) -> Supply:
    """The batch for the estimation; raises ArgumentError for a pressure that is no positive number."""
    inflow = mean_inflow(areas.inflow, areas.inflow_step_m3)
    flow = np.maximum(np.diff(np.maximum(areas.inflow, 0), axis=1), 0) * areas.inflow_step_m3[:, None]
    flow = np.minimum(flow, 10 * inflow[:, None])
    known = areas.inlet_uncertainty
    if areas.pressure_kpa is None:
        level = np.ones(flow.shape)
        terms = [level, (flow / inflow[:, None]) ** 2 - 1, *_rhythm(flow.shape, areas.points_a_day)]
        spread = [LEAK_SPREAD * inflow, *[UNKNOWN_PRESSURE_SPREAD * inflow] * (len(terms) - 1)]
        known = float(np.hypot(known, UNKNOWN_PRESSURE_UNCERTAINTY))
    else:
        relative = relative_pressure(areas.pressure_kpa, flow.shape)
        level = relative**FIXED_AREA  # a new leak is a hole of its own
        terms = [relative**FIXED_AREA, relative**VARIABLE_AREA]
        spread = [LEAK_SPREAD * inflow, LEAK_SPREAD * inflow]
    sites = np.ones((len(inflow), 1, flow.shape[1]))
    return Supply(
        registers=areas.registers,
        inflow=areas.inflow,
        listed=areas.listed,
        step_m3=areas.step_m3,
        inflow_step_m3=areas.inflow_step_m3,
        curves=water_curves(areas.q3_m3_h, areas.ratio, areas.accuracy_class),
        factor=sites,
        site=np.zeros(areas.listed.shape, dtype=np.int64),
        inflow_factor=np.ones(flow.shape),
        inflow_offset_m3=np.zeros(flow.shape),
        terms=np.stack(terms, axis=1),
        spread=np.stack(spread, axis=1),
        levels=level,
        level_spread_m3=LEVEL_SPREAD * inflow,
        common_uncertainty=np.full(len(inflow), known),
        known_uncertainty=np.full(areas.listed.shape, known),
        points_a_day=areas.points_a_day,
        pure=PURE,
        leaks=len(terms),
        continuous=max(round(CONTINUOUS_HOURS * areas.points_a_day / 24), LEAST_CONTINUOUS),
    )


def relative_pressure(pressure_kpa: Floats, shape: tuple[int, ...]) -> Floats:
    """Pressure over its mean of each area."""
    pressure = positive("pressure_kpa", pressure_kpa)
    if pressure.shape != shape:
        raise ArgumentError("pressure_kpa", f"形状应为 {shape}，为 {pressure.shape}")
    return np.asarray(pressure / pressure.mean(axis=1, keepdims=True))


def _rhythm(shape: tuple[int, ...], points_a_day: int) -> list[Floats]:
    """The day and the half day, areas x intervals each, as sine and cosine."""
    day = 2 * np.pi * (np.arange(shape[1]) + 0.5) / points_a_day
    return [np.broadcast_to(form(times * day), shape) for times in (1, 2) for form in (np.sin, np.cos)]


def leakage_exponent(fixed_m3: ArrayLike, variable_m3: ArrayLike) -> Floats:
    """N1 of leaks of fixed and of variable area that lose so much at the mean pressure (FAVAD)."""
    fixed, variable = np.asarray(fixed_m3, dtype=np.float64), np.asarray(variable_m3, dtype=np.float64)
    return np.asarray((FIXED_AREA * fixed + VARIABLE_AREA * variable) / (fixed + variable))


def leakage_exponents(found: ZoneEstimates) -> Floats:
    """N1 of each area at its mean pressure, as the readings tell it; of areas whose pressure is measured.

    Where the pressure hardly moves it is not known: the two forms then look alike, and share the leak evenly.
    """
    variable = np.array([each.terms[1] for each in found.areas])
    return leakage_exponent(np.array([each.leak_m3.mean() for each in found.areas]) - variable, variable)
