"""Pages of authorised institutes: the regulator's list, the institute's own page, grant, change and withdrawal."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import (
    current_actor,
    institutes_in,
    people_of,
)
from yuejingzhun.platform.foundation.parties.rules import Role, may_see_region
from yuejingzhun.platform.registry.qualifications import forms, queries
from yuejingzhun.platform.registry.qualifications.models import Authorisation
from yuejingzhun.platform.registry.qualifications.page_parts import (
    REFUSALS,
    carry_out,
    shown,
    today,
    visible_institute,
)
from yuejingzhun.platform.registry.qualifications.rules import SOON_DAYS, five_years_from
from yuejingzhun.platform.registry.qualifications.services import authorisations


@login_required
@require_GET
def institutes_page(request: HttpRequest) -> HttpResponse:
    """A regulator's list of what is in force in a region, what ends first first; others go to their own institute."""
    actor, on = current_actor(request), today()
    own = [grant.region for grant in actor.grants if grant.role is Role.REGULATOR]
    if not own:
        if not actor.grants:
            raise NotPermittedError(f"{actor.name} 没有任何角色，不能查看机构授权")
        return redirect("qualifications-institute", institute_id=actor.grants[0].organisation_id)
    region = request.GET.get("region", "") or own[0]
    kind, soon = request.GET.get("kind", ""), request.GET.get("soon") == "1"
    until = on + timedelta(days=SOON_DAYS) if soon else None
    rows = queries.authorisations_for(actor, region, on, kind, until, _key(request.GET.get("after", "")))
    page = rows[: queries.LONGEST_LIST]
    last = page[-1] if len(rows) > len(page) else None
    context = {
        "shown": shown(page),
        "region": region,
        "regions": [(code, name) for code, name in forms.regions() if may_see_region(actor, code)],
        "kind": kind,
        "kinds": Authorisation.Kind.choices,
        "soon": soon,
        "next": last and f"{last.valid_until.isoformat()}.{last.pk}",
        "institutes": institutes_in(region),
    }
    return render(request, "qualifications/institutes.html", context)


@login_required
@require_GET
def institute_page(request: HttpRequest, institute_id: int) -> HttpResponse:
    """An institute's authorisations and metrologists, for those who work there and its regulators."""
    actor = current_actor(request)
    institute = visible_institute(actor, institute_id)
    regulates = may_see_region(actor, institute.region)
    context = {
        "institute": institute,
        "place": full_name(institute.region),
        "shown": shown(queries.authorisations_of(institute_id)),
        "metrologists": shown(queries.metrologists_of(institute_id, today())),
        "regulates": regulates,
        "people": people_of(institute_id),
        "names": dict(forms.regions()),
        "ending": forms.EndingForm(initial={"effective_from": today()}),
    }
    return render(request, "qualifications/institute.html", context)


@login_required
def grant(request: HttpRequest, institute_id: int) -> HttpResponse:
    """A new authorisation."""
    actor, institute = current_actor(request), visible_institute(current_actor(request), institute_id)
    start: dict[str, Any] = {"valid_from": today(), "valid_until": five_years_from(today())}

    def act(said: Any, at: datetime) -> Authorisation:
        return authorisations.grant_authorisation(actor, institute_id, said, at)

    return _certificate_page(request, institute, "机构授权", start, [], act)


@login_required
def change(request: HttpRequest, institute_id: int, authorisation_id: int) -> HttpResponse:
    """A new certificate in place of this one, which fills the form."""
    actor, institute = current_actor(request), visible_institute(current_actor(request), institute_id)
    rows = queries.authorisations_of(institute_id)
    old = next((row for row in rows if row.pk == authorisation_id), None)
    if old is None:
        raise Http404(f"该机构没有编号为 {authorisation_id} 的授权")
    names = ("item", "regulation", "measuring_range", "accuracy", "region")
    lines = [{name: getattr(line, name) for name in names} for line in old.items.all()]
    start = {"kind": old.kind, "level": old.level, "number": old.number}
    start |= {"valid_from": today(), "valid_until": old.valid_until}  # type: ignore[dict-item]

    def act(said: Any, at: datetime) -> Authorisation:
        return authorisations.change_authorisation(actor, authorisation_id, said, at)

    return _certificate_page(request, institute, f"变更授权 {old.number}", start, lines, act)


@login_required
@require_POST
def withdraw(request: HttpRequest, institute_id: int, authorisation_id: int) -> HttpResponse:
    """End an authorisation."""
    form, actor = forms.EndingForm(request.POST), current_actor(request)

    def act(said: dict[str, Any], at: datetime) -> None:
        authorisations.withdraw_authorisation(actor, authorisation_id, said["effective_from"], said["reason"], at)

    carry_out(request, form, act, "已撤销")
    return redirect("qualifications-institute", institute_id=institute_id)


def _certificate_page(
    request: HttpRequest,
    institute: Any,
    title: str,
    start: dict[str, Any],
    lines: list[dict[str, Any]],
    act: Callable[[Any, datetime], Any],
) -> HttpResponse:
    more = {"on": today(), "region": institute.region}
    form = forms.CertificateForm(request.POST or None, initial=start)
    rows = forms.Lines(request.POST or None, initial=lines, form_kwargs=more)
    handed_in = request.method == "POST" and "more" not in request.POST
    # Both are asked, so that everything wrong is shown at once.
    if handed_in and all([form.is_valid(), rows.is_valid()]):
        try:
            act(forms.certificate(form, rows), timezone.now())
        except REFUSALS as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "已办理")
            return redirect("qualifications-institute", institute_id=institute.pk)
    if "more" in request.POST:
        data = request.POST.copy()
        data["form-TOTAL_FORMS"] = str(min(_whole(data.get("form-TOTAL_FORMS", "")) + 8, forms.MOST_LINES))
        form = forms.CertificateForm(initial={name: data.get(name, "") for name in forms.CertificateForm.base_fields})
        rows = forms.Lines(data, initial=lines, form_kwargs=more)
    context = {"form": form, "lines": rows, "title": title, "institute": institute}
    return render(request, "qualifications/certificate.html", context, status=422 if handed_in else 200)


def _key(text: str) -> tuple[date, int] | None:
    day, _, key = text.partition(".")
    try:
        return date.fromisoformat(day), min(int(key), 2**62)
    except ValueError:
        return None


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0
