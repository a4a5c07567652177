"""Pages of the regulators: parties by grade, facts, what waits for a decision, and the feed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.divisions import divisions, full_name, is_within
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import Organisation, current_actor
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.supervision.credit import feed, forms, queries
from yuejingzhun.platform.supervision.credit.kinds import fact_kinds, label_of
from yuejingzhun.platform.supervision.credit.models import Standing
from yuejingzhun.platform.supervision.credit.page_parts import (
    MISSING,
    carry_out,
    download,
    key_of,
    next_key,
    today,
)
from yuejingzhun.platform.supervision.credit.pages import standing_of
from yuejingzhun.platform.supervision.credit.published import points_text
from yuejingzhun.platform.supervision.credit.queries import Place
from yuejingzhun.platform.supervision.credit.rule_set import GRADES
from yuejingzhun.platform.supervision.credit.services.facts import Told, record

CATEGORIES = [(kind.value, kind.label) for kind in Organisation.Kind]


@login_required
@require_GET
def parties_page(request: HttpRequest) -> HttpResponse:
    """Parties of a region by grade, the worst first, narrowed and searched."""
    actor = current_actor(request)
    region = _region(request, actor)
    asked = {name: request.GET.get(name, "")[:60] for name in ("grade", "category", "text")}
    rows = queries.standings(actor, region, **asked, after=_place(request.GET.get("after", "")))
    context = {
        "rows": [(row, full_name(row.region), points_text(row.score)) for row in rows],
        "region": region,
        "regions": _offered(actor),
        "grades": GRADES,
        "province": queries.is_province(actor),
        "categories": CATEGORIES,
        "asked": asked,
        "next": urlencode({"region": region, **asked, "after": _place_text(rows)}) if len(rows) == queries.PAGE else "",
    }
    return render(request, "credit/parties.html", context)


@login_required
@require_GET
def facts_page(request: HttpRequest) -> HttpResponse:
    """Facts about the parties of a region, the last recorded first."""
    actor = current_actor(request)
    region, kind = _region(request, actor), request.GET.get("kind", "")[:40]
    rows = queries.facts_in(actor, region, kind, key_of(request, "before", queries.LARGEST_KEY))
    following = next_key(rows)
    context = {
        "facts": [(row, label_of(row.kind), standing_of(row)) for row in rows],
        "region": region,
        "regions": _offered(actor),
        "kind": kind,
        "kinds": fact_kinds().values(),
        "next": urlencode({"region": region, "kind": kind, "before": following}) if following else "",
    }
    return render(request, "credit/facts.html", context)


@login_required
@require_GET
def work_page(request: HttpRequest) -> HttpResponse:
    """Contests and applications for repair that wait for a decision."""
    actor = current_actor(request)
    contests = queries.contests_to_decide(actor, key_of(request, "after", 0))
    repairs = queries.repairs_to_decide(actor, key_of(request, "after_repair", 0))
    context = {
        "contests": [(row, label_of(row.fact.kind)) for row in contests],
        "repairs": [(row, label_of(row.fact.kind)) for row in repairs],
        "next": next_key(contests),
        "next_repair": next_key(repairs),
    }
    return render(request, "credit/work.html", context)


@login_required
def record_page(request: HttpRequest, party_id: int) -> HttpResponse:
    """The form in which a regulator records a fact."""
    actor = current_actor(request)
    try:
        party = queries.party(actor, party_id)
    except MISSING as error:
        raise Http404(str(error)) from error
    form = forms.FactForm(request.POST or None, initial={"occurred_on": today()})

    def act(said: Mapping[str, Any], at: datetime) -> object:
        told = Told(
            party.pk, said["kind"], said["source"], said["occurred_on"], said["summary"], said["quantity"],
            said["region"],
        )  # fmt: skip
        return record(actor, told, at)

    if request.method == "POST" and carry_out(request, form, act, "已记录"):
        return redirect("credit-party", party_id=party.pk)
    context = {"party": party, "form": form}
    return render(request, "credit/record.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_GET
def feed_page(request: HttpRequest) -> HttpResponse:
    """The rounds with their files for the provincial credit system."""
    rows = feed.rounds_after(current_actor(request), key_of(request, "after", 0))
    following = rows[-1].pk if len(rows) == feed.PAGE else None
    return render(request, "credit/feed.html", {"rounds": rows, "next": following})


@login_required
@require_GET
def feed_file(request: HttpRequest, number: str, suffix: str) -> HttpResponse:
    """A file of a round."""
    try:
        data = feed.feed_file(current_actor(request), number, suffix)
    except MISSING as error:
        raise Http404(str(error)) from error
    kinds = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
    return download(f"{number}.{suffix}", kinds.get(suffix, "application/octet-stream"), data)


def _region(request: HttpRequest, actor: Actor) -> str:
    wanted = request.GET.get("region", "")
    own = queries.regions_of(actor)
    if not own:
        raise NotPermittedError(f"{actor.name} 不是监管人员")
    if wanted and wanted not in divisions():
        raise Http404(f"广东省没有行政区划代码 {wanted[:12]!r}")
    return wanted or own[0]


def _offered(actor: Actor) -> list[tuple[str, str]]:
    """The divisions that the actor may look at: cities for the province, counties for a city."""
    own = queries.regions_of(actor)
    return [(code, full_name(code)) for code in divisions() if any(is_within(code, region) for region in own)]


def _place(text: str) -> Place | None:
    grade, _, key = text.partition(".")
    usable = grade in GRADES and key.isascii() and key.isdecimal() and len(key) < 18
    return Place(grade, int(key)) if usable else None


def _place_text(rows: list[Standing]) -> str:
    return f"{rows[-1].grade}.{rows[-1].party_id}"
