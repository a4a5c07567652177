"""The monthly values, noted once at the beginning of each month as they are on record then."""

from collections.abc import Callable
from datetime import date, datetime

from yuejingzhun.platform.supervision.indicators.models import Reading
from yuejingzhun.platform.supervision.indicators.queries import value_on
from yuejingzhun.platform.supervision.indicators.rules import indicators
from yuejingzhun.procedures.local_date import local_date


def note_month(at: datetime, stopped: Callable[[], bool] = lambda: False) -> int:
    """Note this month's values where they aren't noted yet; how many were. Two at once note each value once."""
    return note_values(local_date(at).replace(day=1), at, stopped)


def note_values(on: date, at: datetime, stopped: Callable[[], bool] = lambda: False) -> int:
    """The same for the first day of a month that isn't noted yet, from what is on record now."""
    known = set(Reading.objects.filter(on=on).values_list("indicator", flat=True))
    made = 0
    for code in indicators():
        if code in known or stopped():
            continue
        found = value_on(code, on)
        row = Reading(indicator=code, on=on, part=found.part, whole=found.whole, noted_at=at)
        Reading.objects.bulk_create([row], ignore_conflicts=True)
        made += 1
    return made
