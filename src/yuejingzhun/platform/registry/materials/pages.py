"""Pages of reference materials: the list, and one material with its batches."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from yuejingzhun.platform.foundation.parties.queries import current_actor, organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.materials import forms, queries
from yuejingzhun.platform.registry.materials.errors import MaterialError, UnknownMaterialError
from yuejingzhun.platform.registry.materials.models import ReferenceMaterial
from yuejingzhun.platform.registry.materials.rules import refusal_to_use
from yuejingzhun.platform.registry.materials.services import enter_material, take_in_batch, withdraw_batch
from yuejingzhun.procedures.local_date import local_date


@login_required
def material_list(request: HttpRequest) -> HttpResponse:
    """The materials by number; a quality manager enters new ones here."""
    actor = current_actor(request)
    form, problem = forms.MaterialForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = enter_material(actor, given["number"], given["name"], given["producer"], timezone.now())
        except MaterialError as error:
            problem = str(error)
        else:
            messages.success(request, f"标准物质 {made.number} 已登记")
            return redirect("materials-page", number=made.number)
    words, after = (request.GET.get(key, "").replace("\0", "")[:60] for key in ("q", "after"))
    found = queries.material_list(actor, words, after)
    shown = found[: queries.PAGE]
    more = len(found) > queries.PAGE
    context = {
        "materials": shown,
        "words": words,
        "following": urlencode({"q": words, "after": shown[-1].number}) if more else "",
        "form": form,
        "problem": problem,
        "may_enter": actor.has(Role.QUALITY_MANAGER),
    }
    return render(request, "materials/list.html", context, status=422 if problem or form.errors else 200)


@login_required
def material_page(request: HttpRequest, number: str) -> HttpResponse:
    """One material, the batches that the actor's organisations hold, and the form to take another in."""
    actor = current_actor(request)
    try:
        material = queries.material(number)
    except UnknownMaterialError as error:
        raise Http404(str(error)) from error
    form = forms.BatchForm(request.POST or None, owners=_owners(actor))
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            _take_in(actor, material, form.cleaned_data)
        except MaterialError as error:
            problem = str(error)
        else:
            messages.success(request, "批次已入库")
            return redirect("materials-page", number=material.number)
    today = local_date(timezone.now())
    batches = queries.batches_of(actor, material.pk)
    context = {
        "material": material,
        "rows": [(batch, refusal_to_use(queries.facts_of(batch), today)) for batch in batches],
        "form": form,
        "problem": problem,
        "may_keep": bool(_owners(actor)),
    }
    return render(request, "materials/material.html", context, status=422 if problem or form.errors else 200)


@login_required
@require_POST
def withdraw(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take a batch out of use."""
    try:
        batch = withdraw_batch(current_actor(request), batch_id, request.POST.get("reason", "")[:1000], timezone.now())
    except UnknownMaterialError as error:
        raise Http404(str(error)) from error
    except MaterialError as error:
        messages.error(request, str(error))
        return redirect("materials-list")
    messages.success(request, f"批号 {batch.number} 已停用")
    return redirect("materials-page", number=batch.material.number)


def _take_in(actor: Actor, material: ReferenceMaterial, given: dict[str, Any]) -> None:
    take_in_batch(
        actor,
        material.number,
        given["owner"],
        given["number"],
        given["certificate"],
        given["place"],
        given["received_on"],
        given["expires_on"],
        forms.values_of(given["values"]),
        timezone.now(),
    )


def _owners(actor: Actor) -> list[tuple[int, str]]:
    keys = {grant.organisation_id for grant in actor.grants if grant.role is Role.QUALITY_MANAGER}
    return [(key, organisation(key).name) for key in sorted(keys)]
