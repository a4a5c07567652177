"""What waits for the person signed in, and an instrument with its history."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Role, may_act
from yuejingzhun.platform.operations.verification.errors import UnknownJobError
from yuejingzhun.platform.operations.verification.queries import recent_of, visible_instrument, waiting_for
from yuejingzhun.platform.registry.instruments.forms import HandOverForm, InUseForm, PlaceForm


@login_required
@require_GET
def my_work(request: HttpRequest) -> HttpResponse:
    """What the person can do next, and what was done last."""
    actor = current_actor(request)
    context = {
        "actor": actor,
        "roles": sorted({grant.role.value for grant in actor.grants}),
        "waiting": waiting_for(actor),
        "recent": recent_of(actor),
        "may_test": actor.has(Role.VERIFIER),
    }
    return render(request, "laboratory/my_work.html", context)


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
    context = {"instrument": found, "jobs": jobs, "may_change": may_change}
    if may_change:
        context |= {
            "place_form": PlaceForm(initial={"region": found.region, "place": found.place}),
            "in_use_form": InUseForm(initial={"in_use": found.in_use}),
            "hand_over_form": HandOverForm(),
        }
    return render(request, "laboratory/instrument.html", context)
