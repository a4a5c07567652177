"""Tables of instruments as people bring them: made up, deterministic, of any size."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.parties.credit_code import check_character
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.instruments.desks import desk_of
from yuejingzhun.platform.registry.instruments.import_run import Keep
from yuejingzhun.platform.registry.instruments.importing import ask_import, draft
from yuejingzhun.platform.registry.instruments.kept_files import KeptFile, keep

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
HEADINGS = ("统一社会信用代码", "器具名称", "型号规格", "出厂编号", "生产厂家", "检定规程", "安装地点", "备案日期")


def credit_code(serial: int) -> str:
    first17 = f"91440100MA5{serial:06}"
    return first17 + check_character(first17)


def with_code(organisation: Organisation, serial: int) -> str:
    organisation.credit_code = credit_code(serial)
    organisation.save()
    return organisation.credit_code


def meters(count: int, code: str = "", place: str = "演示路", start: int = 0) -> Iterator[list[str]]:
    """So many electricity meters of one holder."""
    for n in range(start, start + count):
        maker = f"演示仪表厂{n % 7}"
        yield [code, "单相电能表", f"DDS{n % 5}", f"SN{n:08}", maker, "JJG 596-2012", f"{place} {n} 号", "2024-01-31"]


def csv_file(
    path: Path, rows: Iterable[list[str]], headings: Iterable[str] = HEADINGS, encoding: str = "utf-8"
) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows(rows)
    return path


def brought(path: Path) -> KeptFile:
    return keep(path.name, iter([path.read_bytes()]))


def asked(actor: Actor, path: Path, how: Keep, desk: str = "", at: datetime = AT, **mapping: Any) -> int:
    kept = brought(path)
    found = draft(kept, mapping or None, at)
    return ask_import(actor, desk_of(actor, desk), kept, found.mapping, how, at)


def imported(actor: Actor, path: Path, how: Keep = Keep.GOOD, desk: str = "", at: datetime = AT) -> LongTask:
    """The task after it has run."""
    task_id = asked(actor, path, how, desk, at)
    run_long_task(task_id)
    return LongTask.objects.get(pk=task_id)


def problems(task: LongTask) -> list[tuple[int, str, str]]:
    return [(found.row, found.column, found.expected) for found in task.problems.order_by("row", "pk")]
