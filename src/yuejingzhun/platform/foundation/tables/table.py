"""What a table is while it is read: headings, then numbered rows; and what it may not exceed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

Cell = str | int | float | bool | Decimal | date | datetime | time | timedelta | None
Row = tuple[int, tuple[Cell, ...]]  # number as a spreadsheet counts, the heading being row 1; cells


class TableError(ValueError):
    """A file that can't be read as a table; the message says in Chinese where, what was found and what is expected."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may hold: enough for a province, not enough to exhaust the server."""

    file_bytes: int = 2 * 1024**3
    workbook_bytes: int = 128 * 1024**2  # of an xlsx as it is stored
    unpacked_bytes: int = 1024**3  # of all parts of an xlsx
    workbook_cells: int = 16_000_000  # of the rectangle around all cells: the reader holds it in memory
    rows: int = 20_000_000
    columns: int = 200
    line_characters: int = 1_000_000
    batch_bytes: int = 512 * 1024**2  # of one row group of Parquet, unpacked


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Table:
    """An opened table: `rows()` may be called again and streams; `expected` rows is exact but for csv, where it is
    the number of lines. `rows()` raises TableError where the file stops being readable."""

    kind: str
    headings: tuple[str, ...]
    expected: int
    rows: Callable[[], Iterator[Row]]


def checked_headings(cells: tuple[Cell, ...], limits: Limits) -> tuple[str, ...]:
    """The headings as trimmed text, without the empty ones at the end; raises TableError for none or too many."""
    found = ["" if cell is None else str(cell).replace("\n", "").strip() for cell in cells]
    while found and not found[-1]:
        found.pop()
    if not any(found):
        raise TableError("第 1 行：没有表头，应为各列的名称")
    if len(found) > limits.columns:
        raise TableError(f"第 1 行：有 {len(found)} 列，最多 {limits.columns} 列")
    return tuple(found)


def bounded(rows: Iterator[Row], limits: Limits) -> Iterator[Row]:
    """The same rows; raises TableError past the limit."""
    for number, cells in rows:
        if number > limits.rows + 1:
            raise TableError(f"第 {number} 行：超过了一个文件最多 {limits.rows} 行的限制，请分成几个文件")
        yield number, cells
