"""The page of a regulator's desk."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.divisions import divisions, full_name
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import may_see_region
from yuejingzhun.portals.regulator.desk import desk_of
from yuejingzhun.portals.work import regions
from yuejingzhun.procedures.local_date import local_date


@login_required
@require_GET
def desk_page(request: HttpRequest) -> HttpResponse:
    """The actor's region, or with ?region= one in it."""
    actor = current_actor(request)
    own = regions(actor)
    if not own:
        raise NotPermittedError(f"{actor.name} 不是监管人员")
    region = request.GET.get("region", "") or own[0]
    if region not in divisions():
        raise Http404(f"广东省没有行政区划代码 {region[:20]}")
    context = {
        "desk": desk_of(actor, region, local_date(timezone.now())),
        "choices": [(code, full_name(code)) for code in divisions() if may_see_region(actor, code)],
    }
    return render(request, "regulator/desk.html", context)
