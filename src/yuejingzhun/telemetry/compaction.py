"""Many small files of a month and city made few and in order, and files that nobody needs any more taken away.

Rows that count and rows that are superseded go to files of their own; nothing is lost. Each partition is one commit, so
that a killed compaction goes on where it was. It is done some districts at a time: memory does not grow with the city.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path

import duckdb
import pyarrow as pa

from yuejingzhun.telemetry.commits import Commit, DataFile, write_commit
from yuejingzhun.telemetry.database import create_all_versions, create_readings, database
from yuejingzhun.telemetry.files import Writer
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.merging import as_readings
from yuejingzhun.telemetry.snapshot import Snapshot, Where

KEPT = timedelta(days=1)
"""How long replaced files stay for those who are still reading them."""
ROWS_AT_ONCE, ROWS_A_FILE = 100_000, 3_000_000
DISTRICTS = "select district, count(*) from every_version group by district order by district"
PART = "select * from readings where district between $first and $last order by district, meter, role, day, version"
# The rows of all versions that the lake's deletions have set aside: those that do not count.
OLD_PART = """
select * from (select * from every_version where district between $first and $last)
anti join readings using (meter, role, day, version)
order by district, meter, role, day, version
"""


def compact(lake: Lake, at: datetime, progress: Callable[[int, int], None] = lambda done, whole: None) -> int:
    """Compact every month and city that needs it and say how many; raises LakeError."""
    with lake.writing() as staging:
        waiting = [
            (month, city) for month, city, files in _partitions(lake.snapshot()) if _needs(lake.snapshot(), files)
        ]
        for done, (month, city) in enumerate(waiting):
            progress(done, len(waiting))
            _compact_partition(lake, staging, Where(city=city, month=month), at)
        progress(len(waiting), len(waiting))
        _sweep(lake, at)
        return len(waiting)


def _partitions(snapshot: Snapshot) -> Iterator[tuple[str, str, list[DataFile]]]:
    ordered = sorted(snapshot.files, key=lambda file: (file.month, file.city))
    for (month, city), files in groupby(ordered, key=lambda file: (file.month, file.city)):
        yield month, city, list(files)


def _needs(snapshot: Snapshot, files: list[DataFile]) -> bool:
    """Rows of the current files that are set aside, or two files over the same districts."""
    current = sorted((file for file in files if not file.history), key=lambda file: file.first_district)
    overlap = any(b.first_district <= a.last_district for a, b in pairwise(current))
    return overlap or any(file.path in snapshot.superseded for file in current)


def _compact_partition(lake: Lake, staging: Path, where: Where, at: datetime) -> None:
    snapshot = lake.snapshot()
    files = snapshot.all_files(where)
    with database(staging) as connection:
        create_readings(connection, snapshot, where)
        create_all_versions(connection, snapshot, where, name="every_version")
        added = list(_written(connection, PART, snapshot, staging, where, history=False))
        added += _written(connection, OLD_PART, snapshot, staging, where, history=True)
    write_commit(
        lake.root,
        Commit(
            snapshot.number + 1,
            "compact",
            at,
            added=tuple(added),
            removed=tuple(file.path for file in files if file.path not in {new.path for new in added}),
        ),
    )


def _written(
    connection: duckdb.DuckDBPyConnection, query: str, snapshot: Snapshot, staging: Path, where: Where, *, history: bool
) -> Iterator[DataFile]:
    def fresh() -> Writer:
        month, city = str(where.month), str(where.city)
        return Writer(snapshot.root, staging / "new.parquet", month, city, single_days=False, history=history)

    writer = fresh()
    for first, last in _ranges(connection.execute(DISTRICTS).fetchall()):
        reader = connection.sql(query, params={"first": first, "last": last}).to_arrow_reader(20_000)
        for batch in reader:
            writer.write(as_readings(pa.Table.from_batches([batch])))
        if writer.rows >= ROWS_A_FILE:
            yield from filter(None, [writer.close()])
            writer = fresh()
    yield from filter(None, [writer.close()])


def _ranges(districts: Sequence[tuple[str, int]]) -> Iterator[tuple[str, str]]:
    """First and last of neighbouring districts with about ROWS_AT_ONCE rows in all."""
    rows, first = 0, None
    for place, (district, count) in enumerate(districts):
        first, rows = first or district, rows + count
        if rows >= ROWS_AT_ONCE or place == len(districts) - 1:
            yield first, district
            rows, first = 0, None


def _sweep(lake: Lake, at: datetime) -> None:
    """Delete files that a compaction replaced more than KEPT ago, and what a killed process left behind."""
    commits = lake.commits()
    needed = {file.path for file in lake.snapshot().files}
    for commit in commits:
        needed |= {path for path in (commit.superseded, commit.lines) if path}
        if at - commit.at < KEPT:
            needed |= set(commit.removed)
    for folder in ("data", "superseded", "lines"):
        for path in (lake.root / folder).rglob("*.parquet"):
            if path.relative_to(lake.root).as_posix() not in needed:
                path.unlink()
    for draft in (lake.root / "commits").glob("*.new"):
        draft.unlink()
