"""Pages of a party's credit: the grade with what it follows from, each fact, and what can be done about it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import may_see_region
from yuejingzhun.platform.supervision.credit import forms, queries
from yuejingzhun.platform.supervision.credit.errors import CreditError
from yuejingzhun.platform.supervision.credit.explaining import BEHIND, course
from yuejingzhun.platform.supervision.credit.kinds import fact_kinds, label_of
from yuejingzhun.platform.supervision.credit.models import Fact
from yuejingzhun.platform.supervision.credit.page_parts import (
    MISSING,
    carry_out,
    day_of,
    key_of,
    next_key,
    today,
)
from yuejingzhun.platform.supervision.credit.pictures import band, bars
from yuejingzhun.platform.supervision.credit.published import points_text
from yuejingzhun.platform.supervision.credit.rules import Decision, contest_until, refusal_to_contest
from yuejingzhun.platform.supervision.credit.services.contests import contest, decide
from yuejingzhun.platform.supervision.credit.services.repairs import apply, decide_repair

SOURCES = {
    "certificates": "检定结果通知书",
    "instruments": "到期检查，单位编号",
    "approvals": "软件比对，器具标签",
    "credit": "信用修复",
}


@login_required
@require_GET
def own_page(request: HttpRequest) -> HttpResponse:
    """To the credit of the organisation in whose name the visitor acts."""
    own = queries.own_party(current_actor(request), request.GET.get("party", ""))
    return redirect("credit-party", party_id=own.pk)


@login_required
@require_GET
def party_page(request: HttpRequest, party_id: int) -> HttpResponse:
    """A party's grade on a day, each fact's share, what would change it, and all facts."""
    actor, now, on = current_actor(request), timezone.now(), day_of(request)
    try:
        party = queries.party(actor, party_id)
    except MISSING as error:
        raise Http404(str(error)) from error
    facts = queries.facts_page(actor, party_id, key_of(request, "before", queries.LARGEST_KEY))
    context: dict[str, Any] = {
        "party": party,
        "place": full_name(party.region),
        "on": on,
        "is_today": on == today(),
        "facts": [(row, label_of(row.kind), standing_of(row)) for row in facts],
        "next": next_key(facts),
        "own": queries.acts_for(actor, party.pk),
        "regulates": may_see_region(actor, party.region),
    }
    try:
        context |= _explained(party.pk, on, now)
    except CreditError as error:
        context["no_rules"] = str(error)
    return render(request, "credit/party.html", context)


@login_required
@require_GET
def fact_page(request: HttpRequest, fact_id: int) -> HttpResponse:
    """A fact with its course, and what the visitor can do about it."""
    actor, now = current_actor(request), timezone.now()
    try:
        row = queries.fact(actor, fact_id)
    except MISSING as error:
        raise Http404(str(error)) from error
    stands = not (hasattr(row, "superseded_by") or row.withdrawn or row.repairs)
    own, regulates = queries.acts_for(actor, row.party_id), may_see_region(actor, row.party.region)
    contested = getattr(row, "contest", None)
    open_contest = contested is not None and not contested.decision
    concerned = row.recorded_by_id == actor.person_id
    conditions = _conditions(row, now) if stands else ()
    applications = list(row.applications.select_related("applied_by", "decided_by").order_by("pk"))
    waiting = next((one for one in applications if one.state == "APPLIED"), None)
    context = {
        "fact": row,
        "label": label_of(row.kind),
        "source": source_of(row),
        "about": fact_kinds()[row.kind].about if row.kind in fact_kinds() else "",
        "state": standing_of(row),
        "place": full_name(row.region),
        "contested": contested,
        "until": contest_until(row.kind, row.recorded_at),
        "too_late": refusal_to_contest(row.kind, row.recorded_at, now),
        "may_contest": own and stands and contested is None and not hasattr(row, "repair"),
        "may_decide": regulates and open_contest and not concerned,
        "is_recorder": regulates and concerned and (open_contest or waiting is not None),
        "conditions": conditions,
        "all_met": bool(conditions) and all(condition.met for condition in conditions),
        "may_apply": own and bool(conditions) and waiting is None,
        "applications": applications,
        "waiting": waiting,
        "may_repair": regulates and waiting is not None and not concerned,
        "decision": forms.DecisionForm(initial={"occurred_on": row.occurred_on, "quantity": row.quantity}),
        "today": today(),
    }
    return render(request, "credit/fact.html", context)


@login_required
@require_POST
def act_on_fact(request: HttpRequest, fact_id: int, act: str) -> HttpResponse:
    """Contest a fact, decide about a contest, or apply for repair."""
    actor = current_actor(request)

    def decided(said: Mapping[str, Any], at: datetime) -> object:
        day, number = said["occurred_on"], said["quantity"]
        decision = Decision[said["decision"]]
        return decide(actor, fact_id, decision, said["reason"], at, occurred_on=day, quantity=number)

    acts: dict[str, tuple[type[Any], Callable[[Mapping[str, Any], datetime], object], str]] = {
        "contest": (forms.ReasonForm, lambda said, at: contest(actor, fact_id, said["reason"], at), "异议已提出"),
        "decide": (forms.DecisionForm, decided, "已决定"),
        "repair": (forms.RepairForm, lambda said, at: apply(actor, fact_id, said["statement"], at), "已申请信用修复"),
    }
    if act not in acts:
        raise Http404("没有这个操作")
    kind, do, done = acts[act]
    carry_out(request, kind(request.POST), do, done)
    return redirect("credit-fact", fact_id=fact_id)


@login_required
@require_POST
def act_on_repair(request: HttpRequest, repair_id: int) -> HttpResponse:
    """Grant or refuse a repair."""
    actor = current_actor(request)

    def act(said: Mapping[str, Any], at: datetime) -> object:
        return decide_repair(actor, repair_id, said["grant"] == "yes", said["reason"], at)

    carry_out(request, forms.RepairDecisionForm(request.POST), act, "已决定")
    return redirect("credit-work")


def standing_of(row: Fact) -> str:
    """What became of a fact, in one word or two."""
    if row.withdrawn:
        return "已撤销"
    if hasattr(row, "superseded_by"):
        return "已被更正" if not row.superseded_by.withdrawn else "已撤销"
    if hasattr(row, "repair"):
        return "已修复"
    if hasattr(row, "contest"):
        return "异议处理中" if not row.contest.decision else f"异议后{row.contest.get_decision_display()}"
    return "更正后" if row.supersedes_id else ""


def source_of(row: Fact) -> str:
    """Where a fact comes from, in words: what other apps tell is named after the app."""
    app, separator, rest = row.source.partition(":")
    return f"{SOURCES[app]} {rest.partition(':')[0]}" if separator and app in SOURCES else row.source


def _explained(party_id: int, on: date, now: datetime) -> dict[str, Any]:
    found = queries.explanation_of(party_id, on, now)
    rating = found.rating
    facts = queries.known_facts([party_id], now)[party_id]
    first = min([fact.occurred_on for fact in facts if fact.occurred_on <= on] or [on])
    versions = queries.versions_in_force(on, now)
    past = course(versions, facts, max(first, on - timedelta(BEHIND)), on)
    return {
        "found": found,
        "rating": rating,
        "score": points_text(rating.score),
        "missing": None if found.missing is None else points_text(found.missing),
        "bars": bars(rating.shares),
        "more_bars": max(len(rating.shares) - 50, 0),
        "terms": [(term.name, points_text(term.total), points_text(term.value), term.total != term.value)
                  for term in rating.terms],
        "limits": [(label_of(one.limit.kind), one.limit, len(one.facts)) for one in rating.limits],
        "without": [(share, label_of(share.fact.kind), grade) for share, grade in found.without],
        "band": band(past, on),
        "band_first": past[0][0],
        "rules": queries.version_of(on),
    }  # fmt: skip


def _conditions(row: Fact, now: datetime) -> tuple[Any, ...]:
    try:
        return queries.conditions_of(row, today(), now)
    except CreditError:
        return ()
