"""What a person does with the own inbox."""

from datetime import datetime

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.reminders.models import Inbox


@transaction.atomic
def mark_seen(actor: Actor, notice_id: int) -> None:
    """Everything up to that notice was seen; never goes back. Anyone's own inbox, so there is no right to check."""
    inbox = _own(actor)
    if notice_id > inbox.seen_to:
        inbox.seen_to = notice_id
        inbox.save(update_fields=["seen_to"])


@transaction.atomic
def set_by_mail(actor: Actor, by_mail: bool, at: datetime) -> None:
    """Whether notices come by mail as well."""
    inbox = _own(actor)
    before, inbox.by_mail = inbox.by_mail, by_mail
    if before != by_mail:
        inbox.save(update_fields=["by_mail"])
        changes = {"before": {"by_mail": before}, "after": {"by_mail": by_mail}}
        record_event(actor, "提醒邮件", "person", actor.person_id, at, **changes)


def _own(actor: Actor) -> Inbox:
    Inbox.objects.get_or_create(person_id=actor.person_id)
    return Inbox.objects.select_for_update().get(person_id=actor.person_id)
