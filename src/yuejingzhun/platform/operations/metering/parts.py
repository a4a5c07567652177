"""Results as files: what the engine wrote, part by part, and the index of all meters that is made of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.lakes import folder_of
from yuejingzhun.platform.operations.metering.models import DistrictResult, Evaluation
from yuejingzhun.platform.operations.metering.stating import Stated, from_json, stated_of
from yuejingzhun.telemetry.database import database, parquet

INDEX = "meters"  # a folder, so that the engine's files stand by themselves
ROWS_A_GROUP = 20_000
SORTED = """
copy (select meter, district, role, "group", mean, variance, energy_kwh, remark from {files} where meter is not null
    order by meter, role) to '{to}' (format parquet, compression zstd, row_group_size {rows})
"""


def part_paths(evaluation_id: int) -> list[Path]:
    """The engine's files in order."""
    return sorted(folder_of(evaluation_id).glob("*.parquet"))


def write_index(evaluation_id: int) -> Path:
    """All meters in the order of their numbers, once and whole, in bounded memory; also what studies read."""
    path = index_path(evaluation_id)
    if path.exists():
        return path
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".new")
    with database() as connection:
        connection.execute("set preserve_insertion_order = true")
        files = parquet(part_paths(evaluation_id))
        target = str(draft).replace("'", "''")
        connection.execute(SORTED.format(files=files, to=target, rows=ROWS_A_GROUP))
    draft.replace(path)
    return path


def index_path(evaluation_id: int) -> Path:
    """Where the index of meters is."""
    return folder_of(evaluation_id) / INDEX / "by-number.parquet"


def read_part(path: Path) -> pa.Table:
    """One file of the engine; raises MeteringError for one that is gone or damaged."""
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise MeteringError(f"结果文件 {path.name} 已不在或损坏，请重新评价") from error


def district_rows(evaluation: Evaluation, found: DistrictResult) -> tuple[dict[str, object], list[Stated]]:
    """What was found of a district as a whole, and what is stated of its meters."""
    path = folder_of(evaluation.pk) / found.part
    try:
        table = pq.read_table(path, filters=[("district", "=", found.district)])
    except (OSError, pa.ArrowException) as error:
        raise MeteringError(f"结果文件 {path.name} 已不在或损坏，请重新评价") from error
    own = table.filter(pc.is_null(table["meter"])).to_pylist()
    if evaluation.prior is None or not own:
        raise MeteringError("这次评价还没有完成")
    return own[0], stated_of(table, from_json(evaluation.prior), float(evaluation.mpe))


def stated_of_meters(evaluation: Evaluation, meters: Sequence[str]) -> dict[str, Stated]:
    """What an evaluation stated of some meters, by number; those that weren't in it are missing.

    Of the index only the row groups are read that can hold one of them.
    """
    path = index_path(evaluation.pk)
    if evaluation.prior is None or not meters or not path.exists():
        return {}
    try:
        table = pq.read_table(path, filters=[("meter", "in", list(meters)), ("role", "=", "meter")])
    except (OSError, pa.ArrowException) as error:
        raise MeteringError(f"结果文件 {path.name} 已不在或损坏，请重新评价") from error
    found = stated_of(table, from_json(evaluation.prior), float(evaluation.mpe))
    return {one.meter: one for one in found}


def index_batches(evaluation_id: int) -> Iterator[pa.Table]:
    """The whole index, row group by row group, in the order of the meters' numbers."""
    path = index_path(evaluation_id)
    try:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                yield file.read_row_group(group)
    except (OSError, pa.ArrowException) as error:
        raise MeteringError(f"结果文件 {path.name} 已不在或损坏，请重新评价") from error
