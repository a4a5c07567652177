"""What the pages share: the day that is asked for, and how an act is carried out and told."""

from collections.abc import Callable
from datetime import date, datetime

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils import timezone

from yuejingzhun.platform.supervision.indicators.errors import IndicatorError, UnknownIndicatorError
from yuejingzhun.platform.supervision.indicators.rules import FIRST_YEAR, LAST_YEAR
from yuejingzhun.procedures.local_date import local_date


def today() -> date:
    """The day in Guangdong."""
    return local_date(timezone.now())


def day_of(request: HttpRequest) -> date:
    """The day that an address asks for, today without one; Http404 for what is no day of the plan."""
    text = request.GET.get("on", "")
    try:
        found = date.fromisoformat(text) if text else today()
    except ValueError as error:
        raise Http404(f"日期 {text[:20]!r} 应为 年-月-日") from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Http404(f"日期应在 {FIRST_YEAR} 年与 {LAST_YEAR} 年之间，为 {found}")
    return found


def carry_out(request: HttpRequest, form: forms.Form, act: Callable[[datetime], object], done: str) -> bool:
    """Carry out what a valid form says and tell it; whether it was done. What was refused becomes messages."""
    if not form.is_valid():
        for name, texts in form.errors.items():
            label = form.fields[name].label if name in form.fields else ""
            messages.error(request, f"{label}：{'；'.join(map(str, texts))}" if label else "；".join(map(str, texts)))
        return False
    try:
        act(timezone.now())
    except IndicatorError as error:
        for problem in error.problems:
            messages.error(request, problem)
        return False
    except UnknownIndicatorError as error:
        raise Http404(str(error)) from error
    messages.success(request, done)
    return True
