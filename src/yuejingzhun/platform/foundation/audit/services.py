"""Writing the audit trail: called inside the transaction of the change it tells of; and logging its heads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction

from yuejingzhun.evidence.audit_head import AuditHead, audit_head_entry
from yuejingzhun.evidence.entry import encode, sign_entry
from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.evidence.log.merkle import root_of
from yuejingzhun.platform.foundation.audit.models import AuditEvent, LoggedHead
from yuejingzhun.platform.foundation.audit.rules import leaf_of
from yuejingzhun.platform.foundation.ledger.services import submit
from yuejingzhun.platform.foundation.parties.queries import organisation, person
from yuejingzhun.platform.foundation.parties.rules import Actor

HEAD_EVERY = timedelta(minutes=1)
HEAD_SIZE = 16_384  # events of one head at the most
HEADS_A_ROUND = 16
HEAD_LOCK = 7_302_145  # of the database: one who makes heads at a time
WAIT = "200ms"  # for writers that are under way; they themselves wait no longer than that
ROWS = 500  # events of one statement


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one subject."""

    subject_id: int
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    reason: str = ""


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
    organisation_id: int | None = None,
) -> None:
    """Append one event; raises RuntimeError outside a transaction, where it could survive a change that failed.

    It belongs to `organisation_id`; without one to the organisation of the actor's roles, and where there are several,
    to that at which the person is. Raises UnknownPartyError.
    """
    change = Change(subject_id, before, after, reason)
    record_events(actor, action, subject, [change], at, organisation_id=organisation_id)


def record_events(
    actor: Actor,
    action: str,
    subject: str,
    changes: Iterable[Change],
    at: datetime,
    *,
    organisation_id: int | None = None,
) -> None:
    """Append an event for each subject of one act, in their order; as `record_event` does for one."""
    if not connection.in_atomic_block:
        raise RuntimeError("an audit event belongs to the transaction of its change")
    for_whom, region = _for_whom(actor, organisation_id)
    events = [
        AuditEvent(
            at=at,
            actor_id=actor.person_id,
            actor_name=actor.name,
            organisation_id=for_whom,
            region=region,
            action=action,
            subject=subject,
            subject_id=change.subject_id,
            before=change.before,
            after=change.after,
            reason=change.reason,
        )
        for change in changes
    ]
    AuditEvent.objects.bulk_create(events, batch_size=ROWS)


def _for_whom(actor: Actor, organisation_id: int | None) -> tuple[int | None, str]:
    regions = {grant.organisation_id: grant.region for grant in actor.grants}
    if organisation_id is None and len(regions) > 1:
        organisation_id = person(actor.person_id).organisation_id
    elif organisation_id is None:
        organisation_id = next(iter(regions), None)
    if organisation_id is None:
        return None, ""
    return organisation_id, regions.get(organisation_id) or organisation(organisation_id).region


def log_heads(signer: SigningIdentity, at: datetime) -> int:
    """Put what happened since the last head into the log, at the most once a minute; how many heads that made."""
    newest = LoggedHead.objects.order_by("-last").only("at").first()
    if newest is not None and at - newest.at < HEAD_EVERY:
        return 0
    until = _settled()
    if until is None:
        return 0
    made = 0
    while made < HEADS_A_ROUND and _log_head(signer, until, at):
        made += 1
    return made


def _settled() -> int | None:
    """The last number up to which no event can appear any more; None while writers are under way.

    A writer takes its number after it has locked the table, and keeps that lock until it commits: whoever gets a lock
    that suffers no writer sees every event whose number is taken.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{WAIT}'")
            cursor.execute("LOCK TABLE audit_auditevent IN SHARE MODE")
            cursor.execute("SELECT max(id) FROM audit_auditevent")
            found: int | None = cursor.fetchone()[0]
            return found
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == "55P03":  # lock_not_available: the next round will do
            return None
        raise


@transaction.atomic
def _log_head(signer: SigningIdentity, until: int, at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [HEAD_LOCK])
        if not cursor.fetchone()[0]:
            return False
    newest = LoggedHead.objects.order_by("-last").values_list("last", flat=True).first() or 0
    events = list(AuditEvent.objects.filter(pk__gt=newest, pk__lte=until).order_by("pk")[:HEAD_SIZE])
    if not events:
        return False
    leaves = [leaf_of(event) for event in events]
    head = AuditHead(events[0].pk, events[-1].pk, len(events), root_of(leaves))
    LoggedHead.objects.create(
        last=head.last,
        first=head.first,
        events=[event.pk for event in events],
        leaves=b"".join(leaves),
        root=head.root,
        at=at,
    )
    entry = audit_head_entry(head, at.replace(microsecond=0))
    submit(entry, sign_entry(encode(entry), signer), signer.certificate, at)
    return True
