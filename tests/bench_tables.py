"""Files of a test bench: made up, deterministic, of any size."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.mandatory.models import Batch
from yuejingzhun.platform.operations.mandatory.rules import Keep
from yuejingzhun.platform.operations.mandatory.services.batch import Upload, bring_bench, table_head
from yuejingzhun.platform.operations.verification.bench import SERIAL, headings
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.operations.verification.queries import record_of
from yuejingzhun.procedures.catalogue import procedure

Change = Callable[[int, dict[str, str]], dict[str, str]]


def rows(first: Job, count: int, start: int = 0, change: Change = lambda n, row: row) -> Iterator[list[str]]:
    """So many instruments with the readings of the first record, each changed as wanted."""
    record, _ = record_of(first)
    readings = {
        heading.text: str(record.readings[heading.test, heading.point][heading.repeat][heading.column])
        for heading in headings(procedure(first.regulation), record)
    }
    for n in range(start, start + count):
        row = change(n, {SERIAL: f"B{n:06}"} | readings)
        yield [row[text] for text in table_head(first)]


def spoilt(n: int, row: dict[str, str]) -> dict[str, str]:
    """Number 3 shows a tenth too much at one point: not within any class of electricity meters."""
    key = next(text for text in row if "被检表" in text)
    return row | {key: str(float(row[key]) * 1.1)} if n == 3 else row


def content(first: Job, table: Iterator[list[str]] | list[list[str]]) -> bytes:
    """As csv."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(table_head(first))
    writer.writerows(table)
    return buffer.getvalue().encode()


def asked(actor: Actor, first: Job, file: bytes, count: int, keep: Keep, at: datetime) -> tuple[Batch, int]:
    """The batch and the number of its task, which waits."""
    return bring_bench(actor, first, Upload("bench.csv", file, count), keep, at)


def brought(actor: Actor, first: Job, file: bytes, count: int, keep: Keep, at: datetime) -> tuple[Batch, LongTask]:
    """The batch, and its task after it has run."""
    batch, task_id = asked(actor, first, file, count, keep, at)
    run_long_task(task_id)
    return batch, LongTask.objects.get(pk=task_id)


def problems(task: LongTask) -> list[tuple[int, str, str]]:
    found: list[Any] = list(task.problems.order_by("row", "pk"))
    return [(one.row, one.column, one.expected) for one in found]
