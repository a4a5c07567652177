"""Whether a lake is what its commits say: every file there, whole and in order, and every reading counted once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yuejingzhun.telemetry.checks import across_rows
from yuejingzhun.telemetry.commits import DataFile
from yuejingzhun.telemetry.database import create_readings, database
from yuejingzhun.telemetry.files import content_name
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.reading import ORDER
from yuejingzhun.telemetry.refusal import Line
from yuejingzhun.telemetry.snapshot import Snapshot, Where

ROWS = 100_000
TWICE = """
select meter, role, day::varchar, count(*) from readings
group by meter, role, day having count(*) > 1 order by meter limit 20
"""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was counted, what is wrong with the lake itself, and what its readings say across rows."""

    files: int
    rows: int
    points: int
    bytes: int
    problems: tuple[str, ...]
    notices: tuple[Line, ...]


def verify(lake: Lake, progress: Callable[[int, int], None] = lambda done, whole: None) -> Verified:
    """Read every byte; raises LakeError where the commits themselves can't be read."""
    snapshot = lake.snapshot()
    problems: list[str] = []
    notices: list[Line] = []
    for done, file in enumerate(snapshot.files):
        progress(done, len(snapshot.files))
        problems += _of_file(snapshot, file)
    if not problems:
        for month, city in sorted({(file.month, file.city) for file in snapshot.files}):
            problems += _twice(snapshot, Where(city=city, month=month))
            notices += _across(snapshot, Where(city=city, month=month))
    progress(len(snapshot.files), len(snapshot.files))
    rows = sum(file.rows for file in snapshot.files) - sum(map(len, snapshot.superseded.values()))
    rows -= sum(file.rows for file in snapshot.files if file.history)
    points = sum(file.points for file in snapshot.files)
    size = sum(file.size for file in snapshot.files)
    return Verified(len(snapshot.files), rows, points, size, tuple(problems), tuple(notices))


def _of_file(snapshot: Snapshot, file: DataFile) -> Iterator[str]:
    path = snapshot.root / file.path
    if not path.is_file():
        yield f"{file.path}：文件不在"
    elif path.stat().st_size != file.size:
        yield f"{file.path}：{path.stat().st_size} 字节，提交中为 {file.size} 字节"
    elif content_name(path) != Path(file.path).name:
        yield f"{file.path}：内容与名称中的摘要不符"
    else:
        yield from _of_rows(path, file)


def _of_rows(path: Path, file: DataFile) -> Iterator[str]:
    rows, last, places = 0, (), set()
    in_order = True
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as parquet:
            for batch in parquet.iter_batches(ROWS, columns=[*ORDER, "city"]):
                table = pa.Table.from_batches([batch])
                order = pc.sort_indices(table, [(name, "ascending") for name in ORDER])
                first, rows = _key(table, 0), rows + table.num_rows
                in_order = in_order and last <= first and np.array_equal(order, np.arange(table.num_rows))
                last = _key(table, -1)
                months = pc.unique(pc.strftime(table["day"], "%Y-%m")).to_pylist()
                places |= {(month, city) for month in months for city in pc.unique(table["city"]).to_pylist()}
    except (OSError, pa.ArrowException) as error:
        yield f"{file.path}：无法读取：{error}"
        return
    if rows != file.rows:
        yield f"{file.path}：{rows} 行，提交中为 {file.rows} 行"
    if not in_order:
        yield f"{file.path}：行的顺序不对"
    if places != {(file.month, file.city)}:
        yield f"{file.path}：有不属于 {file.month}、{file.city} 的行"


def _key(table: pa.Table, row: int) -> tuple[object, ...]:
    return tuple(table[name][row].as_py() for name in ORDER)


def _twice(snapshot: Snapshot, where: Where) -> Iterator[str]:
    with database() as connection:
        create_readings(connection, snapshot, where)
        for meter, role, day, count in connection.execute(TWICE).fetchall():
            yield f"{meter} {role} {day} 有 {count} 行同时有效"


def _across(snapshot: Snapshot, where: Where) -> Iterator[Line]:
    files = snapshot.current_files(where)
    if files:
        districts = {
            district for batch in snapshot.scan(where, ["district"]) for district in pc.unique(batch[0]).to_pylist()
        }
        days = min(file.first_day for file in files), max(file.last_day for file in files)
        yield from across_rows(snapshot, Where(where.city, None, *days, districts=tuple(sorted(districts))))
