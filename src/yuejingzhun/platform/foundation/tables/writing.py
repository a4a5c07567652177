"""Tables written as they are read from the database: csv in pieces, xlsx and Parquet into a file."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from yuejingzhun.platform.foundation.tables.formulas import neutral
from yuejingzhun.platform.foundation.tables.table import Cell

BOM = "﻿"  # without it spreadsheets take UTF-8 for the system's code page
BATCH = 5_000
SHEET_ROWS = 1_048_576  # of a worksheet (Microsoft: Excel specifications and limits)
WIDEST = 40  # characters of a column of a sheet
Values = Sequence[Cell]


def csv_pieces(headings: Sequence[str], rows: Iterable[Values]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, for spreadsheets; text that would be run as a formula is made harmless."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow([neutral(heading) for heading in headings])
    for row in rows:
        writer.writerow([_text(cell) for cell in row])
        if buffer.tell() > 64 * 1024:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def write_xlsx(path: Path, title: str, headings: Sequence[str], rows: Iterable[Values]) -> None:
    """One sheet, row by row in constant memory; every cell is text or a date, none a formula or a link.

    Raises ValueError past the rows that a sheet can hold.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet(title[:31])
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 0)
        for place, heading in enumerate(headings):
            sheet.set_column(place, place, min(WIDEST, max(12, 2 * len(heading) + 2)))
            sheet.write_string(0, place, neutral(heading), bold)
        for number, row in enumerate(rows, 1):
            if number >= SHEET_ROWS:
                raise ValueError(f"一张工作表最多 {SHEET_ROWS - 1} 行，请改用 CSV 或 Parquet")
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, place, cell, day)
                elif isinstance(cell, int | float) and not isinstance(cell, bool):
                    sheet.write_number(number, place, cell)
                elif cell is not None and cell != "":
                    sheet.write_string(number, place, _text(cell))


def write_parquet(path: Path, headings: Sequence[str], days: Sequence[str], rows: Iterable[Values]) -> None:
    """Text columns, and date columns for the headings among `days`; as it is, since nothing runs it."""
    schema = pa.schema([(heading, pa.date32() if heading in days else pa.string()) for heading in headings])
    remaining = iter(rows)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(islice(remaining, BATCH)):
            columns = [
                pa.array([cell if heading in days else _kept(cell) for cell in column], field.type)
                for heading, column, field in zip(headings, zip(*batch, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return neutral(cell)
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)


def _kept(cell: Cell) -> str | None:
    return None if cell is None else str(cell)
