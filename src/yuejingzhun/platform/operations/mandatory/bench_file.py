"""A bench's file as the rows that the bench's table wants: whole, or refused before anything is stored."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from yuejingzhun.platform.foundation.tables.parsing import plain
from yuejingzhun.platform.foundation.tables.reading import open_table
from yuejingzhun.platform.foundation.tables.table import Cell, Limits, TableError
from yuejingzhun.platform.operations.verification.bench import MOST_ROWS

MOST_BYTES = 32 * 1024 * 1024
LIMITS = Limits(file_bytes=MOST_BYTES, workbook_bytes=MOST_BYTES, rows=MOST_ROWS)


@dataclass(frozen=True, slots=True)
class BenchFile:
    """The rows of a file by their number as a spreadsheet counts; the gaps between them are blank rows."""

    headings: tuple[str, ...]
    rows: Mapping[int, Mapping[str, str]]

    def without_gaps(self) -> Iterator[Mapping[str, str]]:
        """The rows from the second on, blank where the file is, so that a count of them is the file's."""
        blank = dict.fromkeys(self.headings, "")
        for number in range(2, max(self.rows, default=1) + 1):
            yield self.rows.get(number, blank)


def read_bench(content: bytes, expected: int | None = None) -> BenchFile:
    """The file's rows; raises TableError where it breaks off, or hasn't the number of rows that is expected."""
    if len(content) > MOST_BYTES:
        raise TableError(f"文件超过 {MOST_BYTES // 1024**2} MB，请分成几个文件")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench"
        path.write_bytes(content)
        table = open_table(path, LIMITS)
        if len(set(table.headings)) < len(table.headings):
            twice = next(text for text in table.headings if table.headings.count(text) > 1)
            raise TableError(f"表头“{twice[:60]}”出现了不止一次；请用本页下载的表头")
        rows = {number: _row(number, table.headings, cells) for number, cells in table.rows()}
    if not rows:
        raise TableError("文件只有表头，没有器具")
    if expected is not None and len(rows) != expected:
        raise TableError(
            f"文件有 {len(rows)} 台，填写的台数为 {expected}：文件可能在中途断开，或台数填错；没有提交任何内容"
        )
    return BenchFile(table.headings, rows)


def _row(number: int, headings: tuple[str, ...], cells: tuple[Cell, ...]) -> dict[str, str]:
    if len(cells) < len(headings):
        raise TableError(
            f"第 {number} 行：只有 {len(cells)} 格，应为 {len(headings)} 格，文件可能在这里断开；没有提交任何内容"
        )
    try:
        return {heading: plain(cell) for heading, cell in zip(headings, cells, strict=False)}
    except ValueError as error:
        raise TableError(f"第 {number} 行：{error}") from error
