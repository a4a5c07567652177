"""Long tasks: asked for in the caller's transaction, alone, in whole pieces, stopped, started again."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

from small_world import AT
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.jobs import registry, reporting, running
from yuejingzhun.platform.foundation.jobs.errors import TaskError, UnknownTaskError
from yuejingzhun.platform.foundation.jobs.models import LongTask, TaskProblem
from yuejingzhun.platform.foundation.jobs.queries import own_task, own_tasks, problem_rows
from yuejingzhun.platform.foundation.jobs.registry import UnknownKindError, long_task
from yuejingzhun.platform.foundation.jobs.rules import ATTEMPTS, State, is_abandoned, share
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.jobs.services import QUEUED_TASK, ask, restart, stop, take_up_abandoned
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.models import Person
from yuejingzhun.platform.foundation.parties.rules import Role

PIECES = 5


def allow(actor, arguments) -> None:
    if not actor.has(Role.VERIFIER):
        raise NotPermittedError("需要检定员")


@pytest.fixture(autouse=True)
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A kind of task that notes a problem for each of five pieces; `on` is called within a piece."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    hooks: dict[str, Any] = {}

    @long_task("count", "数数", allow=allow, labels={"counted": "数到"})
    def count(asked, report):
        for n in range(report.checkpoint.get("n", 0), PIECES):
            with report.piece() as after:
                report.problems([(n + 1, "", "数", "无")])
                after["n"] = n + 1
                after["result"] = {"counted": n + 1}
                report.progress(n + 1, PIECES, "数着")
                hooks.get("on", lambda _: None)(n)
        return {"counted": report.checkpoint["n"]}

    yield hooks


def queued() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("select (args->>'task_id')::bigint from procrastinate_jobs where task_name = %s", [QUEUED_TASK])
        return [row[0] for row in cursor.fetchall()]


def test_a_task_is_queued_with_the_transaction_that_asks_for_it_or_not_at_all(world) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ask(world.verifier, "count", {}, AT)
        raise ZeroDivisionError
    assert (queued(), LongTask.objects.count()) == ([], 0)
    task = ask(world.verifier, "count", {"to": 5}, AT)
    assert queued() == [task.pk]
    assert task.title == "数数"


def test_the_right_is_checked_when_asked_and_when_started_again(world) -> None:
    with pytest.raises(NotPermittedError):
        ask(world.reviewer, "count", {}, AT)
    with pytest.raises(UnknownKindError):
        ask(world.verifier, "nothing", {}, AT)
    task = ask(world.verifier, "count", {}, AT)
    stop(world.verifier, task.pk, AT)
    lapsed = type(world.verifier)(world.verifier.person_id, world.verifier.name, ())
    with pytest.raises(NotPermittedError):
        restart(lapsed, task.pk, AT)


def test_a_task_runs_to_its_result_and_is_told_to_the_audit(world) -> None:
    task = ask(world.verifier, "count", {}, AT)
    assert run_long_task(task.pk) is State.DONE
    task.refresh_from_db()
    assert (task.result, task.percent, task.done, task.total) == ({"counted": 5}, 100, 5, 5)
    assert [row for row, *_ in problem_rows(task.pk)] == [1, 2, 3, 4, 5]
    events = AuditEvent.objects.filter(subject="task").order_by("pk")
    assert [event.action for event in events] == ["数数：提出", "数数：完成"]
    assert run_long_task(task.pk) is None
    assert run_long_task(task.pk + 1) is None


def test_what_is_done_is_final_for_the_database_too(world) -> None:
    task = ask(world.verifier, "count", {}, AT)
    run_long_task(task.pk)
    with pytest.raises(DatabaseError, match="is done"), transaction.atomic():
        LongTask.objects.filter(pk=task.pk).update(result={})
    with pytest.raises(TaskError, match="任务已经完成"):
        stop(world.verifier, task.pk, AT)
    with pytest.raises(TaskError, match="只有失败或已停止"):
        restart(world.verifier, task.pk, AT)


def test_a_piece_that_fails_leaves_nothing_and_the_task_goes_on_before_it(world, counting) -> None:
    def fail(n):
        if n == 3:
            raise RuntimeError("broken")

    counting["on"] = fail
    task = ask(world.verifier, "count", {}, AT)
    assert run_long_task(task.pk) is State.FAILED
    task.refresh_from_db()
    assert (task.checkpoint["n"], task.problems.count(), task.result) == (3, 3, {"counted": 3})
    assert "可以重新开始" in task.message
    counting.clear()
    restart(world.verifier, task.pk, AT)
    assert run_long_task(task.pk) is State.DONE
    assert [row for row, *_ in problem_rows(task.pk)] == [1, 2, 3, 4, 5]


def test_a_stop_is_honoured_between_two_pieces(world, counting) -> None:
    counting["on"] = lambda n: n == 1 and stop(world.verifier, task.pk, AT)
    task = ask(world.verifier, "count", {}, AT)
    assert run_long_task(task.pk) is State.STOPPED
    task.refresh_from_db()
    assert (task.checkpoint["n"], task.result, task.standing) == (2, {"counted": 2}, State.STOPPED)


def test_where_the_program_ends_the_task_waits_for_the_next_one(world, counting) -> None:
    counting["on"] = lambda n: n == 1 and reporting.program_ends.set()
    task = ask(world.verifier, "count", {}, AT)
    try:
        assert run_long_task(task.pk) is State.WAITING
    finally:
        reporting.program_ends.clear()
    task.refresh_from_db()
    assert (task.standing, task.checkpoint["n"], queued()) == (State.WAITING, 2, [task.pk, task.pk])
    assert run_long_task(task.pk) is State.DONE


def test_a_waiting_task_is_stopped_at_once_and_not_run(world) -> None:
    task = ask(world.verifier, "count", {}, AT)
    assert stop(world.verifier, task.pk, AT).standing is State.STOPPED
    assert run_long_task(task.pk) is None


def test_a_task_that_brings_its_worker_down_is_given_up(world) -> None:
    task = ask(world.verifier, "count", {}, AT)
    LongTask.objects.filter(pk=task.pk).update(state="RUNNING", attempts=ATTEMPTS)
    assert run_long_task(task.pk) is None
    task.refresh_from_db()
    assert (task.standing, "没有进展" in task.message) == (State.FAILED, True)


def test_abandoned_tasks_are_queued_again_and_living_ones_left(world) -> None:
    now = datetime.now(UTC)
    ages = {"living": ("RUNNING", 3), "killed": ("RUNNING", 60), "waiting": ("WAITING", 5), "lost": ("WAITING", 90)}
    tasks = {}
    for name, (state, age) in ages.items():
        tasks[name] = ask(world.verifier, "count", {}, now - timedelta(seconds=age)).pk
        beat = now - timedelta(seconds=age) if state == "RUNNING" else None
        LongTask.objects.filter(pk=tasks[name]).update(state=state, heartbeat_at=beat)
    assert set(take_up_abandoned(now)) == {tasks["killed"], tasks["lost"]}
    assert take_up_abandoned(now) == []
    assert run_long_task(tasks["killed"]) is State.DONE


def test_rules() -> None:
    assert is_abandoned(State.RUNNING, AT, None, AT)
    assert not is_abandoned(State.DONE, AT, None, AT + timedelta(days=1))
    assert [share(0, 0), share(999, 1000), share(1000, 1000), share(5, 3)] == [0, 99, 100, 100]


def test_two_workers_never_run_the_same_task(committed, django_db_blocker, counting) -> None:
    from small_world import make_world

    with django_db_blocker.unblock():
        world = make_world()
        task = ask(world.verifier, "count", {}, AT)
        others: list[Any] = []

        def rival() -> None:
            others.append(run_long_task(task.pk))
            connections.close_all()

        def at_once(n):
            if n == 0:
                thread = threading.Thread(target=rival)
                thread.start()
                thread.join()

        counting["on"] = at_once
        assert run_long_task(task.pk) is State.DONE
        assert others == [None]
        assert TaskProblem.objects.filter(task=task).count() == PIECES
        connections.close_all()


def test_the_lock_goes_with_the_connection(committed, django_db_blocker) -> None:
    from small_world import make_world

    with django_db_blocker.unblock():
        task = ask(make_world().verifier, "count", {}, AT)
        settings = connection.settings_dict
        with psycopg.connect(
            host=settings["HOST"], port=settings["PORT"], user=settings["USER"], dbname=settings["NAME"]
        ) as other:
            other.execute("select pg_advisory_lock(%s, %s)", [running.LOCK_CLASS, task.pk])
            assert run_long_task(task.pk) is None
        end = time.monotonic() + 10  # the server notices the end of a connection a moment later
        while (state := run_long_task(task.pk)) is None and time.monotonic() < end:
            time.sleep(0.05)
        assert state is State.DONE
        connections.close_all()


def test_each_sees_only_the_own_tasks_in_pages_by_key(world, django_assert_max_num_queries) -> None:
    tasks = [ask(world.verifier, "count", {}, AT).pk for _ in range(35)]
    with django_assert_max_num_queries(1):
        newest = own_tasks(world.verifier)
    assert [task.pk for task in newest] == tasks[::-1][:30]
    assert [task.pk for task in own_tasks(world.verifier, newest[-1].pk)] == tasks[::-1][30:]
    assert own_tasks(world.reviewer) == []
    for number in (tasks[0], 2**70):
        with pytest.raises(UnknownTaskError):
            own_task(world.reviewer, number)
        with pytest.raises(UnknownTaskError):
            stop(world.reviewer, number, AT)


def client_of(actor) -> Client:
    user = User.objects.create_user(f"user{actor.person_id}")
    Person.objects.filter(pk=actor.person_id).update(user=user)
    client = Client()
    client.force_login(user)
    return client


def test_the_pages_show_progress_stop_and_what_was_refused(world) -> None:
    client = client_of(world.verifier)
    assert "还没有提出过长任务" in client.get("/tasks").content.decode()
    task = ask(world.verifier, "count", {}, AT, title="<b>很长的</b>" * 20)
    page = client.get(f"/tasks/{task.pk}").content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "<b>很长的" not in page
    part = client.get(f"/tasks/{task.pk}", headers={"HX-Request": "true"}).content.decode()
    assert part.startswith("<section")
    run_long_task(task.pk)
    part = client.get(f"/tasks/{task.pk}", headers={"HX-Request": "true"})
    assert part.headers["HX-Refresh"] == "true"
    page = client.get(f"/tasks/{task.pk}").content.decode()
    assert "every 2s" not in page
    assert "<dt>数到</dt><dd>5</dd>" in page
    table = b"".join(client.get(f"/tasks/{task.pk}/problems.csv").streaming_content).decode("utf-8-sig")
    assert table.splitlines()[:2] == ["行号,列,现为,说明", "1,,数,无"]
    assert b"".join(client.get(f"/tasks/{task.pk}/problems.xlsx").streaming_content)[:2] == b"PK"
    assert "不能再停止" in client.post(f"/tasks/{task.pk}/stop", follow=True).content.decode()
    stranger = client_of(world.reviewer)
    for address in (f"/tasks/{task.pk}", f"/tasks/{task.pk}/problems.csv", f"/tasks/{10**30}"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/tasks/{task.pk}/stop").status_code == 404
    assert client.get("/tasks?before=x").status_code == 200


def test_the_interface_does_what_the_pages_do(world) -> None:
    client = client_of(world.verifier)
    client.handler.enforce_csrf_checks = False
    task = ask(world.verifier, "count", {}, AT)
    shown = client.get(f"/api/v1/tasks/{task.pk}").json()
    assert (shown["state_name"], shown["percent"]) == ("等待", 0)
    run_long_task(task.pk)
    shown = client.get("/api/v1/tasks").json()[0]
    assert (shown["state"], shown["result"]) == ("DONE", {"counted": 5})
    assert len(client.get(f"/api/v1/tasks/{task.pk}/problems").json()) == 5
    assert client.post(f"/api/v1/tasks/{task.pk}/stop").status_code == 409
    assert client.get(f"/api/v1/tasks/{2**70}").status_code == 404
    assert client.get("/api/v1/tasks?before=99999999999999999999").status_code == 422
    assert Client().get("/api/v1/tasks").status_code == 401
