"""Holders for their regulators: found by name or credit code, and one of them with its instruments and applications."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError, UnknownPartyError
from yuejingzhun.platform.foundation.parties.queries import current_actor, organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_see_region
from yuejingzhun.platform.foundation.parties.searching import LONGEST, holders_like
from yuejingzhun.platform.operations.mandatory.queries import applications_of
from yuejingzhun.platform.registry.instruments.filters import Filters
from yuejingzhun.platform.registry.instruments.lines import lines
from yuejingzhun.platform.registry.instruments.paging import place_of, place_text
from yuejingzhun.platform.registry.instruments.queries import MOST_COUNTED, counts_of_holder, own_instruments
from yuejingzhun.platform.registry.instruments.rules import Standing
from yuejingzhun.procedures.local_date import local_date

PAGE = 50
LARGEST_KEY = 2**63 - 1


@login_required
@require_GET
def holders_page(request: HttpRequest) -> HttpResponse:
    """Holders by a fragment of their name, or the beginning of their credit code."""
    actor = _regulator(request)
    text, after = request.GET.get("text", "")[:LONGEST], request.GET.get("after", "")
    key = min(int(after), LARGEST_KEY) if after.isascii() and after.isdecimal() else 0
    found = holders_like(actor, text, key, PAGE)
    context = {
        "text": text,
        "holders": [(holder, full_name(holder.region)) for holder in found],
        "next": found[-1].pk if len(found) == PAGE else None,
    }
    return render(request, "regulator/holders.html", context)


@login_required
@require_GET
def holder_page(request: HttpRequest, holder_id: int) -> HttpResponse:
    """A holder: how its instruments in the regulator's region stand, those of one standing, the last applications."""
    actor, today = _regulator(request), local_date(timezone.now())
    try:
        holder = organisation(holder_id)
    except UnknownPartyError as error:
        raise Http404(str(error)) from error
    wanted = request.GET.get("standing", "OVERDUE")
    standing = Standing[wanted] if wanted in Standing.__members__ else Standing.OVERDUE
    found = own_instruments(actor, holder_id, place_of(request.GET.get("after", "")), Filters(today, standing))
    context = {
        "holder": holder,
        "place": full_name(holder.region),
        "address": holder.address if may_see_region(actor, holder.region) else "",
        "counts": [(each, _shown(number)) for each, number in counts_of_holder(actor, holder_id, today).items()],
        "standing": standing,
        "lines": lines(found, today),
        "next": place_text(found),
        "applications": applications_of(actor, holder_id),
    }
    return render(request, "regulator/holder.html", context)


def _regulator(request: HttpRequest) -> Actor:
    actor = current_actor(request)
    if not actor.has(Role.REGULATOR):
        raise NotPermittedError(f"{actor.name} 不是监管人员")
    return actor


def _shown(number: int) -> str:
    return f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else f"{number:,}"
