"""A regulator's pages: what is past its term in the region, the statistics, and the tariffs of the province."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from yuejingzhun.platform.foundation.parties.divisions import (
    UnknownDivisionError,
    division,
    divisions,
    full_name,
)
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_see_region
from yuejingzhun.platform.foundation.tables.writing import csv_pieces
from yuejingzhun.platform.operations.mandatory import queries
from yuejingzhun.platform.operations.mandatory.chart import bars
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.forms import TariffForm
from yuejingzhun.platform.operations.mandatory.page_parts import names, shown, today
from yuejingzhun.platform.operations.mandatory.queries import Total
from yuejingzhun.platform.operations.mandatory.services.tariff import check_may_set, set_tariff
from yuejingzhun.platform.registry.catalogue.queries import entries, items_to_verify

WAYS = {"item": "项目", "region": "地区", "institute__name": "检定机构", "month": "月份"}
HEADINGS = ("检定台件", "不合格台件", "合格率（%）", "免收的检定费（元）", "没有收费标准的台件")
MOST_MONTHS = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """Which statistics are asked for."""

    by: str
    region: str
    first: date
    last: date


@login_required
@require_GET
def overdue_page(request: HttpRequest) -> HttpResponse:
    """Applications past their term in the regulator's region, the longest first."""
    actor = current_actor(request)
    if not actor.has(Role.REGULATOR):
        raise NotPermittedError(f"{actor.name} 不是监管人员")
    rows = sorted(shown(queries.overdue(actor, today())), key=lambda row: -row.past)
    return render(request, "mandatory/overdue.html", {"rows": rows})


@login_required
@require_GET
def statistics_page(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """Results by item, region, institute or month, with their picture; as csv where the address ends so."""
    actor = current_actor(request)
    asked = _asked(request, actor)
    found = queries.statistics_for(actor, asked.by, asked.region, asked.first, asked.last)
    named = names(today())
    rows = [(_label(asked.by, total.key, named), total) for total in found]
    if suffix == "csv":
        return _csv(asked, rows)
    months = queries.statistics_for(actor, "month", asked.region, asked.first, asked.last)
    context = {
        "asked": asked,
        "ways": WAYS,
        "way": WAYS[asked.by],
        "name": full_name(asked.region),
        "places": _places(actor),
        "headings": HEADINGS,
        "rows": rows,
        "sum": _sum(months),
        "chart": bars([(total.key[:7], total.tested, total.failed) for total in months]),
    }
    return render(request, "mandatory/statistics.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def tariffs_page(request: HttpRequest) -> HttpResponse:
    """The tariffs, and for the province's regulators the form of a new one."""
    actor, on = current_actor(request), today()
    check_may_set(actor)
    # An instrument can stand under an entry of the first level, where its regulation covers several of the second.
    verified = {code for found in items_to_verify(on) for code in (found.code, found.parent)}
    items = [(found.code, f"{found.code} {found.name}") for found in entries(on) if found.code in verified]
    form = TariffForm(request.POST or None, items=items)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            set_tariff(actor, said["item"], said["amount"], said["valid_from"], said["source"], timezone.now())
        except MandatoryError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "已登记")
            return redirect("mandatory-tariffs")
    named = names(on)
    context = {
        "form": form,
        "tariffs": [(one, named.get(one.item, one.item)) for one in queries.tariffs()],
        "today": on,
    }
    return render(request, "mandatory/tariffs.html", context, status=422 if request.method == "POST" else 200)


def _asked(request: HttpRequest, actor: Actor) -> Asked:
    own = [grant.region for grant in actor.grants if grant.role is Role.REGULATOR]
    if not own:
        raise NotPermittedError(f"{actor.name} 不是监管人员")
    region, by, on = request.GET.get("region") or own[0], request.GET.get("by", ""), today()
    try:
        division(region)
    except UnknownDivisionError as error:
        raise Http404(str(error)) from error
    last = _month(request.GET.get("last", "")) or on.replace(day=1)
    first = _month(request.GET.get("first", "")) or last.replace(month=1)
    earliest = date(max(last.year - MOST_MONTHS // 12, 1), last.month, 1)
    return Asked(by if by in WAYS else "item", region, min(max(first, earliest), last), last)


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _places(actor: Actor) -> list[tuple[str, str]]:
    return [(code, full_name(code)) for code in divisions() if may_see_region(actor, code)]


def _label(by: str, key: str, named: Mapping[str, str]) -> str:
    if by == "item":
        return f"{key} {named.get(key, '')}".strip()
    if by == "region":
        return full_name(key)
    return key[:7] if by == "month" else key


def _sum(found: Sequence[Total]) -> Total:
    return Total(
        "合计",
        sum(one.tested for one in found),
        sum(one.failed for one in found),
        sum((one.waived for one in found), start=Decimal(0)),
        sum(one.unpriced for one in found),
    )


def _csv(asked: Asked, rows: Sequence[tuple[str, Total]]) -> HttpResponse:
    cells = [
        (
            label,
            one.tested,
            one.failed,
            "" if one.pass_rate is None else f"{one.pass_rate:.2f}",
            one.waived,
            one.unpriced,
        )
        for label, one in rows
    ]
    content = b"".join(csv_pieces((WAYS[asked.by], *HEADINGS), cells))
    name = quote(f"强制检定统计 {full_name(asked.region)} {asked.first:%Y-%m} 至 {asked.last:%Y-%m}.csv")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
