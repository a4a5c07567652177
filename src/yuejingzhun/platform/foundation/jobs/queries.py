"""Reads of long tasks: each person sees those that they asked for."""

from collections.abc import Iterator

from yuejingzhun.platform.foundation.jobs.errors import UnknownTaskError
from yuejingzhun.platform.foundation.jobs.models import LongTask, TaskProblem
from yuejingzhun.platform.foundation.jobs.registry import UnknownKindError, kind_of
from yuejingzhun.platform.foundation.parties.rules import Actor

PAGE = 30
REPORT_BATCH = 2_000
PROBLEM_HEADINGS = ("行号", "列", "现为", "说明")
LARGEST_ID = 2**63 - 1


def own_task(actor: Actor, task_id: int) -> LongTask:
    """The task; raises UnknownTaskError for one that isn't the actor's, as for one that doesn't exist."""
    found = LongTask.objects.filter(pk=task_id, asked_by_id=actor.person_id).first() if task_id <= LARGEST_ID else None
    if found is None:
        raise UnknownTaskError(f"没有编号为 {task_id} 的任务，或者不是您提出的")
    return found


def own_tasks(actor: Actor, before: int | None = None) -> list[LongTask]:
    """The newest of the actor's tasks, older than the task `before`."""
    found = LongTask.objects.filter(asked_by_id=actor.person_id)
    if before is not None:
        found = found.filter(pk__lt=min(before, LARGEST_ID))
    return list(found.order_by("-pk")[:PAGE])


def figures(task: LongTask) -> list[tuple[str, object]]:
    """The result under the labels of its kind, those without a label left out."""
    try:
        labels = kind_of(task.kind).labels
    except UnknownKindError:
        return []
    result = task.result or {}
    return [(label, result[name]) for name, label in labels.items() if name in result]


def problem_count(task_id: int, most: int = 1_000) -> int:
    """How many problems there are, counted up to `most`."""
    return TaskProblem.objects.filter(task_id=task_id)[:most].count()


def first_problems(task_id: int, most: int = 50) -> list[TaskProblem]:
    """The problems of the first rows."""
    return list(TaskProblem.objects.filter(task_id=task_id).order_by("row", "pk")[:most])


def problem_rows(task_id: int) -> Iterator[tuple[int, str, str, str]]:
    """Every problem in the order of rows, for a report: row, column, found, expected. Read in pieces by key."""
    after = (-1, -1)
    while True:
        found = TaskProblem.objects.filter(task_id=task_id, row__gte=after[0]).exclude(row=after[0], pk__lte=after[1])
        piece = list(found.order_by("row", "pk")[:REPORT_BATCH])
        for problem in piece:
            yield problem.row, problem.column, problem.found, problem.expected
        if len(piece) < REPORT_BATCH:
            return
        after = (piece[-1].row, piece[-1].pk)
