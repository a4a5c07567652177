"""A Parquet file, read in batches."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yuejingzhun.telemetry.refusal import Reason
from yuejingzhun.telemetry.sources.chunk import Chunk, SourceError, known_layout

ROWS = 20_000


def parquet_chunks(path: Path) -> Iterator[Chunk]:
    """The rows batch by batch, the first is row 1; raises SourceError, also in the middle of a damaged file."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            found = known_layout(file.schema_arrow.names)
            wanted = [*found.fields.values(), *found.points]
            row = 1
            for batch in file.iter_batches(ROWS, columns=wanted):
                numbers = np.arange(row, row + batch.num_rows, dtype=np.int64)
                row += batch.num_rows
                yield Chunk(pa.Table.from_batches([batch]), numbers, found)
    except (OSError, pa.ArrowException) as error:
        raise SourceError(Reason.UNREADABLE, _short(error)) from error


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
