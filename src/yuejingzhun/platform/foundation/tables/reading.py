"""Opening a file as a table, by what it holds and not by its name."""

from pathlib import Path

from yuejingzhun.platform.foundation.tables.columnar import open_columnar
from yuejingzhun.platform.foundation.tables.delimited import open_delimited
from yuejingzhun.platform.foundation.tables.table import LIMITS, Limits, Table, TableError
from yuejingzhun.platform.foundation.tables.workbook import open_workbook

OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"  # a compound file: .xls, or a workbook with a password


def open_table(path: Path, limits: Limits = LIMITS) -> Table:
    """csv, xlsx or Parquet; raises TableError for anything else, and for a file that exceeds the limits."""
    size = path.stat().st_size
    if size == 0:
        raise TableError("文件是空的，应为 CSV、xlsx 或 Parquet 表格")
    if size > limits.file_bytes:
        raise TableError(f"文件超过 {limits.file_bytes // 1024**2} MB，请分成几个文件")
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"PAR1":
        return open_columnar(path, limits)
    if start[:2] == b"PK":
        return open_workbook(path, limits)
    if start == OLD_WORKBOOK:
        raise TableError("文件是旧的 .xls 格式或设有密码，请去掉密码并另存为 .xlsx")
    return open_delimited(path, limits)
