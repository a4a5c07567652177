"""What a cell may mean: each function makes a parser, from a cell to its value; ValueError says what is expected."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from yuejingzhun.platform.foundation.tables.table import Cell

Parser = Callable[[Cell], Any]
EXACT_INTEGER = 10**15  # a spreadsheet keeps 15 digits of a number
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff￾￿]")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0?0:00(?::00(?:\.0+)?)?)?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")


def plain(cell: Cell) -> str:
    """A cell as text; raises ValueError for what only looks like text: a number that has lost digits, a moment."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float) and abs(cell) >= EXACT_INTEGER:
        raise ValueError("文本：这一格是超过 15 位的数字，末位在表格里已经丢失，请把该列设为文本格式后重新填写")
    return str(cell)


def text(most: int) -> Parser:
    """Trimmed text of at most so many characters, without control characters."""

    def parse(cell: Cell) -> str:
        found = (cell if isinstance(cell, str) else plain(cell)).strip()
        if not found.isprintable() and (wrong := _UNUSABLE.search(found)):
            raise ValueError(f"可见的字符：第 {wrong.start() + 1} 个字符（U+{ord(wrong.group()):04X}）不能保存")
        if len(found) > most:
            raise ValueError(f"最多 {most} 个字符，现为 {len(found)} 个")
        return found

    return parse


def choice(values: Mapping[str, str]) -> Parser:
    """One of the values, given as itself or as its Chinese label; None for an empty cell."""
    by_name = {label: value for value, label in values.items()} | {value: value for value in values}
    expected = "、".join(values.values())

    def parse(cell: Cell) -> str | None:
        found = plain(cell).strip()
        if not found:
            return None
        if found not in by_name:
            raise ValueError(f"{expected} 之一")
        return by_name[found]

    return parse


def day(cell: Cell) -> date | None:
    """A day: a date of the workbook, or year, month, day in this order, such as 2024-01-31, 2024/1/31, 2024年1月31日.

    Other orders are refused, since 03/04/2024 is read in two ways. None for an empty cell.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = plain(cell).strip()
    if not found:
        return None
    match = _DAY.fullmatch(found) or _COMPACT_DAY.fullmatch(found)
    if match is None:
        raise ValueError("年-月-日，如 2024-01-31")
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        raise ValueError("日历上有的日期") from None
