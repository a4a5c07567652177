"""Pages of applications: apply, declare, the work lists of assessor and regulator, one application with its steps."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.audit.queries import history
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor, organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act, may_see_region
from yuejingzhun.platform.registry.standards import applications as reads
from yuejingzhun.platform.registry.standards import forms, queries
from yuejingzhun.platform.registry.standards.errors import ProposalError, StandardError, UnknownStandardError
from yuejingzhun.platform.registry.standards.models import Application, MeasurementStandard
from yuejingzhun.platform.registry.standards.proposal import date_of, proposal_from_json
from yuejingzhun.platform.registry.standards.rules import Act, Kind, State, refusal_to_move
from yuejingzhun.platform.registry.standards.services import applications, assessments, decisions, declarations
from yuejingzhun.platform.registry.standards.standard_acts import attempt
from yuejingzhun.procedures.local_date import local_date

STEPS = (State.SUBMITTED, State.ACCEPTED, State.PASSED, State.APPROVED)
REACHED = {
    State.SUBMITTED: 0,
    State.RETURNED: 0,
    State.WITHDRAWN: 0,
    State.ACCEPTED: 1,
    State.CORRECTING: 1,
    State.CORRECTED: 1,
    State.PASSED: 2,
    State.FAILED: 2,
    State.APPROVED: 3,
    State.REFUSED: 3,
}


@login_required
def apply_page(request: HttpRequest) -> HttpResponse:
    """The form of an application; shown again with every problem and all that was typed."""
    actor = current_actor(request)
    owner = _managed(actor)
    standards = queries.standards_of_owner(owner)
    form = forms.ApplicationForm(request.POST or None, standards=standards, initial=_start(request, standards))
    problems: tuple[str, ...] = ()
    if request.method == "POST" and form.is_valid():
        kind, standard = Kind[form.cleaned_data["kind"]], form.cleaned_data["standard"]
        try:
            made = applications.apply(actor, owner, kind, form.content(), standard, timezone.now())
        except ProposalError as error:
            problems = error.problems
        except (StandardError, UnknownStandardError) as error:
            problems = (str(error),)
        else:
            messages.success(request, "申请已提交，等待受理")
            return redirect("standards-application", application_id=made.pk)
    return _form_page(request, form, problems, owner, "申请计量标准考核", "提交申请")


@login_required
def declare_page(request: HttpRequest) -> HttpResponse:
    """The form of a self-declaration."""
    actor = current_actor(request)
    owner = _managed(actor)
    form = forms.DeclarationForm(request.POST or None, initial={"level": "ENTERPRISE_HIGHEST"})
    problems: tuple[str, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            made = declarations.declare(actor, owner, form.content(), form.cleaned_data["ends_on"], timezone.now())
        except ProposalError as error:
            problems = error.problems
        except StandardError as error:
            problems = (str(error),)
        else:
            messages.success(request, "自我声明已公开")
            return redirect("standards-page", standard_id=made.standard_id)
    return _form_page(request, form, problems, owner, "企业最高计量标准自我声明", "声明并公开")


@login_required
@require_GET
def work_list(request: HttpRequest) -> HttpResponse:
    """What waits for the actor as assessor, regulator or applicant, and the applicant's own applications."""
    actor = current_actor(request)
    context = {
        "waiting": reads.waiting_for(actor),
        "own": reads.applications_of(actor),
        "contested": reads.contested_for(actor),
        "may_apply": actor.has(Role.QUALITY_MANAGER),
    }
    return render(request, "standards/work.html", context)


@login_required
@require_GET
def application_page(request: HttpRequest, application_id: int) -> HttpResponse:
    """An application: what it says, how its figures hold, how far it is, and what the visitor can do."""
    actor, today = current_actor(request), local_date(timezone.now())
    try:
        application = reads.visible_application(actor, application_id)
    except UnknownStandardError as error:
        raise Http404(str(error)) from error
    state, may = State[application.state], _possible(actor, application)
    context = {
        "application": application,
        "state": state,
        "steps": [(step.value, place < REACHED[state] or state is State.APPROVED) for place, step in enumerate(STEPS)],
        "given": proposal_from_json(application.content),
        "findings": reads.findings_of(application),
        "assessors": [row.assessor for row in application.assignments.all()],
        "events": history("application", application.pk),
        "may": may,
        "candidates": reads.assessors_for(application.applicant_id, today) if may["accept"] else [],
    }
    return render(request, "standards/application.html", context)


@login_required
@require_POST
def act_on_application(request: HttpRequest, application_id: int, act: str) -> HttpResponse:
    """One step of an application; back to it with what came of it."""
    text, key = request.POST.get("text", "")[:4000], application_id
    chosen = [int(each) for each in request.POST.getlist("assessor") if each.isdigit() and len(each) < 18]

    def require(by: Actor, at: datetime) -> object:
        due = date_of(request.POST.get("due", ""), "整改期限")
        return assessments.require_correction(by, key, text, due, at)

    acts: dict[str, tuple[Callable[[Actor, datetime], object], str]] = {
        "return": (lambda by, at: applications.return_to_applicant(by, key, text, at), "已退回补正"),
        "accept": (lambda by, at: applications.accept(by, key, chosen, at), "已受理，考评员已指定"),
        "withdraw": (lambda by, at: applications.withdraw(by, key, text, at), "已撤回"),
        "correct": (lambda by, at: applications.correct(by, key, text, at), "整改情况已提交"),
        "pass": (lambda by, at: assessments.report_pass(by, key, text, at), "已评为合格"),
        "require": (require, "已要求整改"),
        "fail": (lambda by, at: assessments.report_failure(by, key, text, at), "已评为不合格"),
        "approve": (lambda by, at: decisions.approve(by, key, at), "已批准并颁发考核证书"),
        "refuse": (lambda by, at: decisions.refuse(by, key, text, at), "已决定不予发证"),
    }
    if act not in acts:
        raise Http404("没有这个操作")
    attempt(request, *acts[act])
    return redirect("standards-application", application_id=application_id)


def _managed(actor: Actor) -> int:
    """The organisation that the actor applies for."""
    for grant in actor.grants:
        if grant.role is Role.QUALITY_MANAGER:
            return grant.organisation_id
    raise NotPermittedError(f"{actor.name} 不是质量负责人，不能申请考核或声明")


def _start(request: HttpRequest, standards: list[MeasurementStandard]) -> dict[str, Any]:
    chosen = request.GET.get("standard", "")
    standard = next((found for found in standards if str(found.pk) == chosen), None)
    if standard is None:
        return {"kind": Kind.NEW.name, "level": "PUBLIC_OTHER"}
    return forms.start_values(standard, queries.equipment_of(standard.pk), queries.materials_of(standard.pk))


def _form_page(
    request: HttpRequest, form: forms.ProposalForm, problems: tuple[str, ...], owner: int, title: str, button: str
) -> HttpResponse:
    wrong = bool(problems or form.errors)
    context = {"form": form, "problems": problems, "owner": organisation(owner), "title": title, "button": button}
    return render(request, "standards/form.html", context, status=422 if wrong else 200)


def _possible(actor: Actor, application: Application) -> dict[str, bool]:
    standing, today = reads.standing_of(application), local_date(timezone.now())
    presides = may_see_region(actor, application.presiding)
    applies = may_act(actor, Role.QUALITY_MANAGER, application.applicant_id)
    assesses = actor.has(Role.ASSESSOR) and actor.person_id in standing.assessors
    right = dict.fromkeys((Act.ACCEPT, Act.RETURN, Act.APPROVE, Act.REFUSE), presides)
    right |= dict.fromkeys((Act.CORRECT, Act.WITHDRAW), applies)
    right |= dict.fromkeys((Act.PASS, Act.REQUIRE, Act.FAIL), assesses)
    may = {
        act.name.lower(): held and refusal_to_move(standing, act, actor.person_id, today) is None
        for act, held in right.items()
    }
    return may | {"any": any(may.values())}
