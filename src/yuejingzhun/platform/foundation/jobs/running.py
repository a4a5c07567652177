"""One run of a long task: alone, under a lock that ends with the connection, from its last checkpoint on."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.jobs.errors import TaskError
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.registry import Asked, UnknownKindError, kind_of
from yuejingzhun.platform.foundation.jobs.reporting import ProgramEndsError, Report, StopAskedError
from yuejingzhun.platform.foundation.jobs.rules import ATTEMPTS, State
from yuejingzhun.platform.foundation.jobs.services import enqueue
from yuejingzhun.platform.foundation.parties.rules import Actor

log = logging.getLogger(__name__)
LOCK_CLASS = 0x594A  # of PostgreSQL's advisory locks: those of long tasks
BROKEN = "程序出错，已记入日志；可以重新开始，从上一次保存的地方继续"
NO_PROGRESS = f"连续 {ATTEMPTS} 次启动都没有进展，不再自动重试；请检查后重新开始"


def run_long_task(task_id: int) -> State | None:
    """Run a waiting task, or one that was left running; its state after that.

    None where there was nothing to do: it is finished, or another worker is at it. What the database's own failures
    leave behind is taken up again later.
    """
    with _alone(task_id) as alone:
        if not alone:
            return None
        task = _taken(task_id)
        if task is None:
            return None
        report = Report(task)
        asked = Asked(task.pk, task.arguments, task.asked_at, task.asked_by_id, task.region)
        try:
            with report.heart():
                result = kind_of(task.kind).work(asked, report)
        except StopAskedError:
            return _finish(task, State.STOPPED, "已按要求停止；已保存的部分见结果", report.checkpoint.get("result"))
        except ProgramEndsError:
            return _give_back(task)
        except (OperationalError, InterfaceError):
            raise
        except (TaskError, UnknownKindError) as error:
            return _finish(task, State.FAILED, str(error), report.checkpoint.get("result"))
        # Whatever it was, the worker must live on and the task must not stay "running".
        except Exception:
            log.exception("长任务 %d 没有完成", task_id)
            return _finish(task, State.FAILED, BROKEN, report.checkpoint.get("result"))
        return _finish(task, State.DONE, "", result)


@contextmanager
def _alone(task_id: int) -> Iterator[bool]:
    """Whether nobody else holds the lock of this task; PostgreSQL frees it when the holder's connection ends."""
    key = [LOCK_CLASS, task_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", key)
        (alone,) = cursor.fetchone()
    try:
        yield alone
    finally:
        if alone and connection.connection is not None and not connection.connection.closed:
            _unlock(key)


def _unlock(key: list[int]) -> None:
    if connection.in_atomic_block and connection.needs_rollback:
        return  # the caller's transaction is broken; the lock goes with the connection
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s, %s)", key)
    except (OperationalError, InterfaceError):
        connection.close()


@transaction.atomic
def _taken(task_id: int) -> LongTask | None:
    task = LongTask.objects.select_for_update().filter(pk=task_id).first()
    if task is None or task.state not in (State.WAITING.name, State.RUNNING.name):
        return None
    now = datetime.now(UTC)
    if task.attempts >= ATTEMPTS:
        _finish(task, State.FAILED, NO_PROGRESS, task.checkpoint.get("result"))
        return None
    task.state, task.attempts, task.heartbeat_at = State.RUNNING.name, task.attempts + 1, now
    task.started_at = task.started_at or now
    task.save(update_fields=["state", "attempts", "heartbeat_at", "started_at"])
    return task


@transaction.atomic
def _finish(task: LongTask, state: State, message: str, result: dict[str, Any] | None) -> State:
    now = datetime.now(UTC)
    found = LongTask.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=task.pk)
    found.state, found.message, found.finished_at, found.heartbeat_at = state.name, message[:500], now, now
    found.result = result if result is not None else ({} if state is State.DONE else None)
    if state is State.DONE:
        found.done = found.total = max(found.done, found.total)
    found.save(update_fields=["state", "message", "finished_at", "heartbeat_at", "result", "done", "total"])
    actor = Actor(found.asked_by_id, found.asked_by.name, ())
    record_event(actor, f"{_title(found)}：{state.value}", "task", found.pk, now, after=found.result, reason=message)
    return state


@transaction.atomic
def _give_back(task: LongTask) -> State:
    LongTask.objects.filter(pk=task.pk).update(state=State.WAITING.name, attempts=0, heartbeat_at=datetime.now(UTC))
    enqueue(task.pk)
    return State.WAITING


def _title(task: LongTask) -> str:
    try:
        return kind_of(task.kind).title
    except UnknownKindError:
        return "长任务"
