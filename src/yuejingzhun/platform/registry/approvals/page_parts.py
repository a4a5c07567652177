"""What the pages of this app share: the day, and how an act is carried out and told."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from yuejingzhun.platform.foundation.parties.errors import UnknownPartyError
from yuejingzhun.platform.registry.approvals.errors import ApprovalError, UnknownApprovalError
from yuejingzhun.platform.registry.approvals.queries import PAGE
from yuejingzhun.procedures.local_date import local_date

REFUSALS = (ApprovalError, UnknownApprovalError, UnknownPartyError)


def today() -> date:
    """The day in Guangdong."""
    return local_date(timezone.now())


def carry_out(
    request: HttpRequest, form: django_forms.Form, act: Callable[[Mapping[str, Any], datetime], object], done: str
) -> bool:
    """Carry out what a form says and tell it; whether it was done. What was refused becomes messages."""
    if form.is_valid():
        try:
            act(form.cleaned_data, timezone.now())
        except REFUSALS as error:
            messages.error(request, str(error))
            return False
        messages.success(request, done)
        return True
    for name, texts in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        messages.error(request, f"{label}：{'；'.join(texts)}" if label else "；".join(texts))
    return False


def download(name: str, suffix: str, read: Callable[[], bytes]) -> HttpResponse:
    """A file of a statement, to be saved under that name."""
    try:
        data = read()
    except UnknownApprovalError as error:
        raise Http404(str(error)) from error
    kind = "application/json" if suffix.endswith("json") else "application/octet-stream"
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    return answer


def next_key(rows: Sequence[Model]) -> int | None:
    """The key that the next page goes on from, where this one is full."""
    return rows[-1].pk if len(rows) == PAGE else None


def key_of(request: HttpRequest, name: str, otherwise: int) -> int:
    """The key that an address goes on from."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 18 else otherwise
