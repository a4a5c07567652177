"""Staged rows beside what the lake holds: which are new, which were there, which contradict, and which now count.

A row is there already if the same content is held under its key (reading.KEY), with its version where it names one.
Of rows without a version a later file is a later version; within one file two contents of a key are two meters with one
number. A district may only be changed by a version that is named and higher.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yuejingzhun.telemetry.commits import DataFile
from yuejingzhun.telemetry.database import parquet
from yuejingzhun.telemetry.files import Writer
from yuejingzhun.telemetry.merging_sql import (
    HELD,
    INCOMING,
    JUDGED,
    NOTHING_HELD,
    NOW_SUPERSEDED,
    PARTITIONS,
    ROWS,
    STORED,
)
from yuejingzhun.telemetry.reading import SCHEMA
from yuejingzhun.telemetry.refusal import Line, Reason, Where, line
from yuejingzhun.telemetry.snapshot import Snapshot
from yuejingzhun.telemetry.snapshot import Where as Meant

REASONS = {"clash": Reason.TWO_METERS, "version": Reason.VERSION_TAKEN, "district": Reason.OTHER_DISTRICT}


@dataclass(frozen=True, slots=True)
class Merged:
    """Files that were written, rows (file, places) that no longer count, refused rows, and how many were there."""

    added: tuple[DataFile, ...]
    superseded: tuple[tuple[str, NDArray[np.int64]], ...]
    lines: tuple[Line, ...]
    stored: int
    duplicates: int


def merge(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, staged: list[Path], folder: Path) -> Merged:
    """Write what is new of the staged files (named by their number, in the order of their sources) into the lake's
    folders; nothing counts before it is committed."""
    _judge(connection, snapshot, staged)
    added, superseded = [], []
    for month, city, single_days in connection.execute(PARTITIONS).fetchall():
        writer = Writer(snapshot.root, folder / "new.parquet", month, city, single_days)
        places = _write(connection, staged, writer)
        if file := writer.close():
            added.append(file)
            superseded.append((file.path, places))
    for name, rows in connection.execute(NOW_SUPERSEDED).fetchall():
        superseded.append((Path(name).relative_to(snapshot.root).as_posix(), np.array(rows, dtype=np.int64)))
    count = dict(connection.execute("select verdict, count(*) from judged group by verdict").fetchall())
    return Merged(
        tuple(added), tuple(superseded), tuple(_lines(connection)), count.get("store", 0), count.get("duplicate", 0)
    )


def _judge(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, staged: list[Path]) -> None:
    connection.execute(INCOMING.format(files=parquet(staged, placed=True)))
    first, last = connection.execute("select min(day), max(day) from incoming").fetchone() or (None, None)
    held = [snapshot.root / file.path for file in snapshot.all_files(Meant(first_day=first, last_day=last))]
    connection.execute(HELD.format(files=parquet(held, placed=True)) if held else NOTHING_HELD)
    connection.execute(JUDGED)
    connection.execute(STORED)


def _write(connection: duckdb.DuckDBPyConnection, staged: list[Path], writer: Writer) -> NDArray[np.int64]:
    """Write the stored rows of the writer's partition in order; the places of those that are superseded already."""
    query = ROWS.format(columns=", ".join(SCHEMA.names), files=parquet(staged, placed=True))
    places, start = [], 0
    reader = connection.sql(query, params={"month": writer.month, "city": writer.city}).to_arrow_reader(20_000)
    for batch in reader:
        aside = batch.column("superseded").to_numpy(zero_copy_only=False)
        places.append(np.flatnonzero(aside) + start)
        start += batch.num_rows
        writer.write(as_readings(pa.Table.from_batches([batch])))
    return np.concatenate([np.array([], dtype=np.int64), *places])


def as_readings(table: pa.Table) -> pa.Table:
    """A table that DuckDB gave back, in the types and with the metadata of reading.SCHEMA."""
    return pa.table([table[item.name].cast(item.type) for item in SCHEMA], schema=SCHEMA)


def _lines(connection: duckdb.DuckDBPyConnection) -> Iterator[Line]:
    found = connection.execute(
        "select verdict, source, source_row, meter, day::varchar, district, version from judged "
        "where verdict not in ('store', 'duplicate') order by source, source_row"
    )
    while rows := found.fetchmany(1000):
        for verdict, source, row, meter, day, district, version in rows:
            told = {"version": f"第 {version} 版", "district": f"台区 {district}"}.get(verdict, "")
            yield line(Where(source, row, meter), REASONS[verdict], f"{meter} {day} {told}".rstrip())
