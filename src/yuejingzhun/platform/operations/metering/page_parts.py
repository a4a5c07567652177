"""What the pages of this app share."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils import timezone

from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.metering.errors import MeteringError, UnknownEvaluationError
from yuejingzhun.procedures.local_date import local_date


def visible(find: Callable[..., Any], *given: object, **more: object) -> Any:
    """What that read gives; 404 for what isn't there or isn't the visitor's to see."""
    try:
        return find(*given, **more)
    except UnknownEvaluationError as error:
        raise Http404(str(error)) from error


def carry_out(request: HttpRequest, act: Callable[[datetime], Any], done: str) -> Any:
    """Carry out an act, and say on the next page what came of it; what it gave, None where it wasn't done."""
    try:
        found = act(timezone.now())
    except (MeteringError, MandatoryError) as error:
        messages.error(request, str(error))
        return None
    if done:
        messages.success(request, done)
    return found if found is not None else True


def tell_problems(request: HttpRequest, form: forms.Form) -> None:
    """What is wrong with a form, on the next page."""
    for name, problems in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        messages.error(request, f"{label}：{'、'.join(map(str, problems))}")


def number(text: str) -> int | None:
    """A key in an address, or None."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def words(text: str, most: int = 64) -> str:
    """What was typed to be looked for."""
    return text.replace("\0", "").strip()[:most]


def today() -> date:
    """The day in Guangdong."""
    return local_date(timezone.now())
