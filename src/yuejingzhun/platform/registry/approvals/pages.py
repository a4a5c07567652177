"""Desks of maker, authority and institute; the public look-up, the certificate with its models and software."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.registry.approvals import filed, forms, queries, statements
from yuejingzhun.platform.registry.approvals.errors import UnknownApprovalError
from yuejingzhun.platform.registry.approvals.page_parts import carry_out, download, key_of, next_key, today
from yuejingzhun.platform.registry.approvals.services import decisions


@login_required
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """To the list that the visitor works from."""
    actor = current_actor(request)
    if queries.maker_of(actor) is not None:
        return redirect("approvals-own")
    if actor.has(Role.REGULATOR):
        return redirect("approvals-work")
    if queries.institutes_of(actor):
        return redirect("approvals-evaluations")
    raise NotPermittedError(f"{actor.name} 没有办理型式批准的角色")


@login_required
@require_GET
def own_page(request: HttpRequest) -> HttpResponse:
    """A maker's types and applications."""
    actor = current_actor(request)
    rows = queries.own_applications(actor, key_of(request, "before", queries.LARGEST_KEY))
    types = queries.own_types(actor, today(), key_of(request, "before_type", queries.LARGEST_KEY))
    context = {
        "types": types,
        "next_type": next_key([one.approval for one in types]),
        "applications": rows,
        "next": next_key(rows),
    }
    return render(request, "approvals/own.html", context)


@login_required
@require_GET
def work_page(request: HttpRequest) -> HttpResponse:
    """What waits for the authority: applications, and for the province's the software filings."""
    actor = current_actor(request)
    decides = queries.regulates_types(actor)
    rows = queries.applications_to_decide(actor, key_of(request, "after", 0))
    software = filed.software_to_decide(actor, key_of(request, "after_software", 0)) if decides else []
    context = {
        "applications": rows,
        "next": next_key(rows),
        "decides": decides,
        "software": software,
        "next_software": next_key(software),
    }
    return render(request, "approvals/work.html", context)


@login_required
@require_GET
def evaluations_page(request: HttpRequest) -> HttpResponse:
    """What the visitor's institutes have to evaluate."""
    actor = current_actor(request)
    institutes = queries.institutes_of(actor)
    if not institutes:
        raise NotPermittedError(f"{actor.name} 不在计量技术机构任职")
    after = key_of(request, "after", 0)
    # Few people work in more than one.
    lists = [(one, queries.applications_to_evaluate(actor, one.pk, after)) for one in institutes]
    context = {"lists": [(one, rows, next_key(rows)) for one, rows in lists]}
    return render(request, "approvals/evaluations.html", context)


@require_GET
def types_page(request: HttpRequest) -> HttpResponse:
    """Public: approved types by number, maker or model."""
    text = request.GET.get("text", "")[:80]
    context = {"text": text, "types": queries.find(text, today()), "most": queries.PAGE}
    return render(request, "approvals/types.html", context)


@require_GET
def type_page(request: HttpRequest, number: str) -> HttpResponse:
    """Public: a type approval with its models and software, and all its certificates."""
    on = today()
    try:
        found = queries.shown(number, on)
    except UnknownApprovalError as error:
        raise Http404(str(error)) from error
    actor = _visitor(request)
    own = actor is not None and may_act(actor, Role.MAKER, found.approval.maker_id)
    decides = actor is not None and queries.regulates_types(actor)
    withdrawn = found.withdrawal is not None
    context = {
        "shown": found,
        "variants": found.certificate.variants.all(),
        "editions": queries.editions(found.approval.number, on),
        "software": filed.filed_software(found.approval.number, on),
        "may_change": own and not withdrawn,
        "may_end": decides and not withdrawn,
        "decides": decides,
        "today": on,
        "compare": forms.CompareForm(),
    }
    return render(request, "approvals/type.html", context)


@require_GET
def edition_file(request: HttpRequest, number: str, edition: str, suffix: str) -> HttpResponse:
    """Public: an edition of a certificate, its signed statement, the signature, the signer, or the proof of the log."""
    name = f"{number.upper()}-E{int(edition)}"
    return download(name, suffix, lambda: statements.file_of_edition(number, int(edition), suffix))


@require_GET
def withdrawal_file(request: HttpRequest, number: str, suffix: str) -> HttpResponse:
    """Public: the same of a withdrawal."""
    return download(f"{number.upper()}-withdrawn", suffix, lambda: statements.file_of_withdrawal(number, suffix))


@login_required
@require_POST
def withdraw_type(request: HttpRequest, number: str) -> HttpResponse:
    """End a type approval."""
    actor = current_actor(request)

    def act(said: Mapping[str, Any], at: datetime) -> object:
        return decisions.withdraw_approval(actor, number, said["effective_from"], said["reason"], at)

    carry_out(request, forms.EndingForm(request.POST), act, "已撤销")
    return redirect("approvals-type", number=number)


def _visitor(request: HttpRequest) -> Actor | None:
    if not request.user.is_authenticated:
        return None
    try:
        return current_actor(request)
    except NotPermittedError:  # an account without a person sees what everybody sees
        return None
