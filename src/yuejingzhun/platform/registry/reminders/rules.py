"""When a holder is reminded of what, and in which words: pure decisions.

The days ahead are ours (60, 30, 7, 0): the law sets the interval of verification, not the reminder. Some of what is
overdue may not be used any more: 计量法 (Metrology Law) article 9 for what must be verified.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum


class Kind(Enum):
    """What a notice is about; the value is the term on the screen."""

    IN_60_DAYS = "60 天内到期"
    IN_30_DAYS = "30 天内到期"
    IN_7_DAYS = "7 天内到期"
    TODAY = "今天到期"
    OVERDUE = "已超期"
    WEEKLY = "辖区超期周报"


AHEAD = {Kind.IN_60_DAYS: 60, Kind.IN_30_DAYS: 30, Kind.IN_7_DAYS: 7, Kind.TODAY: 0}  # days


@dataclass(frozen=True, slots=True)
class Window:
    """The instruments valid until `first` to `last`, both included."""

    kind: Kind
    first: date
    last: date


def windows(day: date, round_before: date | None) -> tuple[Window, ...]:
    """What is told on a day, after the round of another: each instrument once a threshold, by the nearest it passed.

    Rounds that were missed are made up for. All that is overdue is told in the first round, and again each month.
    """
    ahead = list(AHEAD.items())
    found = []
    for place, (kind, days) in enumerate(ahead):
        nearer = ahead[place + 1][1] if place + 1 < len(ahead) else -1
        first = day + timedelta(nearer + 1)
        if round_before is not None:
            first = max(first, round_before + timedelta(days + 1))
        found.append(Window(kind, first, day + timedelta(days)))
    again = round_before is None or (round_before.year, round_before.month) != (day.year, day.month)
    found.append(Window(Kind.OVERDUE, date.min if again else round_before, day - timedelta(1)))  # type: ignore[arg-type]
    return tuple(window for window in found if window.first <= window.last)


def week_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(day.weekday())


def headline(kind: Kind, number: int, first: date | None, last: date | None) -> str:
    """A notice in one sentence."""
    if kind is Kind.WEEKLY:
        return f"辖区内有 {number} 台在用器具超过检定有效期"
    if kind is Kind.OVERDUE:
        return f"{number} 台器具已超过检定有效期（{_days(first, last)}到期）；属强制检定的不得使用"
    if kind is Kind.TODAY:
        return f"{number} 台器具的检定有效期今天到期"
    return f"{number} 台器具将在 {AHEAD[kind]} 天内到期（{_days(first, last)}），请申请检定"


def items_in_words(items: Mapping[str, int], names: Mapping[str, str], most: int = 8) -> str:
    """How many of which item, the most frequent first."""
    ordered = sorted(items.items(), key=lambda pair: (-pair[1], pair[0]))
    told = [f"{names.get(code, '不在目录内')} {number} 台" for code, number in ordered[:most]]
    return "、".join(told) + (f"等 {len(ordered)} 类" if len(ordered) > most else "")


def _days(first: date | None, last: date | None) -> str:
    return f"{first}" if first == last else f"{first} 至 {last}"
