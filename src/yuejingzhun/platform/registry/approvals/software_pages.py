"""Pages of software filings: file, decide, block, compare, and the signed statements for download."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Role, may_act
from yuejingzhun.platform.registry.approvals import forms, queries, statements
from yuejingzhun.platform.registry.approvals.errors import UnknownApprovalError
from yuejingzhun.platform.registry.approvals.page_parts import REFUSALS, carry_out, today
from yuejingzhun.platform.registry.approvals.services import software_filings
from yuejingzhun.platform.registry.approvals.software import Algorithm, Standing


@login_required
def file_page(request: HttpRequest, number: str) -> HttpResponse:
    """The form of a filing; shown again with every problem."""
    actor = current_actor(request)
    try:
        of, filed = queries.approval(number), queries.filed_software(number, today())
    except UnknownApprovalError as error:
        raise Http404(str(error)) from error
    if not may_act(actor, Role.MAKER, of.maker_id):
        raise NotPermittedError(f"{actor.name} 不是该制造单位的经办人")
    earlier = [one.row.version for one in filed if one.standing in (Standing.IN_FORCE, Standing.FUTURE)]
    form = forms.SoftwareForm(request.POST or None, earlier=earlier, initial={"valid_from": today()})
    problems: tuple[str, ...] = ()
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        algorithm = Algorithm[said.pop("algorithm")]
        try:
            software_filings.file_software(actor, number, algorithm=algorithm, at=timezone.now(), **said)
        except REFUSALS as error:
            problems = getattr(error, "problems", None) or (str(error),)
        else:
            messages.success(request, "软件备案已提交，等待审核")
            return redirect("approvals-type", number=of.number)
    context = {"form": form, "problems": problems, "approval": of}
    wrong = bool(problems or form.errors)
    return render(request, "approvals/software_form.html", context, status=422 if wrong else 200)


@login_required
@require_POST
def act_on_software(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Accept, refuse or block a filed version; back to where the visitor came from."""
    actor = current_actor(request)
    acts: dict[str, tuple[type[Any], Callable[[Mapping[str, Any], datetime], object], str, str]] = {
        "accept": (
            forms.NothingForm,
            lambda said, at: software_filings.accept_software(actor, number, at),
            "已备案",
            "approvals-work",
        ),
        "refuse": (
            forms.DecisionForm,
            lambda said, at: software_filings.refuse_software(actor, number, said["reason"], at),
            "不予备案",
            "approvals-work",
        ),
        "block": (
            forms.EndingForm,
            lambda said, at: software_filings.block_software(actor, number, said["effective_from"], said["reason"], at),
            "已禁用",
            "",
        ),
    }
    if act not in acts:
        raise Http404("没有这个操作")
    kind, do, done, back = acts[act]
    carry_out(request, kind(request.POST), do, done)
    return redirect(back) if back else redirect("approvals-type", number=number.rpartition("-S")[0])


@require_GET
def compare_page(request: HttpRequest, number: str) -> HttpResponse:
    """Public: what a device displays compared with what is filed; nothing is recorded."""
    form = forms.CompareForm(request.GET or None)
    found = None
    try:
        of = queries.approval(number)
        if form.is_valid():
            said = form.cleaned_data
            found = queries.compare_software(number, said["version"], said["identification"], today())
    except UnknownApprovalError as error:
        raise Http404(str(error)) from error
    context = {"approval": of, "compare": form, "found": found}
    return render(request, "approvals/compare.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def device_page(request: HttpRequest, tag: str) -> HttpResponse:
    """What a device was seen to run, for those who test or supervise."""
    rows = queries.comparisons_of_device(current_actor(request), tag)
    return render(request, "approvals/device.html", {"tag": tag[:12].upper(), "comparisons": rows})


@require_GET
def statement_file(request: HttpRequest, number: str, event: str, suffix: str) -> HttpResponse:
    """Public: a signed statement about a filing, its signature, the signer's certificate or the proof of the log."""
    try:
        data = statements.file_of(number, event, suffix)
    except UnknownApprovalError as error:
        raise Http404(str(error)) from error
    answer = HttpResponse(data, content_type="application/json" if suffix == "json" else "application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{number.upper()}-{event}.{suffix}"'
    return answer
