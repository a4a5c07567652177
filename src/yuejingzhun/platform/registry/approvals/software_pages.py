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

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.registry.approvals import filed, forms, queries, statements
from yuejingzhun.platform.registry.approvals.errors import UnknownApprovalError
from yuejingzhun.platform.registry.approvals.page_parts import REFUSALS, carry_out, download, key_of, next_key, today
from yuejingzhun.platform.registry.approvals.services import software_filings
from yuejingzhun.platform.registry.approvals.software import Algorithm, Standing, Verdict


@login_required
def file_page(request: HttpRequest, number: str) -> HttpResponse:
    """The form of a filing, shown again with every problem; and all that was filed of the type."""
    actor = current_actor(request)
    try:
        of, versions = queries.approval(number), filed.own_software(actor, number, today())
    except UnknownApprovalError as error:
        raise Http404(str(error)) from error
    earlier = [one.row.version for one in versions if one.standing in (Standing.IN_FORCE, Standing.FUTURE)]
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
            return redirect("approvals-file-software", number=of.number)
    context = {"form": form, "problems": problems, "approval": of, "software": versions}
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
    return redirect(back) if back else redirect("approvals-type", number=number.rpartition("-S")[0] or number)


@require_GET
def compare_page(request: HttpRequest, number: str) -> HttpResponse:
    """Public: what a device displays compared with what is filed; nothing is recorded."""
    form = forms.CompareForm(request.GET or None)
    found = None
    try:
        of = queries.approval(number)
        if form.is_valid():
            said = form.cleaned_data
            found = filed.compare_software(number, said["version"], said["identification"], today())
    except UnknownApprovalError as error:
        raise Http404(str(error)) from error
    context = {"approval": of, "compare": form, "found": found}
    return render(request, "approvals/compare.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def astray_page(request: HttpRequest, number: str) -> HttpResponse:
    """Devices of a type that were seen with other than what is filed, for the authority."""
    try:
        of = queries.approval(number)
        rows = filed.comparisons_astray(current_actor(request), number, key_of(request, "before", queries.LARGEST_KEY))
    except UnknownApprovalError as error:
        raise Http404(str(error)) from error
    return render(request, "approvals/astray.html", {"approval": of, "comparisons": rows, "next": next_key(rows)})


@login_required
def device_page(request: HttpRequest, tag: str) -> HttpResponse:
    """What a device was seen to run, for those who test or supervise; what it shows now is compared and kept."""
    actor, tag = current_actor(request), tag[:12].upper()
    form = forms.SeenForm(request.POST or None, initial={"number": request.GET.get("number", "")[:20]})
    rows = filed.comparisons_of_device(actor, tag)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            found, _ = software_filings.record_comparison(actor, **said, tag=tag, at=timezone.now())
        except UnknownApprovalError as error:
            form.add_error("number", str(error))
        else:
            told = messages.success if found.verdict is Verdict.SAME else messages.error
            told(request, f"{found.verdict.value}：{found.detail}")
            return redirect("approvals-device", tag=tag)
    context = {"tag": tag, "comparisons": rows, "form": form}
    return render(request, "approvals/device.html", context, status=422 if form.errors else 200)


@require_GET
def statement_file(request: HttpRequest, number: str, event: str, suffix: str) -> HttpResponse:
    """Public: a signed statement about a filing, its signature, the signer's certificate or the proof of the log."""
    return download(f"{number.upper()}-{event}", suffix, lambda: statements.file_of_software(number, event, suffix))
