"""Reads of the audit trail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from yuejingzhun.platform.foundation.audit.models import AuditEvent, LoggedHead
from yuejingzhun.platform.foundation.audit.rules import reach_of
from yuejingzhun.platform.foundation.ledger.queries import Place, place_of
from yuejingzhun.platform.foundation.parties.rules import Actor

GUANGDONG = ZoneInfo("Asia/Shanghai")
PAGE, LARGEST_EXPORT = 100, 100_000


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for; what is empty isn't asked."""

    subject: str = ""
    subject_id: int | None = None
    person: str = ""
    action: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some events, the newest first, and before which number the next page begins."""

    events: list[AuditEvent]
    before: int | None


@dataclass(frozen=True, slots=True)
class HeadSeen:
    """The last head of the trail, and where it stands in the log; None while it waits for its place."""

    last: int
    count: int
    root: str
    at: datetime
    place: Place | None


def history(subject: str, subject_id: int) -> list[AuditEvent]:
    """All events of one subject, oldest first."""
    return list(AuditEvent.objects.filter(subject=subject, subject_id=subject_id).order_by("at", "pk"))


def page_of(actor: Actor, wanted: Filter, before: int | None = None) -> Page:
    """A page of the events that the actor may read."""
    found = _wanted(actor, wanted)
    if before is not None:
        found = found.filter(pk__lt=before)
    events = list(found.order_by("-pk")[: PAGE + 1])
    more = len(events) > PAGE
    return Page(events[:PAGE], events[PAGE - 1].pk if more else None)


def export_of(actor: Actor, wanted: Filter) -> Iterator[AuditEvent]:
    """All of them for a file, the newest first, up to the most that a file holds."""
    return _wanted(actor, wanted).order_by("-pk")[:LARGEST_EXPORT].iterator(chunk_size=2000)


def actions_of(actor: Actor) -> list[str]:
    """The actions among the newest events that the actor may read, to choose from."""
    newest = _visible(actor).order_by("-pk").values_list("action", flat=True)[:1000]
    return sorted(set(newest))


def last_head() -> HeadSeen | None:
    """The newest head of the trail that was given to the log."""
    head = LoggedHead.objects.order_by("-last").first()
    if head is None:
        return None
    place = place_of(f"audit-{head.last}", "audit-head")
    return HeadSeen(head.last, len(head.events), bytes(head.root).hex(), head.at, place)


def _visible(actor: Actor) -> QuerySet[AuditEvent]:
    reach = reach_of(actor)
    if reach.everything:
        return AuditEvent.objects.all()
    allowed = Q(actor_id=reach.person_id)
    if reach.organisations:
        allowed |= Q(organisation_id__in=reach.organisations)
    for start, end in reach.regions:
        allowed |= Q(region__gte=start, region__lt=end)
    return AuditEvent.objects.filter(allowed)


def _wanted(actor: Actor, wanted: Filter) -> QuerySet[AuditEvent]:
    found = _visible(actor)
    if wanted.subject:
        found = found.filter(subject=wanted.subject)
    if wanted.subject_id is not None:
        found = found.filter(subject_id=wanted.subject_id)
    if wanted.person:
        person = Q(actor_name=wanted.person)
        found = found.filter(person | Q(actor_id=int(wanted.person)) if wanted.person.isdecimal() else person)
    if wanted.action:
        found = found.filter(action=wanted.action)
    if wanted.day is not None:
        start = datetime.combine(wanted.day, time(), GUANGDONG)
        found = found.filter(at__gte=start, at__lt=start + timedelta(days=1))
    return found
