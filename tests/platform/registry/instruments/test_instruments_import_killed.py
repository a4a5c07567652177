"""Real workers in processes of their own: one is killed in the middle of 100,000 rows, two bring the same file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, connections

from instrument_tables import AT, asked, csv_file, imported, meters
from small_world import World, actor, make_world
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.rules import STALE, State
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.registry.instruments.import_run import Keep
from yuejingzhun.platform.registry.instruments.models import Instrument

ROWS = 100_000
WORK = """
import django
django.setup()
from yuejingzhun.platform.foundation.jobs.worker import work_until_idle
work_until_idle()
"""


@pytest.fixture
def living(committed: None, django_db_blocker: Any, settings: Any, tmp_path: Path) -> Iterator[World]:
    settings.DATA = tmp_path
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("drop index serial_fragments")  # most of the time, and not what is tested
        yield make_world()
        connections.close_all()


def worker(folder: Path) -> subprocess.Popen[bytes]:
    parts = connection.settings_dict
    address = f"postgresql://{parts['USER']}@/{parts['NAME']}?host={quote(parts['HOST'], safe='')}&port={parts['PORT']}"
    environment = os.environ | {
        "DATABASE_URL": address,
        "YJZ_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "yuejingzhun.project.settings",
    }
    return subprocess.Popen([sys.executable, "-c", WORK], env=environment)


def wait_for(condition: Any, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, "the worker ended before it could be killed"
        assert time.monotonic() < end
        time.sleep(0.02)


def in_the_middle(task_id: int, how: Keep) -> bool:
    task = LongTask.objects.get(pk=task_id)
    if how is Keep.GOOD:
        return bool(task.checkpoint.get("row", 0) > 30_000)
    return bool("checked" in task.checkpoint and task.done > ROWS)  # a part is written, and not committed


@pytest.mark.parametrize("how", Keep)
def test_an_import_whose_worker_is_killed_is_finished_by_the_next_and_never_half(
    living: World, tmp_path: Path, how: Keep
) -> None:
    clerk = actor("经办", living.holder, Role.HOLDER)
    task_id = asked(clerk, csv_file(tmp_path / "meters.csv", meters(ROWS)), how)
    first = worker(tmp_path)
    try:
        wait_for(lambda: in_the_middle(task_id, how), first)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    killed = LongTask.objects.get(pk=task_id)
    assert killed.state == State.RUNNING.name
    stored = Instrument.objects.count()
    if how is Keep.GOOD:
        assert stored == killed.checkpoint["row"] - 1 == killed.checkpoint["result"]["created"] < ROWS
    else:
        assert stored == 0
    LongTask.objects.filter(pk=task_id).update(heartbeat_at=datetime.now(UTC) - 2 * STALE)
    assert worker(tmp_path).wait(timeout=120) == 0
    task = LongTask.objects.get(pk=task_id)
    assert (task.state, task.result["created"], task.result["unchanged"]) == (State.DONE.name, ROWS, 0)
    assert task.result["rows"] == ROWS
    known = set(Instrument.objects.values_list("maker", "model", "serial", "place"))
    assert known == {(row[4], row[2], row[3], row[6]) for row in meters(ROWS)}


def test_two_imports_of_the_same_file_at_once_store_it_once(living: World, tmp_path: Path) -> None:
    clerk = actor("经办", living.holder, Role.HOLDER)
    path = csv_file(tmp_path / "meters.csv", meters(30_000))
    tasks = [asked(clerk, path, Keep.GOOD), asked(clerk, path, Keep.ALL, at=AT + timedelta(seconds=1))]
    workers = [worker(tmp_path), worker(tmp_path)]
    assert [found.wait(timeout=120) for found in workers] == [0, 0]
    results = [LongTask.objects.get(pk=task_id).result for task_id in tasks]
    assert Instrument.objects.count() == 30_000
    assert sum(result["created"] for result in results) == 30_000
    assert sum(result["unchanged"] for result in results) == 30_000
    assert sum(result["refused"] for result in results) == 0


def test_the_staging_table_holds_nothing_of_the_import_before(world: World, settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    clerk = actor("经办", world.holder, Role.HOLDER)
    imported(clerk, csv_file(tmp_path / "a.csv", meters(5)))
    imported(clerk, csv_file(tmp_path / "b.csv", meters(3)))
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from staged_instruments")
        assert cursor.fetchone() == (3,)
