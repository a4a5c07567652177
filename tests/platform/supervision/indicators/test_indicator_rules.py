"""The plan's figures as published, and what follows from days and values."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.platform.supervision.indicators.forecast import forecast
from yuejingzhun.platform.supervision.indicators.pictures import HEIGHT, WIDTH, bars, way
from yuejingzhun.platform.supervision.indicators.rules import (
    Progress,
    indicators,
    is_late,
    months_to,
    plain,
    plan_tasks,
    reached,
    shown,
    target_on,
)

# 专栏 1 of the plan 2022-2035: number, base of 2021, target of 2025.
PUBLISHED = [
    (1, None, 1), (2, 1, 3), (3, 3, 8), (4, 695, 800), (5, 274, 350), (6, 15, 34), (7, 10000, 20000), (8, 87, 95),
]  # fmt: skip


def test_the_indicators_are_those_of_the_plan() -> None:
    assert [(one.number, one.base, one.target) for one in indicators().values()] == PUBLISHED
    assert [one.unit for one in indicators().values()] == ["个", "个", "项", "项", "项", "家", "家", "%"]


def test_the_tasks_are_those_of_the_boxes() -> None:
    boxes = [task.box for task in plan_tasks().values()]
    assert [boxes.count(box) for box in range(2, 7)] == [3, 4, 4, 4, 7]
    assert all(task.text.endswith("。") and "\n" not in task.text for task in plan_tasks().values())
    assert plan_tasks()["3.4"].title == "关键计量软件评测技术研究"


def test_the_next_target_counts_and_after_the_last_the_last() -> None:
    targets = {2025: Decimal(95), 2030: Decimal(98)}
    found = [target_on(targets, date(year, 6, 1)) for year in (2022, 2025, 2026, 2034)]
    assert [year for year, _ in found] == [2025, 2025, 2030, 2030]
    assert target_on({}, date(2026, 1, 1)) is None


def test_a_share_reads_as_all_only_where_it_is_all() -> None:
    coverage, centres = indicators()["coverage"], indicators()["centres"]
    assert shown(coverage, Fraction(99_999, 1000)) == "99.9"
    assert shown(coverage, Fraction(100)) == "100.0"
    assert shown(centres, Fraction(12_345)) == "12,345"
    assert plain(Decimal("30000.00")) == "30,000"
    assert plain(Decimal("97.50")) == "97.5"


@given(st.fractions(0, 10**6), st.integers(1, 10**6))
def test_what_is_reached_is_a_share_of_the_target(value, target) -> None:
    share = reached(value, Decimal(target))
    assert 0 <= share <= 1
    assert (share == 1) == (value >= target)


@pytest.mark.parametrize(
    ("days", "progress", "late"),
    [(-1, Progress.UNDER_WAY, True), (-1, Progress.PLANNED, True), (0, Progress.PLANNED, False),
     (-1, Progress.DONE, False), (-1, Progress.DROPPED, False), (1, Progress.UNDER_WAY, False)],
)  # fmt: skip
def test_a_milestone_is_late_from_the_day_after_on(days, progress, late) -> None:
    today = date(2026, 11, 24)
    assert is_late(today + timedelta(days), progress, today) is late


def test_months_cross_the_turn_of_the_year() -> None:
    assert months_to(date(2026, 2, 17), 4) == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]


def test_a_line_is_continued_exactly() -> None:
    known = [(date(2026, 1, 1) + timedelta(30 * n), 100 + 3.0 * n) for n in range(10)]
    found = forecast(known, date(2026, 1, 1) + timedelta(600))
    assert found.value == pytest.approx(160)
    assert found.low == pytest.approx(found.high)
    assert found.a_year == pytest.approx(3 / 30 * 365.25)


def test_the_interval_holds_nine_times_in_ten() -> None:
    generator = np.random.default_rng(3)
    days = [date(2025, 1, 1) + timedelta(30 * n) for n in range(12)]
    ahead = date(2026, 6, 1)
    inside = 0
    for _ in range(2000):
        truth = 1000 + 0.5 * np.array([(day - days[0]).days for day in [*days, ahead]])
        seen = truth + generator.normal(0, 20, 13)
        found = forecast(list(zip(days, seen[:-1].tolist(), strict=True)), ahead)
        inside += found.low <= seen[-1] <= found.high
    assert 0.88 < inside / 2000 < 0.92


def test_too_little_is_not_continued() -> None:
    days = [date(2026, 1, 1) + timedelta(30 * n) for n in range(8)]
    known = [(day, 5.0) for day in days]
    assert forecast(known[:5], date(2027, 1, 1)) is None
    assert forecast([(date(2026, 1, 1) + timedelta(n), 5.0) for n in range(8)], date(2027, 1, 1)) is None
    assert forecast(known, date(2027, 1, 1)).value == pytest.approx(5)


def test_a_percentage_stays_within_a_hundred() -> None:
    known = [(date(2026, 1, 1) + timedelta(30 * n), 90 + 2.0 * n) for n in range(6)]
    found = forecast(known, date(2030, 1, 1), 100.0)
    assert (found.value, found.high) == (100.0, 100.0)


@given(st.lists(st.fractions(0, 10**7), min_size=1, max_size=30), st.integers(0, 10**7))
def test_a_picture_stays_within_its_box(values, target) -> None:
    known = [(date(2024, 1, 1) + timedelta(31 * n), value) for n, value in enumerate(values)]
    found = way(known, {2025: Decimal(target), 2035: Decimal(1)}, None, "家")
    marks = [*found.points, *found.targets]
    assert len(marks) == len(values) + 2
    assert all(0 <= one.x <= WIDTH and 0 <= one.y <= HEIGHT for one in marks)
    assert "e+" not in found.most


def test_without_values_there_is_no_picture() -> None:
    assert way([], {2025: Decimal(1)}, None, "家") is None
    assert bars([]) == ()
    assert [one.length for one in bars([("1", "甲", Fraction(0), "0"), ("2", "乙", Fraction(4), "4")])] == [100.0, 0.0]
