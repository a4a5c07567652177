"""Pages of registered metrologists: registration, change, extension, cancellation, training and peer review."""

from datetime import datetime, timedelta
from typing import Any

from django import forms as django_forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.parties.queries import (
    current_actor,
    people_of,
)
from yuejingzhun.platform.foundation.parties.rules import Role, may_act, may_see_region
from yuejingzhun.platform.registry.qualifications import forms, queries
from yuejingzhun.platform.registry.qualifications.models import Registration
from yuejingzhun.platform.registry.qualifications.page_parts import (
    carry_out,
    shown,
    today,
    visible_institute,
    visible_person,
)
from yuejingzhun.platform.registry.qualifications.rules import five_years_from
from yuejingzhun.platform.registry.qualifications.services import competence, metrologists


@login_required
def register(request: HttpRequest, institute_id: int) -> HttpResponse:
    """Register someone who works in the institute."""
    actor = current_actor(request)
    institute = visible_institute(actor, institute_id)
    start = {"valid_from": today(), "valid_until": five_years_from(today())}
    form = forms.RegisterForm(request.POST or None, initial=start)
    form.fields["person"].choices = [(one.pk, one.name) for one in people_of(institute_id)]  # type: ignore[attr-defined]

    def act(said: dict[str, Any], at: datetime) -> None:
        metrologists.register_metrologist(actor, said["person"], form.entitlement(institute_id), at)

    if request.method == "POST" and carry_out(request, form, act, "已注册"):
        return redirect("qualifications-metrologist", person_id=form.cleaned_data["person"])
    return _form_page(request, form, f"注册计量师 · {institute.name}")


@login_required
@require_GET
def metrologist_page(request: HttpRequest, person_id: int) -> HttpResponse:
    """A metrologist's registrations, training and reviews."""
    actor = current_actor(request)
    found = visible_person(actor, person_id)
    context = {
        "person": found,
        "shown": shown(queries.registrations_of(person_id)),
        "trainings": queries.trainings_of(person_id),
        "reviews": queries.peer_reviews_of(person_id),
        "regulates": may_see_region(actor, found.organisation.region),
        "records": may_act(actor, Role.QUALITY_MANAGER, found.organisation_id),
        "ending": forms.EndingForm(initial={"effective_from": today()}),
    }
    return render(request, "qualifications/metrologist.html", context)


@login_required
def follow(request: HttpRequest, person_id: int, registration_id: int, act: str) -> HttpResponse:
    """Change or extend a registration, which fills the form."""
    actor = current_actor(request)
    found = visible_person(actor, person_id)
    old = queries.registrations_of(person_id).filter(pk=registration_id).first()
    if old is None:
        raise Http404(f"{found.name} 没有编号为 {registration_id} 的注册")
    form = forms.EntitlementForm(request.POST or None, initial=_start_of(old, act))
    service = metrologists.extend_registration if act == "extend" else metrologists.change_registration

    def act_on(said: dict[str, Any], at: datetime) -> None:
        service(actor, registration_id, form.entitlement(found.organisation_id), at)

    if request.method == "POST" and carry_out(request, form, act_on, "已办理"):
        return redirect("qualifications-metrologist", person_id=person_id)
    label = "延续注册" if act == "extend" else "变更注册"
    return _form_page(request, form, f"{label} · {found.name} · {old.number}")


@login_required
@require_POST
def cancel(request: HttpRequest, person_id: int, registration_id: int) -> HttpResponse:
    """End a registration."""
    form, actor = forms.EndingForm(request.POST), current_actor(request)

    def act(said: dict[str, Any], at: datetime) -> None:
        metrologists.cancel_registration(actor, registration_id, said["effective_from"], said["reason"], at)

    carry_out(request, form, act, "已注销")
    return redirect("qualifications-metrologist", person_id=person_id)


@login_required
def training(request: HttpRequest, person_id: int) -> HttpResponse:
    """Record a course."""
    actor = current_actor(request)
    found = visible_person(actor, person_id)
    form = forms.TrainingForm(request.POST or None)

    def act(said: dict[str, Any], at: datetime) -> None:
        competence.record_training(actor, person_id, **said, at=at)

    if request.method == "POST" and carry_out(request, form, act, "已记录"):
        return redirect("qualifications-metrologist", person_id=person_id)
    return _form_page(request, form, f"培训记录 · {found.name}")


@login_required
def peer_review(request: HttpRequest, person_id: int) -> HttpResponse:
    """Record a review of competence."""
    actor = current_actor(request)
    found = visible_person(actor, person_id)
    form = forms.PeerReviewForm(request.POST or None)
    peers = [one for one in people_of(found.organisation_id) if one.pk != person_id]
    form.fields["reviewer"].choices = [(one.pk, one.name) for one in peers]  # type: ignore[attr-defined]

    def act(said: dict[str, Any], at: datetime) -> None:
        competence.record_peer_review(actor, person_id, said.pop("reviewer"), **said, at=at)

    if request.method == "POST" and carry_out(request, form, act, "已记录"):
        return redirect("qualifications-metrologist", person_id=person_id)
    return _form_page(request, form, f"同行评审 · {found.name}")


def _form_page(request: HttpRequest, form: django_forms.Form, title: str) -> HttpResponse:
    context = {"form": form, "title": title}
    return render(request, "qualifications/form.html", context, status=422 if form.errors else 200)


def _start_of(old: Registration, act: str) -> dict[str, Any]:
    begin = old.valid_until + timedelta(days=1) if act == "extend" else today()
    return {
        "level": old.level,
        "number": old.number,
        "regulations": "\n".join(old.regulations),
        "valid_from": begin,
        "valid_until": five_years_from(begin) if act == "extend" else old.valid_until,
    }
