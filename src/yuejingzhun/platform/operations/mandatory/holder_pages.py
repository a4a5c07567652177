"""A holder's pages: what needs verification, the application for it, and one's own applications."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from yuejingzhun.platform.foundation.parties.queries import HolderChoice, current_actor, holder_choice
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.mandatory import choosing, queries
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.forms import ApplyForm, fresh_key
from yuejingzhun.platform.operations.mandatory.page_parts import names, number, shown, today
from yuejingzhun.platform.operations.mandatory.rules import MOST_LINES, Delivery
from yuejingzhun.platform.operations.mandatory.services.apply import Request, apply, is_provisional


@login_required
@require_http_methods(["GET", "POST"])
def apply_page(request: HttpRequest) -> HttpResponse:
    """The kinds that need verification; of one of them, the instruments and the form; handed in, it is filed."""
    actor, on = current_actor(request), today()
    choice = holder_choice(actor, (request.POST or request.GET).get("holder", ""))
    if request.method == "POST":
        return _apply(request, actor, choice, on)
    if request.GET.get("kind"):
        return _form_page(request, choice, on)
    return _kinds(request, choice, on)


@login_required
@require_GET
def own_page(request: HttpRequest) -> HttpResponse:
    """The applications of all holders in whose name the visitor acts, the newest first."""
    actor = current_actor(request)
    choice = holder_choice(actor)
    found = queries.of_holder(actor, number(request.GET.get("before", "")))
    older = found[-1].pk if len(found) == queries.PAGE else None
    return render(request, "mandatory/own.html", {"rows": shown(found), "older": older, "choice": choice})


def _kinds(request: HttpRequest, choice: HolderChoice, on: date, problem: str = "") -> HttpResponse:
    named = names(on)
    found = choosing.kinds_waiting(choice.chosen.pk, on)
    waiting = [(one, named.get(one.kind.item, one.kind.item)) for one in found]
    context = {"waiting": waiting, "choice": choice, "problem": problem}
    return render(request, "mandatory/kinds.html", context, status=422 if problem else 200)


def _form_page(request: HttpRequest, choice: HolderChoice, on: date, form: ApplyForm | None = None) -> HttpResponse:
    """The form of a kind, with what was typed where it comes back."""
    given = request.POST if form else request.GET
    try:
        kind = choosing.kind_of(given.get("kind", ""))
        proposals = choosing.proposals(kind, on)
    except MandatoryError as error:
        return _kinds(request, choice, on, str(error))
    words = _words(given.get("find", ""))
    found = choosing.members(choice.chosen.pk, kind, on, words)
    first = {"institute": proposals[0].institute.institute_id} if proposals else {}
    context = {
        "form": form or ApplyForm(institutes=proposals, initial={"key": fresh_key()} | first),
        "choice": choice,
        "kind": kind,
        "item": names(on).get(kind.item, kind.item),
        "proposals": proposals,
        "instruments": list(found[: choosing.SHOWN]),
        "number": found.count(),
        "most": MOST_LINES,
        "find": words,
        "today": on,
        "ticked": {number(text) for text in request.POST.getlist("instrument")},
        "everything": bool(request.POST.get("everything")),
    }
    return render(request, "mandatory/apply.html", context, status=422 if form else 200)


def _apply(request: HttpRequest, actor: Actor, choice: HolderChoice, on: date) -> HttpResponse:
    # The same form again: all instruments of the kind would by now be others than then.
    if filed := queries.filed_with(actor, request.POST.get("key", "")[:64]):
        messages.info(request, f"这张表单已经提交过，申请编号 {filed.number}")
        return redirect("mandatory-application", application_id=filed.pk)
    try:
        kind = choosing.kind_of(request.POST.get("kind", ""))
        form = ApplyForm(request.POST, institutes=choosing.proposals(kind, on))
    except MandatoryError as error:
        return _kinds(request, choice, on, str(error))
    if not form.is_valid():
        return _form_page(request, choice, on, form)
    try:
        filed = apply(actor, _request(request, form, choice.chosen.pk, kind, on), timezone.now())
    except MandatoryError as error:
        form.add_error(None, str(error))
        return _form_page(request, choice, on, form)
    about = "（日期按未公布的放假安排暂计）" if is_provisional(filed.answer_by, on) else ""
    messages.success(request, f"已提交，申请编号 {filed.number}；检定机构将在 {filed.answer_by} 之前答复{about}")
    return redirect("mandatory-application", application_id=filed.pk)


def _request(request: HttpRequest, form: ApplyForm, holder_id: int, kind: choosing.Kind, on: date) -> Request:
    said, words = form.cleaned_data, _words(request.POST.get("find", ""))
    ticked = (number(text) for text in request.POST.getlist("instrument"))
    chosen = tuple(one for one in ticked if one is not None)
    return Request(
        holder_id=holder_id,
        institute_id=said["institute"],
        instrument_ids=choosing.all_of(holder_id, kind, on, words) if request.POST.get("everything") else chosen,
        delivery=Delivery[said["delivery"]],
        contact=said["contact"],
        phone=said["phone"],
        key=said["key"],
        wanted_on=said["wanted_on"],
        remark=said["remark"],
    )


def _words(text: str) -> str:
    return text.replace("\0", "").strip()[:60]
