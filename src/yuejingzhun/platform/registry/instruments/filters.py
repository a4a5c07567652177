"""What a list of instruments is narrowed to: standing, item and place; each follows an index of the table."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from yuejingzhun.platform.registry.instruments.models import InUse
from yuejingzhun.platform.registry.instruments.rules import SOON, Standing

WITHOUT_A_DAY = (Standing.NEVER, Standing.FAILED)
NOT_USED = (InUse.STOPPED, InUse.SCRAPPED)


@dataclass(frozen=True, slots=True)
class Filters:
    """`on` is the day of the standing; without a standing everything in use is listed; `text` is searched for.

    `first` and `last` are the days between which it falls due, both included.
    """

    on: date
    standing: Standing | None = None
    item: str = ""
    region: str = ""
    first: date | None = None
    last: date | None = None
    text: str = ""

    @property
    def has_days(self) -> bool:
        """Whether what is listed can have a day until which it is valid."""
        return self.standing not in WITHOUT_A_DAY or bool(self.first or self.last)

    def condition(self) -> Q:
        """Over instruments, without the text."""
        found = with_standing(self.standing, self.on)
        if self.item:
            found &= Q(item=self.item)
        if self.region:
            found &= in_region(self.region)
        if self.first:
            found &= Q(valid_until__gte=self.first)
        return found & Q(valid_until__lte=self.last) if self.last else found


def with_standing(standing: Standing | None, on: date) -> Q:
    """Those of that standing on that day, as `rules.standing` has it; None: all in use."""
    used = Q(in_use=InUse.IN_USE)
    passed = used & Q(last_passed=True)
    soon = on + SOON
    return {
        None: used,
        Standing.NOT_USED: Q(in_use__in=NOT_USED),
        Standing.NEVER: used & Q(last_passed=None),
        Standing.FAILED: used & Q(last_passed=False),
        Standing.OVERDUE: passed & Q(valid_until__lt=on),
        Standing.SOON: passed & Q(valid_until__range=(on, soon)),
        Standing.VALID: passed & (Q(valid_until__gt=soon) | Q(valid_until=None)),
    }[standing]


def in_region(region: str) -> Q:
    """Those in the province, a city or a county."""
    if region.endswith("0000"):
        return Q(region__range=(region, f"{region[:2]}9999"))  # an empty condition would vanish in an "or"
    return Q(city=region[:4]) if region.endswith("00") else Q(region=region)
