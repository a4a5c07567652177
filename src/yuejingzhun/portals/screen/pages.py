"""The page of the wall, and its numbers again and again."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.divisions import Level, division, divisions
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.portals.screen.wall import wall_of
from yuejingzhun.portals.work import regions
from yuejingzhun.procedures.local_date import local_date


@login_required
@require_GET
def wall_page(request: HttpRequest) -> HttpResponse:
    """The wall of the actor's region, or with ?region= of one in it; asked for by htmx, only its numbers."""
    actor = current_actor(request)
    own = regions(actor)
    if not own:
        raise NotPermittedError(f"{actor.name} 不是监管人员")
    region = request.GET.get("region", "") or own[0]
    if region not in divisions():
        raise Http404(f"广东省没有行政区划代码 {region[:20]}")
    if division(region).level is Level.COUNTY:  # a county has no places to compare: its desk tells more
        return redirect(f"{reverse('regulator-desk')}?region={region}")
    now = timezone.now()
    template = "screen/numbers.html" if request.headers.get("HX-Request") else "screen/wall.html"
    return render(request, template, {"wall": wall_of(actor, region, local_date(now), now)})
