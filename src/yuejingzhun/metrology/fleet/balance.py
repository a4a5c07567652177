"""What a batch of districts hands in: cumulative registers of its meters and of the total meter, as whole steps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats, positive, whole

MISSING = -1  # a register that never arrived; any negative register is read so
UNKNOWN = -1  # the group of a meter whose branch and phase nobody knows
Ints = NDArray[np.signedinteger]


@dataclass(frozen=True, slots=True)
class Balance:
    """Districts of one number of rows and points; smaller ones are filled up with rows of sign 0.

    A row is a register: of energy drawn (sign 1) or, for photovoltaics, fed in (sign -1). The total is that of the
    transformer, net of what flows back. Points are the ends of equal intervals, the first the begin of the first one.
    """

    registers: Ints  # districts x rows x points, steps
    total: Ints  # districts x points, steps
    groups: Ints  # districts x rows: branch and phase from 0, or UNKNOWN for all rows of a district
    signs: Ints  # districts x rows
    resolution_kwh: Floats  # districts x rows: one step of the register
    total_resolution_kwh: Floats  # districts: one step, with the transformer ratio
    points_a_day: int = 96
    is_rising: bool = False  # whether it is known that no meter's register is missing anywhere, or falls

    def __post_init__(self) -> None:
        if self.registers.ndim != 3 or self.registers.shape[2] < 2 or 0 in self.registers.shape:
            raise ArgumentError("registers", f"应为 台区 × 表 × 时刻（至少两个时刻），形状为 {self.registers.shape}")
        districts, rows, points = self.registers.shape
        wanted = {
            "total": (districts, points),
            "groups": (districts, rows),
            "signs": (districts, rows),
            "resolution_kwh": (districts, rows),
            "total_resolution_kwh": (districts,),
        }
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise ArgumentError(name, f"形状应为 {shape}，为 {getattr(self, name).shape}")
        for name in ("registers", "total", "groups", "signs"):
            if getattr(self, name).dtype.kind != "i":
                raise ArgumentError(name, f"应为整数（分辨力的倍数），为 {getattr(self, name).dtype}")
        positive("resolution_kwh", self.resolution_kwh)
        positive("total_resolution_kwh", self.total_resolution_kwh)
        whole("points_a_day", self.points_a_day, least=1)
        if np.abs(self.signs).max() > 1:
            raise ArgumentError("signs", "应为 1（用电）、-1（上网）或 0（空行）")

    def __len__(self) -> int:
        return len(self.registers)
