"""A maker's products on record, with the type approval that each model has."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.registry.approvals.queries import own_types
from yuejingzhun.platform.registry.approvals.rules import known_as
from yuejingzhun.platform.registry.instruments.made_by import MOST, MOST_MODELS, products_of
from yuejingzhun.procedures.local_date import local_date


@login_required
@require_GET
def products_page(request: HttpRequest) -> HttpResponse:
    """The models and how many of each are on record."""
    actor = current_actor(request)
    found = products_of(actor)
    approved = {
        variant.model_key: shown.approval.number
        for shown in own_types(actor, local_date(timezone.now()))
        if shown.in_force
        for variant in shown.certificate.variants.all()
    }
    context = {
        "products": [(one, approved.get(known_as(one.model), "")) for one in found],
        "most": MOST,
        "cut": len(found) == MOST_MODELS,
    }
    return render(request, "maker/products.html", context)
