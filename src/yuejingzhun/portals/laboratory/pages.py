"""The first page of everybody who works here, the institute's desk, and an instrument with its history."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor, organisation
from yuejingzhun.platform.foundation.parties.rules import Role, may_act
from yuejingzhun.platform.operations.mandatory.queries import of_holder
from yuejingzhun.platform.operations.verification.errors import UnknownJobError
from yuejingzhun.platform.operations.verification.queries import recent_of, visible_instrument, waiting_for
from yuejingzhun.platform.registry.approvals.conformity import type_of_instrument
from yuejingzhun.platform.registry.approvals.filed import compares_software, last_seen
from yuejingzhun.platform.registry.instruments.forms import HandOverForm, InUseForm, PlaceForm
from yuejingzhun.portals.laboratory.desk import desk_of
from yuejingzhun.portals.work import cards_of, organisations
from yuejingzhun.procedures.local_date import local_date

RECORDS = {Role.VERIFIER, Role.REVIEWER, Role.SIGNATORY}  # who has to do with records of verifications
RECENT = 5


@login_required
@require_GET
def my_work(request: HttpRequest) -> HttpResponse:
    """What waits for the person in every role, the longest waiting first, and what was done last."""
    actor, on = current_actor(request), local_date(timezone.now())
    held = {grant.role for grant in actor.grants}
    context = {
        "actor": actor,
        "roles": [role.value for role in Role if role in held],
        "cards": cards_of(actor, on),
        "records": bool(held & RECORDS),
        "waiting": waiting_for(actor) if held & RECORDS else [],
        "recent": recent_of(actor) if held & RECORDS else [],
        "applications": of_holder(actor)[:RECENT] if Role.HOLDER in held else [],
        "has": {role.name: True for role in held},
    }
    return render(request, "laboratory/my_work.html", context)


@login_required
@require_GET
def institute_desk(request: HttpRequest) -> HttpResponse:
    """What the quality manager of an institute keeps an eye on; of the first where there are several."""
    actor = current_actor(request)
    managed = organisations(actor, Role.QUALITY_MANAGER)
    if not managed:
        raise NotPermittedError(f"{actor.name} 不是质量负责人")
    wanted = request.GET.get("institute", "")
    chosen = next((one for one in managed if str(one) == wanted), managed[0])
    context = {
        "desk": desk_of(actor, chosen, local_date(timezone.now())),
        "managed": [organisation(one) for one in managed],
    }
    return render(request, "laboratory/institute_desk.html", context)


@login_required
@require_GET
def instrument_page(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """An instrument with all its verifications, for those it concerns."""
    actor = current_actor(request)
    try:
        found, jobs = visible_instrument(actor, instrument_id)
    except UnknownJobError as error:
        raise Http404(str(error)) from error
    may_change = may_act(actor, Role.HOLDER, found.holder_id)
    on = local_date(timezone.now())
    context = {
        "instrument": found,
        "jobs": jobs,
        "may_change": may_change,
        "type": type_of_instrument(found.type_approval, found.maker, found.model, on),
        "software": last_seen(found.tag, on),
        "may_compare": compares_software(actor),
    }
    if may_change:
        context |= {
            "place_form": PlaceForm(initial={"region": found.region, "place": found.place}),
            "in_use_form": InUseForm(initial={"in_use": found.in_use}),
            "hand_over_form": HandOverForm(),
        }
    return render(request, "laboratory/instrument.html", context)
