"""The daily round: one notice a holder, day and threshold, and once a week the sum of a region for its authority.

A chunk of organisations is one transaction together with the mark of how far the round has come: killed at any point,
the round goes on behind the last whole chunk. Of several processes one works at a time, the others pass.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from yuejingzhun.platform.foundation.parties.queries import authorities, organisation_keys
from yuejingzhun.platform.registry.instruments.counting import standing_by_region
from yuejingzhun.platform.registry.instruments.falling_due import Span, falling_due
from yuejingzhun.platform.registry.instruments.lapsed import publish_lapsed
from yuejingzhun.platform.registry.reminders.models import Notice, Round
from yuejingzhun.platform.registry.reminders.rules import Kind, week_of, windows
from yuejingzhun.procedures.local_date import local_date

CHUNK = 2000  # organisations


def make_notices(at: datetime, stopped: Callable[[], bool] = lambda: False) -> int:
    """Make what is missing of the notices of that day, and of a day that was left unfinished; how many were made.

    Returns early where `stopped()`, and where another process is at it.
    """
    day, made = local_date(at), 0
    Round.objects.get_or_create(day=day)
    while not stopped() and Round.objects.filter(made_at=None).exists():
        chunk = _chunk(at)
        if chunk is None:
            break
        made += chunk
    return made


@transaction.atomic
def _chunk(at: datetime) -> int | None:
    """The next chunk of the oldest unfinished round; None where another process has it."""
    current = Round.objects.select_for_update(skip_locked=True).filter(made_at=None).order_by("day").first()
    # An older one that another process holds must be finished before.
    if current is None or Round.objects.filter(made_at=None, day__lt=current.day).exists():
        return None
    keys = organisation_keys(current.after, CHUNK)
    if keys:
        made = _remind_holders(keys, current.day)
        current.after = keys[-1]
        current.save(update_fields=["after"])
        return made
    made = _report_to_authorities(current.day)
    current.made_at = at
    current.save(update_fields=["made_at"])
    return made


def _remind_holders(keys: list[int], day: date) -> int:
    before = Round.objects.filter(day__lt=day, made_at__isnull=False).order_by("-day").values_list("day", flat=True)
    spans = [Span(each.kind.name, each.first, each.last) for each in windows(day, before.first())]
    for overdue in (span for span in spans if span.name == Kind.OVERDUE.name):
        publish_lapsed(keys, overdue.first, overdue.last, day)
    urgency = {kind.name: place for place, kind in enumerate(Kind)}  # the most urgent is stored, so read, last
    found = sorted(falling_due(keys, spans), key=lambda due: urgency[due.span])
    return _store(
        Notice(
            organisation_id=due.holder_id,
            kind=due.span,
            day=day,
            number=due.number,
            first_due=due.first,
            last_due=due.last,
            parts=due.items,
        )
        for due in found
    )


def _report_to_authorities(day: date) -> int:
    """Once a week, in its first round."""
    if Notice.objects.filter(kind=Kind.WEEKLY.name, day__gte=week_of(day)).exists():
        return 0
    return _store(
        Notice(organisation_id=authority.pk, kind=Kind.WEEKLY.name, day=day, number=sum(parts.values()), parts=parts)
        for authority in authorities()
        if (parts := _overdue_by_place(authority.region, day))
    )


def _overdue_by_place(region: str, day: date) -> dict[str, int]:
    return {row.region: row.overdue for row in standing_by_region(region, day, day + timedelta(1)) if row.overdue}


def _store(notices: Iterable[Notice]) -> int:
    listed = list(notices)
    Notice.objects.bulk_create(listed)
    return len(listed)
