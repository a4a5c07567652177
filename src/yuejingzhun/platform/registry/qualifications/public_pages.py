"""Public pages: who may verify what where, and the coverage by measurement standards."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE, Level, division, divisions, full_name
from yuejingzhun.platform.registry.catalogue.queries import entries
from yuejingzhun.platform.registry.catalogue.rules import Verification
from yuejingzhun.platform.registry.qualifications import forms, queries
from yuejingzhun.platform.registry.qualifications.models import Authorisation
from yuejingzhun.platform.registry.qualifications.page_parts import today


@require_GET
def authorised_page(request: HttpRequest) -> HttpResponse:
    """Public: who may verify an item in a region, nearest authority first."""
    on = today()
    item, region = request.GET.get("item", ""), request.GET.get("region", "")
    codes = {entry.code for entry in entries(on)}
    problem = ""
    if item and item not in codes:
        problem = f"目录里没有项目 {item[:20]}"
    elif region and region not in divisions():
        problem = f"广东省没有行政区划代码 {region[:20]}"
    asked = bool(item and region) and not problem
    context = {
        "item": item,
        "region": region,
        "problem": problem,
        "asked": asked,
        "items": [
            entry for entry in entries(on) if entry.required(on) is not Verification.NONE or entry.parent is None
        ],
        "regions": forms.regions(),
        "found": queries.institutes_for(item, region, on) if asked else [],
        "names": dict(forms.regions()),
        "levels": dict(Authorisation.Level.choices),
        "kinds": dict(Authorisation.Kind.choices),
    }
    return render(request, "qualifications/authorised.html", context, status=404 if problem else 200)


@require_GET
def coverage_page(request: HttpRequest) -> HttpResponse:
    """Public: the coverage of a division and of those directly below it, with the gaps and the definition."""
    region, on = request.GET.get("region", "") or PROVINCE, today()
    if region not in divisions():
        raise Http404(f"广东省没有行政区划代码 {region[:20]}")
    below = [code for code, found in divisions().items() if found.parent == region]
    whole, *parts = queries.coverage_of([region, *below], on)
    context = {
        "whole": whole,
        "parts": parts,
        "names": {code: full_name(code) for code in divisions()},
        "levels": Authorisation.Level.choices,
        "region": region,
        "parent": division(region).parent,
        "deeper": division(region).level is Level.PROVINCE,
        "on": on,
    }
    return render(request, "qualifications/coverage.html", context)
