"""What a technician hands in: the raw record of a verification, and the reference standard it was made with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

Parameters: TypeAlias = Mapping[str, Decimal | str]
Row: TypeAlias = Mapping[str, Decimal]


class VerificationKind(Enum):
    """Kind of verification (JJF 1001-2011 9.22 to 9.26); the value is the term on the screen."""

    INITIAL = "首次检定"
    SUBSEQUENT = "后续检定"
    IN_SERVICE = "使用中检查"


@dataclass(frozen=True, slots=True)
class Item:
    """The measuring instrument under verification."""

    name: str
    model: str
    serial: str
    maker: str


@dataclass(frozen=True, slots=True)
class Record:
    """One raw record. Decimals carry every digit that was written down; units are those of the declaration."""

    regulation: str
    kind: VerificationKind
    item: Item
    parameters: Parameters
    environment: Mapping[str, Decimal]
    readings: Mapping[tuple[str, str], tuple[Row, ...]]  # (test, point) -> repeats -> column -> reading
    checks: Mapping[str, Decimal | bool]
    tested_on: date


@dataclass(frozen=True, slots=True)
class ReferenceStandard:
    """The measurement standard used; `expanded_uncertainty` is in the unit that the regulation declares for it."""

    name: str
    number: str
    certificate: str
    valid_until: date
    expanded_uncertainty: Decimal
    coverage_factor: Decimal = Decimal(2)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a record: where (section, then keys or positions inside it) and, in Chinese, what."""

    path: tuple[str | int, ...]
    message: str


class RecordError(ValueError):
    """The record can't be evaluated; `problems` holds all of them, in the order of the record."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("；".join(problem.message for problem in problems))
        self.problems = problems
