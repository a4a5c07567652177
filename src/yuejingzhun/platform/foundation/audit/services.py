"""Writing the audit trail: called inside the transaction of the change it tells of."""

from datetime import datetime
from typing import Any

from django.db import connection

from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.parties.rules import Actor


def record_event(
    actor: Actor,
    action: str,
    subject: str,
    subject_id: int,
    at: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Append one event; raises RuntimeError outside a transaction, where it could survive a change that failed."""
    if not connection.in_atomic_block:
        raise RuntimeError("an audit event belongs to the transaction of its change")
    AuditEvent.objects.create(
        at=at,
        actor_id=actor.person_id,
        actor_name=actor.name,
        action=action,
        subject=subject,
        subject_id=subject_id,
        before=before,
        after=after,
        reason=reason,
    )
