"""The catalogue of instruments under mandatory management 实施强制管理的计量器具目录: decisions over its entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum


class Verification(Enum):
    """Which mandatory verification an entry asks for, from none to the most; the value is the term on the screen."""

    NONE = "不实行强制检定"
    FIRST = "只做首次强制检定"
    PERIODIC = "周期检定"


class Ending(Enum):
    """What becomes of an instrument that is verified only once (announcement 42 of 2020, part 4)."""

    SCRAPPED = "失准报废"
    REPLACED = "限期使用，到期轮换"


class Use(Enum):
    """The four uses that make verification mandatory (Metrology Law, article 9)."""

    TRADE = "贸易结算"
    MEDICAL = "医疗卫生"
    SAFETY = "安全防护"
    ENVIRONMENT = "环境监测"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry; one of the first level has no parent and asks for nothing itself: its children do.

    `regulations` are series without the year, such as "JJG 596"; `verification_from` is set where mandatory
    verification begins later than the edition; `unsure` says in Chinese what is still to be checked, empty for nothing.
    """

    code: str
    parent: str | None
    name: str
    type_approval: bool
    verification: Verification
    verification_from: date | None
    ending: Ending | None
    uses: frozenset[Use]
    scope: str
    regulations: tuple[str, ...]
    unsure: str

    def required(self, on: date) -> Verification:
        """The verification it asks for on that day, whatever the use."""
        begun = self.verification_from is None or self.verification_from <= on
        return self.verification if begun else Verification.NONE

    def required_for(self, use: str, on: date) -> Verification:
        """The verification it asks for in that use, a name such as "trade"; none for a use that the entry lacks."""
        return self.required(on) if use.upper() in {found.name for found in self.uses} else Verification.NONE


@dataclass(frozen=True, slots=True)
class Interval:
    """How long a verification holds by a regulation: the interval, or the limit of use where there is only a first."""

    regulation: str
    edition: str
    valid_from: date
    months: int
    condition: str
    unsure: str


def series(regulation: str) -> str:
    """A regulation without its year: "JJG 596" for "JJG 596-2012" as for "JJG 596"."""
    head, dash, year = regulation.strip().rpartition("-")
    return head if dash and year.isdigit() and len(year) == 4 else regulation.strip()


def covers(code: str, wanted: str) -> bool:
    """Whether an entry is the wanted one or the one above it: 19 covers 19.1."""
    return wanted == code or wanted.startswith(f"{code}.")


def strictest(found: Iterable[Verification]) -> Verification:
    """The one that asks for most, none for nothing."""
    order = list(Verification)
    return max(found, key=order.index, default=Verification.NONE)


def entry_of_series(entries: Sequence[Entry], wanted: str) -> str | None:
    """The narrowest entry under which everything verified by that regulation falls; None where there is none."""
    found = [entry for entry in entries if series(wanted) in entry.regulations]
    if len(found) == 1:
        return found[0].code
    parents = {entry.parent for entry in found}
    return parents.pop() if len(parents) == 1 else None


def in_force(intervals: Sequence[Interval], regulations: Sequence[str], on: date) -> tuple[Interval, ...]:
    """The intervals that apply on that day: of each regulation those with its latest date."""
    current: list[Interval] = []
    for name in regulations:
        begun = [found for found in intervals if found.regulation == name and found.valid_from <= on]
        latest = max((found.valid_from for found in begun), default=None)
        current += [found for found in begun if found.valid_from == latest]
    return tuple(current)
