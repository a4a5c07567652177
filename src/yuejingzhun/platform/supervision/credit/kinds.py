"""The kinds of facts, as data: what they are called, who records them, how long they can be contested."""

import csv
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

REPAIRED = "credit-repaired"


class Tone(Enum):
    """What a fact says of a party; the value is the term on the screen."""

    ADVERSE = "不利"
    FAVOURABLE = "有利"
    NEUTRAL = "中性"


@dataclass(frozen=True, slots=True)
class FactKind:
    """A kind of fact: `manual` where a regulator may record it, `contest_days` from its recording on."""

    code: str
    label: str
    tone: Tone
    manual: bool
    contest_days: int
    repairable: bool
    about: str


@cache
def fact_kinds() -> dict[str, FactKind]:
    """All kinds by code."""
    with Path(__file__).with_name("fact_kinds.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: _kind(row) for row in csv.DictReader(file)}


def rated_kinds() -> tuple[str, ...]:
    """The codes of all kinds that a rule set must give points to: all but repair, which takes another's away."""
    return tuple(code for code in fact_kinds() if code != REPAIRED)


def label_of(code: str) -> str:
    """What a kind is called; the code itself for one that is no longer known."""
    found = fact_kinds().get(code)
    return found.label if found else code


def _kind(row: dict[str, str]) -> FactKind:
    return FactKind(
        row["code"],
        row["label"],
        Tone[row["tone"].upper()],
        row["manual"] == "yes",
        int(row["contest_days"]),
        row["repairable"] == "yes",
        row["about"],
    )
