"""What waits for the person signed in, and an instrument with its history."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.operations.verification.errors import UnknownJobError
from yuejingzhun.platform.operations.verification.queries import recent_of, visible_instrument, waiting_for


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
    try:
        found, jobs = visible_instrument(current_actor(request), instrument_id)
    except UnknownJobError as error:
        raise Http404(str(error)) from error
    return render(request, "laboratory/instrument.html", {"instrument": found, "jobs": jobs})
