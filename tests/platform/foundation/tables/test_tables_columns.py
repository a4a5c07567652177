"""Columns are found by their headings, and every bad cell is named."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from yuejingzhun.platform.foundation.tables.columns import (
    Column,
    MappingError,
    Problem,
    check_mapping,
    guess_mapping,
    preview,
    read_rows,
)
from yuejingzhun.platform.foundation.tables.parsing import choice, day, text
from yuejingzhun.platform.foundation.tables.reading import open_table

COLUMNS = (
    Column("serial", "出厂编号", text(10), ("编号",), required=True),
    Column("use", "用途", choice({"trade": "贸易结算", "other": "其他"})),
    Column("on", "日期", day),
)


def table(tmp_path: Path, content: str):
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8")
    return open_table(path)


def test_headings_are_recognised_by_label_and_alias_each_once() -> None:
    assert guess_mapping(COLUMNS, ("编 号*", "日期", "别的")) == {"serial": 0, "on": 1}
    assert guess_mapping(COLUMNS, ("编号", "出厂编号", "用途")) == {"serial": 1, "use": 2}
    assert guess_mapping(COLUMNS, ("USE",)) == {"use": 0}


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"use": 0}, "必需的列：出厂编号"),
        ({"serial": 9}, "没有第 10 列"),
        ({"serial": 0, "use": 0}, "被用作两列"),
        ({"serial": 0, "\ud800": 1}, "没有"),
    ],
)
def test_a_mapping_that_can_not_be_is_refused(mapping, expected: str) -> None:
    with pytest.raises(MappingError, match=expected):
        check_mapping(COLUMNS, mapping, ("a", "b"))


def test_rows_are_values_or_every_problem_of_theirs(tmp_path) -> None:
    found = table(
        tmp_path, "编号,用途,日期\nA1,贸易结算,2024/1/2\n,没有,昨天\nA2,trade,\nA3,其他\nA4,其他,,多\nA5,,,\n"
    )
    rows = list(read_rows(COLUMNS, guess_mapping(COLUMNS, found.headings), found))
    assert rows[0].values == ("A1", "trade", date(2024, 1, 2))
    assert rows[1].problems == (
        Problem("出厂编号", "空白", "不能为空"),
        Problem("用途", "没有", "贸易结算、其他 之一"),
        Problem("日期", "昨天", "年-月-日，如 2024-01-31"),
    )
    assert rows[2].values == ("A2", "trade", None)
    assert rows[3].problems[0].found == "只有 2 格"
    assert rows[4].problems[0].found == "有 4 格"
    assert (rows[5].values, rows[5].problems) == (("A5", None, None), ())


def test_a_file_that_stops_being_readable_ends_with_a_problem(tmp_path) -> None:
    found = table(tmp_path, '编号\nA1\n"A2\n')
    rows = list(read_rows(COLUMNS, {"serial": 0}, found))
    assert [(row.number, len(row.problems)) for row in rows] == [(2, 0), (3, 1)]
    assert "引号没有结束" in rows[1].problems[0].expected


def test_the_preview_marks_the_cells_and_ends_after_its_rows(tmp_path) -> None:
    found = table(tmp_path, "别的,编号\n" + "x,12345678901\n" * 30)
    shown = preview(COLUMNS, {"serial": 1}, found)
    assert len(shown) == 20
    assert shown[0].cells == (("x", ""), ("12345678901", "应为最多 10 个字符，现为 11 个"))


@pytest.mark.parametrize(
    "cell", ["2024-01-31", "2024/1/31", "2024.1.31", "2024年1月31日", "20240131", "2024-01-31 00:00:00"]
)
def test_days_in_their_usual_spellings(cell: str) -> None:
    assert day(cell) == date(2024, 1, 31)


@pytest.mark.parametrize(
    "cell", ["31/01/2024", "01-31-2024", "2024-13-01", "2024-02-30", "45322", 45322, "24-1-31", "2024-1"]
)
def test_days_that_are_read_in_two_ways_or_are_none_are_refused(cell) -> None:
    with pytest.raises(ValueError, match=r"年-月-日|日历"):
        day(cell)


def test_a_day_of_a_workbook_is_that_day() -> None:
    assert day(datetime(2024, 1, 31, 23, 59)) == day(date(2024, 1, 31)) == date(2024, 1, 31)
    assert day("") is day(None) is None


def test_text_from_cells_of_every_kind() -> None:
    parse = text(10)
    assert [parse(cell) for cell in (" a ", 12, 1.5, Decimal("2.50"), True, None, "　全角　", "a b")] == [
        *("a", "12", "1.5", "2.50", "是", "", "全角", "a b")
    ]
    for wrong in ("a\x00", "a\ud800", "a\nb", 10**15, 1e16):
        with pytest.raises(ValueError, match=r"可见的字符|末位"):
            parse(wrong)
    with pytest.raises(ValueError, match="最多 10 个字符，现为 11 个"):
        parse("一二三四五六七八九十一")
