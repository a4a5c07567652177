"""The one schema that every reading of a register becomes: a row a register and day, in Arrow.

A day's points are the register at 00:00, 00:15, … 23:45 local time (China has no summer time, so a day has 96 quarter
hours, always); the register at midnight that closes a day is the first of the next one. A daily register is the same
row with an interval of a whole day and the one point at 00:00.

Registers are whole steps: one step is 10**`scaler` of `unit`, as attribute scaler_unit of a COSEM register says it
(IEC 62056-6-2; DL/T 698.45 has the same pair), so nothing is rounded. Energy = steps * 10**scaler * multiplier.
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, IntFlag, StrEnum

import pyarrow as pa

MINUTES_A_DAY = 24 * 60
QUARTER_HOUR, WHOLE_DAY = 15, MINUTES_A_DAY
UNITS = ("kWh", "m3", "kPa", "K")


class Role(StrEnum):
    """What a register counts in the balance of its district (台区; water and gas: 计量分区), or a quantity that is
    measured there for the balance."""

    TOTAL = "total"  # 总表：台区考核表
    TOTAL_FEED_IN = "total_feed_in"  # 总表的反向有功：光伏倒送；净电量为正向减反向
    METER = "meter"  # 分表，用户用电（正向有功）
    FEED_IN = "feed_in"  # 分表，用户发电上网（反向有功）
    PRESSURE = "pressure"  # 表压力：水为分区平均点（AZP），气为调压后供气压力
    ATMOSPHERE = "atmosphere"  # 大气压力
    TEMPERATURE = "temperature"  # 室外气温，K（没有负值）
    LINE_PACK = "line_pack"  # 管网储气量，基准状态


QUANTITIES = {Role.PRESSURE: "kPa", Role.ATMOSPHERE: "kPa", Role.TEMPERATURE: "K", Role.LINE_PACK: "m3"}
"""Roles whose points are not cumulative, each the mean of the interval that it begins, in whole steps as registers
are; and their units. They may fall."""


class Quality(IntEnum):
    """Of one point; GOOD where a row has no flags at all. A point that is not GOOD is no part of an evaluation, except
    UNROLLED, whose value was made continuous."""

    GOOD = 0
    MISSING = 1  # never arrived, or no number
    FALLING = 2  # below what the register showed before, so set aside
    UNROLLED = 3  # the register had passed its last digit; the capacity was added
    ESTIMATED = 4  # the source says that it was filled in, not read


class Finding(IntFlag):
    """Of one row, for whoever searches: what was noticed when it was admitted."""

    NONE = 0
    GAPS = 1
    FALLING = 2
    ROLLOVER = 4
    ESTIMATED = 8


def _field(name: str, kind: pa.DataType, meaning: str, *, nullable: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=nullable, metadata={"meaning": meaning})


SCHEMA = pa.schema(
    [
        _field("city", pa.string(), "地市的行政区划代码，四位（GB/T 2260 前四位）"),
        _field("district", pa.string(), "台区编号；水、气为计量分区编号"),
        _field("meter", pa.string(), "表号（资产编号），全省不重复"),
        _field(
            "role",
            pa.string(),
            "total 总表、total_feed_in 总表反向、meter 分表、feed_in 分表上网；pressure 等为测得的量，见 Role",
        ),
        _field("day", pa.date32(), "当地日期（Asia/Shanghai）"),
        _field("interval_minutes", pa.int16(), "相邻两点的间隔，分钟：15 为每天 96 点，1440 为日冻结示值"),
        _field("branch", pa.string(), "分支（出线）编号，未知为空", nullable=True),
        _field("phase", pa.string(), "相别 A、B、C 或 ABC，未知为空", nullable=True),
        _field("unit", pa.string(), "示值的单位：kWh、m3，测得的量为 kPa、K、m3"),
        _field("scaler", pa.int8(), "一步为 10 的几次方个单位，如 -2 为 0.01 kWh（IEC 62056-6-2 scaler_unit）"),
        _field("multiplier", pa.int32(), "互感器倍率（电流比乘电压比），直接接入为 1"),
        _field("capacity", pa.int64(), "计度器走满归零的步数，未知为空", nullable=True),
        _field("registers", pa.list_(pa.int64()), "累计示值或测得的量（步），自 00:00 起每间隔一点，缺点为空"),
        _field("flags", pa.list_(pa.uint8()), "每点的质量标志，见 Quality；全部正常为空", nullable=True),
        _field("findings", pa.uint16(), "本行接收时发现的问题，见 Finding"),
        _field("version", pa.int32(), "同一表、同一角色、同一天的第几版，最大的有效"),
        _field("received_at", pa.timestamp("us", tz="UTC"), "入库时间"),
        _field("source", pa.string(), "来自哪个文件"),
        _field("source_row", pa.int64(), "文件的第几行（表头为第 1 行）；Parquet 为第几条记录"),
    ]
)
KEY = ("meter", "role", "day")
"""Rows with one key are versions of the same reading."""
ORDER = ("district", "meter", "role", "day", "version")
"""The order of rows in a file: a district's rows stand together, and a register's days follow each other."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, one half of a partition's name."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def after(self) -> date:
        """The first day of the next month."""
        return date(self.year + self.month // 12, self.month % 12 + 1, 1)


def month_of(text: str) -> Month:
    """From "2026-03"; raises ValueError in Chinese."""
    year, dash, month = text.partition("-")
    if dash and len(year) == 4 and len(month) == 2 and year.isdigit() and month.isdigit() and 1 <= int(month) <= 12:
        return Month(int(year), int(month))
    raise ValueError(f"“{text}”不是月份，应如 2026-03")


def points_a_day(interval_minutes: int) -> int:
    """How many points a row of that interval has; raises ValueError for one that does not divide a day."""
    if interval_minutes <= 0 or MINUTES_A_DAY % interval_minutes:
        raise ValueError(f"间隔应整除一天的 {MINUTES_A_DAY} 分钟，为 {interval_minutes}")
    return MINUTES_A_DAY // interval_minutes


def step(scaler: int) -> float:
    """One step of a register in its unit: the double nearest to 10**scaler."""
    return float(f"1e{scaler}")
