"""What the pages of this app share: the day, how an act is carried out and told, and where a page goes on."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from yuejingzhun.platform.foundation.parties.errors import UnknownPartyError
from yuejingzhun.platform.supervision.credit.errors import CreditError, UnknownCreditError
from yuejingzhun.platform.supervision.credit.queries import PAGE
from yuejingzhun.procedures.local_date import local_date

MISSING = (UnknownCreditError, UnknownPartyError)


def today() -> date:
    """The day in Guangdong."""
    return local_date(timezone.now())


def day_of(request: HttpRequest) -> date:
    """The day that an address asks for, today without one; Http404 for what is no day."""
    text = request.GET.get("on", "")
    try:
        return date.fromisoformat(text) if text else today()
    except ValueError as error:
        raise Http404(f"日期 {text[:20]!r} 应为 年-月-日") from error


def carry_out(
    request: HttpRequest, form: forms.Form, act: Callable[[Mapping[str, Any], datetime], object], done: str
) -> bool:
    """Carry out what a form says and tell it; whether it was done. What was refused becomes messages."""
    if form.is_valid():
        try:
            act(form.cleaned_data, timezone.now())
        except CreditError as error:
            for problem in error.problems:
                messages.error(request, problem)
            return False
        except MISSING as error:
            raise Http404(str(error)) from error
        messages.success(request, done)
        return True
    for name, texts in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        messages.error(request, f"{label}：{'；'.join(map(str, texts))}" if label else "；".join(map(str, texts)))
    return False


def download(name: str, kind: str, data: bytes) -> HttpResponse:
    """A file to be saved under that name."""
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def next_key(rows: Sequence[Model]) -> int | None:
    """The key that the next page goes on from, where this one is full."""
    return rows[-1].pk if len(rows) == PAGE else None


def key_of(request: HttpRequest, name: str, otherwise: int) -> int:
    """The key that an address goes on from."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else otherwise
