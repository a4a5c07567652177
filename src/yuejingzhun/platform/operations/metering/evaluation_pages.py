"""Pages of evaluations: the list, asking for one, one of them with its districts, a district, a meter."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from yuejingzhun.platform.foundation.jobs.rules import AGAIN, FINISHED
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.operations.metering import charts, lakes, queries
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.forms import EvaluateForm
from yuejingzhun.platform.operations.metering.meter_story import story_of
from yuejingzhun.platform.operations.metering.models import Evaluation
from yuejingzhun.platform.operations.metering.page_parts import number, visible, words
from yuejingzhun.platform.operations.metering.parts import district_rows
from yuejingzhun.platform.operations.metering.rules import LONGEST, Medium, Study, refusal
from yuejingzhun.platform.operations.metering.services.evaluate import ask_evaluation
from yuejingzhun.platform.operations.metering.stating import Stated

USUAL_DAYS = 30
VIEWS = {"all": "全部", "kept": "可估计", "refused": "不予估计", "suspicious": "有可疑器具"}
SHOWN = 12  # suspicious meters on the page of an evaluation


@login_required
@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Evaluations that the visitor sees, the newest first."""
    actor = current_actor(request)
    found = queries.evaluations(actor, number(request.GET.get("before", "")))
    context = {
        "evaluations": [(one, _progress(one)) for one in found],
        "older": found[-1].pk if len(found) == queries.PAGE else None,
        "utilities": queries.own_utilities(actor),
    }
    return render(request, "metering/list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_page(request: HttpRequest) -> HttpResponse:
    """The form with what the lake holds for it; handed in, the evaluation is asked for."""
    actor = current_actor(request)
    given = request.POST or request.GET
    choice = queries.utility_choice(actor, given.get("holder", ""))
    problem, covered = "", None
    try:
        covered = lakes.covered(choice.chosen.pk)
    except MeteringError as error:
        problem = str(error)
    form = EvaluateForm(given) if given.get("first_day") else EvaluateForm(initial=_usual(covered))
    held = None
    if form.is_bound and form.is_valid():
        medium, wanted = form.wanted()
        try:
            if request.method == "POST":
                made = ask_evaluation(actor, choice.chosen.pk, medium, wanted, timezone.now())
                return redirect("metering-evaluation", evaluation_id=made.pk)
            held = lakes.holding(choice.chosen.pk, wanted.first_day, wanted.last_day)
            problem = refusal(medium, wanted) or ("" if held else "这些天里没有读数，请另选日期")
        except MeteringError as error:
            problem = str(error)
    context = {
        "form": form, "choice": choice, "covered": covered, "held": held, "problem": problem,
        "folder": lakes.lake_of(choice.chosen.pk).root.name,
        "coming": [medium.value for medium in Medium if refusal(medium, form.wanted()[1])] if held else [],
    }  # fmt: skip
    failed = request.method == "POST" or (form.is_bound and not form.is_valid())
    return render(request, "metering/new.html", context, status=422 if failed else 200)


@login_required
@require_GET
def evaluation_page(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """One evaluation; asked for by htmx while it runs, only its progress."""
    actor = current_actor(request)
    found: Evaluation = visible(queries.visible_evaluation, actor, evaluation_id)
    task = found.task
    running = task is not None and task.standing not in FINISHED
    context: dict[str, Any] = {
        "evaluation": found,
        "running": running,
        "again": task is not None and task.standing in AGAIN,
        "own": task is not None and task.asked_by_id == actor.person_id,
        "is_engineer": queries.is_engineer(actor, found.organisation_id),
    }
    if request.headers.get("HX-Request"):
        response = render(request, "metering/progress.html", context)
        if not running:
            response["HX-Refresh"] = "true"
        return response
    if found.finished_at is not None:
        context |= _findings(found)
    return render(request, "metering/evaluation.html", context)


@login_required
@require_GET
def districts_page(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """The districts of an evaluation by number, narrowed by verdict, reason or the beginning of the number."""
    found = visible(queries.visible_evaluation, current_actor(request), evaluation_id)
    view = request.GET.get("view", "all")
    view = view if view in VIEWS else "all"
    reason, text = words(request.GET.get("reason", ""), 120), words(request.GET.get("q", ""))
    rows = queries.districts(found, view, reason, text, request.GET.get("after", "").replace("\0", "")[:64])  # type: ignore[arg-type]
    context = {
        "evaluation": found, "rows": rows, "views": VIEWS, "view": "" if reason else view, "reason": reason, "q": text,
        "next": rows[-1].district if len(rows) == queries.PAGE else None,
    }  # fmt: skip
    return render(request, "metering/districts.html", context)


@login_required
@require_GET
def district_page(request: HttpRequest, evaluation_id: int, district: str) -> HttpResponse:
    """A district: its balance, its losses, what is left by hour, its meters."""
    found = visible(queries.visible_evaluation, current_actor(request), evaluation_id)
    result = visible(queries.district_result, found, words(district))
    context: dict[str, Any] = {"evaluation": found, "result": result}
    try:
        own, meters = district_rows(found, result)
    except MeteringError as error:
        return render(request, "metering/district.html", context | {"problem": str(error)})
    context |= {
        "balance": _balance(own, meters),
        "groups": _groups(own),
        "errors": charts.errors([one for one in meters if not one.feeds_in], float(found.mpe)),
        "residual": charts.by_hour(own["residual_kwh"] or []),  # type: ignore[arg-type]
        "meters": sorted(meters, key=lambda one: (-(one.exceeds if one.exceeds is not None else -1), one.meter)),
    }
    return render(request, "metering/district.html", context)


@login_required
@require_GET
def find_page(request: HttpRequest, holder_id: int) -> HttpResponse:
    """To the page of the meter whose number was typed."""
    utility = visible(queries.visible_utility, current_actor(request), holder_id)
    text = words(request.GET.get("meter", ""))
    if not text:
        raise Http404("没有给出表号")
    return redirect("metering-meter", holder_id=utility.pk, meter=text)


@login_required
@require_GET
def meter_page(request: HttpRequest, holder_id: int, meter: str) -> HttpResponse:
    """A meter: its estimates over evaluations, tests, decisions, daily energy, its record in the register."""
    actor = current_actor(request)
    utility = visible(queries.visible_utility, actor, holder_id)
    story = visible(story_of, utility.pk, Medium.ELECTRICITY, words(meter))
    context = {"utility": utility, "story": story, "is_engineer": queries.is_engineer(actor, utility.pk)}
    return render(request, "metering/meter.html", context)


def _usual(covered: tuple[date, date] | None) -> dict[str, object]:
    """The last thirty days that there are."""
    if covered is None:
        return {"days": USUAL_DAYS, "mpe": 2, "threshold": 50}
    days = min(USUAL_DAYS, LONGEST, (covered[1] - covered[0]).days + 1)
    return {"days": days, "mpe": 2, "threshold": 50, "first_day": covered[1] - timedelta(days=days - 1)}


def _progress(found: Evaluation) -> str:
    if found.finished_at is not None:
        return "完成"
    task = found.task
    return "—" if task is None else f"{task.standing.value} {task.percent} %" if task.total else task.standing.value


def _findings(found: Evaluation) -> dict[str, Any]:
    summary = found.summary or {}
    reasons = sorted(summary["reasons"].items(), key=lambda one: (-one[1], one[0]))
    whole = max(found.districts or 0, 1)
    return {
        "reasons": [(reason, count, round(100 * count / whole, 1)) for reason, count in reasons],
        "kept_share": f"{100 * (found.kept or 0) / whole:.1f}",
        "errors": charts.distribution(summary["errors"], summary["edges"], float(found.mpe)),
        "suspects": queries.suspects(found, SHOWN),
        "analyses": queries.analyses_of(found),
        "studies": list(Study),
        "prior": _prior(found),
    }


def _prior(found: Evaluation) -> str:
    prior = found.prior or {}
    usual = f"正常器具占 {prior['weights'][0]:.2%}，误差 {prior['means'][0]:+.3%} ± {prior['spreads'][0]:.3%}（标准差）"
    return f"{usual}；其余为大误差，尺度 {prior['spreads'][1]:.0%} 至 {prior['spreads'][-1]:.0%}"


def _balance(own: dict[str, Any], meters: list[Stated]) -> dict[str, float] | None:
    """The parts of the total in kWh; None for a district whose balance could not be drawn up."""
    if own["total_kwh"] is None:
        return None
    total, summed = own["total_kwh"], own["sum_kwh"]
    # The energy is y / (1 + e), so the registers show e / (1 + e) of themselves too much.
    wrong = -sum(one.energy_kwh * one.error / (1 + one.error) for one in meters if one.error is not None)
    fixed, variable = own["fixed_loss_kwh"], sum(own["group_loss_kwh"])
    parts = {"total": total, "sum": summed, "wrong": wrong, "fixed": fixed, "variable": variable}
    shares = {f"{name}_share": 100 * value / total if total else 0.0 for name, value in parts.items()}
    left = total - summed - wrong - fixed - variable
    return parts | shares | {"left": left, "left_share": 100 * left / total if total else 0.0}


def _groups(own: dict[str, Any]) -> charts.Columns | None:
    pairs = zip(own["groups"] or [], own["group_loss_kwh"] or [], strict=True)
    return charts.bars([(name, lost, f"{name}：{lost:,.1f} kWh") for name, lost in pairs], "kWh", 150)
