"""The administrative divisions of Guangdong with their GB/T 2260 codes (state of 2024): 21 cities, 122 below them.

Codes and names as in published tables of GB/T 2260, without development zones, which have no code of their own.
"""

import csv
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

PROVINCE = "440000"


class Level(Enum):
    """Level of a division; the value is the term on the screen."""

    PROVINCE = "省"
    CITY = "市"
    COUNTY = "县（市、区）"


class Belt(Enum):
    """Region of the development pattern 一核一带一区 to which a city belongs (plan 2022-2035, part 2)."""

    DELTA = "珠三角"
    EAST = "粤东"
    WEST = "粤西"
    NORTH = "粤北"


BELTS = {
    Belt.DELTA: ("4401", "4403", "4404", "4406", "4407", "4412", "4413", "4419", "4420"),
    Belt.EAST: ("4405", "4415", "4451", "4452"),
    Belt.WEST: ("4408", "4409", "4417"),
    Belt.NORTH: ("4402", "4414", "4416", "4418", "4453"),
}


class UnknownDivisionError(ValueError):
    """No division of Guangdong has that code."""


@dataclass(frozen=True, slots=True)
class Division:
    """A division; `parent` is the code of the one above it, None for the province."""

    code: str
    name: str
    level: Level
    parent: str | None


@cache
def divisions() -> dict[str, Division]:
    """All 144 divisions by code."""
    with Path(__file__).with_name("divisions.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: _division(row["code"], row["name"]) for row in csv.DictReader(file)}


def division(code: str) -> Division:
    """The division of that code; raises UnknownDivisionError."""
    try:
        return divisions()[code]
    except KeyError:
        raise UnknownDivisionError(f"广东省没有行政区划代码 {code!r}") from None


def is_within(code: str, region: str) -> bool:
    """Whether a division is that region or lies in it; raises UnknownDivisionError for either."""
    division(code)
    level = division(region).level
    return code == region or level is Level.PROVINCE or (level is Level.CITY and code[:4] == region[:4])


def belt(code: str) -> Belt | None:
    """The belt of a city or county; None for the province."""
    division(code)
    return next((belt for belt, cities in BELTS.items() if code[:4] in cities), None)


def full_name(code: str) -> str:
    """City and county as one name, such as 广州市天河区."""
    found = division(code)
    return f"{division(found.parent or PROVINCE).name}{found.name}" if found.level is Level.COUNTY else found.name


def _division(code: str, name: str) -> Division:
    if code == PROVINCE:
        return Division(code, name, Level.PROVINCE, None)
    if code.endswith("00"):
        return Division(code, name, Level.CITY, PROVINCE)
    return Division(code, name, Level.COUNTY, f"{code[:4]}00")
