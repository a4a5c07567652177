"""Which days are worked in China: weekends, but for the State Council's yearly list of holidays and make-up days.

`days.csv` holds the lists of 2020 to 2026 (the yearly 国务院办公厅关于部分节假日安排的通知), as two independent
collections give them. A file of the same form beside the database adds later years before the program is renewed
(`adding.py` checks and writes it); where it has a year that is shipped, it takes that year's place.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

REST, WORK = "rest", "work"
SATURDAY = 5
SHIPPED = Path(__file__).with_name("days.csv")
# 全国年节及纪念日放假办法 (2024), article 2: those whose date in the solar calendar is fixed.
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
MOST_DAYS = 3660  # a term of ten years is a slip of the hand


class CalendarError(ValueError):
    """A list of days off that can't be read; the message names file, row and what is expected."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that differ from the week's rule, by year; a year without a list is counted provisionally."""

    days: Mapping[date, str]
    years: frozenset[int]

    def is_known(self, year: int) -> bool:
        """Whether the State Council's list of that year is here."""
        return year in self.years

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether a term between these days, in either order, was counted with a year whose list isn't here."""
        early, late = sorted((first.year, last.year))
        return any(not self.is_known(year) for year in range(early, late + 1))

    def is_worked(self, day: date) -> bool:
        """Whether that day is a working day; where its year's list isn't here, by weekend and fixed holidays."""
        if day in self.days:
            return self.days[day] == WORK
        if not self.is_known(day.year) and (day.month, day.day) in FIXED_HOLIDAYS:
            return False
        return day.weekday() < SATURDAY

    def after(self, start: date, working_days: int) -> date:
        """The last day of a term of that many working days, which begins on the day after `start`.

        Civil Code, article 201: the day on which a term begins isn't counted. Raises ValueError for a negative
        number or one beyond ten years.
        """
        if not 0 <= working_days <= MOST_DAYS:
            raise ValueError(f"期限应为 0 至 {MOST_DAYS} 个工作日，为 {working_days}")
        day, left = start, working_days
        while left:
            day += timedelta(days=1)
            left -= self.is_worked(day)
        return day

    def left(self, today: date, last: date) -> int:
        """Working days from tomorrow to the last day of a term; negative by those that passed since."""
        first, end = sorted((today, last))
        days = range(1, (end - first).days + 1)
        count = sum(self.is_worked(first + timedelta(days=n)) for n in days)
        return count if today <= last else -count


def read_days(path: Path) -> dict[date, str]:
    """Days by their kind from a file with the columns `day` and `kind` (rest, work); raises CalendarError."""
    found: dict[date, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                day, kind = _read_row(f"{path.name} 第 {number} 行", row)
                if day in found:
                    raise CalendarError(f"{path.name} 第 {number} 行：{day} 在前面已经列过")
                found[day] = kind
    except UnicodeDecodeError as error:
        raise CalendarError(f"{path.name} 不是 UTF-8 编码的文本，请另存为“CSV UTF-8”") from error
    except csv.Error as error:
        raise CalendarError(f"{path.name} 不是 CSV 文件：{error}") from error
    except OSError as error:
        raise CalendarError(f"{path} 读不出来：{error.strerror}") from error
    return found


def _read_row(where: str, row: Mapping[str, str | None]) -> tuple[date, str]:
    day, kind = row.get("day"), row.get("kind")
    if kind not in (REST, WORK):
        raise CalendarError(f"{where}：kind 应为 rest 或 work，为 {kind!r}")
    try:
        return date.fromisoformat(day or ""), kind
    except ValueError as error:
        raise CalendarError(f"{where}：day 应为 YYYY-MM-DD，为 {day!r}") from error


def listed_years(days: Mapping[date, str]) -> frozenset[int]:
    """The years whose list is whole: each begins with New Year's Day, while its last days off may lie in the next."""
    return frozenset(day.year for day in days if (day.month, day.day) == (1, 1))


def calendar(added: Path | None = None) -> Calendar:
    """The calendar of the shipped lists, with those of another file laid over them where it exists."""
    try:
        written = added.stat().st_mtime_ns if added is not None else 0
    except FileNotFoundError:
        added, written = None, 0
    return _calendar(added, written)


@cache
def _calendar(added: Path | None, written: int) -> Calendar:
    # Kept until the file is written anew, so that a server that runs counts with a new list at once.
    days = read_days(SHIPPED)
    if added is not None:
        later = read_days(added)
        replaced = listed_years(later)
        days = {day: kind for day, kind in days.items() if day.year not in replaced} | later
    return Calendar(days, listed_years(days))
