"""Pages of the population: the list of meters, studies of an evaluation, and what they give to take away."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from yuejingzhun.platform.foundation.jobs.rules import AGAIN, FINISHED
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.tables.writing import csv_pieces, write_xlsx
from yuejingzhun.platform.operations.metering import charts, queries, study_tables
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.forms import PlanForm, PopulationForm, SampleForm
from yuejingzhun.platform.operations.metering.models import Analysis
from yuejingzhun.platform.operations.metering.page_parts import carry_out, number, visible
from yuejingzhun.platform.operations.metering.rules import Medium, Study
from yuejingzhun.platform.operations.metering.services.analyse import ask_plan, ask_population, ask_sample
from yuejingzhun.platform.operations.metering.services.assets import COLUMNS, bring_list

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS = {Study.POPULATION: PopulationForm, Study.PLAN: PlanForm, Study.SAMPLE: SampleForm}


@login_required
@require_http_methods(["GET", "POST"])
def new_page(request: HttpRequest, evaluation_id: int, kind: str) -> HttpResponse:
    """The form of a study; handed in, it is asked for."""
    actor = current_actor(request)
    evaluation = visible(queries.visible_evaluation, actor, evaluation_id)
    queries.check_engineer(actor, evaluation.organisation_id)
    if kind.upper() not in Study.__members__:
        raise Http404("没有这种分析")
    study = Study[kind.upper()]
    form = FORMS[study](request.POST or None)
    if request.method == "POST" and form.is_valid():
        act: Any = (
            partial(ask_sample, actor, evaluation.pk, form.cleaned_data["size"])
            if study is Study.SAMPLE
            else partial(ask_plan if study is Study.PLAN else ask_population, actor, evaluation.pk, form.wanted())  # type: ignore[attr-defined]
        )
        made = carry_out(request, act, "")
        if made is not None:
            return redirect("metering-study", analysis_id=made.pk)
    medium = Medium[evaluation.medium]
    context = {
        "evaluation": evaluation, "study": study, "form": form,
        "meter_list": queries.newest_list(evaluation.organisation_id, medium),
    }  # fmt: skip
    return render(request, "metering/new_study.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_GET
def study_page(request: HttpRequest, analysis_id: int) -> HttpResponse:
    """What a study found, or how far it is."""
    actor = current_actor(request)
    found: Analysis = visible(queries.visible_analysis, actor, analysis_id)
    task = found.task
    running = task is not None and task.standing not in FINISHED
    context: dict[str, Any] = {
        "analysis": found, "evaluation": found.evaluation, "running": running, "result": found.result,
        "again": task is not None and task.standing in AGAIN,
        "own": task is not None and task.asked_by_id == actor.person_id,
    }  # fmt: skip
    if request.headers.get("HX-Request"):
        response = render(request, "metering/study_progress.html", context)
        if not running:
            response["HX-Refresh"] = "true"
        return response
    if found.finished_at is None:
        return render(request, "metering/study.html", context)
    kind = Study[found.kind]
    if kind is Study.SAMPLE:
        rows = queries.drawn_in(found, number(request.GET.get("after", "")) or 0)
        context |= {"rows": rows, "next": rows[-1].pk if len(rows) == queries.PAGE else None}
    if kind is Study.POPULATION and found.result and "curve" in found.result["life"]:
        context["curve"] = _curve(found.result["life"]["curve"])
    return render(request, f"metering/{kind.name.lower()}.html", context)


@login_required
@require_GET
def study_file(request: HttpRequest, analysis_id: str, suffix: str) -> HttpResponseBase:
    """The rows of a study as csv or xlsx."""
    found = visible(queries.visible_analysis, current_actor(request), int(analysis_id))
    if found.finished_at is None or suffix not in ("csv", "xlsx"):
        raise Http404("分析还没有完成，或没有这种格式")
    title, headings, rows = study_tables.table_of(found)
    name = quote(f"{title}-{found.pk}.{suffix}")
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    try:
        if suffix == "csv":
            pieces = csv_pieces(headings, rows)
            return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=disposition)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.xlsx"
            write_xlsx(path, title, headings, rows)
            file = path.open("rb")  # kept by the response; the name may go
    except (MeteringError, ValueError) as error:
        raise Http404(str(error)) from error
    return FileResponse(file, content_type=XLSX, headers=disposition)


@login_required
@require_http_methods(["GET", "POST"])
def lists_page(request: HttpRequest, holder_id: int) -> HttpResponse:
    """The list of meters that counts; handed in, another."""
    actor = current_actor(request)
    utility = visible(queries.visible_utility, actor, holder_id)
    if request.method == "POST":
        upload = request.FILES.get("file")
        if upload is None or isinstance(upload, list):
            messages.error(request, "没有选择文件")
        else:
            act = partial(bring_list, actor, utility.pk, Medium.ELECTRICITY, upload.name or "", upload.chunks())
            task = carry_out(request, act, "")
            if task is not None:
                return redirect("tasks-task", task_id=task)
        return redirect("metering-lists", holder_id=holder_id)
    context = {
        "utility": utility, "newest": queries.newest_list(utility.pk, Medium.ELECTRICITY), "columns": COLUMNS,
        "is_engineer": queries.is_engineer(actor, utility.pk),
    }  # fmt: skip
    return render(request, "metering/lists.html", context)


def _curve(rows: list[dict[str, Any]]) -> charts.Dots | None:
    points = [
        (f"{row['age']} 年", row["share"], row["low"], row["high"],
         f"使用 {row['age']} 年：超差 {charts.share(row['share'])}，区间 {charts.share(row['low'])} 至 "
         f"{charts.share(row['high'])}")
        for row in rows
    ]  # fmt: skip
    return charts.shares(points)
