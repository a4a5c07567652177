"""One application: what it holds, how far it is, and what the visitor can do about it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import segno
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.operations.mandatory import choosing, forms, queries
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.models import Application
from yuejingzhun.platform.operations.mandatory.page_parts import (
    carry_out,
    chosen_positions,
    names,
    number,
    shown,
    shown_lines,
    today,
    visible,
)
from yuejingzhun.platform.operations.mandatory.rules import Act, Delivery, State, acts
from yuejingzhun.platform.operations.mandatory.services import answer, reception
from yuejingzhun.platform.operations.mandatory.services.apply import withdraw, working_days

DAYS_PROPOSED = 8
LABELS = 60  # on a page to be printed
DONE = {
    "accept": "已受理，请预约日期",
    "refer": "已转送",
    "refuse": "已答复不予受理",
    "withdraw": "已撤回",
    "appoint": "已预约",
    "receive": "已收样，可以打印样品标签",
    "give-back": "已发还",
}


@login_required
@require_GET
def application_page(request: HttpRequest, application_id: int) -> HttpResponse:
    """An application for its holder, its institutes and its regulators."""
    actor = current_actor(request)
    found: Application = visible(queries.visible_application, actor, application_id)
    lines = queries.lines_of(found.pk, number(request.GET.get("after", "")) or 0)
    (row,) = shown([found])
    context = {
        "row": row,
        "application": found,
        "delivery": Delivery[found.delivery].value,
        "referrals": found.referrals.select_related("from_institute", "to_institute", "by").order_by("pk"),
        "lines": shown_lines(lines),
        "number": found.lines.count(),
        "next": lines[-1].position if len(lines) == queries.PAGE else None,
        "item": names(today()).get(found.item, found.item),
        "place": choosing.Kind(found.item, found.regulation, found.region).place,
    }
    return render(request, "mandatory/application.html", context | _possible(actor, found))


@login_required
@require_POST
def act_page(request: HttpRequest, application_id: int, act: str) -> HttpResponse:
    """Do one act to an application."""
    actor = current_actor(request)
    found: Application = visible(queries.visible_application, actor, application_id)
    if act not in DONE:
        raise Http404("没有这种办理")
    form = _form(request, found, act)
    carry_out(request, lambda at: _do(request, actor, found, act, form, at), DONE[act], form)
    return redirect("mandatory-application", application_id=application_id)


@login_required
@require_GET
def labels_page(request: HttpRequest, application_id: int) -> HttpResponse:
    """Labels of the samples of an application, to be printed."""
    found = visible(queries.visible_application, current_actor(request), application_id)
    lines = queries.labelled(found.pk, number(request.GET.get("after", "")) or 0, LABELS)
    after = lines[-1].position if len(lines) == LABELS else None
    labels = [(line, qr_of(line.sample or "")) for line in lines]
    return render(request, "mandatory/labels.html", {"application": found, "labels": labels, "next": after})


@login_required
@require_GET
def line_page(request: HttpRequest, line_id: int) -> HttpResponse:
    """One sample: where it is, and what can be done with it."""
    actor = current_actor(request)
    line = visible(queries.line_of, actor, line_id)
    (found,) = shown_lines([line])
    receives = may_act(actor, Role.RECEPTIONIST, line.institute_id)
    seals = receives or may_act(actor, Role.VERIFIER, line.institute_id)
    context = {
        "found": found,
        "line": line,
        "may_seal": seals and line.passed and line.sealed_at is None and line.returned_at is None,
        "may_drop": receives and line.open and line.result_at is None and line.application.state == "TESTING",
        "may_return": receives and line.result_at is not None and line.returned_at is None,
        "may_test": may_act(actor, Role.VERIFIER, line.institute_id) and found.step.name == "RECEIVED",
        "seal_form": forms.SealForm(),
        "drop_form": forms.ReasonForm(),
        "give_back_form": forms.GiveBackForm(),
    }
    return render(request, "mandatory/line.html", context)


@login_required
@require_POST
def line_act_page(request: HttpRequest, line_id: int, act: str) -> HttpResponse:
    """Seal, drop or give back one sample."""
    actor = current_actor(request)
    line = visible(queries.line_of, actor, line_id)
    ways: dict[str, tuple[Any, str, Callable[[dict[str, Any], datetime], object]]] = {
        "seal": (forms.SealForm, "已登记加封", lambda said, at: reception.seal(actor, line.pk, said["number"], at)),
        "drop": (forms.ReasonForm, "已终止这一件", lambda said, at: reception.drop(actor, line.pk, said["reason"], at)),
        "give-back": (
            forms.GiveBackForm,
            "已发还",
            lambda said, at: reception.give_back(actor, [line.pk], said["to"], at),
        ),
    }
    if act not in ways:
        raise Http404("没有这种办理")
    kind, done, way = ways[act]
    form = kind(request.POST)
    carry_out(request, lambda at: way(form.cleaned_data, at), done, form)
    return redirect("mandatory-line", line_id=line_id)


def qr_of(text: str) -> SafeString:
    """A code as SVG."""
    return mark_safe(segno.make(text, error="m").svg_inline(scale=3, border=2))  # noqa: S308 - made here


def days_proposed(institute_id: int, on: date) -> list[tuple[date, int]]:
    """The next working days, each with how many instruments are appointed for it."""
    calendar, days, day = working_days(), [], on
    while len(days) < DAYS_PROPOSED:
        day += timedelta(days=1)
        if calendar.is_worked(day):
            days.append(day)
    return list(queries.load(institute_id, days).items())


def _possible(actor: Actor, found: Application) -> dict[str, Any]:
    """The acts that the visitor can do now, with the forms that they need."""
    receives = may_act(actor, Role.RECEPTIONIST, found.institute_id)
    applied = may_act(actor, Role.HOLDER, found.holder_id)
    possible = {act.name for act in acts(State[found.state]) if (applied if act is Act.WITHDRAW else receives)}
    context: dict[str, Any] = {"may": possible, "reason_form": forms.ReasonForm()}
    if "REFER" in possible:
        context["refer_form"] = forms.ReferForm(institutes=_others(found))
    if "APPOINT" in possible:
        context["days"] = days_proposed(found.institute_id, today())
        context["unlisted"] = {day for day, _ in context["days"] if not working_days().is_known(day.year)}
        context["appoint_form"] = forms.AppointForm(initial={"day": found.appointed_on or context["days"][0][0]})
    here = queries.progress(found.pk)
    context["may_receive"] = "RECEIVE" in possible and here.to_receive > 0
    context["may_return"] = receives and here.to_give_back > 0
    context["may_label"] = receives and here.labelled > 0
    return context


def _others(found: Application) -> list[choosing.Proposal]:
    kind = choosing.Kind(found.item, found.regulation, found.region)
    try:
        proposed = choosing.proposals(kind, today())
    except MandatoryError:
        return []
    return [one for one in proposed if one.institute.institute_id != found.institute_id]


def _form(request: HttpRequest, found: Application, act: str) -> Any:
    """What the act needs to be told, or None."""
    if act == "refer":
        return forms.ReferForm(request.POST, institutes=_others(found))
    known = {"refuse": forms.ReasonForm, "appoint": forms.AppointForm}
    known |= {"receive": forms.ReceiveForm, "give-back": forms.GiveBackForm}
    return known[act](request.POST) if act in known else None


def _do(request: HttpRequest, actor: Actor, found: Application, act: str, form: Any, at: datetime) -> None:
    said: dict[str, Any] = form.cleaned_data if form else {}
    if act == "accept":
        answer.accept(actor, found.pk, at)
    elif act == "refer":
        answer.refer(actor, found.pk, said["to"], said["reason"], at)
    elif act == "refuse":
        answer.refuse(actor, found.pk, said["reason"], at)
    elif act == "appoint":
        answer.appoint(actor, found.pk, said["day"], at)
    elif act == "withdraw":
        withdraw(actor, found.pk, request.POST.get("reason", "")[:300], at)
    elif act == "receive":
        reception.receive(
            actor, found.pk, chosen_positions(request, found.pk, queries.RECEIVABLE), said["condition"], at
        )
    else:
        lines = queries.lines_at(found.pk, chosen_positions(request, found.pk, queries.RETURNABLE))
        reception.give_back(actor, lines, said["to"], at)
