"""Long tasks are asked for, stopped and started again; the work itself is done by `running`."""

from datetime import datetime
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app as queue

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.jobs.errors import TaskError, UnknownTaskError
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.registry import kind_of
from yuejingzhun.platform.foundation.jobs.rules import State, is_abandoned, refusal_to_restart, refusal_to_stop
from yuejingzhun.platform.foundation.parties.rules import Actor

QUEUE = "long-tasks"
QUEUED_TASK = "yuejingzhun.run_long_task"
UNFINISHED = (State.WAITING.name, State.RUNNING.name)


@transaction.atomic
def ask(
    actor: Actor,
    kind: str,
    arguments: dict[str, Any],
    at: datetime,
    *,
    title: str = "",
    organisation_id: int | None = None,
    region: str = "",
) -> LongTask:
    """Put a task into the queue, in the transaction of the caller; raises NotPermittedError and UnknownKindError."""
    found = kind_of(kind)
    found.allow(actor, arguments)
    task = LongTask.objects.create(
        kind=kind,
        title=(title or found.title)[:200],
        arguments=arguments,
        asked_by_id=actor.person_id,
        organisation_id=organisation_id,
        region=region,
        asked_at=at,
    )
    record_event(actor, f"{found.title}：提出", "task", task.pk, at, after=arguments)
    enqueue(task.pk)
    return task


@transaction.atomic
def stop(actor: Actor, task_id: int, at: datetime) -> LongTask:
    """Stop it: at once where it waits, after the piece of work in hand where it runs. By whoever asked for it."""
    task = _own_locked(actor, task_id)
    if refusal := refusal_to_stop(task.standing):
        raise TaskError(refusal)
    task.stop_asked = True
    if task.standing is State.WAITING:
        task.state, task.finished_at, task.message = State.STOPPED.name, at, "在开始之前停止"
    task.save(update_fields=["stop_asked", "state", "finished_at", "message"])
    record_event(actor, f"{kind_of(task.kind).title}：要求停止", "task", task.pk, at, after=task.checkpoint)
    return task


@transaction.atomic
def restart(actor: Actor, task_id: int, at: datetime) -> LongTask:
    """Go on after the last piece of work that was finished; the right is checked anew. By whoever asked for it."""
    task = _own_locked(actor, task_id)
    kind = kind_of(task.kind)
    kind.allow(actor, task.arguments)
    if refusal := refusal_to_restart(task.standing):
        raise TaskError(refusal)
    task.state, task.stop_asked, task.attempts = State.WAITING.name, False, 0
    task.message, task.finished_at, task.heartbeat_at = "", None, at
    task.save(update_fields=["state", "stop_asked", "attempts", "message", "finished_at", "heartbeat_at"])
    record_event(actor, f"{kind.title}：重新开始", "task", task.pk, at, after=task.checkpoint)
    enqueue(task.pk)
    return task


def enqueue(task_id: int) -> None:
    """A place in the queue. More than one does no harm: only one worker gets the lock of the task."""
    queue.configure_task(QUEUED_TASK, queue=QUEUE).defer(task_id=task_id)


def take_up_abandoned(at: datetime) -> list[int]:
    """Queue again the tasks at which nobody seems to be at work; a lock that is held keeps a living one from harm."""
    with transaction.atomic():
        unfinished = LongTask.objects.select_for_update(skip_locked=True).filter(state__in=UNFINISHED)
        found = [task for task in unfinished if is_abandoned(task.standing, task.asked_at, task.heartbeat_at, at)]
        for task in found:
            # Not again before another such while.
            LongTask.objects.filter(pk=task.pk).update(heartbeat_at=at)
            enqueue(task.pk)
    return [task.pk for task in found]


def _own_locked(actor: Actor, task_id: int) -> LongTask:
    found = LongTask.objects.select_for_update(of=("self",)).filter(pk=task_id, asked_by_id=actor.person_id).first()
    if found is None:
        raise UnknownTaskError(f"没有编号为 {task_id} 的任务，或者不是您提出的")
    return found
