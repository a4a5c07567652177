"""Pages of measurement standards: the list, one standard, and what the public may know."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.audit.queries import history
from yuejingzhun.platform.foundation.parties.divisions import divisions
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act, may_see_region
from yuejingzhun.platform.registry.standards import forms, queries
from yuejingzhun.platform.registry.standards.applications import open_applications_of
from yuejingzhun.platform.registry.standards.chart import Chart, limit_chart, mean_chart
from yuejingzhun.platform.registry.standards.errors import UnknownStandardError
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.platform.registry.standards.rules import PUBLIC, Level, supervising_region
from yuejingzhun.platform.registry.standards.validity import Predicate, failing
from yuejingzhun.procedures.local_date import local_date

EXPIRING = {"30": "30 天内到期", "183": "半年内到期", "366": "一年内到期"}
TERMS = {"all": "不限", "valid": "在有效期内"} | EXPIRING


@login_required
@require_GET
def standard_list(request: HttpRequest) -> HttpResponse:
    """The standards of the actor's region or organisations, by the end of their terms."""
    actor, today = current_actor(request), local_date(timezone.now())
    context = _listed(request, lambda filters: queries.standard_page(actor, filters), today, "all")
    return render(request, "standards/list.html", context | {"may_apply": actor.has(Role.QUALITY_MANAGER)})


@require_GET
def published_list(request: HttpRequest) -> HttpResponse:
    """The published standards, for anyone: first of all those that may be used today."""
    context = _listed(request, queries.published_page, local_date(timezone.now()), "valid")
    shown = [level for level in Level if level in PUBLIC or level is Level.ENTERPRISE_HIGHEST]
    return render(request, "standards/published_list.html", context | {"levels": shown})


@login_required
@require_GET
def standard_page(request: HttpRequest, standard_id: int) -> HttpResponse:
    """All that is known of a standard, whether it may be used, and what the visitor can do."""
    actor, today = current_actor(request), local_date(timezone.now())
    try:
        standard = queries.visible_standard(actor, standard_id)
    except UnknownStandardError as error:
        raise Http404(str(error)) from error
    repeatability, stability = queries.repeatability_of(standard.pk), queries.stability_of(standard.pk)
    declarations = queries.declarations_of(standard.pk)
    context = _validity(standard, today) | {
        "standard": standard,
        "level": Level[standard.level],
        "equipment": queries.equipment_of(standard.pk),
        "materials": queries.materials_of(standard.pk),
        "repeatability": repeatability[::-1],
        "stability": stability[::-1],
        "charts": [chart for chart in _charts(standard, repeatability, stability) if chart],
        "certificates": queries.certificates_of(standard.pk),
        "declaration": declarations[0] if declarations else None,
        "interruptions": queries.interruptions_of(standard.pk),
        "applications": open_applications_of(standard.pk),
        "events": history("standard", standard.pk)[::-1],
        "may": _possible(actor, standard),
        "record_form": forms.RecordForm(initial={"measured_on": today}),
        "report_form": forms.ReportForm(),
        "today": today,
    }
    return render(request, "standards/standard.html", context)


@require_GET
def published_page(request: HttpRequest, standard_id: int) -> HttpResponse:
    """What the public may know of one standard."""
    try:
        standard = queries.published_standard(standard_id)
    except UnknownStandardError as error:
        raise Http404(str(error)) from error
    declarations = queries.declarations_of(standard.pk)
    context = {
        "standard": standard,
        "level": Level[standard.level],
        "failures": queries.validity(standard, local_date(timezone.now())),
        "declaration": declarations[0] if declarations else None,
        "certificates": queries.certificates_of(standard.pk),
    }
    return render(request, "standards/published.html", context)


def _listed(request: HttpRequest, page: Any, today: date, usual_term: str) -> dict[str, Any]:
    """One page of the list as the filters in the address say; what they can't mean is left out."""
    given = {key: request.GET.get(key, "").strip()[:60] for key in ("region", "level", "item", "q", "term")}
    given["term"] = given["term"] if given["term"] in TERMS else usual_term
    filters = queries.Filters(
        region=given["region"] if given["region"] in divisions() else "",
        level=given["level"] if given["level"] in Level.__members__ else "",
        item=given["item"].replace("\0", "")[:40],
        words=given["q"].replace("\0", ""),
        ends_by=today + timedelta(days=int(given["term"])) if given["term"] in EXPIRING else None,
        ends_from=today if given["term"] == "valid" else None,
        after=_after(request.GET.get("after", "")),
    )
    found = page(filters)
    shown, more = found[: queries.PAGE], len(found) > queries.PAGE
    evidence = queries.evidence_of(shown, today)
    rows = [(standard, failing(evidence[standard.pk], today)) for standard in shown]
    after = {"after": f"{shown[-1].valid_until}_{shown[-1].pk}"} if more else {}
    return {
        "rows": rows,
        "given": given,
        "levels": list(Level),
        "regions": forms.region_choices(),
        "terms": TERMS.items(),
        "following": urlencode({key: value for key, value in given.items() if value} | after) if more else "",
    }


def _after(text: str) -> tuple[date, int] | None:
    day, _, key = text.partition("_")
    try:
        return date.fromisoformat(day), min(int(key), 2**62)
    except ValueError:
        return None


def _validity(standard: MeasurementStandard, today: date) -> dict[str, Any]:
    failures, warned = queries.validity(standard, today), queries.warnings_of(standard, today)
    failed, doubtful = {each.predicate for each in failures}, {each.predicate for each in warned}
    checks = [
        (
            predicate.value,
            "failed" if predicate in failed else "warned" if predicate in doubtful else "passed",
            "；".join(each.text for each in (*failures, *warned) if each.predicate is predicate),
        )
        for predicate in Predicate
    ]
    return {"failures": failures, "warnings": warned, "checks": checks}


def _charts(standard: MeasurementStandard, repeatability: list[Any], stability: list[Any]) -> tuple[Chart | None, ...]:
    days, deviations = [str(row.measured_on) for row in repeatability], [row.s for row in repeatability]
    limit = repeatability[-1].limit if repeatability else 0.0
    groups = [[float(value) for value in row.readings] for row in stability]
    means, dates = [row.mean for row in stability], [str(row.measured_on) for row in stability]
    return (
        limit_chart("重复性", days, deviations, limit, standard.unit),
        mean_chart("稳定性（核查标准平均值）", dates, means, groups, standard.unit),
    )


def _possible(actor: Actor, standard: MeasurementStandard) -> dict[str, bool]:
    manages = may_act(actor, Role.QUALITY_MANAGER, standard.owner_id)
    supervises = may_see_region(actor, supervising_region(Level[standard.level], standard.owner.region))
    records = manages or may_act(actor, Role.VERIFIER, standard.owner_id)
    return {
        "manage": manages,
        "record": records,
        "interrupt": manages or supervises,
        "contest": may_see_region(actor, standard.owner.region),
        "complete": manages and standard.reported_s is None,
    }
