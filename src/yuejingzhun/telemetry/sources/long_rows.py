"""Tables with one row a point, made tables with one row a day: sorted on disk, so that memory stays bounded."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yuejingzhun.telemetry.admission.columns import DECIMAL, as_decimals, decimals, texts
from yuejingzhun.telemetry.admission.headings import Layout, layout
from yuejingzhun.telemetry.database import database, parquet
from yuejingzhun.telemetry.reading import MINUTES_A_DAY, QUARTER_HOUR
from yuejingzhun.telemetry.sources.chunk import Chunk

ROWS = 200_000
CARRIED = ("meter", "district", "city", "role", "interval_minutes", "branch", "phase", "unit", "scaler", "multiplier")
CARRIED += ("capacity", "version")
SORTED = """
select * exclude (moment), moment::date as day, extract(hour from moment) * 60 + extract(minute from moment) as minute
from (select *, try_cast(replace(replace(time, '/', '-'), 'T', ' ') as timestamp) as moment from {files})
order by meter, district, role, day, version, minute, row
"""


def day_rows(given: Iterator[Chunk], folder: Path) -> Iterator[Chunk]:
    """The chunks as they are where their rows are days already."""
    first = next(given, None)
    if first is None:
        return iter(())
    everything = chain([first], given)
    return _pivoted(everything, folder) if first.layout.is_long else everything


def _pivoted(given: Iterator[Chunk], folder: Path) -> Iterator[Chunk]:
    path = folder / "long.parquet"
    misshapen = []
    with pq.ParquetWriter(path, _schema(), compression="lz4") as writer:
        for chunk in given:
            writer.write_table(_as_texts(chunk))
            misshapen.extend(chunk.misshapen)
    found = layout([*CARRIED, "day", "registers"])
    with database(folder) as connection:
        rest = None
        reader = connection.sql(SORTED.format(files=parquet([path]))).to_arrow_reader(ROWS)
        for batch in reader:
            table = pa.Table.from_batches([batch])
            table = table if rest is None else pa.concat_tables([rest, table])
            starts = _starts(table)
            yield _days(table.slice(0, starts[-1]), starts[:-1], found, tuple(misshapen))
            rest, misshapen = table.slice(starts[-1]), []
        if rest is not None:
            yield _days(rest, np.array([0]), found, tuple(misshapen))
    path.unlink()


def _schema() -> pa.Schema:
    fields = [pa.field(name, pa.string()) for name in (*CARRIED, "time")]
    return pa.schema(
        [*fields, pa.field("register", DECIMAL), pa.field("wrong", pa.bool_()), pa.field("row", pa.int64())]
    )


def _as_texts(chunk: Chunk) -> pa.Table:
    rows = chunk.table.num_rows
    columns: dict[str, pa.Array] = {}
    for name in (*CARRIED, "time"):
        column = chunk.layout.fields.get(name)
        columns[name] = pa.nulls(rows, pa.string()) if column is None else texts(chunk.table.column(column))
    found = decimals(chunk.table.column(chunk.layout.fields["register"]))
    columns["register"] = as_decimals(found.values, found.absent | found.wrong)
    columns["wrong"] = pa.array(found.wrong)
    columns["row"] = pa.array(chunk.row_numbers)
    return pa.table(columns, schema=_schema())


def _starts(table: pa.Table) -> np.ndarray:
    """Where each day of a register begins, in a table that is sorted."""
    new = np.zeros(table.num_rows, dtype=bool)
    new[:1] = True
    for name in ("meter", "district", "role", "day", "version"):
        codes = (
            pc.fill_null(pc.cast(table[name], pa.string()), "").combine_chunks().dictionary_encode().indices.to_numpy()
        )
        new[1:] |= codes[1:] != codes[:-1]
    return np.flatnonzero(new)


def _days(table: pa.Table, starts: np.ndarray, found: Layout, misshapen: tuple[tuple[int, str], ...]) -> Chunk:
    """One row a day: its points in the places of their times; more points than places make the row too long, so that
    the gate refuses it."""
    first = pa.array(starts)
    columns = {name: table[name].take(first) for name in (*CARRIED, "day")}
    interval = _interval(columns["interval_minutes"])
    wanted = np.where(MINUTES_A_DAY % interval == 0, MINUTES_A_DAY // interval, 1)
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, table.num_rows)))
    minute = pc.fill_null(table["minute"], -1).to_numpy().astype(np.int64)
    off = (minute < 0) | (minute % interval[group] != 0) | table["wrong"].to_numpy()
    slot = np.where(off, 0, minute // interval[group])
    same = np.concatenate([[False], (group[1:] == group[:-1]) & (slot[1:] == slot[:-1])])
    extra = np.bincount(group, weights=off | same, minlength=len(starts)).astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(wanted + extra)])
    values = np.full(int(ends[-1]), -1, dtype=np.int64)
    good = np.flatnonzero(~off & ~same)
    values[ends[group[good]] + slot[good]] = good
    points = table["register"].combine_chunks().take(pa.array(values, mask=values < 0))
    columns["registers"] = pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), points)
    numbers = table["row"].take(first).to_numpy()
    return Chunk(pa.table(columns), numbers, found, misshapen)


def _interval(column: pa.ChunkedArray) -> np.ndarray:
    numeric = pc.match_substring_regex(column, r"^\d{1,4}$")
    known = pc.if_else(pc.fill_null(numeric, False), column, pa.scalar(str(QUARTER_HOUR)))
    return np.maximum(pc.cast(known, pa.int64()).to_numpy(), 1)
