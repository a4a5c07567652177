"""On which day what is told, over any sequence of rounds; and in which words."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.platform.registry.reminders.rules import AHEAD, Kind, headline, items_in_words, week_of, windows

DAY = date(2026, 11, 24)


def told(due: date, rounds: list[date]) -> list[tuple[date, Kind]]:
    """What a holder is told of an instrument valid until `due`."""
    found, before = [], None
    for day in rounds:
        found += [(day, each.kind) for each in windows(day, before) if each.first <= due <= each.last]
        before = day
    return found


def test_daily_rounds_tell_each_threshold_once_on_its_day() -> None:
    rounds = [DAY + timedelta(n) for n in range(100)]
    due = DAY + timedelta(80)
    assert told(due, rounds)[:5] == [
        (due - timedelta(60), Kind.IN_60_DAYS),
        (due - timedelta(30), Kind.IN_30_DAYS),
        (due - timedelta(7), Kind.IN_7_DAYS),
        (due, Kind.TODAY),
        (due + timedelta(1), Kind.OVERDUE),
    ]


def test_what_stays_overdue_is_told_again_each_month() -> None:
    rounds = [DAY + timedelta(n) for n in range(100)]
    again = told(DAY - timedelta(400), rounds)
    assert again == [
        (DAY, Kind.OVERDUE),
        *((date(y, m, 1), Kind.OVERDUE) for y, m in ((2026, 12), (2027, 1), (2027, 2), (2027, 3))),
    ]


@given(st.lists(st.integers(1, 45), max_size=40), st.integers(-100, 200))
def test_whatever_rounds_are_missed_nothing_is_told_twice_or_never(gaps: list[int], ahead: int) -> None:
    rounds = [DAY]
    for gap in gaps:
        rounds.append(rounds[-1] + timedelta(gap))
    due = DAY + timedelta(ahead)
    found = told(due, rounds)
    kinds = [kind for _, kind in found if kind is not Kind.OVERDUE]
    assert len(kinds) == len(set(kinds)) and kinds == sorted(kinds, key=list(Kind).index)
    assert len({day for day, _ in found}) == len(found)  # not under two thresholds on one day
    for kind, days in AHEAD.items():
        nearer = max((other for other in AHEAD.values() if other < days), default=-1)
        in_reach = [day for day in rounds if nearer < (due - day).days <= days]
        assert (kind in kinds) == bool(in_reach)
    overdue = [day for day, kind in found if kind is Kind.OVERDUE]
    late = [day for day in rounds if day > due]
    assert bool(overdue) == bool(late) and (not late or overdue[0] == late[0])
    assert len(overdue) == len({(day.year, day.month) for day in late} | {(d.year, d.month) for d in overdue[:1]})


def test_a_week_begins_on_monday() -> None:
    assert week_of(date(2026, 11, 25)) == week_of(date(2026, 11, 29)) == date(2026, 11, 23)
    assert week_of(date(2026, 11, 30)) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.IN_30_DAYS, "3 台器具将在 30 天内到期（2026-11-24 至 2026-11-25），请申请检定"),
        (Kind.TODAY, "3 台器具的检定有效期今天到期"),
        (Kind.OVERDUE, "3 台器具已超过检定有效期（2026-11-24 至 2026-11-25到期）；属强制检定的不得使用"),
        (Kind.WEEKLY, "辖区内有 3 台在用器具超过检定有效期"),
    ],
)
def test_headlines(kind: Kind, words: str) -> None:
    assert headline(kind, 3, DAY, DAY + timedelta(1)) == words


def test_items_are_told_the_most_frequent_first() -> None:
    assert items_in_words({"a": 1, "b": 5, "": 2}, {"a": "甲", "b": "乙"}) == "乙 5 台、不在目录内 2 台、甲 1 台"
    assert items_in_words({str(n): 1 for n in range(9)}, {}).endswith("等 9 类")
