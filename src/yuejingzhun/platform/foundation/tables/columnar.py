"""Apache Parquet tables of plain columns, a batch of rows at a time."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from yuejingzhun.platform.foundation.tables.table import Limits, Row, Table, TableError, bounded, checked_headings

BATCH = 5_000
BROKEN = "Parquet 文件不完整或已损坏，文件可能没有传完整，请重新上传"


def open_columnar(path: Path, limits: Limits) -> Table:
    """The table in a Parquet file; raises TableError for nested columns and for too large groups of rows."""
    try:
        with pq.ParquetFile(path) as file:
            schema, metadata = file.schema_arrow, file.metadata
            groups = [metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups)]
            expected = metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        raise TableError(BROKEN) from error
    if expected > limits.rows:
        raise TableError(f"Parquet 文件有 {expected} 行，最多 {limits.rows} 行，请分成几个文件")
    if max(groups, default=0) > limits.batch_bytes:
        raise TableError(f"Parquet 文件的一个行组解压后超过 {limits.batch_bytes // 1024**2} MB，请用较小的行组")
    headings = checked_headings(tuple(schema.names), limits)
    for field in schema:
        if pa.types.is_nested(field.type):
            raise TableError(f"Parquet 的列 {field.name[:40]!r} 是嵌套类型，应为文本、数、日期或布尔")
    return Table("parquet", headings, expected, lambda: bounded(_rows(path), limits))


def _rows(path: Path) -> Iterator[Row]:
    number = 1
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH):
                columns = [_values(column) for column in batch.columns]
                for cells in zip(*columns, strict=True):
                    number += 1
                    if any(cell is not None and cell != "" for cell in cells):
                        yield number, cells
    except (pa.ArrowException, OSError, ValueError) as error:
        raise TableError(f"第 {number + 1} 行之后：{BROKEN}") from error


def _values(column: pa.Array) -> list[object]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return column.to_pylist()  # type: ignore[no-any-return]
