"""What the pages of this app share: what is on a page, terms in working days, and how an act is carried out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils import timezone

from yuejingzhun.platform.foundation.parties.errors import UnknownPartyError
from yuejingzhun.platform.operations.mandatory import queries
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError, UnknownApplicationError
from yuejingzhun.platform.operations.mandatory.models import Application, Line
from yuejingzhun.platform.operations.mandatory.rules import State, Step, step
from yuejingzhun.platform.operations.mandatory.services.apply import is_provisional, working_days
from yuejingzhun.platform.operations.mandatory.services.reception import happened
from yuejingzhun.platform.registry.catalogue.queries import entries
from yuejingzhun.procedures.local_date import local_date


@dataclass(frozen=True, slots=True)
class Shown:
    """An application as lists show it on a day: with the term that runs, if one does."""

    application: Application
    item: str
    left: int | None  # working days until the end of the term, negative past it
    provisional: bool  # whether the term was counted with a year whose days off aren't known

    @property
    def state(self) -> State:
        """Where it is."""
        return State[self.application.state]

    @property
    def term(self) -> date | None:
        """The end of the term that runs: to answer, or to test."""
        return queries.running_term(self.application)

    @property
    def past(self) -> int:
        """Working days past the term."""
        return -self.left if self.left is not None and self.left < 0 else 0


@dataclass(frozen=True, slots=True)
class ShownLine:
    """An instrument of an application and how far it is."""

    line: Line
    step: Step


def shown(found: Sequence[Application]) -> list[Shown]:
    """Applications as they stand today."""
    on, calendar = today(), working_days()
    named = names(on)
    rows = []
    for application in found:
        term = queries.running_term(application)
        left = None if term is None else calendar.left(on, term)
        named_item = named.get(application.item, application.item)
        rows.append(Shown(application, named_item, left, is_provisional(term, on)))
    return rows


def shown_lines(found: Sequence[Line]) -> list[ShownLine]:
    """Lines with their steps."""
    return [ShownLine(line, step(happened(line))) for line in found]


def names(on: date) -> dict[str, str]:
    """The names of the catalogue's entries by code."""
    return {entry.code: entry.name for entry in entries(on)}


def today() -> date:
    """The day in Guangdong."""
    return local_date(timezone.now())


def visible(find: Callable[..., Any], *given: object, **more: object) -> Any:
    """What that read gives; 404 for what isn't there or isn't the visitor's to see."""
    try:
        return find(*given, **more)
    except UnknownApplicationError as error:
        raise Http404(str(error)) from error


def carry_out(
    request: HttpRequest, act: Callable[[datetime], object], done: str, form: forms.Form | None = None
) -> bool:
    """Carry out an act, and say on the next page what came of it; whether it was done."""
    if form is not None and not form.is_valid():
        for name, problems in form.errors.items():
            label = form.fields[name].label if name in form.fields else ""
            messages.error(request, f"{label}：{'、'.join(map(str, problems))}")
        return False
    try:
        act(timezone.now())
    except (MandatoryError, UnknownPartyError) as error:
        messages.error(request, str(error))
        return False
    messages.success(request, done)
    return True


def number(text: str) -> int | None:
    """A position or key in an address, or None."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def chosen_positions(request: HttpRequest, application_id: int, which: Q) -> list[int]:
    """The positions ticked in a form, or all that can be received or given back."""
    if request.POST.get("everything"):
        return queries.positions(application_id, which)
    found = (number(text) for text in request.POST.getlist("position"))
    return [one for one in found if one is not None and one < 2**31]
