"""The next year's list of days off is checked before it is kept; a wrong one leaves everything as it was."""

from datetime import date
from pathlib import Path

import pytest

from yuejingzhun.platform.foundation.working_days.adding import Added, add_year, problems_of
from yuejingzhun.platform.foundation.working_days.calendar import SHIPPED, CalendarError, calendar, read_days

# Made up for these tests: no notice for 2031 exists. 1 January, 5 April, 1 May and 1 October 2031 are
# a Wednesday, Saturday, Thursday and Wednesday.
OFF = (
    "01-01", "01-22", "01-23", "01-24", "01-25", "01-26", "04-05", "05-01", "05-02", "06-24",
    "10-01", "10-02", "10-03",
)  # fmt: skip
LIST = "day,kind\n" + "".join(f"2031-{day},rest\n" for day in OFF) + "2031-01-18,work\n"


def written(folder: Path, text: str, name: str = "2031.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_is_kept_and_counted_with_at_once(tmp_path: Path) -> None:
    kept = tmp_path / "days.csv"
    assert calendar(kept).is_worked(date(2031, 1, 22))
    assert add_year(written(tmp_path, LIST), kept) == Added(2031, off=13, worked=1, new=True)
    assert not calendar(kept).is_worked(date(2031, 1, 22))
    assert calendar(kept).is_worked(date(2031, 1, 18))
    assert calendar(kept).is_known(2031) and calendar(kept).is_known(2026)
    assert add_year(written(tmp_path, LIST), kept).new is False


def test_the_days_before_new_year_belong_to_the_list_and_make_no_year_known(tmp_path: Path) -> None:
    kept = tmp_path / "days.csv"
    add_year(written(tmp_path, LIST + "2030-12-28,work\n2030-12-31,rest\n"), kept)
    assert calendar(kept).is_worked(date(2030, 12, 28)) and not calendar(kept).is_worked(date(2030, 12, 31))
    assert not calendar(kept).is_known(2030)


def test_a_changed_list_needs_a_word_and_takes_the_whole_years_place(tmp_path: Path) -> None:
    kept = tmp_path / "days.csv"
    add_year(written(tmp_path, LIST), kept)
    changed = LIST.replace("2031-01-18,work", "2031-01-19,work")
    with pytest.raises(CalendarError, match="替换已有的一年"):
        add_year(written(tmp_path, changed), kept)
    assert calendar(kept).is_worked(date(2031, 1, 18))
    assert add_year(written(tmp_path, changed), kept, replace=True).new
    assert not calendar(kept).is_worked(date(2031, 1, 18))


def test_a_shipped_year_is_replaced_as_well(tmp_path: Path) -> None:
    ours = [day for day in read_days(SHIPPED).items() if day[0].year == 2026 and day[0] != date(2026, 10, 10)]
    kept = tmp_path / "days.csv"
    add_year(written(tmp_path, "day,kind\n" + "".join(f"{d},{k}\n" for d, k in ours)), kept, replace=True)
    assert calendar().is_worked(date(2026, 10, 10)) and not calendar(kept).is_worked(date(2026, 10, 10))
    assert calendar(kept).is_known(2025)


@pytest.mark.parametrize("year", range(2020, 2027))
def test_the_lists_of_past_years_pass_the_same_checks(year: int) -> None:
    days = {day: kind for day, kind in read_days(SHIPPED).items() if day.year == year}
    problems = [one for one in problems_of(days, year) if "05-02" not in one]  # a holiday by law only since 2025
    assert not problems


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("2031-10-02,rest\n", ""), "缺少法定节日 2031-10-02"),
        (("2031-10-02,rest", "2031-10-02,work"), "2031-10-02 是周四，本来就上班"),
        (("2031-04-05", "2031-04-12"), "缺少清明节"),
        (("2031-01-26,rest\n", ""), "放假只有 12 天"),
        (("2031-01-01,rest\n", ""), "一年也没有"),
        (("2031-06-24", "2032-01-01"), "2031、2032"),
        (("2031-06-24", "2032-06-24"), "2032-06-24 不属于 2031 年"),
        (("2031-06-24,rest", "2031-06-31,rest"), "第 11 行：day"),
        (("2031-06-24,rest", "2031-06-24,off"), "第 11 行：kind"),
        (("2031-06-24", "2031-05-02"), "第 11 行：2031-05-02 在前面已经列过"),
        (("day,kind", "日期,类别"), "第 2 行：kind"),
    ],
)
def test_a_wrong_list_is_refused_and_nothing_is_written(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    assert change[0] in LIST
    with pytest.raises(CalendarError, match=said):
        add_year(written(tmp_path, LIST.replace(*change)), tmp_path / "days.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2031.csv"]


def test_what_is_no_text_or_not_there_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "gbk.csv").write_bytes("日期".encode("gbk"))
    with pytest.raises(CalendarError, match="UTF-8"):
        add_year(tmp_path / "gbk.csv", tmp_path / "days.csv")
    with pytest.raises(CalendarError, match="读不出来"):
        add_year(tmp_path / "none.csv", tmp_path / "days.csv")


def test_a_term_is_provisional_where_a_year_of_it_has_no_list() -> None:
    days = calendar()
    assert not days.is_provisional(date(2026, 12, 1), date(2026, 12, 31))
    assert days.is_provisional(date(2026, 12, 25), date(2027, 1, 4))
    assert days.is_provisional(date(2027, 1, 4), date(2026, 12, 25))
    assert days.is_provisional(date(2027, 1, 4), date(2027, 1, 5))
