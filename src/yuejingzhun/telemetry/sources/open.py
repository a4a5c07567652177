"""Which kind of file it is, by its first bytes, not by its name."""

from collections.abc import Iterator
from pathlib import Path

from yuejingzhun.telemetry.refusal import Reason
from yuejingzhun.telemetry.sources.chunk import Chunk, SourceError
from yuejingzhun.telemetry.sources.csv_file import csv_chunks
from yuejingzhun.telemetry.sources.long_rows import day_rows
from yuejingzhun.telemetry.sources.parquet_file import parquet_chunks
from yuejingzhun.telemetry.sources.workbook import workbook_chunks

PARQUET, ZIP = b"PAR1", b"PK\x03\x04"
ENDINGS = (".csv", ".txt", ".parquet", ".xlsx")


def chunks(path: Path, folder: Path) -> Iterator[Chunk]:
    """A file's rows, a row a day, whatever its form; `folder` is for what does not fit into memory.

    Raises SourceError where the file can't be used, also after some chunks: then none of them should be kept.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise SourceError(Reason.UNREADABLE, error.strerror or str(error)) from error
    if not start:
        raise SourceError(Reason.EMPTY, "0 字节")
    read = parquet_chunks if start == PARQUET else workbook_chunks if start == ZIP else csv_chunks
    if path.suffix.lower() == ".parquet" and start != PARQUET:
        raise SourceError(Reason.UNREADABLE, "名为 .parquet，内容不是 Parquet")
    return day_rows(read(path), folder)
