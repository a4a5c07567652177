"""Simulated gas zones as the science takes them."""

from collections.abc import Sequence

import numpy as np

from yuejingzhun.demo.fleet.flow_area import FlowArea
from yuejingzhun.demo.fleet.water_batch import filled_up
from yuejingzhun.metrology.fleet.gas_zone import GasZones, site_temperatures


def gas_zones_of(zones: Sequence[FlowArea]) -> GasZones:
    """One batch; zones with fewer meters than the largest are filled up. All have the same days."""
    rows = max(len(each.registers) for each in zones)
    points_a_day = zones[0].points_a_day
    air = np.array([each.measured["air_c"] for each in zones])

    def nominal(name: str, value: float) -> np.ndarray:
        return np.array([filled_up(each.nominal[name], rows, value) for each in zones])

    return GasZones(
        registers=np.array([filled_up(each.registers, rows, 0) for each in zones]),
        inflow=np.array([each.inflow for each in zones]),
        listed=np.array([np.arange(rows) < len(each.registers) for each in zones]),
        step_m3=np.array([np.full(rows, each.step_m3) for each in zones]),
        inflow_step_m3=np.array([each.inflow_step_m3 for each in zones]),
        q_max_m3_h=nominal("q_max_m3_h", 4.0),
        q_min_m3_h=nominal("q_min_m3_h", 0.025),
        accuracy_class=np.full((len(zones), rows), 1.5),
        site=nominal("site", 0),
        compensated=nominal("compensated", False).astype(bool),
        gauge_kpa=np.array([each.measured["gauge_kpa"] for each in zones]),
        atmospheric_kpa=np.array([each.measured["atmospheric_kpa"] for each in zones]),
        site_c=site_temperatures(air, points_a_day),
        line_pack_m3=np.array([each.measured["line_pack_m3"] for each in zones]),
        points_a_day=points_a_day,
    )
