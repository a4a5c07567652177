"""Columns of numbers out of a csv file, with every problem named by row and field."""

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from yuejingzhun.cli.terminal import UnusableError, read_file
from yuejingzhun.metrology.arguments import ArgumentError

MOST_PROBLEMS = 20
LARGEST = 50 * 1024 * 1024


def read_columns(path: Path, texts: Sequence[str], numbers: Sequence[str]) -> dict[str, list[str]]:
    """The named columns, each cell as written; those in `numbers` are decimal numbers.

    The first row names the columns, in any order; others are left alone, empty rows passed over. UTF-8 or, as Excel
    writes it in China, GB 18030. Raises UnusableError with every problem, and where it is.
    """
    rows = list(csv.reader(io.StringIO(_text(path))))
    header = [name.strip().lower() for name in rows[0]] if rows else []
    wanted = [*texts, *numbers]
    missing = [name for name in wanted if name not in header]
    if missing:
        found = "、".join(filter(None, header)) or "空"
        raise UnusableError(f"{path}：第 1 行应有列 {'、'.join(wanted)}，缺少 {'、'.join(missing)}（现为 {found}）")
    columns: dict[str, list[str]] = {name: [] for name in wanted}
    problems = []
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        for name in wanted:
            place = header.index(name)
            cell = row[place].strip() if place < len(row) else ""
            columns[name].append(cell)
            if problem := _problem(cell, name in numbers):
                problems.append(f"第 {number} 行 {name}：{problem}")
    if not problems and not columns[wanted[0]]:
        problems.append("没有数据行")
    if problems:
        more = f"\n  ……共 {len(problems)} 处" if len(problems) > MOST_PROBLEMS else ""
        raise UnusableError(f"{path} 不可用：\n  " + "\n  ".join(problems[:MOST_PROBLEMS]) + more)
    return columns


def unusable(path: Path, error: ArgumentError, columns: Mapping[str, str]) -> UnusableError:
    """That the science refused what stood in a file, with the argument called as its column is."""
    return UnusableError(f"{path}：{columns.get(error.argument, error.argument)}：{error.reason}")


def _problem(cell: str, numeric: bool) -> str:
    if not cell:
        return "是空的"
    if not numeric:
        return ""
    try:
        return "" if Decimal(cell).is_finite() else f"“{cell[:40]}”不是有限的数"
    except InvalidOperation:
        return f"“{cell[:40]}”不是数，应为十进制数，如 12.5"


def _text(path: Path) -> str:
    data = read_file(path)
    if len(data) > LARGEST:
        raise UnusableError(f"{path} 过大，应不超过 {LARGEST // 2**20} MB")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnusableError(f"{path} 不是文本文件，应为 UTF-8 或 GB 18030 编码的 csv")
