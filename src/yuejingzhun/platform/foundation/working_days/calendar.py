"""Which days are worked in China: weekends, but for the State Council's yearly list of holidays and make-up days.

`days.csv` holds the lists of 2020 to 2026 (the yearly 国务院办公厅关于部分节假日安排的通知), as two independent
collections give them. A file of the same form beside the database adds later years before the program is renewed.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

REST, WORK = "rest", "work"
SATURDAY = 5
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
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                day = date.fromisoformat(row["day"])
            except (KeyError, TypeError, ValueError) as error:
                raise CalendarError(
                    f"{path.name} 第 {number} 行：day 应为 YYYY-MM-DD，为 {row.get('day')!r}"
                ) from error
            if row.get("kind") not in (REST, WORK):
                raise CalendarError(f"{path.name} 第 {number} 行：kind 应为 rest 或 work，为 {row.get('kind')!r}")
            found[day] = row["kind"]
    return found


@cache
def calendar(added: Path | None = None) -> Calendar:
    """The calendar of the shipped lists, with those of another file laid over them where it exists."""
    days = read_days(Path(__file__).with_name("days.csv"))
    if added is not None and added.exists():
        days |= read_days(added)
    return Calendar(days, frozenset(day.year for day in days))
