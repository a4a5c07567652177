"""Pages of the indicators: the eight, one of them with what it counts, and the acts of the regulators."""

import tempfile
from datetime import date
from fractions import Fraction
from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from yuejingzhun.platform.foundation.parties.divisions import division, divisions
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.supervision.indicators import queries
from yuejingzhun.platform.supervision.indicators.errors import UnknownIndicatorError
from yuejingzhun.platform.supervision.indicators.forecast import Forecast, forecast
from yuejingzhun.platform.supervision.indicators.forms import CorrectionForm, ItemForm, ListForm, ReasonForm, TargetForm
from yuejingzhun.platform.supervision.indicators.item_list import read_items
from yuejingzhun.platform.supervision.indicators.page_parts import carry_out, day_of
from yuejingzhun.platform.supervision.indicators.pictures import bars, way
from yuejingzhun.platform.supervision.indicators.queries import Value
from yuejingzhun.platform.supervision.indicators.rules import (
    PERCENT,
    Indicator,
    Source,
    plain,
    reached,
    shown,
    target_on,
)
from yuejingzhun.platform.supervision.indicators.services.items import (
    correct_item,
    record_item,
    record_items,
    withdraw_item,
)
from yuejingzhun.platform.supervision.indicators.services.plan import set_target


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """The eight on a day, each against its next target."""
    on = day_of(request)
    actor = _visitor(request)
    context = {
        "on": on,
        "rows": [_row(value) for value in queries.values_on(on)],
        "regulates": actor is not None and actor.has(Role.REGULATOR),
    }
    return render(request, "indicators/list.html", context)


@require_GET
def indicator_page(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator: its way, targets, forecast, cities, and the items that it counts on a day."""
    found, on = _found(code), day_of(request)
    region = request.GET.get("region", "")
    if region and region not in divisions():
        raise Http404(f"广东省没有行政区划代码 {region[:20]}")
    value, targets, known = queries.value_on(code, on), queries.targets_of(code), queries.readings_of(code)
    expected = _expected(found, known, targets, on)
    lines = queries.lines_of(code, on, region, request.GET.get("after", "")[:20])
    actor = _visitor(request)
    context = {
        "row": _row(value), "indicator": found, "on": on, "region": region,
        "place": division(region).name if region else "全省",
        "targets": [(year, plain(one)) for year, one in sorted(targets.items())],
        "set": queries.target_rows(code), "forecast": expected,
        "way": way(_until(known, value), targets, expected, found.unit),
        "bars": bars([(city, division(city).name, one, shown(found, one)) for city, one in queries.by_city(code, on)]),
        "lines": lines,
        "after": lines[-1].key if len(lines) == queries.PAGE and found.source is not Source.COVERAGE else "",
        "recorded": found.source is Source.RECORDED,
        "regulates": actor is not None and actor.has(Role.REGULATOR),
        "province": actor is not None and queries.is_province(actor),
    }  # fmt: skip
    return render(request, "indicators/indicator.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def record_page(request: HttpRequest, code: str) -> HttpResponse:
    """Record an item by a form, or a list as a table."""
    actor, found = _regulator(request), _found(code)
    listed = request.method == "POST" and "file" in request.FILES
    form = ItemForm(actor, request.POST if request.method == "POST" and not listed else None)
    if listed:
        given = ListForm(request.POST, request.FILES)
        uploaded = request.FILES["file"]
        done = carry_out(request, given, lambda at: record_items(actor, code, _read(uploaded), at), "已登记")
    else:
        done = request.method == "POST" and carry_out(
            request, form, lambda at: record_item(actor, code, form.draft(), at), "已登记"
        )
    if done:
        return redirect("indicators-one", code=code)
    context = {"indicator": found, "form": form, "list_form": ListForm()}
    return render(request, "indicators/record.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_http_methods(["GET", "POST"])
def item_page(request: HttpRequest, item_id: int) -> HttpResponse:
    """An item with what became of it; handed in, it is corrected or withdrawn."""
    actor = _regulator(request)
    try:
        row = queries.item_of(item_id)
    except UnknownIndicatorError as error:
        raise Http404(str(error)) from error
    initial = {name: getattr(row, name) for name in ("name", "holder", "region", "document", "counts_from", "ends_on")}
    withdrawing = request.POST.get("act") == "withdraw"
    form = CorrectionForm(
        actor, request.POST if request.method == "POST" and not withdrawing else None, initial=initial
    )
    done = False
    if withdrawing:
        reason = ReasonForm(request.POST)
        done = carry_out(
            request, reason, lambda at: withdraw_item(actor, row.pk, reason.cleaned_data["reason"], at), "已撤销"
        )
    elif request.method == "POST":
        done = carry_out(
            request,
            form,
            lambda at: correct_item(actor, row.pk, form.draft(), form.cleaned_data["reason"], at),
            "已更正",
        )
    if done:
        return redirect("indicators-one", code=row.indicator)
    context = {
        "row": row, "indicator": queries.indicator_of(row.indicator), "form": form, "reason_form": ReasonForm(),
        "place": division(row.region).name, "stands": not row.withdrawn and not hasattr(row, "superseded_by"),
    }  # fmt: skip
    return render(request, "indicators/item.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_http_methods(["GET", "POST"])
def target_page(request: HttpRequest, code: str) -> HttpResponse:
    """Set what an indicator is to reach by the end of a year."""
    actor, found = _regulator(request), _found(code)
    form = TargetForm(request.POST or None)

    def act(at: object) -> object:
        said = form.cleaned_data
        return set_target(actor, code, said["year"], said["value"], said["reason"], at)  # type: ignore[arg-type]

    if request.method == "POST" and carry_out(request, form, act, "已设定目标"):
        return redirect("indicators-one", code=code)
    context = {"indicator": found, "form": form, "rows": queries.target_rows(code)}
    return render(request, "indicators/target.html", context, status=422 if request.method == "POST" else 200)


def _until(known: list[tuple[date, Fraction]], value: Value) -> list[tuple[date, Fraction]]:
    """The monthly values before the day of a value, and that."""
    return [*(one for one in known if one[0] < value.on), (value.on, value.value)]


def _read(uploaded: UploadedFile) -> list:  # type: ignore[type-arg]
    """The drafts of an uploaded table; its name's ending tells the format."""
    suffix = Path(uploaded.name or "").suffix.lower()[:6]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list{suffix if suffix in ('.xlsx', '.csv', '.xls', '.parquet') else '.csv'}"
        with path.open("wb") as file:
            for piece in uploaded.chunks():
                file.write(piece)
        return read_items(path)


def _expected(found: Indicator, known: list, targets: dict, on: date) -> Forecast | None:  # type: ignore[type-arg]
    """What is expected at the end of the year of the next target that has not passed."""
    ahead = target_on(targets, on)
    year = ahead[0] if ahead and ahead[0] >= on.year else on.year
    values = [(day, float(value)) for day, value in known]
    return forecast(values, date(year, 12, 31), 100.0 if found.unit == PERCENT else None)


def _row(value: Value) -> dict[str, object]:
    """An indicator for the table."""
    target = target_on(queries.targets_of(value.indicator.code), value.on)
    share = reached(value.value, target[1]) if target else None
    return {
        "indicator": value.indicator,
        "shown": shown(value.indicator, value.value),
        "target": None if target is None else (target[0], plain(target[1])),
        "base": None if value.indicator.base is None else plain(value.indicator.base),
        "percent": None if share is None else f"{int(1000 * share) / 10:.1f}",
        "done": share == 1,
    }


def _found(code: str) -> Indicator:
    try:
        return queries.indicator_of(code)
    except UnknownIndicatorError as error:
        raise Http404(str(error)) from error


def _visitor(request: HttpRequest) -> Actor | None:
    """Who looks, if somebody signed in does who belongs to an organisation."""
    try:
        return current_actor(request) if request.user.is_authenticated else None
    except NotPermittedError:
        return None


def _regulator(request: HttpRequest) -> Actor:
    actor = current_actor(request)
    if not actor.has(Role.REGULATOR):
        raise NotPermittedError(f"{actor.name} 不是监管人员")
    return actor
