"""The list of a utility's meters: maker, model, batch, day of manufacture, place and class of customer, as a table.

Good rows are kept, refused ones reported with row, column, found and expected. The list is a Parquet file under the
name of its content; the newest counts and all stay.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction

from yuejingzhun.platform.foundation.jobs.errors import TaskError
from yuejingzhun.platform.foundation.jobs.registry import Asked
from yuejingzhun.platform.foundation.jobs.reporting import Report
from yuejingzhun.platform.foundation.jobs.services import ask
from yuejingzhun.platform.foundation.parties.divisions import divisions
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.foundation.tables.columns import (
    Column,
    MappingError,
    ReadRow,
    check_mapping,
    guess_mapping,
    read_rows,
)
from yuejingzhun.platform.foundation.tables.parsing import day, text
from yuejingzhun.platform.foundation.tables.reading import open_table
from yuejingzhun.platform.foundation.tables.table import LIMITS, Cell, Table, TableError
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.models import METER, MeterList
from yuejingzhun.platform.operations.metering.queries import check_engineer
from yuejingzhun.platform.operations.metering.rules import Medium
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.telemetry.database import database, parquet

KIND = "meter-list"
LABELS = {"rows": "行", "kept": "计入档案", "refused": "有问题、未计入", "twice": "表号重复、未计入"}
CHUNK = 20_000


def _region(cell: Cell) -> str:
    found: str = text(6)(cell)
    if found and found not in divisions():
        raise ValueError("广东省的行政区划代码，六位，如 440106")
    return found


COLUMNS = (
    Column("meter", "表号", text(METER), ("资产编号", "电能表编号", "电表资产号"), required=True),
    Column("maker", "制造单位", text(120), ("生产厂家", "制造厂", "厂家"), required=True),
    Column("model", "型号", text(80), ("型号规格",), required=True),
    Column("batch", "批次", text(80), ("到货批次", "批号")),
    Column("made_on", "生产日期", day, ("出厂日期", "制造日期", "安装日期", "投运日期")),
    Column("region", "行政区划", _region, ("区划代码", "所在行政区划")),
    Column("tariff", "用户类别", text(40), ("电价类别", "用电类别")),
)
SCHEMA = pa.schema([(one.key, pa.date32() if one.key == "made_on" else pa.string()) for one in COLUMNS])
# A number that stands twice says nothing sure of its meter.
ONCE = """
copy (select * exclude (times) from (select *, count(*) over (partition by meter) as times from {files})
    where times = 1 order by meter) to '{to}' (format parquet, compression zstd, row_group_size 20000)
"""


def list_path(sha256: str) -> Path:
    """Where a list is."""
    return _folder() / f"{sha256}.parquet"


def bring_list(actor: Actor, holder_id: int, medium: Medium, name: str, pieces: Iterable[bytes], at: datetime) -> int:
    """Keep the file and put its import into the queue; the number of the task. Raises NotPermittedError, and
    MeteringError for a file that can't be read as that table."""
    check_engineer(actor, holder_id)
    stored = _keep(pieces)
    try:
        _opened(stored)
    except MeteringError:
        stored.unlink(missing_ok=True)
        raise
    clean = "".join(letter for letter in name if letter.isprintable())[-100:] or "文件"
    arguments = {"holder": holder_id, "medium": medium.name, "file": stored.name, "name": clean}
    with transaction.atomic():
        return ask(actor, KIND, arguments, at, title=f"计量器具档案：{clean}", organisation_id=holder_id).pk


def may_bring(actor: Actor, arguments: dict[str, Any]) -> None:
    """For the queue."""
    check_engineer(actor, arguments["holder"])


def run_import(asked: Asked, report: Report) -> dict[str, Any]:
    """Read, check and keep the table; begun anew it begins at the first row, and ends with the same list."""
    if "result" in report.checkpoint:
        return dict(report.checkpoint["result"])
    said = asked.arguments
    path = _folder() / said["file"]
    if not path.is_file():
        raise TaskError(f"上传的文件 {said['name']} 已不在，请重新上传")
    try:
        table, mapping = _opened(path)
    except MeteringError as error:
        raise TaskError(str(error)) from error
    draft, ordered = path.with_suffix(".draft"), path.with_suffix(".ordered")
    problems: list[tuple[int, str, str, str]] = []
    counts = {"rows": 0, "kept": 0, "refused": 0, "twice": 0}
    with pq.ParquetWriter(draft, SCHEMA, compression="zstd") as writer:
        for chunk in _chunks(read_rows(COLUMNS, mapping, table)):
            report.check()
            good = [_values(row, mapping, problems, local_date(asked.asked_at)) for row in chunk]
            kept = [one for one in good if one is not None]
            writer.write_table(pa.Table.from_pylist(kept, schema=SCHEMA))
            counts["rows"] += len(chunk)
            counts["kept"] += len(kept)
            report.progress(counts["rows"], max(table.expected, counts["rows"]), "正在读取")
    counts["refused"] = counts["rows"] - counts["kept"]
    _once(draft, ordered)
    read = pq.read_metadata(ordered).num_rows
    counts["twice"], counts["kept"] = counts["kept"] - read, read
    if not read:
        raise TaskError("没有一行可以计入档案")
    sha256 = _settled(ordered)
    with report.piece() as after:
        report.problems(problems)
        MeterList.objects.create(
            organisation_id=said["holder"], medium=said["medium"], name=said["name"], sha256=sha256, rows=read,
            at=asked.asked_at, by_id=asked.person_id,
        )  # fmt: skip
        after["result"] = counts
    draft.unlink(missing_ok=True)
    return counts


def _values(
    row: ReadRow, mapping: dict[str, int], problems: list[tuple[int, str, str, str]], on: date
) -> dict[str, Any] | None:
    names = [column.key for column in COLUMNS if column.key in mapping]
    if row.problems:
        problems += [(row.number, one.column, one.found, f"应为{one.expected}") for one in row.problems]
        return None
    found = dict(zip(names, row.values, strict=True))
    made_on = found.get("made_on")
    if made_on and not date(1980, 1, 1) <= made_on <= on:
        problems.append((row.number, "生产日期", str(made_on), f"应在 1980-01-01 与 {on} 之间"))
        return None
    return found


def _opened(path: Path) -> tuple[Table, dict[str, int]]:
    try:
        table = open_table(path)
        mapping = guess_mapping(COLUMNS, table.headings)
        check_mapping(COLUMNS, mapping, table.headings)
    except (TableError, MappingError) as error:
        raise MeteringError(str(error)) from error
    return table, mapping


def _chunks(rows: Iterator[ReadRow]) -> Iterator[list[ReadRow]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _once(draft: Path, ordered: Path) -> None:
    with database() as connection:
        connection.execute("set preserve_insertion_order = true")
        connection.execute(ONCE.format(files=parquet([draft]), to=str(ordered).replace("'", "''")))


def _settled(path: Path) -> str:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    path.replace(list_path(sha256))
    return sha256


def _keep(pieces: Iterable[bytes]) -> Path:
    path, size = _folder() / f"{secrets.token_hex(16)}.upload", 0
    with path.open("xb") as file:
        for piece in pieces:
            size += len(piece)
            if size > LIMITS.file_bytes:
                path.unlink()
                raise MeteringError(f"文件超过 {LIMITS.file_bytes // 1024**2} MB，请分成几个文件")
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return path


def _folder() -> Path:
    folder: Path = Path(settings.DATA) / "metering" / "lists"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
