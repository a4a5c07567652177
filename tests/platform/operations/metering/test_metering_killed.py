"""A real worker is killed in the middle of an evaluation; the next one goes on, with the same result, nothing twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections

from mandatory_counter import person, with_account
from simulated_utility import asked, fill_lake, simulated
from small_world import World, make_world
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.rules import STALE, State
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.operations.metering.lakes import folder_of
from yuejingzhun.platform.operations.metering.models import DistrictResult, Evaluation, Suspect, WorkItem
from yuejingzhun.platform.operations.metering.parts import part_paths

DISTRICTS = 6
# Slower than it would be, so that it can be met in the middle on any machine; what is done is what is always done.
WORK = """
import sys, time
import django
if __name__ == "__main__":
    django.setup()
    from yuejingzhun.platform.foundation.jobs.worker import work_until_idle
    from yuejingzhun.platform.operations.metering import run

    def slowly(work):
        def done(*given):
            found = work(*given)
            time.sleep(float(sys.argv[1]))
            return found
        return done

    run.DISTRICTS_A_TASK = 1
    run._tell, run._added = slowly(run._tell), slowly(run._added)
    work_until_idle()
"""


@pytest.fixture
def living(committed: None, django_db_blocker: Any, tmp_path: Path, settings: Any) -> Iterator[World]:
    settings.DATA = tmp_path
    with django_db_blocker.unblock():
        yield make_world()
        connections.close_all()


def worker(folder: Path, pause: float = 0) -> subprocess.Popen[bytes]:
    parts = connection.settings_dict
    address = f"postgresql://{parts['USER']}@/{parts['NAME']}?host={quote(parts['HOST'], safe='')}&port={parts['PORT']}"
    environment = os.environ | {
        "DATABASE_URL": address,
        "YJZ_DATA": str(folder),
        "YJZ_ENGINE_WORKERS": "1",
        "YJZ_KEY_PASSPHRASE": django_settings.KEY_PASSPHRASE,
        "DJANGO_SETTINGS_MODULE": "yuejingzhun.project.settings",
    }
    script = folder / "work.py"
    script.write_text(WORK, encoding="utf-8")
    return subprocess.Popen([sys.executable, str(script), str(pause)], env=environment)


def killed_when(folder: Path, task_id: int, name: str, least: int) -> LongTask:
    running = worker(folder, 0.3)
    try:
        for _ in range(1200):
            task = LongTask.objects.get(pk=task_id)
            if task.checkpoint.get(name, 0) >= least:
                break
            assert running.poll() is None and task.state in ("WAITING", "RUNNING"), task.message
            time.sleep(0.05)
        else:
            pytest.fail(f"never came to {name} {least}: {task.checkpoint} {task.message}")
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()
    return LongTask.objects.get(pk=task_id)


def finished(folder: Path, task_id: int) -> None:
    LongTask.objects.filter(pk=task_id, state="RUNNING").update(heartbeat_at=datetime.now(UTC) - 2 * STALE)
    running = worker(folder)
    assert running.wait(timeout=120) == 0
    task = LongTask.objects.get(pk=task_id)
    assert task.state == State.DONE.name, task.message


def found_by(evaluation: Evaluation) -> tuple[Any, ...]:
    """All that an evaluation found, but for its own keys and times."""
    evaluation.refresh_from_db()
    names = ("district", "part", "reason", "meters", "stated", "suspicious", "total_kwh", "loss_share", "power")
    suspects = Suspect.objects.filter(evaluation=evaluation).order_by("meter")
    totals = ("districts", "kept", "meters", "stated", "suspicious", "summary", "prior", "method", "commit")
    return (
        [getattr(evaluation, name) for name in totals],
        list(DistrictResult.objects.filter(evaluation=evaluation).order_by("district").values_list(*names)),
        list(suspects.values_list("meter", "error", "uncertainty", "low", "high", "exceeds")),
        [(path.name, path.read_bytes()) for path in part_paths(evaluation.pk)],
    )


def test_an_evaluation_whose_worker_is_killed_ends_as_one_that_was_not(living: World, tmp_path: Path) -> None:
    engineer = person("计量工程师", living.holder, Role.METERING_ENGINEER)
    with_account(engineer)
    names = [f"T{number:02}" for number in range(DISTRICTS)]
    fill_lake(living.holder.pk, tmp_path, list(zip(names, simulated(DISTRICTS), strict=True)))
    made = asked(engineer, living.holder.pk)
    assert made.task_id is not None
    killed = killed_when(tmp_path, made.task_id, "parts", 2)
    assert 2 <= len(part_paths(made.pk)) < DISTRICTS and not DistrictResult.objects.exists()
    written = {path.name: path.stat().st_mtime_ns for path in part_paths(made.pk)}
    # Readings that come in between are none of its business.
    fill_lake(living.holder.pk, tmp_path, [("T99", simulated(1, seed=99)[0])])
    LongTask.objects.filter(pk=killed.pk).update(heartbeat_at=datetime.now(UTC) - 2 * STALE)
    killed_when(tmp_path, made.task_id, "collected", 3)
    assert 3 <= DistrictResult.objects.count() < DISTRICTS and not WorkItem.objects.exists()
    finished(tmp_path, made.task_id)
    now = {path.name: path.stat().st_mtime_ns for path in part_paths(made.pk)}
    assert {name: now[name] for name in written} == written, "what was written is not written again"
    assert not list(folder_of(made.pk).rglob("*.new"))
    first = found_by(made)
    assert first[0][0] == len(first[1]) == DISTRICTS and len(first[2]) == WorkItem.objects.count() > 0
    again = Evaluation.objects.create(
        **{
            name: getattr(made, name)
            for name in ("organisation_id", "region", "medium", "first_day", "days", "last_day", "mpe", "threshold",
                         "commit", "method", "asked_at", "asked_by_id")
        }
    )  # fmt: skip
    task = LongTask.objects.get(pk=made.task_id)
    other = LongTask.objects.create(
        kind=task.kind, title="again", arguments={"evaluation": again.pk}, asked_by_id=task.asked_by_id,
        asked_at=task.asked_at, heartbeat_at=datetime.now(UTC) - 10 * STALE, state="RUNNING",
    )  # fmt: skip
    finished(tmp_path, other.pk)
    assert found_by(again) == first
