"""What the columns of a table of readings may be called, by systems that export them and by people."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from yuejingzhun.telemetry.reading import MINUTES_A_DAY

NAMES = {
    "meter": ("meter", "表号", "电能表编号", "资产编号", "电表资产号"),
    "district": ("district", "台区", "台区编号", "台区编码", "分区编号"),
    "city": ("city", "地市", "地市代码"),
    "role": ("role", "角色"),
    "day": ("day", "日期", "数据日期"),
    "interval_minutes": ("interval_minutes", "间隔", "间隔分钟"),
    "branch": ("branch", "分支", "出线"),
    "phase": ("phase", "相别", "相位"),
    "unit": ("unit", "单位"),
    "scaler": ("scaler", "分辨力指数"),
    "multiplier": ("multiplier", "倍率", "综合倍率"),
    "capacity": ("capacity", "容量"),
    "registers": ("registers", "示值"),
    "flags": ("flags", "质量标志"),
    "version": ("version", "版本"),
    "time": ("time", "时刻", "数据时间"),
    "register": ("register", "示数", "正向有功总"),
}
_BY_NAME = {name.lower(): field for field, names in NAMES.items() for name in names}
_NUMBERED = re.compile(r"p0*(\d{1,4})$")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)$")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each field stands: `fields` from field to column name, `points` the columns of a day's points in order."""

    fields: dict[str, str]
    points: tuple[str, ...]

    @property
    def is_long(self) -> bool:
        """One row a point, with its time, rather than one a day."""
        return "time" in self.fields and "register" in self.fields

    def missing(self) -> tuple[str, ...]:
        """Fields without which no row can be understood."""
        needed = ["meter", "district"]
        if not self.is_long:
            needed.append("day")
        absent = [field for field in needed if field not in self.fields]
        if not (self.is_long or self.points or "registers" in self.fields):
            absent.append("p1…p96、registers 或 time 与 register")
        return tuple(absent)


def layout(columns: Sequence[str]) -> Layout:
    """Which column is which; unknown ones are left alone, and of two with one meaning the first counts.

    Points are p1, p2, … or the clock times 00:00, 00:15, …
    """
    fields: dict[str, str] = {}
    numbered: dict[int, str] = {}
    clocks: dict[int, str] = {}
    for column in columns:
        name = column.strip().lower()
        if field := _BY_NAME.get(name):
            fields.setdefault(field, column)
        elif found := _NUMBERED.match(name):
            numbered.setdefault(int(found[1]), column)
        elif found := _CLOCK.match(name):
            clocks.setdefault(int(found[1]) * 60 + int(found[2]), column)
    spacing = MINUTES_A_DAY // len(clocks) if clocks else 1
    return Layout(fields, _in_order(numbered, first=1, spacing=1) or _in_order(clocks, first=0, spacing=spacing))


def _in_order(points: dict[int, str], first: int, spacing: int) -> tuple[str, ...]:
    """The columns if none is left out, else none: which points they are could not be known."""
    wanted = range(first, first + len(points) * spacing, spacing)
    return tuple(points[place] for place in wanted) if set(points) == set(wanted) else ()
