"""The lake as it was after one commit: which files count, which of their rows, and how to read them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow.fs import LocalFileSystem

from yuejingzhun.telemetry.commits import DataFile
from yuejingzhun.telemetry.reading import SCHEMA

ROWS_A_BATCH = 8192
FILTERED = ("city", "district", "meter", "day")


@dataclass(frozen=True, slots=True)
class Where:
    """Which readings are meant; what is None or empty does not limit. Bounds are included."""

    city: str | None = None
    month: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    districts: tuple[str, ...] = ()
    meters: tuple[str, ...] = ()

    def may_hold(self, file: DataFile) -> bool:
        """Whether a file can hold any of them, by what its commit says of it."""
        if self.city not in (None, file.city) or self.month not in (None, file.month):
            return False
        if (self.first_day and file.last_day < self.first_day) or (self.last_day and file.first_day > self.last_day):
            return False
        return not self.districts or any(file.first_district <= d <= file.last_district for d in self.districts)

    def expression(self) -> pc.Expression | None:
        """The same as a filter of Arrow, which also skips row groups by their statistics."""
        terms = []
        if self.city is not None:
            terms.append(pc.field("city") == self.city)
        if self.first_day:
            terms.append(pc.field("day") >= self.first_day)
        if self.last_day:
            terms.append(pc.field("day") <= self.last_day)
        if self.districts:
            terms.append(pc.field("district") >= min(self.districts))
            terms.append(pc.field("district") <= max(self.districts))
            terms.append(pc.field("district").isin(self.districts))
        if self.meters:
            terms.append(pc.field("meter").isin(self.meters))
        return _all(terms)


EVERYTHING = Where()


class Snapshot:
    """Does not change, however many commits follow; its files stay until a compaction that comes a day later."""

    def __init__(self, root: Path, number: int, files: Iterable[DataFile], superseded: Iterable[str]) -> None:
        self.root, self.number, self.files = root, number, tuple(files)
        self.superseded_paths = tuple(superseded)

    @cached_property
    def superseded(self) -> dict[str, NDArray[np.int64]]:
        """Rows set aside, ascending, by file."""
        if not self.superseded_paths:
            return {}
        table = pa.concat_tables(pq.read_table(self.root / path) for path in self.superseded_paths)
        order = pc.sort_indices(table, [("file", "ascending"), ("row", "ascending")])
        table = table.take(order).combine_chunks()
        names, starts = np.unique(table["file"].to_numpy(), return_index=True)
        rows = np.split(table["row"].to_numpy(), starts[1:])
        live = {file.path for file in self.files}
        return {name: part for name, part in zip(names, rows, strict=True) if name in live}

    def current_files(self, where: Where = EVERYTHING) -> tuple[DataFile, ...]:
        """Files with rows that count and may be meant."""
        return tuple(file for file in self.files if not file.history and where.may_hold(file))

    def all_files(self, where: Where = EVERYTHING) -> tuple[DataFile, ...]:
        """The same with files of superseded rows."""
        return tuple(file for file in self.files if where.may_hold(file))

    def scan(self, where: Where = EVERYTHING, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows that count, batch by batch; the order is that of the files. Memory does not grow with the lake.

        Raises OSError (pyarrow.ArrowInvalid, FileNotFoundError) where a file is damaged or gone.
        """
        files = self.current_files(where)
        whole = [str(self.root / file.path) for file in files if file.path not in self.superseded]
        if whole:
            dataset = ds.dataset(whole, schema=SCHEMA, format="parquet")
            names = None if columns is None else list(columns)
            yield from dataset.to_batches(
                columns=names,
                filter=where.expression(),
                batch_size=ROWS_A_BATCH,
                batch_readahead=4,
                fragment_readahead=1,
            )
        for file in files:
            if file.path in self.superseded:
                yield from self._without_superseded(file, where, columns)

    def _without_superseded(
        self, file: DataFile, where: Where, columns: Sequence[str] | None
    ) -> Iterator[pa.RecordBatch]:
        names, expression = list(columns if columns is not None else SCHEMA.names), where.expression()
        # What the filter asks for must be read, too.
        needed = names if expression is None else [*names, *(name for name in FILTERED if name not in names)]
        fragment = ds.ParquetFileFormat().make_fragment(str(self.root / file.path), LocalFileSystem())
        groups = [group for part in fragment.split_by_row_group(expression, SCHEMA) for group in part.row_groups]
        if not groups:
            return
        kept = _kept(fragment, [group.id for group in groups], self.superseded[file.path])
        chosen = fragment.subset(row_group_ids=[group.id for group in groups])
        start = 0
        for batch in chosen.scanner(schema=SCHEMA, columns=needed, batch_size=ROWS_A_BATCH).to_batches():
            those = kept[start : start + batch.num_rows]
            start += batch.num_rows
            part = batch if those.all() else _only(batch, those)
            part = part if expression is None else part.filter(expression)
            yield part.select(names)


def _kept(fragment: ds.ParquetFileFragment, groups: list[int], aside: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Of the rows of these row groups, one after the other, which are not set aside; `aside` counts over the file."""
    ends = np.cumsum([0, *(group.num_rows for group in fragment.row_groups)])
    rows = np.concatenate([np.arange(ends[group], ends[group + 1]) for group in groups])
    return ~np.isin(rows, aside, assume_unique=True)


def _only(batch: pa.RecordBatch, kept: NDArray[np.bool_]) -> pa.RecordBatch:
    """Some rows of a batch, most of them: pieces put together are a third of the price of Arrow's filter for lists."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]]).astype(np.int8))).reshape(-1, 2)
    pieces = [batch.slice(start, end - start) for start, end in ends.tolist()]
    return pa.concat_batches(pieces) if pieces else batch.slice(0, 0)


def _all(terms: list[pc.Expression]) -> pc.Expression | None:
    if not terms:
        return None
    whole = terms[0]
    for term in terms[1:]:
        whole = whole & term
    return whole
