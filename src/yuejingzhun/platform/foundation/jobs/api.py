"""The JSON interface of long tasks."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from yuejingzhun.platform.foundation.accounts.refusal import REFUSED
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.queries import (
    LARGEST_ID,
    first_problems,
    own_task,
    own_tasks,
    problem_count,
)
from yuejingzhun.platform.foundation.jobs.schemas import TaskOut, TaskProblemOut
from yuejingzhun.platform.foundation.jobs.services import restart, stop
from yuejingzhun.platform.foundation.parties.queries import current_actor

router = Router(tags=["长任务"])
signed_in = SignedIn()


@router.get("/tasks", auth=signed_in, response={200: list[TaskOut], **REFUSED}, summary="我的长任务")
def list_tasks(request: HttpRequest, before: int | None = Query(None, ge=1, le=LARGEST_ID)) -> list[TaskOut]:
    """最近提出的任务，每次 30 项；before 为上一页最后一项的编号。"""
    return [task_out(task) for task in own_tasks(current_actor(request), before)]


@router.get("/tasks/{int:task_id}", auth=signed_in, response={200: TaskOut, **REFUSED}, summary="一项长任务")
def show_task(request: HttpRequest, task_id: int) -> TaskOut:
    """进度与结果。"""
    task = own_task(current_actor(request), task_id)
    return task_out(task, problem_count(task.pk))


@router.get(
    "/tasks/{int:task_id}/problems",
    auth=signed_in,
    response={200: list[TaskProblemOut], **REFUSED},
    summary="问题行（前 1000 处）",
)
def list_problems(request: HttpRequest, task_id: int) -> list[TaskProblemOut]:
    """没有导入的行：行号、列、现为什么、应为什么。全部问题行以 CSV 或 xlsx 下载。"""
    task = own_task(current_actor(request), task_id)
    return [
        TaskProblemOut(row=found.row, column=found.column, found=found.found, expected=found.expected)
        for found in first_problems(task.pk, most=1_000)
    ]


@router.post("/tasks/{int:task_id}/stop", auth=signed_in, response={200: TaskOut, **REFUSED}, summary="停止")
def stop_task(request: HttpRequest, task_id: int) -> TaskOut:
    """在手头的一块完成之后停止；已保存的留下。"""
    return task_out(stop(current_actor(request), task_id, timezone.now()))


@router.post("/tasks/{int:task_id}/restart", auth=signed_in, response={200: TaskOut, **REFUSED}, summary="重新开始")
def restart_task(request: HttpRequest, task_id: int) -> TaskOut:
    """从上一次保存的地方继续。"""
    return task_out(restart(current_actor(request), task_id, timezone.now()))


def task_out(task: LongTask, problems: int = 0) -> TaskOut:
    """As the interface shows it."""
    return TaskOut(
        id=task.pk,
        kind=task.kind,
        title=task.title,
        state=task.state,
        state_name=task.standing.value,
        done=task.done,
        total=task.total,
        percent=task.percent,
        message=task.message,
        result=task.result,
        problems=problems,
        asked_at=task.asked_at,
        finished_at=task.finished_at,
    )
