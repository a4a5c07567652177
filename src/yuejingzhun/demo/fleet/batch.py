"""Simulated districts as the fleet kernel takes them."""

from collections.abc import Sequence

import numpy as np

from yuejingzhun.demo.fleet.district import District
from yuejingzhun.demo.fleet.household import POINTS_A_DAY
from yuejingzhun.metrology.fleet.balance import UNKNOWN, Balance


def balance_of(districts: Sequence[District], topology_known: bool = True) -> Balance:
    """One batch; districts with fewer rows than the largest are filled up. All must have the same days."""
    rows = max(len(each.signs) for each in districts)
    return Balance(
        registers=np.array([_filled_up(each.registers, rows, 0) for each in districts]),
        total=np.array([each.total for each in districts]),
        groups=np.array(
            [
                _filled_up(each.groups if topology_known else 0 * each.groups + UNKNOWN, rows, UNKNOWN)
                for each in districts
            ]
        ),
        signs=np.array([_filled_up(each.signs, rows, 0) for each in districts]),
        resolution_kwh=np.full((len(districts), rows), [[each.resolution_kwh] for each in districts]),
        total_resolution_kwh=np.array([each.total_resolution_kwh for each in districts]),
        points_a_day=POINTS_A_DAY,
    )


def _filled_up(array: np.ndarray, rows: int, value: int) -> np.ndarray:
    missing = [(0, rows - len(array))] + [(0, 0)] * (array.ndim - 1)
    return np.pad(array, missing, constant_values=value)
