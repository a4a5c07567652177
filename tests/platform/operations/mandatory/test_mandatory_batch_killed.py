"""A real worker is killed with a bench's file, or the approval of its records, half done; the next one finishes it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from django.utils import timezone

from bench_tables import asked, brought, content, problems, rows
from mandatory_counter import with_account
from small_world import World, make_world
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.rules import STALE, State
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.jobs.services import take_up_abandoned
from yuejingzhun.platform.foundation.ledger.queries import newest_checkpoint
from yuejingzhun.platform.operations.certificates.models import Certificate, Document
from yuejingzhun.platform.operations.certificates.queries import check, file_of
from yuejingzhun.platform.operations.mandatory import batch_import
from yuejingzhun.platform.operations.mandatory.models import BatchJob
from yuejingzhun.platform.operations.mandatory.rules import Keep
from yuejingzhun.platform.operations.mandatory.services.batch import ask_approval, ask_review
from yuejingzhun.platform.operations.verification.bench import SERIAL
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.operations.verification.services import submit_record
from yuejingzhun.platform.registry.instruments.models import Instrument

ROWS, SHEETS = 1_500, 24
# Slower than it would be, so that it can be met in the middle on any machine; the pieces are what they always are.
WORK = """
import sys, time
import django
django.setup()
from yuejingzhun.platform.operations.certificates import batches
from yuejingzhun.platform.operations.mandatory import batch_import
from yuejingzhun.platform.foundation.jobs.worker import work_until_idle

def slowly(work):
    def done(*given):
        found = work(*given)
        time.sleep(float(sys.argv[1]))
        return found
    return done

batch_import.CHUNK, batches.ISSUED_AT_ONCE, batches.PRINTED_AT_ONCE = 250, 4, 4
batch_import.submit_records = slowly(batch_import.submit_records)
batches.issue_each = slowly(batches.issue_each)
batches.complete_all = slowly(batches.complete_all)
work_until_idle()
"""


@pytest.fixture
def living(committed: None, django_db_blocker: Any, tmp_path: Path, settings: Any) -> Iterator[World]:
    settings.KEYS = tmp_path / "keys"  # where the worker looks as well
    with django_db_blocker.unblock():
        yield make_world()
        connections.close_all()


@pytest.fixture
def first(living: World) -> Job:
    return first_of(living)


def first_of(world: World) -> Job:
    for actor in (world.verifier, world.reviewer, world.signatory):
        with_account(actor)
    record, number = world.record(), world.standard()
    given = (world.institute.pk, world.holder.pk, record, number, record.tested_on, now())
    return submit_record(world.verifier, *given)


def now() -> datetime:
    return timezone.now()


def worker(folder: Path, pause: float = 0) -> subprocess.Popen[bytes]:
    parts = connection.settings_dict
    address = f"postgresql://{parts['USER']}@/{parts['NAME']}?host={quote(parts['HOST'], safe='')}&port={parts['PORT']}"
    environment = os.environ | {
        "DATABASE_URL": address,
        "YJZ_DATA": str(folder),
        "YJZ_KEY_PASSPHRASE": django_settings.KEY_PASSPHRASE,
        "DJANGO_SETTINGS_MODULE": "yuejingzhun.project.settings",
    }
    return subprocess.Popen([sys.executable, "-c", WORK, str(pause)], env=environment)


def killed_when(folder: Path, task_id: int, met: Callable[[LongTask], bool]) -> LongTask:
    """A worker that was killed in the middle, and the task as it left it."""
    process, end = worker(folder, pause=0.3), time.monotonic() + 120
    try:
        while not met(LongTask.objects.get(pk=task_id)):
            assert process.poll() is None, "the worker ended before it could be killed"
            assert time.monotonic() < end
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    task = LongTask.objects.get(pk=task_id)
    assert task.state == State.RUNNING.name
    return task


def finished_by_the_next(folder: Path, task_id: int) -> LongTask:
    LongTask.objects.filter(pk=task_id).update(heartbeat_at=datetime.now(UTC) - 2 * STALE)
    assert worker(folder).wait(timeout=120) == 0
    task = LongTask.objects.get(pk=task_id)
    assert task.state == State.DONE.name, task.message
    return task


def one_is_wrong(n: int, row: dict[str, str]) -> dict[str, str]:
    return row | {SERIAL: ""} if n == 700 else row


@pytest.mark.parametrize("keep", Keep)
def test_a_file_whose_worker_is_killed_is_handed_in_once_and_never_half(
    living: World, first: Job, tmp_path: Path, keep: Keep
) -> None:
    wrong = keep is Keep.GOOD
    table = rows(first, ROWS, change=one_is_wrong if wrong else lambda n, row: row)
    batch, task_id = asked(living.verifier, first, content(first, table), ROWS, keep, now())

    def met(task: LongTask) -> bool:
        return bool(task.checkpoint.get("row", 0) > 400 if wrong else task.done >= 500)

    killed = killed_when(tmp_path, task_id, met)
    stored = BatchJob.objects.filter(batch=batch).count()
    if keep is Keep.GOOD:
        result = killed.checkpoint["result"]
        assert stored == result["passed"] + result["failed"] and 0 < stored < ROWS
        assert result["rows"] == killed.checkpoint["row"] - 1
    else:
        assert stored == 0 == Instrument.objects.filter(serial__startswith="B").count()
    task = finished_by_the_next(tmp_path, task_id)
    assert task.result["rows"] == ROWS and task.result["already"] == 0
    good = ROWS - wrong
    assert task.result["passed"] + task.result["failed"] == good == BatchJob.objects.filter(batch=batch).count()
    assert [row for row, _, _ in problems(task)] == [702] * wrong
    serials = set(Job.objects.exclude(pk=first.pk).values_list("instrument__serial", flat=True))
    assert Job.objects.count() == good + 1 and len(serials) == good


@pytest.mark.parametrize("printing", (False, True))
def test_an_approval_whose_worker_is_killed_issues_and_prints_each_once(
    living: World, first: Job, tmp_path: Path, printing: bool
) -> None:
    batch, _ = brought(living.verifier, first, content(first, rows(first, SHEETS)), SHEETS, Keep.ALL, now())
    run_long_task(ask_review(living.reviewer, batch.pk, now()))
    task_id = ask_approval(living.signatory, batch.pk, now())

    def met(task: LongTask) -> bool:
        said = task.checkpoint.get("result", {})
        return bool(said.get("printed", 0) >= 8 if printing else said.get("issued", 0) >= 8)

    killed = killed_when(tmp_path, task_id, met)
    said = killed.checkpoint["result"]
    assert Certificate.objects.count() == said["issued"] == Job.objects.filter(state="APPROVED").count()
    assert Document.objects.count() == said["printed"] < SHEETS
    assert said["issued"] == SHEETS if printing else 0 < said["issued"] < SHEETS
    task = finished_by_the_next(tmp_path, task_id)
    assert task.result == {"issued": SHEETS, "failed": 0, "refused": 0, "printed": SHEETS}
    assert Certificate.objects.values("job").distinct().count() == Document.objects.count() == SHEETS
    numbers = [int(number[-6:]) for number in Certificate.objects.order_by("pk").values_list("number", flat=True)]
    assert numbers == list(range(1, SHEETS + 1))
    newest = newest_checkpoint()
    assert newest is not None and newest.size >= SHEETS
    report = check(file_of(Certificate.objects.earliest("pk").number, "yjz"), now())
    assert report.valid, report
    assert take_up_abandoned(now()) == []


def test_a_program_with_pieces_of_another_size_hands_in_nothing_twice(world: World, monkeypatch: Any) -> None:
    first = first_of(world)
    batch, task_id = asked(world.verifier, first, content(first, rows(first, 20)), 20, Keep.GOOD, now())
    monkeypatch.setattr(batch_import, "CHUNK", 7)
    real = batch_import.submit_records

    def breaks(*given: Any) -> Any:
        if BatchJob.objects.filter(batch=batch).count() == 14:
            raise RuntimeError("killed")
        return real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(batch_import, "submit_records", breaks)
        run_long_task(task_id)
    monkeypatch.setattr(batch_import, "CHUNK", 9)
    LongTask.objects.filter(pk=task_id).update(state="WAITING")
    run_long_task(task_id)
    result = LongTask.objects.get(pk=task_id).result
    assert (result["rows"], result["passed"] + result["failed"], result["already"]) == (20, 20, 0)
