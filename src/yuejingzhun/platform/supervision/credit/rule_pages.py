"""Pages of the rule sets: public with all versions; proposed, tried and adopted by the province's authority."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.parties.divisions import division
from yuejingzhun.platform.foundation.parties.queries import Organisation, current_actor, visitor
from yuejingzhun.platform.supervision.credit import forms, queries
from yuejingzhun.platform.supervision.credit.kinds import fact_kinds, label_of, rated_kinds
from yuejingzhun.platform.supervision.credit.models import RuleVersion
from yuejingzhun.platform.supervision.credit.page_parts import MISSING, carry_out, download, today
from yuejingzhun.platform.supervision.credit.published import points_text
from yuejingzhun.platform.supervision.credit.rule_set import GRADES, RuleSet, default_rules, read_rule_set
from yuejingzhun.platform.supervision.credit.services.rule_sets import adopt, ask_simulation, propose


@require_GET
def rules_page(request: HttpRequest) -> HttpResponse:
    """Public: all rule sets, which of them is in force, and the kinds of facts."""
    who = visitor(request)
    rows = queries.rule_versions()
    begun = [row.effective_from for row in rows if row.effective_from and row.effective_from <= today()]
    context = {
        "rows": rows,
        "in_force": max(begun, default=None),
        "kinds": fact_kinds().values(),
        "decides": who is not None and queries.is_province(who),
        "today": today(),
    }
    return render(request, "credit/rules.html", context)


@require_GET
def rule_page(request: HttpRequest, version: int) -> HttpResponse:
    """Public: one rule set in words and numbers; for the authority with what trying it told."""
    who = visitor(request)
    row = _row(version)
    decides = who is not None and queries.is_province(who)
    context = {
        "row": row,
        **_in_words(read_rule_set(row.content.encode())),
        "decides": decides,
        "simulations": row.simulations.defer("result").order_by("-pk")[:10] if decides else [],
        "today": today(),
    }
    return render(request, "credit/rule.html", context)


@require_GET
def rule_file(request: HttpRequest, version: int) -> HttpResponse:
    """Public: the rule set as it is hashed."""
    return download(f"credit-rules-{version}.json", "application/json", _row(version).content.encode())


@login_required
def propose_page(request: HttpRequest) -> HttpResponse:
    """The form in which a rule set is proposed, filled with the newest one."""
    actor = current_actor(request)
    versions = queries.rule_versions()
    initial = _indented(versions[0].content) if versions else default_rules().decode()
    form = forms.RuleSetForm(request.POST or None, initial={"content": initial})

    def act(said: Mapping[str, Any], at: datetime) -> object:
        return propose(actor, said["content"].encode(), said["note"], at)

    if request.method == "POST" and carry_out(request, form, act, "已提出，试算后发布"):
        return redirect("credit-rules")
    context = {"form": form, "decides": queries.is_province(actor)}
    return render(request, "credit/propose.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_POST
def act_on_rules(request: HttpRequest, version: int, act: str) -> HttpResponse:
    """Try a rule set, or adopt it."""
    actor = current_actor(request)

    def adopted(said: Mapping[str, Any], at: datetime) -> object:
        return adopt(actor, version, said["on"], at)

    def tried(said: Mapping[str, Any], at: datetime) -> object:
        return ask_simulation(actor, version, said["on"], at)

    acts = {"adopt": (adopted, "已发布"), "simulate": (tried, "已开始试算，完成后列在本页；进度见长任务")}
    if act not in acts:
        raise Http404("没有这个操作")
    do, done = acts[act]
    carry_out(request, forms.DayForm(request.POST), do, done)
    return redirect("credit-rule", version=version)


@login_required
@require_GET
def simulation_page(request: HttpRequest, simulation_id: int) -> HttpResponse:
    """What trying a rule set told: who moves, and why."""
    try:
        found = queries.simulation(current_actor(request), simulation_id)
    except MISSING as error:
        raise Http404(str(error)) from error
    result = found.result
    kinds = dict(Organisation.Kind.choices)
    context = {
        "found": found,
        "result": result,
        "grades": GRADES,
        "regions": [(division(row["name"]).name, row) for row in result["by_region"]],
        "categories": [(kinds.get(row["name"], row["name"]), row) for row in result["by_category"]],
    }
    return render(request, "credit/simulation.html", context)


def _row(version: int) -> RuleVersion:
    try:
        return queries.rule_version(version)
    except MISSING as error:
        raise Http404(str(error)) from error


def _indented(content: str) -> str:
    return json.dumps(json.loads(content), ensure_ascii=False, indent=1)


def _in_words(rules: RuleSet) -> dict[str, Any]:
    def term(name: str) -> tuple[str, ...]:
        found = rules.terms[name]
        of = "、".join("起始分" if part == "start" else label_of(part) for part in found.of)
        return name, of, *("—" if bound is None else points_text(bound) for bound in (found.least, found.most))

    return {
        "start": points_text(rules.start),
        "facts": [(label_of(kind), points_text(rules.facts[kind].points), rules.facts[kind]) for kind in rated_kinds()],
        "terms": [term(name) for name in rules.order],
        "grades": [(grade, None if least is None else points_text(least)) for grade, least in rules.grades],
        "limits": [(label_of(limit.kind), limit) for limit in rules.limits],
        "contested": rules.contested.value,
        "repair": [(label_of(kind), terms) for kind, terms in rules.repair.items()],
        "result": rules.result,
    }
