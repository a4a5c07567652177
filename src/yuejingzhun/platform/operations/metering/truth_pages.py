"""Pages of test results: the list, results by hand or from a table, corrections; and how good the method has been."""

import tempfile
from functools import partial
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.operations.metering import charts, queries
from yuejingzhun.platform.operations.metering.forms import HUNDRED, TruthForm, WithdrawForm
from yuejingzhun.platform.operations.metering.page_parts import carry_out, number, tell_problems, visible
from yuejingzhun.platform.operations.metering.rules import Medium
from yuejingzhun.platform.operations.metering.services.flow_back import bring_results
from yuejingzhun.platform.operations.metering.services.truth import Outcome, record_table, record_truth, withdraw_truth
from yuejingzhun.platform.operations.metering.track import Record, tracks_of

LARGEST_TABLE = 8 * 1024 * 1024  # bytes


@login_required
@require_http_methods(["GET", "POST"])
def truths_page(request: HttpRequest, holder_id: int) -> HttpResponse:
    """Test results of a utility; handed in, one more, or one in place of another."""
    actor = current_actor(request)
    utility = visible(queries.visible_utility, actor, holder_id)
    form = TruthForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        tested = Outcome(
            said["meter"].strip(), said["tested_on"], said["error"] / HUNDRED, said["passed"], said["remark"]
        )
        act = partial(_record, actor, holder_id, tested, supersedes=number(request.POST.get("supersedes", "")))
        if carry_out(request, act, f"已记录 {tested.meter} 的检定结果"):
            return redirect("metering-truths", holder_id=holder_id)
    rows = queries.truths(utility.pk, number(request.GET.get("before", "")))
    context = {
        "utility": utility, "form": form, "rows": rows, "is_engineer": queries.is_engineer(actor, utility.pk),
        "older": rows[-1].pk if len(rows) == queries.PAGE else None,
    }  # fmt: skip
    return render(request, "metering/truths.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_POST
def table_page(request: HttpRequest, holder_id: int) -> HttpResponse:
    """Results from a table, all of them or none."""
    actor = current_actor(request)
    visible(queries.visible_utility, actor, holder_id)
    upload = request.FILES.get("file")
    if upload is None or isinstance(upload, list):
        messages.error(request, "没有选择文件")
    elif (upload.size or 0) > LARGEST_TABLE:
        messages.error(request, f"文件超过 {LARGEST_TABLE // 1024**2} MB")
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table"
            path.write_bytes(upload.read())
            act = partial(record_table, actor, holder_id, Medium.ELECTRICITY, path)
            made = carry_out(request, act, "")
        if made is not None:
            messages.success(request, f"已导入 {made} 个检定结果")
    return redirect("metering-truths", holder_id=holder_id)


@login_required
@require_POST
def bring_page(request: HttpRequest, holder_id: int) -> HttpResponse:
    """Look for results of verifications now."""
    actor = current_actor(request)
    visible(queries.visible_utility, actor, holder_id)
    brought = carry_out(request, partial(bring_results, actor, holder_id), "")
    if brought is not None:
        messages.success(request, f"取回 {brought.results} 个检定结果，撤回 {brought.withdrawn} 个")
    return redirect("metering-truths", holder_id=holder_id)


@login_required
@require_POST
def withdraw_page(request: HttpRequest, holder_id: int, truth_id: int) -> HttpResponse:
    """That a result doesn't count."""
    actor, form = current_actor(request), WithdrawForm(request.POST)
    visible(queries.visible_utility, actor, holder_id)
    if not form.is_valid():
        tell_problems(request, form)
    else:
        act = partial(withdraw_truth, actor, truth_id, form.cleaned_data["reason"])
        carry_out(request, partial(visible, act), "已撤回")
    return redirect("metering-truths", holder_id=holder_id)


@login_required
@require_GET
def record_page(request: HttpRequest, holder_id: int) -> HttpResponse:
    """How good the method has been: against all meters tested since, and against those drawn by lot."""
    utility = visible(queries.visible_utility, current_actor(request), holder_id)
    found = tracks_of(utility.pk, Medium.ELECTRICITY)
    records = [("全部已检的表", found.all), ("随机抽检的表", found.drawn)]
    context = {
        "utility": utility, "tracks": found,
        "records": [_shown(title, record) for title, record in records if record is not None],
    }  # fmt: skip
    return render(request, "metering/record.html", context)


def _record(actor: object, holder_id: int, tested: Outcome, at: object, supersedes: int | None) -> object:
    return record_truth(actor, holder_id, Medium.ELECTRICITY, tested, at, supersedes)  # type: ignore[arg-type]


def _shown(title: str, record: Record) -> dict[str, object]:
    bins = zip(record.track.reliability.stated, record.track.reliability.found, record.track.reliability.meters,
               record.track.reliability.agrees(), strict=True)  # fmt: skip
    return {
        "title": title,
        "track": record.track,
        "coverage": record.coverage,
        "picture": charts.reliability(record.track.reliability),
        "bins": [(float(stated), one, int(count), bool(agrees)) for stated, one, count, agrees in bins if count],
    }
