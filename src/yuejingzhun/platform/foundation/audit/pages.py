"""The pages of the audit trail: to read it, and to take it away as a file."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.audit.forms import FilterForm
from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.audit.queries import actions_of, export_of, last_head, page_of
from yuejingzhun.platform.foundation.audit.rules import SUBJECTS
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.tables.writing import csv_pieces

HEADINGS = (
    "编号", "时间", "人员编号", "姓名", "单位编号", "行政区划", "动作", "对象", "对象编号", "原因", "之前", "之后",
)  # fmt: skip


@login_required
@require_GET
def trail_page(request: HttpRequest) -> HttpResponse:
    """The events that one may read, the newest first."""
    actor, form = current_actor(request), FilterForm(request.GET)
    valid = form.is_valid()
    page = page_of(actor, form.wanted, form.cleaned_data["before"]) if valid else None
    query = request.GET.copy()
    query.pop("before", None)
    context = {
        "form": form,
        "events": [_shown(event) for event in page.events] if page else [],
        "before": page.before if page else None,
        "query": query.urlencode(),
        "actions": actions_of(actor),
        "head": last_head(),
    }
    return render(request, "audit/trail.html", context, status=200 if valid else 422)


@login_required
@require_GET
def trail_file(request: HttpRequest) -> HttpResponseBase:
    """The same events as csv."""
    actor, form = current_actor(request), FilterForm(request.GET)
    if not form.is_valid():
        return trail_page(request)
    name = f"audit-{timezone.localdate():%Y%m%d}.csv"
    pieces = csv_pieces(HEADINGS, _rows(export_of(actor, form.wanted)))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)


def _rows(events: Iterator[AuditEvent]) -> Iterator[Sequence[str]]:
    for event in events:
        yield (
            str(event.pk),
            _local(event.at),
            str(event.actor_id),
            event.actor_name,
            str(event.organisation_id or ""),
            event.region,
            event.action,
            SUBJECTS.get(event.subject, event.subject),
            str(event.subject_id),
            event.reason,
            _plain(event.before),
            _plain(event.after),
        )


def _shown(event: AuditEvent) -> tuple[AuditEvent, str, str, str]:
    return event, SUBJECTS.get(event.subject, event.subject), _plain(event.before), _plain(event.after)


def _local(at: datetime) -> str:
    return at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S")


def _plain(content: object) -> str:
    return "" if content is None else json.dumps(content, ensure_ascii=False, sort_keys=True)
