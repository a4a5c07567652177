"""Pages of traceability: the chain behind an item, and recalls with what they reach."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor, visitor
from yuejingzhun.platform.registry.traceability.errors import TraceabilityError, UnknownItemError
from yuejingzhun.platform.registry.traceability.export import as_csv, as_xlsx
from yuejingzhun.platform.registry.traceability.queries import (
    PAGE,
    affected_of,
    node_of,
    recalls_for,
    sees_all,
    shown_chain,
    tallies_of,
    visible_recall,
)
from yuejingzhun.platform.registry.traceability.rules import Finding
from yuejingzhun.platform.registry.traceability.services import declare_and_list, may_declare

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class RecallForm(forms.Form):
    """What was found."""

    from_day = forms.DateField(
        label="自（含）", help_text="从哪一天起不能再相信它", widget=forms.DateInput(attrs={"type": "date"})
    )
    to_day = forms.DateField(
        label="至（不含）", required=False, help_text="改正或停用的那一天；留空为至今",
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip
    error = forms.DecimalField(
        label="发现的误差", required=False, max_digits=24, decimal_places=12, help_text="带符号；未知则留空"
    )
    unit = forms.CharField(label="误差的单位", required=False, max_length=20, help_text="与该标准 U 的单位相同")
    reason = forms.CharField(label="发现了什么，如何发现的", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


@require_GET
def chain_page(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """What stands behind an item."""
    try:
        chain = shown_chain(actor := visitor(request), kind, key)
    except UnknownItemError as error:
        raise Http404(str(error)) from error
    context: dict[str, Any] = {"chain": chain, "kind": chain.start.kind.lower()}
    if actor is not None and context["kind"] not in ("certificate", "instrument"):
        context["may_declare"] = may_declare(actor, chain.start)
    return render(request, "traceability/chain_page.html", context)


@login_required
@require_GET
def recalls_page(request: HttpRequest) -> HttpResponse:
    """The recalls that concern the person."""
    recalls = recalls_for(current_actor(request), _whole(request, "before"))
    more = recalls[-1].pk if len(recalls) == PAGE else None
    return render(request, "traceability/recalls.html", {"recalls": recalls, "more": more})


@login_required
def new_recall(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """The form of a recall; declared, its list is made at once unless it is long."""
    actor = current_actor(request)
    try:
        source = node_of(kind, key)
    except UnknownItemError as error:
        raise Http404(str(error)) from error
    if not may_declare(actor, source):
        raise NotPermittedError(f"{actor.name} 不是归属单位的质量负责人，也不是当地的监管人员")
    form, problem = RecallForm(request.POST or None, initial={"unit": source.unit}), ""
    if request.method == "POST" and form.is_valid():
        try:
            recall = declare_and_list(actor, kind, key, Finding(**form.cleaned_data), timezone.now())
        except TraceabilityError as error:
            problem = str(error)
        else:
            return redirect("traceability-recall", recall_id=recall.pk)
    context = {"source": source, "form": form, "problem": problem}
    return render(request, "traceability/recall_new.html", context, status=422 if form.errors or problem else 200)


@login_required
@require_GET
def recall_page(request: HttpRequest, recall_id: int) -> HttpResponse:
    """What a recall reached, as far as it concerns the person; for htmx only the part that is still being made."""
    actor = current_actor(request)
    try:
        recall = visible_recall(actor, recall_id)
    except UnknownItemError as error:
        raise Http404(str(error)) from error
    standing = "standing" in request.GET
    context: dict[str, Any] = {"recall": recall, "sees_all": sees_all(actor, recall), "standing": standing}
    if recall.state == recall.State.DONE:
        rows = list(affected_of(actor, recall, _whole(request, "after") or 0, standing=standing))
        holders, regions = tallies_of(actor, recall)
        for tally in holders:
            tally.region_name = full_name(tally.region)  # type: ignore[attr-defined]
        context |= {
            "rows": rows,
            "more": rows[-1].rank if len(rows) == PAGE else None,
            "holders": holders,
            "regions": [row | {"name": full_name(row["region"])} for row in regions],
        }
    template = "recall_result" if request.headers.get("HX-Request") else "recall"
    return render(request, f"traceability/{template}.html", context)


@login_required
@require_GET
def affected_file(request: HttpRequest, recall_id: int, suffix: str) -> HttpResponseBase:
    """The list as csv or xlsx, as far as it concerns the person."""
    actor = current_actor(request)
    try:
        recall = visible_recall(actor, recall_id)
    except UnknownItemError as error:
        raise Http404(str(error)) from error
    rows = affected_of(actor, recall, count=None, standing="standing" in request.GET)
    name = {"Content-Disposition": f'attachment; filename="recall-{recall.pk}.{suffix}"'}
    if suffix == "csv":
        return StreamingHttpResponse(as_csv(rows.iterator(5000)), content_type="text/csv; charset=utf-8", headers=name)
    try:
        content = as_xlsx(rows.iterator(5000), rows.count())
    except TraceabilityError as error:
        return render(request, "error.html", {"title": "不能下载", "text": str(error)}, status=422)
    return HttpResponse(content, content_type=XLSX, headers=name)


def _whole(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
