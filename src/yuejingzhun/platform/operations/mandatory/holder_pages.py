"""A holder's pages: what needs verification, the application for it, and one's own applications."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor, organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.operations.mandatory import choosing, queries
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.forms import ApplyForm, fresh_key
from yuejingzhun.platform.operations.mandatory.page_parts import names, number, shown, today
from yuejingzhun.platform.operations.mandatory.rules import MOST_LINES, Delivery
from yuejingzhun.platform.operations.mandatory.services.apply import Request, apply


@login_required
@require_http_methods(["GET", "POST"])
def apply_page(request: HttpRequest) -> HttpResponse:
    """The kinds that need verification; of one of them, the instruments and the form; handed in, it is filed."""
    actor, on = current_actor(request), today()
    holder_id = _holder(actor)
    if request.method == "POST":
        return _apply(request, actor, holder_id, on)
    if request.GET.get("kind"):
        return _form_page(request, holder_id, on)
    return _kinds(request, holder_id, on)


@login_required
@require_GET
def own_page(request: HttpRequest) -> HttpResponse:
    """The holder's applications, the newest first."""
    actor = current_actor(request)
    holder = organisation(_holder(actor))
    found = queries.of_holder(actor, number(request.GET.get("before", "")))
    older = found[-1].pk if len(found) == queries.PAGE else None
    return render(request, "mandatory/own.html", {"rows": shown(found), "older": older, "holder": holder})


def _kinds(request: HttpRequest, holder_id: int, on: date, problem: str = "") -> HttpResponse:
    named = names(on)
    waiting = [(one, named.get(one.kind.item, one.kind.item)) for one in choosing.kinds_waiting(holder_id, on)]
    context = {"waiting": waiting, "holder": organisation(holder_id), "problem": problem}
    return render(request, "mandatory/kinds.html", context, status=422 if problem else 200)


def _form_page(request: HttpRequest, holder_id: int, on: date, form: ApplyForm | None = None) -> HttpResponse:
    """The form of a kind, with what was typed where it comes back."""
    given = request.POST if form else request.GET
    try:
        kind = choosing.kind_of(given.get("kind", ""))
        proposals = choosing.proposals(kind, on)
    except MandatoryError as error:
        return _kinds(request, holder_id, on, str(error))
    found = choosing.members(holder_id, kind, on)
    first = {"institute": proposals[0].institute.institute_id} if proposals else {}
    context = {
        "form": form or ApplyForm(institutes=proposals, initial={"key": fresh_key()} | first),
        "kind": kind,
        "item": names(on).get(kind.item, kind.item),
        "proposals": proposals,
        "instruments": list(found[: choosing.SHOWN]),
        "number": found.count(),
        "most": MOST_LINES,
        "today": on,
        "ticked": {number(text) for text in request.POST.getlist("instrument")},
        "everything": bool(request.POST.get("everything")),
    }
    return render(request, "mandatory/apply.html", context, status=422 if form else 200)


def _apply(request: HttpRequest, actor: Actor, holder_id: int, on: date) -> HttpResponse:
    # The same form again: all instruments of the kind would by now be others than then.
    if filed := queries.filed_with(actor, request.POST.get("key", "")[:64]):
        messages.info(request, f"这张表单已经提交过，申请编号 {filed.number}")
        return redirect("mandatory-application", application_id=filed.pk)
    try:
        kind = choosing.kind_of(request.POST.get("kind", ""))
        form = ApplyForm(request.POST, institutes=choosing.proposals(kind, on))
    except MandatoryError as error:
        return _kinds(request, holder_id, on, str(error))
    if not form.is_valid():
        return _form_page(request, holder_id, on, form)
    try:
        filed = apply(actor, _request(request, form, holder_id, kind, on), timezone.now())
    except MandatoryError as error:
        form.add_error(None, str(error))
        return _form_page(request, holder_id, on, form)
    messages.success(request, f"已提交，申请编号 {filed.number}；检定机构将在 {filed.answer_by} 之前答复")
    return redirect("mandatory-application", application_id=filed.pk)


def _request(request: HttpRequest, form: ApplyForm, holder_id: int, kind: choosing.Kind, on: date) -> Request:
    said = form.cleaned_data
    ticked = (number(text) for text in request.POST.getlist("instrument"))
    chosen = tuple(one for one in ticked if one is not None)
    return Request(
        holder_id=holder_id,
        institute_id=said["institute"],
        instrument_ids=choosing.all_of(holder_id, kind, on) if request.POST.get("everything") else chosen,
        delivery=Delivery[said["delivery"]],
        contact=said["contact"],
        phone=said["phone"],
        key=said["key"],
        wanted_on=said["wanted_on"],
        remark=said["remark"],
    )


def _holder(actor: Actor) -> int:
    found = next((grant.organisation_id for grant in actor.grants if grant.role is Role.HOLDER), None)
    if found is None:
        raise NotPermittedError(f"{actor.name} 不是使用单位的经办人，不能申请强制检定")
    return found
