"""Reads of notices: a person's inbox, what of it is unread, and what a mail says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.http import urlencode

from yuejingzhun.platform.foundation.parties.divisions import divisions, full_name
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.catalogue.queries import entries
from yuejingzhun.platform.registry.reminders.models import Inbox, Notice
from yuejingzhun.platform.registry.reminders.rules import Kind, headline, items_in_words

PAGE = 50
MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it is read: `address` leads to the list of what it is about."""

    id: int
    day: date
    organisation: str
    kind: Kind
    text: str
    parts: str
    address: str
    unread: bool = False


def inbox(actor: Actor, before: int | None = None) -> Sequence[Told]:
    """A page of what the actor's organisations were told, the newest first."""
    found = _told_to(actor).select_related("organisation")
    if before is not None:
        found = found.filter(pk__lt=before)
    seen_to = inbox_of(actor.person_id).seen_to
    return [told(notice, notice.pk > seen_to) for notice in found.order_by("-pk")[:PAGE]]


def unread(actor: Actor) -> int:
    """How many notices the actor hasn't seen, counted up to `MOST_COUNTED` + 1; one read, none for who is told none."""
    if not (actor.has(Role.HOLDER) or actor.has(Role.REGULATOR)):
        return 0
    seen_to = Inbox.objects.filter(person_id=actor.person_id).values("seen_to")
    return _told_to(actor).filter(pk__gt=Coalesce(Subquery(seen_to), 0))[: MOST_COUNTED + 1].count()


def inbox_of(person_id: int) -> Inbox:
    """How far the person has read, and whether by mail; what is usual where nothing was ever said."""
    return Inbox.objects.filter(person_id=person_id).first() or Inbox(person_id=person_id)


def of_day(actor: Actor, day: date) -> Sequence[Told]:
    """All that the actor's organisations were told on a day, the most urgent first."""
    found = _told_to(actor).filter(day=day).select_related("organisation")
    return sorted((told(notice) for notice in found), key=lambda one: list(Kind).index(one.kind), reverse=True)


def told(notice: Notice, unread: bool = False) -> Told:
    """A notice in words."""
    kind = Kind[notice.kind]
    names = _places() if kind is Kind.WEEKLY else _items(notice.day)
    return Told(
        notice.pk,
        notice.day,
        notice.organisation.name,
        kind,
        headline(kind, notice.number, notice.first_due, notice.last_due),
        items_in_words(notice.parts, names),
        _address(notice, kind),
        unread,
    )


def _told_to(actor: Actor) -> QuerySet[Notice]:
    """Holders' people are told what falls due, regulators the sum of their region."""
    holders = [grant.organisation_id for grant in actor.grants if grant.role is Role.HOLDER]
    authorities = [grant.organisation_id for grant in actor.grants if grant.role is Role.REGULATOR]
    weekly = Q(kind=Kind.WEEKLY.name)
    return Notice.objects.filter(Q(~weekly, organisation__in=holders) | Q(weekly, organisation__in=authorities))


def _address(notice: Notice, kind: Kind) -> str:
    if kind is Kind.WEEKLY:
        return f"{reverse('instruments-due')}?{urlencode({'region': notice.organisation.region})}"
    days = {"from": notice.first_due, "until": notice.last_due}
    return f"{reverse('instruments-own')}?{urlencode(days)}"


def _items(on: date) -> dict[str, str]:
    return {entry.code: entry.name for entry in entries(on)}


def _places() -> dict[str, str]:
    return {code: full_name(code) for code in divisions()}
