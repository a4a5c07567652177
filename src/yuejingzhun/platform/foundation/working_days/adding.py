"""The next year's list of days off is checked and kept beside the database, before the program is renewed."""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from yuejingzhun.platform.foundation.working_days.calendar import (
    FIXED_HOLIDAYS,
    REST,
    SATURDAY,
    WORK,
    CalendarError,
    calendar,
    listed_years,
    read_days,
)

# 全国年节及纪念日放假办法 (2024), article 2: 13 days off for all a year; the notices list weekends among them as well.
FEWEST_HOLIDAYS = 13
TOMB_SWEEPING = (4, 5, 6)  # of April: 清明, a solar term, falls on one of these


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding a list: how many days are off, how many of a weekend are worked, and whether it was new."""

    year: int
    off: int
    worked: int
    new: bool


def add_year(given: Path, kept: Path, *, replace: bool = False) -> Added:
    """Check the list of a year and lay it beside those in `kept`; nothing is written where it is wrong.

    `replace` allows a list that differs from the one that is known, as when the State Council changes it. Raises
    CalendarError, which names all that is wrong.
    """
    days = read_days(given)
    year = _year(given, days)
    if problems := problems_of(days, year):
        raise CalendarError(f"{given.name}：" + "；".join(problems))
    known = calendar(kept)
    new = any(known.days.get(day) != kind for day, kind in days.items()) or _of(known.days, year) != _of(days, year)
    if new and known.is_known(year) and not replace:
        raise CalendarError(
            f"{given.name}：{year} 年的放假安排已有，且与此不同；国务院改了安排的，请勾选“替换已有的一年”"
        )
    if new:
        others = {day: kind for day, kind in _kept(kept).items() if not _may_be_of(day, year)}
        _write(kept, others | days)
    kinds = Counter(days.values())
    return Added(year, kinds[REST], kinds[WORK], new)


def problems_of(days: Mapping[date, str], year: int) -> tuple[str, ...]:
    """What a list of days off of a year can't be, in Chinese."""
    found = []
    if outside := [day for day in days if not _may_be_of(day, year)]:
        found.append(f"{min(outside)} 不属于 {year} 年（上一年只能有 12 月的日子）")
    if idle := [day for day, kind in days.items() if kind == WORK and day.weekday() < SATURDAY]:
        found.append(f"{min(idle)} 是{_weekday(min(idle))}，本来就上班，调休上班的应是周六或周日")
    off = {day for day, kind in days.items() if kind == REST and day.year == year}
    missing = [date(year, *one) for one in sorted(FIXED_HOLIDAYS) if date(year, *one) not in off]
    if missing:
        found.append(f"缺少法定节日 {'、'.join(map(str, missing))}（kind 应为 rest）")
    if not any(date(year, 4, day) in off for day in TOMB_SWEEPING):
        found.append(f"缺少清明节（{year}-04-04 至 04-06 应有一天为 rest）")
    if len(off) < FEWEST_HOLIDAYS:
        found.append(f"放假只有 {len(off)} 天，一年的法定节日为 {FEWEST_HOLIDAYS} 天")
    return tuple(found)


def _year(given: Path, days: Mapping[date, str]) -> int:
    years = sorted(listed_years(days))
    if len(years) != 1:
        found = "、".join(map(str, years)) or "一年也没有"
        raise CalendarError(
            f"{given.name}：应为一年的放假安排，从该年 1 月 1 日（rest）列起；这里有 1 月 1 日的：{found}"
        )
    return years[0]


def _may_be_of(day: date, year: int) -> bool:
    """New Year's days off reach back into December, and so does what is worked for them."""
    return day.year == year or (day.year, day.month) == (year - 1, 12)


def _of(days: Mapping[date, str], year: int) -> dict[date, str]:
    return {day: kind for day, kind in days.items() if day.year == year}


def _kept(kept: Path) -> dict[date, str]:
    return read_days(kept) if kept.exists() else {}


def _write(kept: Path, days: Mapping[date, str]) -> None:
    """In one step, so that no reader ever sees half of it."""
    draft = kept.with_name(kept.name + ".new")
    lines = ["day,kind", *(f"{day},{kind}" for day, kind in sorted(days.items()))]
    with draft.open("w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(kept)


def _weekday(day: date) -> str:
    return "周" + "一二三四五六日"[day.weekday()]
