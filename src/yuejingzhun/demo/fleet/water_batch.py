"""Simulated water areas as the science takes them."""

from collections.abc import Sequence

import numpy as np

from yuejingzhun.demo.fleet.flow_area import FlowArea
from yuejingzhun.metrology.fleet.water_area import WaterAreas


def water_areas_of(areas: Sequence[FlowArea]) -> WaterAreas:
    """One batch; areas with fewer meters than the largest are filled up. All have the same days and measurements."""
    rows = max(len(each.registers) for each in areas)
    first = areas[0]
    shape = (len(areas), rows)
    return WaterAreas(
        registers=np.array([filled_up(each.registers, rows, 0) for each in areas]),
        inflow=np.array([each.inflow for each in areas]),
        listed=np.array([np.arange(rows) < len(each.registers) for each in areas]),
        step_m3=np.array([np.full(rows, each.step_m3) for each in areas]),
        inflow_step_m3=np.array([each.inflow_step_m3 for each in areas]),
        q3_m3_h=np.array([filled_up(each.nominal["q3_m3_h"], rows, 2.5) for each in areas]),
        ratio=np.array([filled_up(each.nominal["ratio"], rows, 80.0) for each in areas]),
        accuracy_class=np.full(shape, 2),
        pressure_kpa=np.array([each.measured["pressure_kpa"] for each in areas]) if first.measured else None,
        points_a_day=first.points_a_day,
    )


def filled_up(array: np.ndarray, rows: int, value: float) -> np.ndarray:
    """Further rows of that value, up to so many."""
    missing = [(0, rows - len(array))] + [(0, 0)] * (array.ndim - 1)
    return np.pad(array, missing, constant_values=value)
