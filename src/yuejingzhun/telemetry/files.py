"""Data files: how they are laid out, and how they come to be there whole.

A file's rows stand in the order of reading.ORDER. A row group holds whole districts, so that one district is one piece
of one file. Registers are stored as differences (DELTA_BINARY_PACKED), which suits days that follow each other; in
a file of single days each row would begin with a jump to another meter, and BYTE_STREAM_SPLIT is the smaller.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from yuejingzhun.telemetry.commits import DataFile, sync_folder
from yuejingzhun.telemetry.reading import SCHEMA

ROWS_A_GROUP = 12_000
"""About two districts of 200 meters and a month, 1.2 million points: 9 MB once decoded."""
COMPRESSION, LEVEL = "zstd", 3
WORDS = ("city", "district", "meter", "role", "branch", "phase", "unit", "source")
SMALL = ("interval_minutes", "scaler", "multiplier", "capacity", "findings", "version", "received_at")
SUPERSEDED = pa.schema([pa.field("file", pa.string(), nullable=False), pa.field("row", pa.int64(), nullable=False)])


def encodings(single_days: bool) -> dict[str, object]:
    """The options of a Parquet writer for readings; see the top of this file for `single_days`."""
    points = "BYTE_STREAM_SPLIT" if single_days else "DELTA_BINARY_PACKED"
    return {
        "compression": COMPRESSION,
        "compression_level": LEVEL,
        "use_dictionary": [*WORDS, *SMALL],
        "column_encoding": {
            "registers.list.element": points,
            "day": "DELTA_BINARY_PACKED",
            "source_row": "DELTA_BINARY_PACKED",
        },
        "write_page_checksum": True,
        "bloom_filter_options": {"meter": {"ndv": 2_000, "fpp": 0.01}},
    }


@dataclass
class Writer:
    """Writes rows that come in order, whole districts to a group; `close` gives the file its name and place."""

    root: Path
    draft: Path
    month: str
    city: str
    single_days: bool
    history: bool = False
    rows: int = 0
    points: int = 0
    days: list[date] = field(default_factory=list)
    districts: list[str] = field(default_factory=list)
    _waiting: list[pa.Table] = field(default_factory=list)
    _parquet: pq.ParquetWriter | None = None

    def write(self, table: pa.Table) -> None:
        """More rows, of reading.SCHEMA."""
        if not table.num_rows:
            return
        self.rows += table.num_rows
        self.points += pc.sum(pc.list_value_length(table["registers"])).as_py()
        days = pc.min_max(table["day"]).as_py()
        self.days = [min([days["min"], *self.days]), max([days["max"], *self.days])]
        self.districts = [(self.districts or [table["district"][0].as_py()])[0], table["district"][-1].as_py()]
        self._waiting.append(table)
        if sum(part.num_rows for part in self._waiting) >= ROWS_A_GROUP:
            self._flush(last=False)

    def close(self) -> DataFile | None:
        """The file in its place under the name of its content, on the disk; None where there were no rows."""
        if not self.rows:
            return None
        self._flush(last=True)
        assert self._parquet is not None  # noqa: S101 - there were rows
        self._parquet.close()
        path = place(self.root, self.draft, f"data/month={self.month}/city={self.city}")
        size = (self.root / path).stat().st_size
        return DataFile(
            path, self.month, self.city, self.rows, self.points, size, *self.days, *self.districts, self.history
        )

    def _flush(self, last: bool) -> None:
        table = pa.concat_tables(self._waiting)
        ends = table.num_rows if last else _last_start(table["district"])
        if ends:
            if self._parquet is None:
                self.draft.parent.mkdir(parents=True, exist_ok=True)
                self._parquet = pq.ParquetWriter(self.draft, SCHEMA, **encodings(self.single_days))
            for start, end in _groups(table["district"].slice(0, ends)):
                self._parquet.write_table(table.slice(start, end - start), row_group_size=end - start)
        self._waiting = [table.slice(ends)] if ends < table.num_rows else []


def write_superseded(root: Path, staging: Path, rows: Iterable[tuple[str, NDArray[np.int64]]]) -> str | None:
    """Rows set aside, as a file of the lake; None where there are none."""
    parts = [(name, places) for name, places in rows if len(places)]
    if not parts:
        return None
    names = np.repeat([name for name, _ in parts], [len(places) for _, places in parts])
    table = pa.table({"file": names, "row": np.concatenate([places for _, places in parts])}, schema=SUPERSEDED)
    return write_table(root, staging, table, "superseded")


def write_table(root: Path, staging: Path, table: pa.Table, folder: str) -> str:
    """A small table as a file of the lake; its path within the lake."""
    draft = staging / f"{folder}.parquet"
    pq.write_table(table, draft, compression=COMPRESSION)
    return place(root, draft, folder)


def place(root: Path, draft: Path, folder: str) -> str:
    """Move a finished file to the name of its content, on the disk; the same content twice is one file."""
    with draft.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    path = Path(folder) / f"{digest[:40]}.parquet"
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    draft.replace(root / path)
    sync_folder((root / path).parent)
    return path.as_posix()


def content_name(path: Path) -> str:
    """What a file should be called by its content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:40] + path.suffix


def _starts(districts: pa.ChunkedArray) -> NDArray[np.intp]:
    """Where each district begins, in a column that is in order."""
    codes = districts.combine_chunks().dictionary_encode().indices.to_numpy()
    return np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))


def _last_start(districts: pa.ChunkedArray) -> int:
    return int(_starts(districts)[-1])


def _groups(districts: pa.ChunkedArray) -> Iterable[tuple[int, int]]:
    """Whole districts to a group, until it has ROWS_A_GROUP or more."""
    ends = np.append(_starts(districts)[1:], len(districts))
    start = 0
    for end in ends.tolist():
        if end - start >= ROWS_A_GROUP or end == len(districts):
            yield start, end
            start = end
