"""The readings lake: a folder of Parquet files by month and city, and the commits that say which of them count.

    commits/00000001.json …                              what each import or compaction did; nothing else counts
    data/month=2026-03/city=4401/<digest>.parquet        readings, in the order of reading.ORDER
    superseded/<digest>.parquet, lines/<digest>.parquet  rows set aside, reports of imports
    staging/, lock                                       of the one process that writes

Files are written once, under the name of their content, and never changed. One process writes at a time; readers take a
snapshot and need no lock.
"""

import fcntl
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from yuejingzhun.telemetry.commits import Commit, live_files, read_commits
from yuejingzhun.telemetry.database import create_all_versions, database
from yuejingzhun.telemetry.errors import LakeError
from yuejingzhun.telemetry.merging import as_readings
from yuejingzhun.telemetry.reading import ORDER, SCHEMA
from yuejingzhun.telemetry.snapshot import EVERYTHING, Snapshot, Where

IN_ORDER = [(name, "ascending") for name in ORDER]
AS_OF = """
select * from readings where received_at <= $at
    and ($city is null or city = $city) and ($first is null or day >= $first) and ($last is null or day <= $last)
    and (len($districts) = 0 or list_contains($districts, district))
    and (len($meters) = 0 or list_contains($meters, meter))
qualify row_number() over (partition by meter, role, day order by version desc, received_at desc) = 1
order by district, meter, role, day, version
"""


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake in a folder, which need not exist before the first import."""

    root: Path

    def commits(self) -> tuple[Commit, ...]:
        """All commits in order; raises LakeError."""
        return tuple(read_commits(self.root))

    def snapshot(self, number: int | None = None) -> Snapshot:
        """The lake after that commit, or the last; raises LakeError for a commit that there is not."""
        commits = self.commits()
        if number is not None and not 0 <= number <= len(commits):
            raise LakeError(f"没有第 {number} 次提交，最后一次为第 {len(commits)} 次")
        commits = commits if number is None else commits[:number]
        superseded = tuple(commit.superseded for commit in commits if commit.superseded)
        return Snapshot(self.root, len(commits), live_files(commits), superseded)

    def readings(
        self, where: Where = EVERYTHING, columns: Sequence[str] | None = None, as_of: datetime | None = None
    ) -> pa.Table:
        """The rows that count, in order; with `as_of` those that counted then. For what fits into memory.

        Raises LakeError where a file is damaged or gone.
        """
        names = list(SCHEMA.names if columns is None else columns)
        snapshot = self.snapshot()
        if as_of is not None:
            return _as_of(snapshot, where, as_of).select(names)
        needed = [*names, *(name for name in ORDER if name not in names)]
        return read_in_order(snapshot, where, needed).select(names)

    def district_month(self, city: str, month: str, district: str) -> pa.Table:
        """What an evaluation of one district takes: all its registers in one month."""
        return self.readings(Where(city=city, month=month, districts=(district,)))

    def meter_history(self, meter: str, first: date | None = None, last: date | None = None) -> pa.Table:
        """One meter's days, whatever city and district it was in; Bloom filters leave out most row groups."""
        return self.readings(Where(first_day=first, last_day=last, meters=(meter,)))

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """Be the one that writes; gives an empty folder for staging. Raises LakeError where another process writes.

        The system lets go of the lock when a process dies, however it dies.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise LakeError(f"另有进程正在写入 {self.root}") from error
            staging = self.root / "staging"
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir()
            yield staging
            shutil.rmtree(staging, ignore_errors=True)


def read_in_order(snapshot: Snapshot, where: Where, columns: Sequence[str]) -> pa.Table:
    """The rows that count in the order of reading.ORDER, whose columns must be among `columns`; raises LakeError."""
    schema = pa.schema([SCHEMA.field(name) for name in columns])
    try:
        table = pa.Table.from_batches(snapshot.scan(where, columns), schema=schema)
    except (OSError, pa.ArrowException) as error:
        raise LakeError(f"{snapshot.root} 的数据文件损坏或缺少：{error}") from error
    files = snapshot.current_files(where)
    # One file is in order already, and sorting lists copies them.
    return table if len(files) <= 1 else table.sort_by(IN_ORDER)


def _as_of(snapshot: Snapshot, where: Where, at: datetime) -> pa.Table:
    values = {
        "at": at,
        "city": where.city,
        "first": where.first_day,
        "last": where.last_day,
        "districts": list(where.districts),
        "meters": list(where.meters),
    }
    with database() as connection:
        create_all_versions(connection, snapshot, where)
        return as_readings(connection.sql(AS_OF, params=values).to_arrow_table())
