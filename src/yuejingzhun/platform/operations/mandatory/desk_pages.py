"""The receptionist's desk, and the verifier's list of what waits for its test."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.operations.mandatory import queries
from yuejingzhun.platform.operations.mandatory.errors import UnknownApplicationError
from yuejingzhun.platform.operations.mandatory.page_parts import number, shown, today
from yuejingzhun.platform.operations.mandatory.rules import State
from yuejingzhun.platform.operations.mandatory.services.apply import is_provisional

OVERDUE_SHOWN = 20


@login_required
@require_GET
def desk_page(request: HttpRequest) -> HttpResponse:
    """The applications of one state, with the counts of all, and before them what is past its term."""
    actor = current_actor(request)
    if not actor.has(Role.RECEPTIONIST):
        raise NotPermittedError(f"{actor.name} 不是收发人员")
    counts = queries.counts_of_desk(actor)
    wanted = request.GET.get("state", "")
    state = State[wanted] if wanted in {one.name for one in counts} else State.SUBMITTED
    found = queries.desk(actor, state, number(request.GET.get("after", "")) or 0)
    late = shown(queries.overdue(actor, today()))
    context = {
        "counts": counts,
        "state": state,
        "rows": shown(found),
        "next": found[-1].pk if len(found) == queries.PAGE else None,
        "late": late[:OVERDUE_SHOWN],
        "late_count": len(late),
    }
    return render(request, "mandatory/desk.html", context)


@login_required
@require_GET
def find_page(request: HttpRequest) -> HttpResponse:
    """From a scanned or typed sample number or label to the sample."""
    actor = current_actor(request)
    if not (actor.has(Role.RECEPTIONIST) or actor.has(Role.VERIFIER)):
        raise NotPermittedError(f"{actor.name} 不是收发人员，也不是检定员")
    try:
        found = queries.find_line(actor, request.GET.get("text", "")[:200])
    except UnknownApplicationError as error:
        messages.error(request, str(error))
        return redirect("mandatory-desk" if actor.has(Role.RECEPTIONIST) else "mandatory-waiting")
    return redirect("mandatory-line", line_id=found.pk)


@login_required
@require_GET
def waiting_page(request: HttpRequest) -> HttpResponse:
    """What was received and waits for its test, the longest waiting first."""
    actor = current_actor(request)
    if not actor.has(Role.VERIFIER):
        raise NotPermittedError(f"{actor.name} 不是检定员")
    after, _, key = request.GET.get("after", "").partition("~")
    found = queries.waiting_for_test(actor, _moment(after), number(key) or 0)
    last = found[-1] if len(found) == queries.PAGE else None
    known = {code for grant in actor.grants if grant.role is Role.VERIFIER for code in grant.regulations}
    context = {
        "lines": found,
        "next": f"{last.received_at.isoformat()}~{last.pk}" if last and last.received_at else "",
        "known": known,
        "today": today(),
        "provisional": {line.pk for line in found if is_provisional(line.application.due_on, today())},
    }
    return render(request, "mandatory/waiting.html", context)


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    return found if found and found.tzinfo else None
