"""The outbox: in one transaction with what happened, in order, once; what can't be taken is kept and tried again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from small_world import AT
from yuejingzhun.platform.foundation.events import registry
from yuejingzhun.platform.foundation.events.errors import NotTakenError
from yuejingzhun.platform.foundation.events.models import Delivery, Event
from yuejingzhun.platform.foundation.events.queries import failures, waiting
from yuejingzhun.platform.foundation.events.registry import News, subscribe, unsubscribe
from yuejingzhun.platform.foundation.events.rules import LONGEST_WAIT, next_try
from yuejingzhun.platform.foundation.events.services import Item, deliver, publish, publish_many, retry
from yuejingzhun.platform.foundation.parties.models import Organisation

KIND = "test-news"


class Listener:
    """Keeps what it took, and refuses the keys in `refused`; what it does is undone with a delivery that fails."""

    def __init__(self) -> None:
        self.refused: set[str] = set()
        self.broken: set[str] = set()

    def take(self, news: News, at: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO taken VALUES (%s, %s)", [news.key, news.subject_organisation_id])
        if news.key in self.refused:
            raise NotTakenError(f"不要 {news.key}")
        if news.key in self.broken:
            raise ZeroDivisionError

    @property
    def taken(self) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT key FROM taken ORDER BY ctid")
            return [row[0] for row in cursor.fetchall()]


@pytest.fixture
def listener(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    monkeypatch.setattr(registry, "_subscribers", {})
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE taken (key text, subject bigint)")
    found = Listener()
    subscribe("listener", frozenset({KIND}), found.take)
    yield found
    unsubscribe("listener")


@pytest.fixture
def parties(db: None) -> tuple[int, int]:
    made = [Organisation.objects.create(name=name, kind="holder", region="440106") for name in ("甲", "乙")]
    return made[0].pk, made[1].pk


def told(key: str, party: int | None = None, kind: str = KIND, **payload: Any) -> None:
    publish(kind, party, key, AT, payload)


def test_what_is_published_is_taken_once_and_in_order(listener: Listener, parties: tuple[int, int]) -> None:
    for key in ("b", "a", "c"):
        told(key, parties[0], day=AT.date())
    assert waiting() == 3
    assert deliver() == 3
    assert listener.taken == ["b", "a", "c"]
    assert deliver() == waiting() == 0
    assert Event.objects.get(key="a").payload == {"day": "2026-11-24"}


def test_the_same_again_is_not_heard_and_the_first_stays(listener: Listener) -> None:
    told("a", number=1)
    told("a", number=2)
    publish_many([Item(KIND, None, "b", AT, {}), Item(KIND, None, "b", AT, {"x": 1}), Item(KIND, None, "a", AT, {})])
    assert deliver() == 2
    assert listener.taken == ["a", "b"]
    assert Event.objects.get(key="a").payload == {"number": 1}
    assert Event.objects.get(key="b").payload == {}


def test_a_change_that_is_undone_tells_nothing(listener: Listener) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        told("a")
        raise ZeroDivisionError
    assert not Event.objects.exists()
    assert deliver() == 0


@pytest.mark.django_db
def test_outside_a_transaction_nothing_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    class Outside:
        in_atomic_block = False

    from yuejingzhun.platform.foundation.events import services

    monkeypatch.setattr(services, "connection", Outside())
    with pytest.raises(RuntimeError, match="transaction"):
        publish(KIND, None, "a", AT, {})


def test_what_cannot_be_taken_stays_with_its_reason_and_later_news_of_that_party_waits(
    listener: Listener, parties: tuple[int, int]
) -> None:
    one, other = parties
    listener.refused = {"a1"}
    for key, party in (("a1", one), ("b1", other), ("a2", one), ("b2", other), ("n", None)):
        told(key, party)
    assert deliver() == 3
    assert listener.taken == ["b1", "b2", "n"]  # what the refused delivery had written is undone
    (failed,) = failures()
    assert (failed.event.key, failed.attempts, failed.reason) == ("a1", 1, "不要 a1")
    assert deliver() == 0  # not before its time
    listener.refused = set()
    assert retry("listener") == 1
    assert deliver() == 2
    assert listener.taken[-2:] == ["a1", "a2"]
    assert waiting() == 0


def test_a_broken_subscriber_keeps_its_news_and_no_others(listener: Listener, caplog: pytest.LogCaptureFixture) -> None:
    subscribe("second", frozenset({KIND}), lambda news, at: None)
    listener.broken = {"a"}
    told("a")
    assert deliver() == 1
    (failed,) = failures()
    assert failed.subscriber == "listener"
    assert "ZeroDivisionError" in failed.reason
    Delivery.objects.update(next_try_at=datetime(2000, 1, 1, tzinfo=UTC))
    assert deliver() == 0
    failed.refresh_from_db()
    assert failed.attempts == 2


def test_who_subscribes_later_gets_what_was_published_before(listener: Listener) -> None:
    told("a")
    told("x", kind="other-news")
    deliver()
    late: list[str] = []
    subscribe("late", frozenset({KIND, "other-news"}), lambda news, at: late.append(news.key))
    told("b")
    assert deliver() == 4
    assert late == ["a", "x", "b"]
    assert listener.taken == ["a", "b"]
    assert deliver() == 0


def test_what_nobody_takes_is_kept_as_an_event(listener: Listener) -> None:
    told("x", kind="nobody-listens")
    assert waiting() == 0
    assert Event.objects.filter(kind="nobody-listens").exists()


@pytest.mark.parametrize("change", ["UPDATE events_event SET key = 'b'", "DELETE FROM events_event"])
def test_the_database_refuses_to_change_what_was_published(listener: Listener, change: str) -> None:
    told("a", kind="nobody-listens")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_two_subscribers_of_one_name_are_a_mistake(listener: Listener) -> None:
    with pytest.raises(ValueError, match="listener"):
        subscribe("listener", frozenset(), lambda news, at: None)


def test_the_wait_doubles_up_to_six_hours() -> None:
    waits = [next_try(attempts, AT) - AT for attempts in (1, 2, 3, 50)]
    assert waits == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120), LONGEST_WAIT]
