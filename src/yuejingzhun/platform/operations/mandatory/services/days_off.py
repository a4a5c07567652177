"""The next year's days off are put on record, and the terms that run are counted anew with them."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min, Q

from yuejingzhun.platform.foundation.audit.services import Change, record_event, record_events
from yuejingzhun.platform.foundation.parties.divisions import PROVINCE
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.foundation.working_days.adding import Added, add_year
from yuejingzhun.platform.foundation.working_days.calendar import CalendarError
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.models import Application
from yuejingzhun.platform.operations.mandatory.rules import WORKING_DAYS_TO_ANSWER, WORKING_DAYS_TO_TEST
from yuejingzhun.platform.operations.mandatory.services.apply import ADDED_DAYS, working_days
from yuejingzhun.procedures.local_date import local_date

BATCH = 2000
# What the trigger asks for that keeps a term where it is; it ends with the transaction.
COUNTED_ANEW = "SET LOCAL yuejingzhun.days_off = 'new'"


@transaction.atomic
def add_days_off(actor: Actor, given: Path, at: datetime, *, replace: bool = False) -> tuple[Added, int]:
    """Put a year's list on record and count the terms that run anew; what was added, and how many terms moved.

    By a provincial regulator. The same list again changes nothing, but counts what was left over. Raises
    NotPermittedError, and MandatoryError that says all that is wrong with the list.
    """
    check_may_add(actor)
    kept = Path(settings.DATA) / ADDED_DAYS
    try:
        added = add_year(given, kept, replace=replace)
    except CalendarError as error:
        raise MandatoryError(str(error)) from error
    told = {"year": added.year, "off": added.off, "worked": added.worked}
    record_event(actor, "载入放假安排", "calendar", added.year, at, after=told)
    return added, _count_anew(actor, added.year, at)


def check_may_add(actor: Actor) -> None:
    """Raises NotPermittedError for others than a regulator of the whole province."""
    if not any(grant.role is Role.REGULATOR and grant.region == PROVINCE for grant in actor.grants):
        raise NotPermittedError(f"{actor.name} 不是省级监管人员，不能载入放假安排")


def _count_anew(actor: Actor, year: int, at: datetime) -> int:
    """Set the terms that reach into that year, or the days before it, to what the calendar now says."""
    since = date(year - 1, 12, 1)
    runs = Q(state="SUBMITTED", answer_by__gte=since) | Q(state="TESTING", due_on__gte=since)
    found = Application.objects.select_for_update(of=("self",)).filter(runs).order_by("pk")
    moved, changes = [], []
    for application, before, after in _terms(list(found)):
        if after != before:
            moved.append(application)
            changes.append(Change(application.pk, before={"term": str(before)}, after={"term": str(after)}))
    with connection.cursor() as cursor:
        cursor.execute(COUNTED_ANEW)
    Application.objects.bulk_update(moved, ["answer_by", "due_on"], batch_size=BATCH)
    record_events(actor, "重新计算期限", "application", changes, at)
    return len(moved)


def _terms(found: list[Application]) -> Iterator[tuple[Application, date, date]]:
    """Each with its term as it was and as it is now, which it is set to.

    The answer is counted from the last referral or the application, the test from the first sample.
    """
    days, keys = working_days(), [one.pk for one in found]
    those = Application.objects.filter(pk__in=keys)
    referred = dict(those.annotate(moment=Max("referrals__at")).values_list("pk", "moment"))
    received = dict(those.annotate(moment=Min("lines__received_at")).values_list("pk", "moment"))
    for one in found:
        if one.state == "SUBMITTED":
            before, start = one.answer_by, referred[one.pk] or one.applied_at
            one.answer_by = days.after(local_date(start), WORKING_DAYS_TO_ANSWER)
            yield one, before, one.answer_by
        elif one.due_on is not None and (first := received[one.pk]) is not None:
            before = one.due_on
            one.due_on = days.after(local_date(first), WORKING_DAYS_TO_TEST)
            yield one, before, one.due_on
