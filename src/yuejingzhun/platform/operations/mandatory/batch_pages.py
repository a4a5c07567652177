"""Pages of batches: the head of the table, the file that is brought, what came of it, and its review and approval."""

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yuejingzhun.platform.foundation.jobs.queries import own_tasks
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.foundation.tables.table import TableError
from yuejingzhun.platform.foundation.tables.writing import csv_pieces, write_xlsx
from yuejingzhun.platform.operations.mandatory import queries
from yuejingzhun.platform.operations.mandatory.bench_file import MOST_BYTES
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.forms import BatchForm
from yuejingzhun.platform.operations.mandatory.models import BatchJob
from yuejingzhun.platform.operations.mandatory.page_parts import carry_out, number, visible
from yuejingzhun.platform.operations.mandatory.rules import Keep
from yuejingzhun.platform.operations.mandatory.sampling import sample_of_batch
from yuejingzhun.platform.operations.mandatory.services.batch import (
    Upload,
    ask_approval,
    ask_review,
    bring_bench,
    check_may_bring,
    table_head,
)
from yuejingzhun.platform.operations.verification.bench import MOST_ROWS, BenchError
from yuejingzhun.platform.operations.verification.errors import UnknownJobError
from yuejingzhun.platform.operations.verification.queries import Job, visible_job

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATES = dict(Job._meta.get_field("state").flatchoices)


@login_required
@require_GET
def batches_page(request: HttpRequest) -> HttpResponse:
    """The batches of the institutes where the visitor works, the newest first."""
    found = queries.batches(current_actor(request), number(request.GET.get("before", "")))
    older = found[-1].pk if len(found) == queries.PAGE else None
    return render(request, "mandatory/batches.html", {"batches": found, "older": older})


@login_required
@require_http_methods(["GET", "POST"])
def new_batch_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """The form for the file of a bench; handed in, the file is checked whole and its import asked for."""
    actor, first = current_actor(request), _first(request, job_id)
    form = BatchForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = _bring(actor, first, form)
        except (TableError, BenchError, MandatoryError) as error:
            form.add_error("table", str(error))
        else:
            messages.success(request, "文件已收下，正在逐台评定")
            return redirect("mandatory-batch", batch_id=made)
    context = {"form": form, "first": first, "most": MOST_ROWS, "head": table_head(first)}
    return render(request, "mandatory/batch_new.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_GET
def table_head_file(request: HttpRequest, job_id: int, suffix: str) -> HttpResponseBase:
    """The head of the table as csv or xlsx, to be filled by the bench."""
    first = _first(request, job_id)
    head = table_head(first)
    name = quote(f"{first.regulation} 检定台数据.{suffix}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    if suffix == "csv":
        return HttpResponse(b"".join(csv_pieces(head, ())), content_type="text/csv; charset=utf-8", headers=headers)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "head.xlsx"
        write_xlsx(path, "检定台数据", head, ())
        file = path.open("rb")  # kept by the response; the name may go
    return FileResponse(file, content_type=XLSX, headers=headers)


@login_required
@require_GET
def batch_page(request: HttpRequest, batch_id: int) -> HttpResponse:
    """What came of a batch: counts, its records, and what the visitor can do with all of them."""
    actor = current_actor(request)
    batch = visible(queries.visible_batch, actor, batch_id)
    counts = queries.counts_of_batch(batch_id)
    failed = request.GET.get("only") == "failed"
    jobs = queries.jobs_of_batch(batch_id, number(request.GET.get("after", "")) or 0, failed=failed)
    states = {state for state, _ in counts}
    may_review = may_act(actor, Role.REVIEWER, batch.institute_id) and "TESTED" in states
    may_approve = may_act(actor, Role.SIGNATORY, batch.institute_id) and "REVIEWED" in states
    context = {
        "batch": batch,
        "keep": Keep[batch.keep].value,
        "total": sum(counts.values()),
        "passed": sum(n for (_, passed), n in counts.items() if passed),
        "failed_count": sum(n for (_, passed), n in counts.items() if not passed),
        "states": [(term, sum(counts.get((state, ok), 0) for ok in (True, False))) for state, term in STATES.items()],
        "rows": jobs,
        "next": jobs[-1].row if len(jobs) == queries.PAGE else None,
        "only_failed": failed,
        "may_review": may_review,
        "may_approve": may_approve,
        "sample": _sample(batch_id, "REVIEWED" if may_approve else "TESTED") if may_review or may_approve else [],
        "task": next((task for task in own_tasks(actor) if task.arguments == {"batch": batch_id}), None),
    }
    return render(request, "mandatory/batch.html", context)


@login_required
@require_POST
def review_batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Review all that waits for it."""
    return _ask(request, batch_id, ask_review)


@login_required
@require_POST
def approve_batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Approve all that was reviewed."""
    return _ask(request, batch_id, ask_approval)


def _sample(batch_id: int, state: str) -> Sequence[BatchJob]:
    return sample_of_batch(batch_id, state, SystemRandom())


def _ask(request: HttpRequest, batch_id: int, act: Callable[[Actor, int, datetime], int]) -> HttpResponse:
    actor = current_actor(request)
    visible(queries.visible_batch, actor, batch_id)
    carry_out(request, lambda at: act(actor, batch_id, at), "已放入任务队列")
    return redirect("mandatory-batch", batch_id=batch_id)


def _first(request: HttpRequest, job_id: int) -> Job:
    """The record that a batch begins from; 404 for one that isn't there, and for one that is not usable."""
    actor = current_actor(request)
    try:
        first = visible_job(actor, job_id)
        check_may_bring(actor, first)
    except (UnknownJobError, MandatoryError) as error:
        raise Http404(str(error)) from error
    return first


def _bring(actor: Actor, first: Job, form: BatchForm) -> int:
    said: dict[str, Any] = form.cleaned_data
    file = said["table"]
    if file.size > MOST_BYTES:
        raise TableError(f"文件超过 {MOST_BYTES // 1024**2} MB，请分成几个文件")
    upload = Upload(str(file.name), file.read(), said["instruments"])
    made, _ = bring_bench(actor, first, upload, Keep[said["keep"]], timezone.now())
    return made.pk
