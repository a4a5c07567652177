"""The indicators and tasks of the plan as data, and what follows from figures and days. Pure.

广东省计量发展规划（2022—2035 年）专栏 1 to 6, as published; the definitions are ours where the plan gives none.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path

FIRST_YEAR, LAST_YEAR = 2021, 2035
PERCENT = "%"


class Source(Enum):
    """Where the items of an indicator are counted."""

    RECORDED = "逐项登记"
    STANDARDS = "计量标准登记"
    COVERAGE = "授权与计量标准登记"


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator of the plan; `targets` by year, with the published figure of 2021 as the base."""

    code: str
    number: int
    name: str
    unit: str
    base: Decimal | None
    target: Decimal
    source: Source
    definition: str


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a box of the plan."""

    code: str
    box: int
    box_title: str
    title: str
    text: str


class Progress(Enum):
    """How a milestone stands, as its owner reports."""

    PLANNED = "未开始"
    UNDER_WAY = "进行中"
    DONE = "已完成"
    DROPPED = "已取消"


@cache
def indicators() -> dict[str, Indicator]:
    """All eight by code, in the order of the plan."""
    return {
        row["code"]: Indicator(
            row["code"],
            int(row["number"]),
            row["name"],
            row["unit"],
            Decimal(row["base_2021"]) if row["base_2021"] else None,
            Decimal(row["target_2025"]),
            Source[row["source"].upper()],
            row["definition"],
        )
        for row in _rows("indicators.csv")
    }


@cache
def plan_tasks() -> dict[str, Task]:
    """The tasks of boxes 2 to 6 by code."""
    return {
        row["code"]: Task(row["code"], int(row["box"]), row["box_title"], row["title"], row["text"])
        for row in _rows("plan_tasks.csv")
    }


def target_on(targets: dict[int, Decimal], on: date) -> tuple[int, Decimal] | None:
    """The next target from a day on: the year and the figure; the last one where all are past."""
    years = sorted(targets)
    coming = next((year for year in years if year >= on.year), years[-1] if years else None)
    return None if coming is None else (coming, targets[coming])


def reached(value: Fraction, target: Decimal) -> Fraction:
    """The share of a target that is reached, at most one; for percentages as for counts."""
    return min(value / Fraction(target), Fraction(1)) if target else Fraction(1)


def is_late(due_on: date, progress: Progress, on: date) -> bool:
    """Whether a milestone is past its day, neither done nor dropped."""
    return due_on < on and progress not in (Progress.DONE, Progress.DROPPED)


def shown(indicator: Indicator, value: Fraction) -> str:
    """A count as it is; a percentage cut to one decimal, so that 100.0 means all."""
    if indicator.unit != PERCENT:
        return f"{int(value):,}"
    tenths = int(10 * value)
    return f"{tenths // 10}.{tenths % 10}"


def plain(value: Decimal) -> str:
    """A figure without the zeros of its column, its digits in threes."""
    return f"{value.normalize():,f}"


def months_to(on: date, months: int) -> Sequence[date]:
    """The first day of so many months up to that of a day, the earliest first."""
    last = on.year * 12 + on.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - months + 1, last + 1)]


def _rows(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
