"""The trail in the transparency log: heads are logged, and what differs from them afterwards is named."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.entry import check_entry_signature, decode
from yuejingzhun.evidence.keys import SigningIdentity, read_certificate
from yuejingzhun.evidence.log.merkle import leaf_hash, root_of
from yuejingzhun.platform.foundation.audit import services
from yuejingzhun.platform.foundation.audit.checking import Checked, check_trail
from yuejingzhun.platform.foundation.audit.errors import TrailError
from yuejingzhun.platform.foundation.audit.models import AuditEvent, LoggedHead
from yuejingzhun.platform.foundation.audit.queries import last_head
from yuejingzhun.platform.foundation.audit.rules import canonical
from yuejingzhun.platform.foundation.audit.services import log_heads, record_event
from yuejingzhun.platform.foundation.ledger.models import Statement
from yuejingzhun.platform.foundation.ledger.services import sequence
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.project.publisher import publish_once

AT = datetime(2026, 11, 24, 8, 30, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SYSTEM = Actor(7, "张三", ())


@pytest.fixture(scope="module")
def signer() -> SigningIdentity:
    return issue_signer(create_authority("演示根证书", AT - MINUTE), "审计线索", AT - MINUTE)


@transaction.atomic
def record(count: int = 1, at: datetime = AT) -> list[int]:
    for n in range(count):
        record_event(SYSTEM, "核验", "job", n, at, before={"状态": "待核验", "值": 1.50}, after={"n": n}, reason="因")
    return list(AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[:count])[::-1]


def by_hand(sql: str, *values: object) -> None:
    """What someone with the database's own password can do: the triggers switched off."""
    with connection.cursor() as cursor:
        for table in ("audit_auditevent", "audit_loggedhead"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        cursor.execute(sql, values)
        for table in ("audit_auditevent", "audit_loggedhead"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")


def test_the_canonical_form_is_written_out(db: None) -> None:
    (number,) = record()
    event = AuditEvent.objects.get(pk=number)
    assert canonical(event).decode() == (
        '{"action":"核验","actor_id":7,"actor_name":"张三","after":{"n":0},"at":"2026-11-24T08:30:00.123456Z",'
        f'"before":{{"值":1.5,"状态":"待核验"}},"id":{number},"organisation_id":null,"reason":"因","region":"",'
        '"subject":"job","subject_id":0}'
    )


def test_heads_follow_each_other_and_name_nobody(db: None, signer: SigningIdentity, monkeypatch) -> None:
    monkeypatch.setattr(services, "HEAD_SIZE", 4)
    numbers = record(10)
    assert log_heads(signer, AT) == 3
    heads = list(LoggedHead.objects.order_by("last"))
    assert [number for head in heads for number in head.events] == numbers
    stated = list(Statement.objects.filter(event="audit-head").order_by("id"))
    assert [found.number for found in stated] == [f"audit-{head.last}" for head in heads]
    first = AuditEvent.objects.filter(pk__in=numbers[:4]).order_by("pk")
    entry = decode(bytes(stated[0].content))
    assert entry.sha256 == {"events": root_of([leaf_hash(canonical(event)) for event in first]).hex()}
    assert entry.facts == {"count": "4", "first": str(numbers[0]), "last": str(numbers[3])}
    assert "张三" not in bytes(stated[0].content).decode()
    check_entry_signature(
        bytes(stated[0].content), bytes(stated[0].signature), read_certificate(bytes(stated[0].signer))
    )
    assert check_trail() == Checked(10, 3, 0)


def test_at_the_most_one_round_a_minute_and_none_without_news(db: None, signer: SigningIdentity) -> None:
    assert log_heads(signer, AT) == 0
    record()
    assert log_heads(signer, AT) == 1
    record()
    assert log_heads(signer, AT + MINUTE / 2) == 0
    assert check_trail() == Checked(1, 1, 1)
    assert log_heads(signer, AT + MINUTE) == 1
    assert log_heads(signer, AT + 2 * MINUTE) == 0
    assert check_trail() == Checked(2, 2, 0)


def test_the_page_is_told_where_the_last_head_stands(db: None, signer: SigningIdentity) -> None:
    assert last_head() is None
    numbers = record(3)
    log_heads(signer, AT)
    waiting = last_head()
    assert waiting is not None
    assert (waiting.last, waiting.count, waiting.place) == (numbers[-1], 3, None)
    sequence()
    seen = last_head()
    assert seen is not None
    assert seen.place is not None
    assert seen.place.index == 0


@pytest.mark.parametrize("column", ["actor_name", "action", "reason", "subject"])
def test_an_event_changed_by_hand_is_named(db: None, signer: SigningIdentity, column: str) -> None:
    numbers = record(5)
    log_heads(signer, AT)
    by_hand(f"UPDATE audit_auditevent SET {column} = '别的' WHERE id = %s OR id = %s", numbers[2], numbers[4])  # noqa: S608
    with pytest.raises(TrailError, match=f"审计事件 {numbers[2]}（.*）与登记时不同"):
        check_trail()


@pytest.mark.parametrize(
    "change",
    ["at = at + interval '1 microsecond'", "after = '{}'", "after = NULL", "organisation_id = 1", "actor_id = 8"],
)
def test_so_is_any_other_change(db: None, signer: SigningIdentity, change: str) -> None:
    numbers = record(3)
    log_heads(signer, AT)
    by_hand(f"UPDATE audit_auditevent SET {change} WHERE id = %s", numbers[1])  # noqa: S608
    with pytest.raises(TrailError, match=f"审计事件 {numbers[1]}（.*）与登记时不同"):
        check_trail()


@pytest.mark.parametrize("place", [0, 2, 4])
def test_an_event_taken_away_by_hand_is_named(db: None, signer: SigningIdentity, place: int) -> None:
    numbers = record(5)
    log_heads(signer, AT)
    by_hand("DELETE FROM audit_auditevent WHERE id = %s", numbers[place])
    with pytest.raises(TrailError, match=f"审计事件 {numbers[place]} 不见了"):
        check_trail()


def test_an_event_put_in_afterwards_is_named(db: None, signer: SigningIdentity) -> None:
    numbers = record(3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('audit_auditevent', 'id'))")
        gap = cursor.fetchone()[0]
    numbers += record(2)
    assert gap == numbers[2] + 1
    log_heads(signer, AT)
    assert check_trail() == Checked(5, 1, 0)
    AuditEvent.objects.create(pk=gap, at=AT, actor_id=1, actor_name="", action="伪造", subject="job", subject_id=1)
    with pytest.raises(TrailError, match=f"审计事件 {gap}（.*）是后来插入的"):
        check_trail()


def test_whoever_changes_the_kept_hashes_as_well_still_fails_the_log(db: None, signer: SigningIdentity) -> None:
    numbers = record(2)
    log_heads(signer, AT)
    by_hand("UPDATE audit_auditevent SET reason = '别的' WHERE id = %s", numbers[0])
    leaves = [leaf_hash(canonical(event)) for event in AuditEvent.objects.order_by("pk")]
    by_hand("UPDATE audit_loggedhead SET leaves = %s, root = %s", b"".join(leaves), root_of(leaves))
    with pytest.raises(TrailError, match=f"审计事件 {numbers[0]} 至 {numbers[1]} 重新计算的根与日志登记的不同"):
        check_trail()
    by_hand("DELETE FROM audit_loggedhead")
    with pytest.raises(TrailError, match="重新计算的根与日志登记的不同"):
        check_trail()
    by_hand("DELETE FROM audit_auditevent")
    with pytest.raises(TrailError, match="重新计算的根与日志登记的不同"):
        check_trail()


def test_the_database_itself_refuses_to_change_a_head(db: None, signer: SigningIdentity) -> None:
    record()
    log_heads(signer, AT)
    for change in (lambda: LoggedHead.objects.update(root=b"0" * 32), lambda: LoggedHead.objects.all().delete()):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()


def test_a_round_of_the_publisher_logs_the_trail(db: None) -> None:
    record(3)
    publish_once(AT)
    head = last_head()
    assert head is not None
    assert head.place is not None
    assert check_trail() == Checked(3, 1, 0)


def test_while_a_writer_is_under_way_no_head_passes_it(db: None, signer: SigningIdentity) -> None:
    """A number taken first and committed last must not be left out."""
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        try:
            with transaction.atomic():
                record_event(SYSTEM, "慢", "job", 1, AT)
                begun.set()
                go_on.wait(10)
                transaction.set_rollback(True)  # nothing may stay behind for other tests
        finally:
            connections.close_all()

    writer = threading.Thread(target=slowly)
    writer.start()
    assert begun.wait(10)
    record()
    assert log_heads(signer, AT) == 0
    go_on.set()
    writer.join()
    assert log_heads(signer, AT) == 1
