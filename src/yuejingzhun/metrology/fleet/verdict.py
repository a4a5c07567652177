"""Whether the readings of a district support an estimate, and if not, why."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.balance import Balance
from yuejingzhun.metrology.fleet.district import District

# Share of meters with errors between the MPE and 10 % that the readings would find, of those in use; below it a
# district is refused. Nine tenths of what they find in a district where nothing is wrong.
LEAST_POWER = 0.88
LEAST_POWER_UNKNOWN = 0.65  # the same where branches and phases are not known
LARGEST = 0.10
IDLE = 0.1  # of the mean of all meters: what draws less stands idle, which no reading can help
CERTAIN = 4.0  # standard uncertainties that an error must stand out by, at a hundred good meters to a bad one
EXCESS = 1.8  # noise, as a multiple of the rounding's, that has a cause of its own
MUCH_LEFT = 3.0  # the same where clocks were corrected: more are wrong, or otherwise, than was found
SKEW = 0.25  # of what is left: energy that nobody measured is only ever missing
ROUNDING_LEAK = 0.8  # noise that a smaller leak makes white is not that of registers alone
LEAST_DAYS = 20
LEAST_INTERVALS = 200  # below it there are more meters than equations
LIGHT_KWH = 0.03  # mean of a meter in an interval
LEAST_TOTAL_READ = 0.6


class Reason(StrEnum):
    """Why a district is refused; the texts are for the screen."""

    NO_TOTAL = "no_total"
    UNREAD_METER = "unread_meter"
    BELOW_SUM = "below_sum"
    UNKNOWN_TOPOLOGY = "unknown_topology"
    UNMETERED_LOAD = "unmetered_load"
    LOSS_MODEL = "loss_model"
    COARSE_TOTAL = "coarse_total"
    COARSE_REGISTERS = "coarse_registers"
    TOO_FEW_DAYS = "too_few_days"
    LIGHT_LOAD = "light_load"
    CLOCKS = "clocks"


TEXTS = {
    Reason.NO_TOTAL: "总表缺失或缺数过多",
    Reason.UNREAD_METER: "有分户表读数缺失过多，电量平衡不完整",
    Reason.BELOW_SUM: "总表电量小于分户表电量之和",
    Reason.UNKNOWN_TOPOLOGY: "线路与相别未知",
    Reason.UNMETERED_LOAD: "存在未计量的用电：疑似窃电，或有表未列入本台区",
    Reason.LOSS_MODEL: "线损与模型不符或散布过大：线路、相别档案可能有误",
    Reason.COARSE_TOTAL: "总表分辨力过低",
    Reason.COARSE_REGISTERS: "分户表分辨力过低",
    Reason.TOO_FEW_DAYS: "有效天数过少",
    Reason.LIGHT_LOAD: "负荷过轻，读数中的信息不足",
    Reason.CLOCKS: "表钟偏差未能全部修正",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is None where the estimate is supported. `power` is the share of bad meters that would be found."""

    reason: Reason | None
    power: float

    @property
    def is_supported(self) -> bool:
        return self.reason is None

    @property
    def text(self) -> str:
        return "数据支持估计" if self.reason is None else TEXTS[self.reason]


def judge(found: District, balance: Balance, number: int, mpe: float) -> Verdict:
    """The verdict on one district of the batch."""
    meters = (balance.signs[number] > 0) & (found.unit != 0)
    in_use = meters & (found.mean_kwh > IDLE * found.mean_kwh[meters].mean()) if meters.any() else meters
    uncertainty = np.sqrt(found.variance)
    power = _power(uncertainty, found.measured, mpe, in_use)
    return Verdict(_reason(found, balance, number, power), power)


def _power(uncertainty: Floats, measured: NDArray[np.bool_], mpe: float, meters: NDArray[np.bool_]) -> float:
    """Of errors spread evenly between the MPE and the largest, the share that stands out."""
    seen = np.clip((LARGEST - np.maximum(mpe, CERTAIN * uncertainty)) / (LARGEST - mpe), 0, 1)
    return float(np.where(measured, seen, 0.0)[meters].mean()) if meters.any() else 0.0


def _reason(found: District, balance: Balance, number: int, power: float) -> Reason | None:
    if found.total_read < LEAST_TOTAL_READ:
        return Reason.NO_TOTAL
    if found.unread:
        return Reason.UNREAD_METER
    if found.difference_kwh < 0:
        return Reason.BELOW_SUM
    if found.intervals < LEAST_INTERVALS:
        return Reason.TOO_FEW_DAYS
    if ((balance.groups[number] < 0) & (balance.signs[number] != 0)).any():
        return None if found.is_veiled and power >= LEAST_POWER_UNKNOWN else Reason.UNKNOWN_TOPOLOGY
    lost = found.noise.leak < ROUNDING_LEAK  # energy, not only its time
    strange = lost or found.noise.scatter > 0
    if found.skewness > SKEW and (lost or (strange and found.excess < EXCESS)):
        return Reason.UNMETERED_LOAD
    if found.corrections.late and found.excess > MUCH_LEFT:
        return Reason.CLOCKS
    if power >= LEAST_POWER:
        return None
    usual = found.total_kwh / max(int((balance.signs[number] > 0).sum()), 1)
    if usual < LIGHT_KWH:
        return Reason.LIGHT_LOAD
    if strange or found.excess > EXCESS:
        return Reason.LOSS_MODEL
    rounding = float((balance.resolution_kwh[number] ** 2 * (balance.signs[number] != 0)).sum())
    if balance.total_resolution_kwh[number] ** 2 > rounding:
        return Reason.COARSE_TOTAL
    if found.intervals < LEAST_DAYS * balance.points_a_day:
        return Reason.TOO_FEW_DAYS
    return Reason.COARSE_REGISTERS
