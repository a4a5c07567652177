"""The first sheet of an Excel workbook. The whole sheet is held in memory: Excel's own limit is 1,048,576 rows."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from yuejingzhun.telemetry.refusal import Reason
from yuejingzhun.telemetry.sources.chunk import Chunk, SourceError, known_layout

ROWS = 5_000
LARGEST = 200 * 2**20


def workbook_chunks(path: Path) -> Iterator[Chunk]:
    """The rows in chunks, as the texts that they show; raises SourceError."""
    if path.stat().st_size > LARGEST:
        raise SourceError(Reason.UNREADABLE, f"工作簿应不超过 {LARGEST // 2**20} MB，请改用 csv 或 Parquet")
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        rows = workbook.get_sheet_by_index(0).iter_rows()
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise SourceError(Reason.UNREADABLE, str(error)[:120]) from error
    heading = [_text(cell).strip() for cell in next(rows, [])]
    found = known_layout(heading)
    wanted = [*found.fields.values(), *found.points]
    places = [heading.index(name) for name in wanted]
    number = 2
    while part := list(islice(rows, ROWS)):
        numbers = np.arange(number, number + len(part), dtype=np.int64)
        number += len(part)
        filled = [place for place, row in enumerate(part) if any(cell != "" for cell in row)]
        columns = {
            name: [_text(part[row][place]) for row in filled] for name, place in zip(wanted, places, strict=True)
        }
        yield Chunk(pa.table(columns, schema=_schema(wanted)), numbers[filled], found)


def _schema(names: list[str]) -> pa.Schema:
    return pa.schema([pa.field(name, pa.string()) for name in names])


def _text(cell: object) -> str:
    """A number without the .0 that Excel's doubles have, a date as ISO 8601."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
