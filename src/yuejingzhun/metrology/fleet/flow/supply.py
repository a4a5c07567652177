"""What a batch of supply areas hands in, water or gas alike: registers, the inflow, what is known of either."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, not_negative, positive, whole
from yuejingzhun.metrology.fleet.balance import Ints
from yuejingzhun.metrology.fleet.flow.error_curve import Curves


@dataclass(frozen=True, slots=True)
class Supply:
    """Areas of one number of rows and points; smaller ones are filled up with rows that are not `listed`.

    Points are the ends of equal intervals, the first the begin of the first one; a negative register is missing.
    A term is something that the inflow feeds besides the meters, with an unknown coefficient around zero: a level of
    leakage, gas that the network itself holds. The first ones are leaks.
    """

    registers: Ints  # areas x rows x points, steps
    inflow: Ints  # areas x points, steps
    listed: NDArray[np.bool_]  # areas x rows
    step_m3: Floats  # areas x rows
    inflow_step_m3: Floats  # areas
    curves: Curves  # of areas x rows
    factor: Floats  # areas x sites x intervals: m3 in the balance for one that a meter of that site registers
    site: Ints  # areas x rows
    inflow_factor: Floats  # areas x intervals
    inflow_offset_m3: Floats  # areas x intervals: known to have gone elsewhere, such as into the line pack
    terms: Floats  # areas x terms x intervals
    spread: Floats  # areas x terms: of the coefficients
    levels: Floats  # areas x intervals: form of a leak, of which a new level may begin every day
    level_spread_m3: Floats  # areas: of its change from a day to the next, in an interval
    common_uncertainty: Floats  # areas: the part of it that all meters share
    known_uncertainty: Floats  # areas x rows: relative, of what all of the above takes for exact: inlet, factor
    points_a_day: int
    continuous: (
        int  # intervals that a flow lasts before it counts as steady; 1: by the interval's mean (attribution.py)
    )
    pure: float  # share of the volume of small flows, as they are recognised, that truly was one
    leaks: int  # terms, the first ones, that are leakage

    def __post_init__(self) -> None:
        if self.registers.ndim != 3 or self.registers.shape[2] < 2 or 0 in self.registers.shape:
            raise ArgumentError("registers", f"应为 分区 × 表 × 时刻（至少两个时刻），形状为 {self.registers.shape}")
        areas, rows, points = self.registers.shape
        steps, sites, terms = points - 1, self.factor.shape[1], self.terms.shape[1]
        wanted = {
            "inflow": (areas, points),
            "listed": (areas, rows),
            "step_m3": (areas, rows),
            "inflow_step_m3": (areas,),
            "factor": (areas, sites, steps),
            "site": (areas, rows),
            "inflow_factor": (areas, steps),
            "inflow_offset_m3": (areas, steps),
            "terms": (areas, terms, steps),
            "spread": (areas, terms),
            "levels": (areas, steps),
            "level_spread_m3": (areas,),
            "common_uncertainty": (areas,),
            "known_uncertainty": (areas, rows),
        }
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise ArgumentError(name, f"形状应为 {shape}，为 {getattr(self, name).shape}")
        if self.curves.mpe.shape[:2] != (areas, rows):
            raise ArgumentError("curves", f"形状应为 {(areas, rows)}，为 {self.curves.mpe.shape[:2]}")
        for name in ("registers", "inflow", "site"):
            if getattr(self, name).dtype.kind != "i":
                raise ArgumentError(name, f"应为整数，为 {getattr(self, name).dtype}")
        if self.site.min() < 0 or self.site.max() >= sites:
            raise ArgumentError("site", f"应在 0 与 {sites - 1} 之间")
        for name in ("step_m3", "inflow_step_m3", "factor", "inflow_factor", "spread", "level_spread_m3"):
            positive(name, getattr(self, name))
        for name in ("inflow_offset_m3", "terms", "levels"):
            finite(name, getattr(self, name))
        for name in ("common_uncertainty", "known_uncertainty"):
            not_negative(name, getattr(self, name))
        whole("points_a_day", self.points_a_day, least=1)
        whole("continuous", self.continuous, least=1)
        if not 1 <= self.leaks <= terms:
            raise ArgumentError("leaks", f"应在 1 与 {terms} 之间")

    def __len__(self) -> int:
        return len(self.registers)

    @property
    def interval_hours(self) -> float:
        """Length of an interval."""
        return 24 / self.points_a_day


def mean_inflow(inflow: Ints, step_m3: Floats) -> Floats:
    """m3 in an interval, of registers areas x points; a step where nothing flowed or nothing was read."""
    last = inflow.max(axis=1)
    first = np.where(inflow >= 0, inflow, last[:, None]).min(axis=1)
    return np.asarray(np.maximum((last - first) / (inflow.shape[1] - 1), 1.0) * step_m3)
