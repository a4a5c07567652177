"""What the pages of this app share: rows as they stand today, who sees whom, and how an act is carried out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils import timezone

from yuejingzhun.platform.foundation.parties.errors import UnknownPartyError
from yuejingzhun.platform.foundation.parties.queries import Organisation, Person
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.qualifications import forms, queries
from yuejingzhun.platform.registry.qualifications.errors import QualificationError, UnknownQualificationError
from yuejingzhun.platform.registry.qualifications.rules import Standing, Term
from yuejingzhun.procedures.local_date import local_date

REFUSALS = (QualificationError, UnknownQualificationError, UnknownPartyError)


@dataclass(frozen=True, slots=True)
class Shown:
    """A dated row as it stands today."""

    row: Any
    term: Term
    on: date

    @property
    def standing(self) -> Standing:
        """What it is worth today."""
        return self.term.standing(self.on)

    @property
    def soon(self) -> bool:
        """Whether it ends within half a year."""
        return self.term.ends_soon(self.on)

    @property
    def open(self) -> bool:
        """Whether it can be changed or ended: it holds, or will."""
        return self.standing in (Standing.IN_FORCE, Standing.FUTURE) and self.term.superseded_from is None


def shown(rows: Any) -> list[Shown]:
    on = today()
    return [Shown(row, queries.term_of(row), on) for row in rows]


def today() -> date:
    return local_date(timezone.now())


def visible_institute(actor: Actor, institute_id: int) -> Organisation:
    try:
        return queries.visible_institute(actor, institute_id)
    except UnknownQualificationError as error:
        raise Http404(str(error)) from error


def visible_person(actor: Actor, person_id: int) -> Person:
    try:
        return queries.visible_person(actor, person_id)
    except UnknownQualificationError as error:
        raise Http404(str(error)) from error


def carry_out(
    request: HttpRequest, form: django_forms.Form, act: Callable[[dict[str, Any], datetime], None], done: str
) -> bool:
    """Carry out what a form says; whether it was done. What was refused is shown at the form and as a message."""
    if form.is_valid():
        try:
            act(dict(form.cleaned_data), timezone.now())
        except REFUSALS as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            return True
    if isinstance(form, forms.EndingForm):
        messages.error(request, "；".join(text for texts in form.errors.values() for text in texts))
    return False
