"""Terms in working days, across holidays and make-up days."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.platform.foundation.working_days.calendar import CalendarError, calendar, read_days

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def test_a_term_skips_the_national_holidays_and_counts_the_make_up_days() -> None:
    # 2026: 10-01 to 10-07 are off, 09-20 and 10-10 are worked (国办发明电〔2025〕7 号).
    days = calendar()
    assert days.after(date(2026, 9, 18), 1) == date(2026, 9, 20)
    assert days.after(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert days.after(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert days.after(date(2026, 9, 30), 20) == date(2026, 11, 3)


def test_spring_festival_of_2025() -> None:
    # 国办发明电〔2024〕12 号: 01-28 to 02-04 off, 01-26 and 02-08 worked.
    days = calendar()
    assert [d for d in range(20, 32) if days.is_worked(date(2025, 1, d))] == [20, 21, 22, 23, 24, 26, 27]
    assert days.after(date(2025, 1, 27), 1) == date(2025, 2, 5)
    assert days.is_worked(date(2025, 2, 8))


@pytest.mark.parametrize("year", range(2021, 2027))
def test_make_up_days_move_days_off_but_give_none(year: int) -> None:
    # 全国年节及纪念日放假办法: 11 holidays a year, 13 since 2025; all else is moved from weekends.
    whole = [date(year, 1, 1) + timedelta(n) for n in range(366)]
    ours = [day for day in whole if day.year == year]
    off = Counter(calendar().is_worked(day) for day in ours)[False]
    assert off == sum(day.weekday() >= 5 for day in ours) + (11 if year < 2025 else 13)


def test_a_year_without_a_list_is_provisional() -> None:
    days = calendar()
    assert days.is_known(2026) and not days.is_known(2031)
    assert not days.is_worked(date(2031, 10, 2)) and days.is_worked(date(2031, 10, 8))


def test_a_later_list_is_laid_over(tmp_path: Path) -> None:
    added = tmp_path / "days.csv"
    added.write_text("day,kind\n2031-01-01,rest\n2031-10-08,rest\n2031-10-11,work\n", encoding="utf-8")
    days = calendar(added)
    assert days.is_known(2031) and days.is_known(2026)
    assert not days.is_worked(date(2031, 10, 8)) and days.is_worked(date(2031, 10, 11))


@pytest.mark.parametrize(
    ("text", "said"), [("day,kind\n2031/1/1,rest\n", "第 2 行：day"), ("day,kind\n2031-01-01,off\n", "第 2 行：kind")]
)
def test_a_bad_list_is_refused_with_its_row(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "days.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CalendarError, match=said):
        read_days(tmp_path / "days.csv")


def test_terms_out_of_reason_are_refused() -> None:
    for term in (-1, 100_000):
        with pytest.raises(ValueError, match="期限"):
            calendar().after(date(2026, 1, 1), term)


@given(DAYS, st.integers(0, 60))
def test_what_is_left_of_a_term_is_its_length(start: date, term: int) -> None:
    days = calendar()
    last = days.after(start, term)
    assert days.left(start, last) == term
    assert days.left(last, start) == -term
    assert term == 0 or days.is_worked(last)


@given(DAYS, st.integers(0, 30), st.integers(0, 30))
def test_terms_add_up(start: date, first: int, second: int) -> None:
    days = calendar()
    assert days.after(days.after(start, first), second) == days.after(start, first + second)
