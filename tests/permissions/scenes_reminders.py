"""Scenes of reminders."""

from permissions.seats import Seat
from permissions.town import TODAY, Call, Town, scene
from yuejingzhun.platform.registry.reminders.models import Notice
from yuejingzhun.platform.registry.reminders.queries import inbox

REMINDERS = "registry.reminders"


def _told(organisation_id: int, kind: str) -> int:
    days = {"day": TODAY, "first_due": TODAY, "last_due": TODAY}
    return Notice.objects.create(organisation_id=organisation_id, kind=kind, number=1, parts={}, **days).pk


@scene(f"{REMINDERS}.queries.inbox#holder")
def _inbox_of_holder(town: Town) -> Call:
    notice = _told(town.party, "OVERDUE")
    return lambda actor: notice in {each.id for each in inbox(actor)}


@scene(f"{REMINDERS}.queries.inbox#regulator")
def _inbox_of_authority(town: Town) -> Call:
    notice = _told(town.seats[Seat.CITY].pk, "WEEKLY")
    return lambda actor: notice in {each.id for each in inbox(actor)}
