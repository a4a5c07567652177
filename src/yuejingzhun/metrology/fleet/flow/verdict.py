"""Whether the readings of an area support an estimate, and if not, why."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from yuejingzhun.metrology.fleet.flow.area import Area
from yuejingzhun.metrology.fleet.flow.supply import Supply
from yuejingzhun.metrology.fleet.prior import Prior

LEAST_POWER = 0.6  # share of meters beyond their MPE that the readings would find; below it an area is refused
LARGEST = 3.0  # MPE: errors up to that are asked for
CERTAIN = 4.0  # standard uncertainties that an error must stand out by
LITTLE_HOURS = 1.0  # of use a day, at the least flow of the main zone
LONG_HOURS = 0.5
LEAST_INFLOW_READ = 0.6
LEAST_DAYS = 15
MOST_DISTURBED = 0.3  # share of the days
SKEW = 1.0  # of what is left: water that nobody measured is only ever missing
APART = 4.0  # uncertainties of the inlet and of what is known of all meters, that all of them may be off alike
MUCH = 0.5  # noise of the flow, as a multiple of the rounding's, that asks for a cause


class Reason(StrEnum):
    """Why an area is refused; the texts are for the screen."""

    NO_INFLOW = "no_inflow"
    UNREAD_METER = "unread_meter"
    STOPPED_METER = "stopped_meter"
    LATE_CLOCKS = "late_clocks"
    BELOW_SUM = "below_sum"
    TOO_FEW_DAYS = "too_few_days"
    BURST = "burst"
    UNMETERED_USE = "unmetered_use"
    ROUGH_BALANCE = "rough_balance"
    INLET_DOUBTFUL = "inlet_doubtful"
    COARSE_INFLOW = "coarse_inflow"
    COARSE_REGISTERS = "coarse_registers"
    LONG_INTERVALS = "long_intervals"
    LITTLE_USE = "little_use"


TEXTS = {
    Reason.NO_INFLOW: "入口总表缺失或缺数过多",
    Reason.UNREAD_METER: "有用户表读数缺失过多，水量（气量）平衡不完整",
    Reason.STOPPED_METER: "有用户表停走，其用量未计",
    Reason.LATE_CLOCKS: "表钟偏移，修正后信息仍不足",
    Reason.BELOW_SUM: "入口总量小于用户表之和：总表或分区边界有误",
    Reason.TOO_FEW_DAYS: "有效天数过少",
    Reason.BURST: "爆管或大的漏损扰动了过多的日子",
    Reason.UNMETERED_USE: "存在未计量的使用：疑似偷盗，或有表未列入本分区",
    Reason.ROUGH_BALANCE: "平衡与模型不符：分区边界、站点温度压力或档案可能有误",
    Reason.INLET_DOUBTFUL: "用户表一致偏离同批水平：入口总表、分区边界或压力温度可能有误",
    Reason.COARSE_INFLOW: "入口总表分辨力过低",
    Reason.COARSE_REGISTERS: "用户表分辨力过低",
    Reason.LONG_INTERVALS: "读数间隔过长，短时的使用分不开",
    Reason.LITTLE_USE: "用量过少，读数中的信息不足",
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


def judge(found: Area, supply: Supply, number: int, prior: Prior) -> Verdict:
    """The verdict on one area of the batch; `prior` says what is usual."""
    power = _power(found, supply, number)
    return Verdict(_reason(found, supply, number, power, prior), power)


def common_error(found: Area, supply: Supply) -> float:
    """Median error of the area's meters in the main zone."""
    mine = found.measured & (found.columns.zoned.zone == supply.curves.main)
    return float(np.median(found.mean[mine])) if mine.any() else 0.0


def _power(found: Area, supply: Supply, number: int) -> float:
    """Of errors spread evenly between the MPE and a multiple of it, in the main zone, the share that stands out."""
    parts, main = found.columns.zoned, supply.curves.main
    listed = int(supply.listed[number].sum()) - len(found.corrections.dropped)
    mine = (parts.zone == main) & found.measured
    mpe = supply.curves.mpe[number, parts.row[mine], main]
    uncertainty = np.sqrt(found.variance[mine])
    seen = np.clip((LARGEST * mpe - np.maximum(mpe, CERTAIN * uncertainty)) / ((LARGEST - 1) * mpe), 0, 1)
    return float(seen.sum()) / max(listed, 1)


def _reason(found: Area, supply: Supply, number: int, power: float, prior: Prior) -> Reason | None:
    readings = found.readings
    if readings.inflow_read < LEAST_INFLOW_READ:
        return Reason.NO_INFLOW
    if readings.unread:
        return Reason.STOPPED_METER if set(readings.unread) <= set(readings.stopped) else Reason.UNREAD_METER
    intervals = readings.inflow.size
    if intervals < 2 * supply.points_a_day:
        return Reason.TOO_FEW_DAYS
    inflow = float(readings.inflow.mean())
    if float(found.columns.raw[-1].mean()) < -0.02 * inflow:  # an inlet of class 2 may show as much too little
        return Reason.BELOW_SUM
    little = _use_hours(found, supply, number) < LITTLE_HOURS
    if little and power < LEAST_POWER:
        return Reason.LITTLE_USE
    rough = found.noise.flow > MUCH * found.rounding
    if rough and skewness(found) > SKEW:
        return Reason.UNMETERED_USE
    if len(found.corrections.disturbed) > MOST_DISTURBED * intervals / supply.points_a_day:
        return Reason.BURST
    apart = abs(common_error(found, supply) - prior.means[0])
    if power >= LEAST_POWER / 2 and apart > APART * float(supply.common_uncertainty[number]):
        return Reason.INLET_DOUBTFUL
    if power >= LEAST_POWER:
        return None
    own = found.columns.own / found.columns.scale**2
    if supply.inflow_step_m3[number] ** 2 / 12 > 2 * own.sum():
        return Reason.COARSE_INFLOW
    if readings.stopped:
        return Reason.STOPPED_METER
    if found.corrections.late:
        return Reason.LATE_CLOCKS
    if intervals < LEAST_DAYS * supply.points_a_day:
        return Reason.TOO_FEW_DAYS
    if rough:
        return Reason.ROUGH_BALANCE
    return Reason.LONG_INTERVALS if supply.interval_hours > LONG_HOURS else Reason.COARSE_REGISTERS


def skewness(found: Area) -> float:
    """Of what is left. The days that do not count are left out where they are few: somebody who draws water in the
    evenings makes many such days, a pipe that breaks one."""
    known = found.readings.extra < np.median(found.readings.inflow) ** 2
    left = found.residual_m3[known] if known.mean() > 1 - MOST_DISTURBED / 2 else found.residual_m3
    if left.size < 3:
        return 0.0
    left = left - left.mean()
    return float((left**3).mean() / (left**2).mean() ** 1.5)


def _use_hours(found: Area, supply: Supply, number: int) -> float:
    """Hours a day in which the median meter would pass its volume at the least flow of its main zone."""
    listed = supply.listed[number]
    flow = supply.curves.bounds_m3_h[number, listed, supply.curves.main - 1]
    return (
        float(np.median(found.readings.volumes[listed].mean(axis=1) * supply.points_a_day / flow))
        if listed.any()
        else 0
    )
