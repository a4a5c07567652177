"""Pages of applications: the form with its models and papers, and one application with its steps."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.files import store
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor, organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.registry.approvals import forms, queries
from yuejingzhun.platform.registry.approvals.errors import UnknownApprovalError
from yuejingzhun.platform.registry.approvals.models import Application
from yuejingzhun.platform.registry.approvals.page_parts import REFUSALS, carry_out, key_of, today
from yuejingzhun.platform.registry.approvals.rules import (
    CLASSES,
    REQUIRED_PAPERS,
    Asked,
    State,
)
from yuejingzhun.platform.registry.approvals.services import applications, decisions, evaluations
from yuejingzhun.platform.registry.approvals.services.applications import Upload


@login_required
def apply_page(request: HttpRequest) -> HttpResponse:
    """The form for a new type; shown again with every problem, but for the files, which browsers don't keep."""
    actor = current_actor(request)
    maker_id = _maker(actor)
    form = forms.TypeForm(request.POST or None, on=today())
    papers = forms.PapersForm(request.POST or None, request.FILES or None, needed=REQUIRED_PAPERS)

    def act(models: Any, files: list[Upload], at: datetime) -> Application:
        said = form.cleaned_data
        asked = Asked(said["item"], said["name"], models, said["samples"], said["sample_note"])
        return applications.apply(actor, maker_id, asked, files, at)

    return _form_page(request, "申请型式批准", organisation(maker_id).name, form, papers, act)


@login_required
def change_page(request: HttpRequest, number: str) -> HttpResponse:
    """The form for an extension or change of an approved type."""
    actor = current_actor(request)
    try:
        found = queries.shown(number, today())
    except UnknownApprovalError as error:
        raise Http404(str(error)) from error
    if not may_act(actor, Role.MAKER, found.approval.maker_id):
        raise NotPermittedError(f"{actor.name} 不是该制造单位的经办人")
    form = forms.ChangeForm(request.POST or None, initial={"name": found.certificate.name, "samples": 1})
    papers = forms.PapersForm(request.POST or None, request.FILES or None, needed=())

    def act(models: Any, files: list[Upload], at: datetime) -> Application:
        said = form.cleaned_data
        return applications.apply_for_change(actor, number, said["name"], models, said["samples"], files, at)

    title = f"变更型式批准 {found.approval.number}"
    return _form_page(request, title, found.certificate.maker_name, form, papers, act)


@login_required
@require_GET
def application_page(request: HttpRequest, application_id: int) -> HttpResponse:
    """An application: what it says, its papers, how far it is, and what the visitor can do."""
    actor = current_actor(request)
    try:
        row = queries.application(actor, application_id)
    except UnknownApprovalError as error:
        raise Http404(str(error)) from error
    may = _possible(actor, row)
    context = {
        "application": row,
        "state": State[row.state],
        "may": may,
        "institutes": queries.evaluating_institutes(row.item, today()) if may["accept"] else [],
        "classes": CLASSES.items(),
        "today": today(),
        "samples": forms.SamplesForm(initial={"number": row.samples}),
        "report": forms.ReportForm(),
    }
    return render(request, "approvals/application.html", context)


@login_required
@require_POST
def act_on_application(request: HttpRequest, application_id: int, act: str) -> HttpResponse:
    """One step of an application; back to it with what came of it."""
    actor, key = current_actor(request), application_id

    def accept(said: Mapping[str, Any], at: datetime) -> object:
        chosen = request.POST.get("institute", "")
        return decisions.accept(actor, key, int(chosen) if chosen.isdecimal() and len(chosen) < 18 else 0, at)

    def report(said: Mapping[str, Any], at: datetime) -> object:
        upload = Upload("REPORT", said["report"].name, said["report"].read())
        passed = said["passed"] == "yes"
        return evaluations.report_evaluation(actor, key, said["report_number"], passed, said["findings"], upload, at)

    def issue(said: Mapping[str, Any], at: datetime) -> object:
        return decisions.issue(actor, key, request.POST.get("letter", ""), said["valid_from"], at)

    acts: dict[str, tuple[type[Any], Callable[[Mapping[str, Any], datetime], object], str]] = {
        "withdraw": (
            forms.DecisionForm,
            lambda said, at: applications.withdraw_application(actor, key, said["reason"], at),
            "已撤回",
        ),
        "accept": (forms.NothingForm, accept, "已受理，已委托型式评价"),
        "refuse": (forms.DecisionForm, lambda said, at: decisions.refuse(actor, key, said["reason"], at), "不予受理"),
        "samples": (
            forms.SamplesForm,
            lambda said, at: evaluations.receive_samples(actor, key, said["number"], said["note"], at),
            "已收样",
        ),
        "report": (forms.ReportForm, report, "型式评价结果已提交"),
        "issue": (forms.StartForm, issue, "已批准，证书已签发"),
        "reject": (forms.DecisionForm, lambda said, at: decisions.reject(actor, key, said["reason"], at), "不予批准"),
    }
    if act not in acts:
        raise Http404("没有这个操作")
    kind, do, done = acts[act]
    carry_out(request, kind(request.POST, request.FILES), do, done)
    return redirect("approvals-application", application_id=application_id)


@login_required
@require_GET
def document_file(request: HttpRequest, application_id: int, document_id: int) -> HttpResponse:
    """A paper of an application, to be saved and not shown: it comes from a stranger."""
    try:
        found = queries.document(current_actor(request), application_id, document_id)
        data = store.read(found.sha256)
    except (UnknownApprovalError, store.FileMissingError) as error:
        raise Http404(str(error)) from error
    suffix = found.media_type.rpartition("/")[2]
    answer = HttpResponse(data, content_type=found.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{found.paper.lower()}-{document_id}.{suffix}"'
    return answer


def _form_page(
    request: HttpRequest, title: str, maker: str, form: Any, papers: Any,
    act: Callable[[Any, list[Upload], datetime], Application],
) -> HttpResponse:  # fmt: skip
    rows = forms.Variants(request.POST if request.method == "POST" and "form-TOTAL_FORMS" in request.POST else None)
    rows.extra = key_of(request, "rows", rows.extra)  # MOST_VARIANTS at most, the set of forms sees to it
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        # All are asked, so that everything wrong is shown at once.
        valid = [rows.is_bound and rows.is_valid(), form.is_valid(), papers.is_valid()]
        if all(valid):
            try:
                made = act(forms.variants(rows), papers.uploads(), timezone.now())
            except REFUSALS as error:
                problems = getattr(error, "problems", None) or (str(error),)
            else:
                messages.success(request, "申请已提交，等待受理")
                return redirect("approvals-application", application_id=made.pk)
        elif not rows.is_bound:
            problems = ("规格型号：没有收到，请从申请页面提交",)
    wrong = bool(problems or form.errors or papers.errors or (rows.is_bound and not rows.is_valid()))
    context = {"title": title, "maker": maker, "form": form, "lines": rows, "papers": papers, "problems": problems}
    return render(request, "approvals/apply.html", context, status=422 if wrong else 200)


def _maker(actor: Actor) -> int:
    maker_id = queries.maker_of(actor)
    if maker_id is None:
        raise NotPermittedError(f"{actor.name} 不是制造单位的经办人，不能申请型式批准")
    return maker_id


def _possible(actor: Actor, row: Application) -> dict[str, bool]:
    state, decides = State[row.state], queries.regulates_types(actor)

    def here(*roles: Role) -> bool:
        return row.institute_id is not None and any(may_act(actor, role, row.institute_id) for role in roles)

    may = {
        "accept": decides and state is State.APPLIED,
        "decide": decides and state is State.EVALUATED,
        "samples": here(Role.RECEPTIONIST, Role.VERIFIER) and state is State.ACCEPTED,
        "report": here(Role.SIGNATORY) and state is State.EVALUATING,
        "withdraw": may_act(actor, Role.MAKER, row.maker_id)
        and state in (State.APPLIED, State.ACCEPTED, State.EVALUATING),
    }
    return may | {"any": any(may.values())}
