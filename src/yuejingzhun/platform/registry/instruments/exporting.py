"""Instruments to take away, in the columns in which they can be brought back."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from yuejingzhun.platform.foundation.tables.columns import Column
from yuejingzhun.platform.foundation.tables.table import Cell, TableError
from yuejingzhun.platform.foundation.tables.writing import csv_pieces, write_parquet, write_xlsx
from yuejingzhun.platform.registry.instruments.desks import Desk
from yuejingzhun.platform.registry.instruments.models import Instrument, InUse, Use
from yuejingzhun.platform.registry.instruments.transfer_columns import FILED, columns
from yuejingzhun.procedures.local_date import local_date

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
XLSX_ROWS = 100_000  # about 20 s of work; more is for csv or Parquet
PIECE = 5_000
INFORMATION = ("最近一份证书", "检定有效期至")  # told, not brought back: certificates alone say so
_USES, _STATES = dict(Use.choices), dict(InUse.choices)


class TooManyRowsError(TableError):
    """More rows than that format bears; the message says in Chinese which one does."""


def headings(on: date) -> tuple[str, ...]:
    """The headings of every format."""
    return (*(column.label for column in columns(on)), *INFORMATION)


def exported_csv(desk: Desk, at: datetime) -> Iterator[bytes]:
    """The instruments of a desk as pieces of csv, while they are read from the database."""
    return csv_pieces(headings(local_date(at)), _rows(desk, at))


def export_file(desk: Desk, path: Path, at: datetime) -> None:
    """The same as xlsx or Parquet, by the suffix of the path; raises TooManyRowsError for xlsx."""
    titles = headings(local_date(at))
    if path.suffix == ".parquet":
        days = (_label(FILED, columns(local_date(at))), INFORMATION[1])
        write_parquet(path, titles, days, _rows(desk, at))
        return
    if Instrument.objects.filter(desk.instruments())[: XLSX_ROWS + 1].count() > XLSX_ROWS:
        raise TooManyRowsError(f"超过 {XLSX_ROWS} 台件，请改用 CSV 或 Parquet")
    write_xlsx(path, "计量器具", titles, _rows(desk, at))


def _rows(desk: Desk, at: datetime) -> Iterator[list[Cell]]:
    keys = [column.key for column in columns(local_date(at))]
    fields = {"holder_code": "holder__credit_code", FILED: "filed_at"}
    names = [*(fields.get(key, key) for key in keys), "last_certificate", "valid_until"]
    found = Instrument.objects.filter(desk.instruments()).order_by("pk").values_list(*names)
    use, state, filed = keys.index("use"), keys.index("in_use"), keys.index(FILED)
    for values in found.iterator(chunk_size=PIECE):
        row = list(values)
        row[use], row[state] = _USES.get(row[use], row[use]), _STATES.get(row[state], row[state])
        row[filed] = None if row[filed] is None else local_date(row[filed])
        yield row


def _label(key: str, declared: tuple[Column, ...]) -> str:
    return next(column.label for column in declared if column.key == key)
