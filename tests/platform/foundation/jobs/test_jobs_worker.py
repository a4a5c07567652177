"""`yjz worker`: real programs that work through the queue, told to end, killed, or without a database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from bench_tables import asked, content, rows
from mandatory_counter import with_account
from small_world import World, make_world
from yuejingzhun.cli import main
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.operations.mandatory.models import BatchJob
from yuejingzhun.platform.operations.mandatory.rules import Keep
from yuejingzhun.platform.operations.verification.services import submit_record
from yuejingzhun.project.working import CannotWorkError, check_structure

PATIENCE = 300  # s; a machine that does other things, too
YJZ = "import sys; from yuejingzhun.cli import main; main(sys.argv[1:])"


@pytest.fixture
def living(committed: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock():
        yield make_world()
        connections.close_all()


def asked_for(world: World, count: int) -> int:
    """The number of a task that hands in so many records."""
    with_account(world.verifier)
    record = world.record()
    at = timezone.now()
    place = (world.institute.pk, world.holder.pk)
    first = submit_record(world.verifier, *place, record, world.standard(), record.tested_on, at)
    return asked(world.verifier, first, content(first, rows(first, count)), count, Keep.GOOD, at)[1]


def surroundings(address: str) -> dict[str, str]:
    return os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "yuejingzhun.project.settings"}


@contextmanager
def yjz_worker(folder: Path, processes: int) -> Iterator[subprocess.Popen[bytes]]:
    parts = connection.settings_dict
    address = f"postgresql://{parts['USER']}@/{parts['NAME']}?host={quote(parts['HOST'], safe='')}&port={parts['PORT']}"
    arguments = ["worker", "--data", str(folder), "--processes", str(processes)]
    program = subprocess.Popen([sys.executable, "-c", YJZ, *arguments], env=surroundings(address))
    try:
        yield program
    finally:
        program.kill()
        program.wait()


def wait_until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < end
        time.sleep(0.05)


def children(program: subprocess.Popen[bytes]) -> set[int]:
    found = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
    return {int(pid) for pid in found if b"multiprocessing.spawn" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def task(task_id: int) -> LongTask:
    return LongTask.objects.get(pk=task_id)


def test_several_processes_work_and_end_when_they_are_told_to(living: World, tmp_path: Path) -> None:
    task_id = asked_for(living, 30)
    with yjz_worker(tmp_path, 2) as program:
        wait_until(lambda: task(task_id).state == "DONE")
        wait_until(lambda: len(children(program)) == 2)
        workers = children(program)
        one = min(workers)
        os.kill(one, signal.SIGKILL)
        wait_until(lambda: len(children(program) - {one}) == 2)  # another one takes its place
        workers = children(program)
        program.send_signal(signal.SIGTERM)
        assert program.wait(PATIENCE) == 0
    assert not any(map(lives, workers))
    assert BatchJob.objects.count() == 30


def test_no_worker_outlives_the_program_that_is_killed(living: World, tmp_path: Path) -> None:
    with yjz_worker(tmp_path, 2) as program:
        wait_until(lambda: len(children(program)) == 2)
        workers = children(program)
        task_id = asked_for(living, 5)
        wait_until(lambda: task(task_id).state == "DONE")  # at least one is past its beginning
        program.kill()
        wait_until(lambda: not any(map(lives, workers)))


def test_told_to_end_in_the_middle_it_leaves_the_rest_to_the_next(living: World, tmp_path: Path) -> None:
    count = 6_000
    task_id = asked_for(living, count)
    with yjz_worker(tmp_path, 1) as program:
        wait_until(lambda: bool(task(task_id).checkpoint))
        program.send_signal(signal.SIGTERM)
        assert program.wait(PATIENCE) == 0
    left = task(task_id)
    assert left.state == "WAITING" and 0 < left.checkpoint["result"]["rows"] == BatchJob.objects.count() < count
    with yjz_worker(tmp_path, 1):
        wait_until(lambda: task(task_id).state == "DONE")
    result = task(task_id).result
    assert result["rows"] == result["passed"] + result["failed"] == BatchJob.objects.count() == count


def test_without_a_server_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    answer = CliRunner().invoke(main, ["worker", "--data", str(tmp_path)])
    assert answer.exit_code == 2 and "没有设置 DATABASE_URL" in answer.output
    assert CliRunner().invoke(main, ["worker", "--processes", "0"]).exit_code == 2
    nobody = surroundings(f"postgresql://nobody@/nothing?host={quote(str(tmp_path), safe='')}")
    arguments = [sys.executable, "-c", YJZ, "worker", "--data", str(tmp_path)]
    answer = subprocess.run(arguments, env=nobody, capture_output=True, text=True, check=False)
    assert answer.returncode == 2 and "连不上" in answer.stderr and "Traceback" not in answer.stderr


def test_a_database_of_another_version_is_not_worked_on(db: None) -> None:
    check_structure()
    MigrationRecorder.Migration.objects.filter(app="jobs", name="0002_done_is_final").delete()
    with pytest.raises(CannotWorkError, match="结构比本程序旧"):
        check_structure()
