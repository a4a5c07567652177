"""Publishing events, and delivering them.

Published in the transaction of what happened: either both are committed, or neither. Delivered by the worker: a
subscriber's changes and the end of the delivery are one transaction, so that a program that is killed between two
steps delivers again what it hadn't finished, and nothing else. What a subscriber can't take stays with the reason and
is tried again; later news of the same party waits behind it, that of others goes on.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from procrastinate.contrib.django import app as queue
from procrastinate.exceptions import AlreadyEnqueued

from yuejingzhun.platform.foundation.events.errors import NotTakenError
from yuejingzhun.platform.foundation.events.models import Delivery, Subscription
from yuejingzhun.platform.foundation.events.registry import News, Subscriber, subscriber, subscribers, subscribers_of
from yuejingzhun.platform.foundation.events.rules import next_try

log = logging.getLogger(__name__)
QUEUED_TASK = "yuejingzhun.deliver_events"
QUEUE = "long-tasks"
ROWS = 1_000
BROKEN = "程序出错，已记入日志"
# The first of each lane that may be tried now, and isn't in another worker's hands.
NEXT = """
SELECT d.id FROM events_delivery d
WHERE d.subscriber = ANY(%s) AND (d.next_try_at IS NULL OR d.next_try_at <= %s)
  AND (d.event_id, d.subscriber) > (%s, %s)
  AND NOT EXISTS (SELECT FROM events_delivery b
                  WHERE b.subscriber = d.subscriber AND b.lane = d.lane AND b.event_id < d.event_id)
ORDER BY d.event_id, d.subscriber LIMIT 1 FOR UPDATE OF d SKIP LOCKED
"""
# In the order in which they were handed in; where somebody published the same, theirs stays.
KEEP = """
INSERT INTO events_event (kind, subject_organisation_id, key, occurred_at, payload, published_at)
SELECT kind, subject, key, occurred, payload::jsonb, %s
FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::timestamptz[], %s::text[])
    WITH ORDINALITY AS n(kind, subject, key, occurred, payload, place)
ORDER BY place ON CONFLICT (kind, key) DO NOTHING RETURNING id, kind, subject_organisation_id
"""
CATCH_UP = """
INSERT INTO events_delivery (event_id, subscriber, lane, attempts, reason)
SELECT e.id, %s, coalesce(e.subject_organisation_id, 0), 0, '' FROM events_event e WHERE e.kind = ANY(%s)
ORDER BY e.id ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Item:
    """An event to be published: as the arguments of `publish`."""

    kind: str
    subject_organisation_id: int | None
    key: str
    occurred_at: datetime
    payload: dict[str, Any]


def publish(
    kind: str, subject_organisation_id: int | None, key: str, occurred_at: datetime, payload: dict[str, Any]
) -> None:
    """Publish an event with the change that it tells of; `kind` and `key` together name it once and for all.

    The same again is not heard. Raises RuntimeError outside a transaction, where it could survive a change that failed.
    """
    publish_many([Item(kind, subject_organisation_id, key, occurred_at, payload)])


def publish_many(items: Sequence[Item]) -> None:
    """Publish several, in their order; as `publish` does for one."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event belongs to the transaction of what it tells of")
    new = [found for start in range(0, len(items), ROWS) for found in _kept(items[start : start + ROWS])]
    waiting = [
        Delivery(event_id=event, subscriber=each.name, lane=subject or 0)
        for event, kind, subject in new
        for each in subscribers_of(kind)
    ]
    Delivery.objects.bulk_create(waiting, batch_size=ROWS)
    if waiting:
        transaction.on_commit(wake, robust=True)


def wake() -> None:
    """Have the worker look; where that fails or is forgotten, it looks by itself within a minute."""
    try:
        queue.configure_task(QUEUED_TASK, queue=QUEUE, queueing_lock=QUEUED_TASK).defer(timestamp=0)
    except AlreadyEnqueued:
        return  # that look will find these as well


def deliver(most: int | None = None) -> int:
    """Deliver what waits, each event in its own transaction; how many were taken. Safe beside other workers."""
    for each in subscribers():
        _introduce(each)
    taken, after = 0, (0, "")
    while most is None or taken < most:
        tried = _deliver_next(after)
        if tried is None:
            break
        after, done = tried
        taken += done
    return taken


@transaction.atomic
def retry(name: str) -> int:
    """Let all that a subscriber couldn't take be tried at once; how many those are."""
    count = Delivery.objects.filter(subscriber=name, attempts__gt=0).update(next_try_at=None)
    transaction.on_commit(wake, robust=True)
    return count


def _kept(items: Sequence[Item]) -> list[tuple[int, str, int | None]]:
    """Key, kind and subject of those that are new; who publishes the same at the same time waits for the other."""
    encode = DjangoJSONEncoder(ensure_ascii=False).encode
    unique = list({(item.kind, item.key): item for item in reversed(items)}.values())[::-1]
    columns = (
        [item.kind for item in unique],
        [item.subject_organisation_id for item in unique],
        [item.key for item in unique],
        [item.occurred_at for item in unique],
        [encode(item.payload) for item in unique],
    )
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [datetime.now(UTC), *columns])
        return sorted(cursor.fetchall())


@transaction.atomic
def _introduce(new: Subscriber) -> None:
    """Give a subscriber, or one that takes more kinds than before, what was published before it came."""
    kinds = sorted(new.kinds)
    known = Subscription.objects.filter(name=new.name).first()
    if known is not None and set(kinds) <= set(known.kinds):
        return
    row, _ = Subscription.objects.select_for_update().get_or_create(name=new.name, defaults={"kinds": []})
    missing = sorted(set(kinds) - set(row.kinds))
    with connection.cursor() as cursor:
        cursor.execute(CATCH_UP, [new.name, missing])
    row.kinds = sorted({*row.kinds, *missing})
    row.save(update_fields=["kinds"])


def _deliver_next(after: tuple[int, str]) -> tuple[tuple[int, str], bool] | None:
    """Which one behind `after` was tried, and whether it was taken; None where there is none."""
    now = datetime.now(UTC)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(NEXT, [[each.name for each in subscribers()], now, *after])
            row = cursor.fetchone()
        if row is None:
            return None
        waiting = Delivery.objects.select_related("event").get(pk=row[0])
        place = waiting.event_id, waiting.subscriber
        reason = _refusal(waiting, now)
        if reason is None:
            waiting.delete()
            return place, True
        waiting.attempts += 1
        waiting.failed_at, waiting.reason = now, reason[:1000]
        waiting.next_try_at = next_try(waiting.attempts, now)
        waiting.save(update_fields=["attempts", "failed_at", "reason", "next_try_at"])
        return place, False


def _refusal(waiting: Delivery, now: datetime) -> str | None:
    """Why the subscriber didn't take it, its changes undone; None where it did."""
    found, event = subscriber(waiting.subscriber), waiting.event
    if found is None:
        return f"没有名为 {waiting.subscriber} 的订阅者"
    news = News(event.pk, event.kind, event.subject_organisation_id, event.key, event.occurred_at, event.payload)
    try:
        with transaction.atomic():
            found.take(news, now)
    except NotTakenError as error:
        return str(error)
    # Whatever it was, others must get their news, and this one is tried again.
    except Exception as error:
        log.exception("事件 %s %s 没有投递给 %s", event.kind, event.key, waiting.subscriber)
        return f"{BROKEN}（{type(error).__name__}：{error}）"
    return None
