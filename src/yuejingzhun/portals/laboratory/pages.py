"""What waits for the person signed in, and an instrument with its history."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Role, may_see_region
from yuejingzhun.platform.operations.verification.queries import history_of, recent_of, waiting_for
from yuejingzhun.platform.registry.instruments.queries import instrument


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
    actor, found = current_actor(request), instrument(instrument_id)
    if found is None:
        raise Http404("没有这台器具")
    jobs = history_of(instrument_id)
    concerned = {found.holder_id} | {job.institute_id for job in jobs}
    works_there = any(grant.organisation_id in concerned for grant in actor.grants)
    if not (works_there or may_see_region(actor, found.region)):
        raise Http404("没有这台器具")
    return render(request, "laboratory/instrument.html", {"instrument": found, "jobs": jobs})
