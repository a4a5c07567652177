"""Pages of long tasks: the list of one's own, the progress of one, its problems to take away."""

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.jobs.errors import TaskError, UnknownTaskError
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.queries import (
    PAGE,
    PROBLEM_HEADINGS,
    figures,
    first_problems,
    own_task,
    own_tasks,
    problem_count,
    problem_rows,
)
from yuejingzhun.platform.foundation.jobs.rules import AGAIN, FINISHED
from yuejingzhun.platform.foundation.jobs.services import restart, stop
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.tables.writing import csv_pieces, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@require_GET
def task_list(request: HttpRequest) -> HttpResponse:
    """One's own tasks, the newest first."""
    before = request.GET.get("before", "")
    tasks = own_tasks(current_actor(request), int(before) if before.isdecimal() and before.isascii() else None)
    older = tasks[-1].pk if len(tasks) == PAGE else None
    return render(request, "jobs/list.html", {"tasks": tasks, "older": older})


@login_required
@require_GET
def task_page(request: HttpRequest, task_id: int) -> HttpResponse:
    """One task; asked for by htmx, only its progress, which asks again until the task has ended."""
    task = _task(request, task_id)
    if request.headers.get("HX-Request"):
        response = render(request, "jobs/progress.html", _context(task))
        if task.standing in FINISHED:
            response["HX-Refresh"] = "true"
        return response
    return render(request, "jobs/task.html", _context(task))


@login_required
@require_POST
def stop_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Ask it to stop."""
    return _act(request, task_id, stop, "已要求停止")


@login_required
@require_POST
def restart_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Go on after the last piece that was stored."""
    return _act(request, task_id, restart, "已重新开始")


@login_required
@require_GET
def problems_file(request: HttpRequest, task_id: str, suffix: str) -> HttpResponseBase:
    """Every refused row with its number and reason, as csv or xlsx."""
    task = _task(request, int(task_id))
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'问题行-{task.pk}.{suffix}')}"}
    rows = problem_rows(task.pk)
    if suffix == "csv":
        pieces = csv_pieces(PROBLEM_HEADINGS, rows)
        return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=disposition)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problems.xlsx"
        write_xlsx(path, "问题行", PROBLEM_HEADINGS, rows)
        file = path.open("rb")  # kept by the response; the name may go
    return FileResponse(file, content_type=XLSX, headers=disposition)


def _context(task: LongTask) -> dict[str, Any]:
    finished = task.standing in FINISHED
    return {
        "task": task,
        "state": task.standing,
        "finished": finished,
        "again": task.standing in AGAIN,
        "figures": figures(task),
        "problems": first_problems(task.pk) if finished else [],
        "problem_count": problem_count(task.pk),
    }


def _act(request: HttpRequest, task_id: int, act: Any, done: str) -> HttpResponse:
    try:
        act(current_actor(request), task_id, timezone.now())
    except TaskError as error:
        messages.error(request, str(error))
    except UnknownTaskError as error:
        raise Http404(str(error)) from error
    else:
        messages.success(request, done)
    return redirect("tasks-task", task_id=task_id)


def _task(request: HttpRequest, task_id: int) -> LongTask:
    try:
        return own_task(current_actor(request), task_id)
    except UnknownTaskError as error:
        raise Http404(str(error)) from error
