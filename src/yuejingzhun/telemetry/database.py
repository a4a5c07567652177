"""DuckDB over the files of a lake: connections with bounded memory, and the readings that count as a table of SQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from yuejingzhun.telemetry.reading import SCHEMA
from yuejingzhun.telemetry.snapshot import EVERYTHING, Snapshot, Where

MEMORY_MB, THREADS = 512, 2


@contextmanager
def database(folder: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that moves to `folder`, or one of its own, what does not fit; reaches no network and loads
    no extension."""
    if folder is None:
        with TemporaryDirectory(prefix="yjz-duckdb-") as name, database(Path(name)) as connection:
            yield connection
        return
    options: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{MEMORY_MB}MB",
        "threads": THREADS,
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": str(folder),
    }
    connection = duckdb.connect(":memory:", config=options)
    try:
        connection.execute("set timezone = 'UTC'")
        # Of its own accord it draws bars over the output of whoever works longer than two seconds.
        connection.execute("set enable_progress_bar = false")
        yield connection
    finally:
        connection.close()


def parquet(paths: Sequence[Path], *, placed: bool = False) -> str:
    """Parquet files as a table of SQL; `placed`: with `filename` and `file_row_number` of each row."""
    names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    # A city is a word, also where a folder's name looks like a number.
    options = "hive_partitioning = false" + (", filename = true, file_row_number = true" if placed else "")
    return f"read_parquet([{names}], {options})"


def create_readings(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, where: Where = EVERYTHING) -> None:
    """A view `readings` of the rows that count, in the files that may hold what is meant."""
    files = snapshot.current_files(where)
    parts = []
    if clean := [snapshot.root / file.path for file in files if file.path not in snapshot.superseded]:
        parts.append(f"select * from {parquet(clean)}")  # noqa: S608 - names of our own files
    if dirty := [snapshot.root / file.path for file in files if file.path in snapshot.superseded]:
        aside = {str(path): snapshot.superseded[path.relative_to(snapshot.root).as_posix()] for path in dirty}
        names = [name for name, rows in aside.items() for _ in rows]
        rows = [row for rows in aside.values() for row in rows.tolist()]
        connection.register("set_aside", pa.table({"filename": names, "file_row_number": pa.array(rows, pa.int64())}))
        parts.append(
            "select * exclude (filename, file_row_number) "  # noqa: S608
            f"from {parquet(dirty, placed=True)} "
            "anti join set_aside using (filename, file_row_number)"
        )
    _create(connection, "readings", parts)


def create_all_versions(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, where: Where = EVERYTHING, name: str = "readings"
) -> None:
    """A view of every version that was ever taken in."""
    paths = [snapshot.root / file.path for file in snapshot.all_files(where)]
    _create(connection, name, [f"select * from {parquet(paths)}"] if paths else [])  # noqa: S608


def _create(connection: duckdb.DuckDBPyConnection, name: str, parts: list[str]) -> None:
    if parts:
        connection.execute(f"create view {name} as " + " union all ".join(parts))
    else:
        connection.register(name, SCHEMA.empty_table())
