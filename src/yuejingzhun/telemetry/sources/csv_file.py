"""A csv file in UTF-8 or, as Excel writes it in China, GB 18030, read in blocks."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from yuejingzhun.telemetry.refusal import Reason
from yuejingzhun.telemetry.sources.chunk import Chunk, SourceError, known_layout

BLOCK = 16 * 2**20
SNIFFED = 2**20
"""Bytes that decide the encoding, and that the heading must fit in."""


def csv_chunks(path: Path) -> Iterator[Chunk]:
    """The rows block by block; raises SourceError."""
    encoding, heading = _heading(path)
    found = known_layout(heading)
    skipped: list[int] = []  # by Arrow, which reads ahead
    misshapen: list[tuple[int, str]] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        skipped.append(row.number)
        if row.text.strip(", \t\r"):
            misshapen.append((row.number, f"有 {row.actual_columns} 列，表头有 {row.expected_columns} 列"))
        return "skip"

    reader = arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(
            use_threads=False, block_size=BLOCK, column_names=heading, skip_rows=1, encoding=encoding
        ),
        parse_options=arrow_csv.ParseOptions(invalid_row_handler=skip, ignore_empty_lines=False),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(heading, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    )
    next_row, seen = 2, 0
    with reader:
        while True:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                break
            numbers = _numbers(next_row, batch.num_rows, skipped)
            filled = _filled(batch)
            table = pa.Table.from_batches([batch]).filter(pa.array(filled))
            yield Chunk(table, numbers[filled], found, tuple(misshapen[seen:]))
            next_row = int(numbers[-1]) + 1 if len(numbers) else next_row
            seen = len(misshapen)
            skipped[:] = [number for number in skipped if number >= next_row]
    if misshapen[seen:]:
        yield Chunk(_none(heading), np.array([], dtype=np.int64), found, tuple(misshapen[seen:]))


def _numbers(first: int, count: int, skipped: list[int]) -> NDArray[np.int64]:
    """Numbers of `count` rows from `first` on, leaving out those that were skipped."""
    numbers = np.arange(first, first + count + len(skipped), dtype=np.int64)
    return numbers[~np.isin(numbers, skipped)][:count]


def _filled(batch: pa.RecordBatch) -> NDArray[np.bool_]:
    """Rows with anything in them: of an empty line Arrow makes a row of empty cells."""
    filled = np.zeros(batch.num_rows, dtype=bool)
    for column in batch.columns:
        filled |= pc.not_equal(column, "").to_numpy(zero_copy_only=False)
        if filled.all():
            break
    return filled


def _none(heading: list[str]) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in heading})


def _heading(path: Path) -> tuple[str, list[str]]:
    with path.open("rb") as file:
        start = file.read(SNIFFED)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(start)
        except UnicodeDecodeError:
            continue
        lines = text.splitlines()
        if not lines or not lines[0].strip():
            raise SourceError(Reason.EMPTY, "第 1 行应为表头")
        names = [name.strip() for name in next(csv.reader(lines[:1]))]
        return "utf-8" if encoding == "utf-8-sig" else encoding, _distinct(names)
    raise SourceError(Reason.UNREADABLE, "应为 UTF-8 或 GB 18030 编码的 csv")


def _distinct(names: list[str]) -> list[str]:
    """Names of which a later equal one is marked, as it can't be asked for."""
    return [name if name not in names[:place] else f"{name}（第 {place + 1} 列）" for place, name in enumerate(names)]
