"""The daily round: what is made, once, whatever interrupts it."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.registry.instruments import falling_due as counting
from yuejingzhun.platform.registry.instruments.falling_due import FallingDue, Span, falling_due
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.reminders import rounds
from yuejingzhun.platform.registry.reminders.models import Notice, Round
from yuejingzhun.platform.registry.reminders.rounds import make_notices

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)  # a Tuesday
TODAY = date(2026, 11, 24)


def store(holder: Organisation, *days: int, item: str = "33.1", in_use: str = "in_use", region: str = "440106") -> None:
    made = Instrument.objects.count()
    Instrument.objects.bulk_create(
        Instrument(
            holder=holder,
            name="电能表",
            model="DDS",
            serial=f"R{made + n:06}",
            maker="厂",
            regulation="JJG 596-2012",
            regulation_series="JJG 596",
            item=item,
            region=region,
            city=region[:4],
            in_use=in_use,
            last_passed=True,
            valid_until=TODAY + timedelta(ahead),
        )
        for n, ahead in enumerate(days)
    )


def made(**wanted: object) -> dict[str, int]:
    return {notice.kind: notice.number for notice in Notice.objects.filter(**wanted)}


def other(name: str) -> Organisation:
    return Organisation.objects.create(name=name, kind="holder", region="440305")


def test_counts_by_holder_span_and_item(world) -> None:
    second = other("乙")
    store(world.holder, 1, 2, 2, 5)
    store(world.holder, 2, item="3.1")
    store(world.holder, 2, in_use="stopped")
    store(second, 3)
    first, last = TODAY + timedelta(1), TODAY + timedelta(2)
    spans = [Span("near", first, last), Span("far", TODAY + timedelta(3), TODAY + timedelta(9))]
    day = TODAY + timedelta(5)
    assert falling_due([world.holder.pk, second.pk, 0], spans) == [
        FallingDue(world.holder.pk, "far", 1, day, day, {"33.1": 1}),
        FallingDue(world.holder.pk, "near", 4, first, last, {"33.1": 3, "3.1": 1}),
        FallingDue(second.pk, "far", 1, TODAY + timedelta(3), TODAY + timedelta(3), {"33.1": 1}),
    ]
    assert falling_due([], spans) == falling_due([world.holder.pk], []) == []


def test_the_first_round_tells_how_everything_stands_and_the_authority_its_region(world) -> None:
    store(world.holder, -400, -1, 0, 1, 7, 8, 30, 31, 60, 61)
    store(world.holder, -5, region="440305")
    make_notices(AT)
    assert made(organisation=world.holder) == {
        "OVERDUE": 3, "TODAY": 1, "IN_7_DAYS": 2, "IN_30_DAYS": 2, "IN_60_DAYS": 2,
    }  # fmt: skip
    weekly = Notice.objects.get(kind="WEEKLY")
    assert (weekly.organisation.kind, weekly.number, weekly.parts) == ("authority", 2, {"440106": 2})


def test_a_day_is_done_once_and_the_next_tells_what_is_new(world, django_assert_max_num_queries) -> None:
    store(world.holder, -3, 7, 8)
    assert make_notices(AT) == 4  # overdue, in 7 and in 30 days; the authority's
    with django_assert_max_num_queries(6):
        assert make_notices(AT + timedelta(hours=3)) == 0
    make_notices(AT + timedelta(days=1))
    assert made(day=TODAY + timedelta(1)) == {"IN_7_DAYS": 1}  # what was due in 8 days


def test_the_week_is_summed_up_once_for_each_authority(world) -> None:
    store(world.holder, -3)
    for days in range(8):
        make_notices(AT + timedelta(days))
    assert list(Notice.objects.filter(kind="WEEKLY").values_list("day", flat=True).order_by("day")) == [
        TODAY, date(2026, 11, 30),
    ]  # fmt: skip


def test_a_region_without_overdue_instruments_is_told_nothing(world) -> None:
    store(world.holder, 90)
    assert make_notices(AT) == 0 and not Notice.objects.exists()


class Killed(BaseException):
    """As the process ends: nothing catches it."""


def test_killed_in_the_middle_it_goes_on_behind_the_last_whole_chunk(world, monkeypatch: pytest.MonkeyPatch) -> None:
    holders = [other(f"店{n}") for n in range(12)]
    for holder in holders:
        store(holder, -1, 3)
    monkeypatch.setattr(rounds, "CHUNK", 4)
    real, calls = rounds.falling_due, Counter()

    def dying(*given: object) -> list[FallingDue]:
        calls["n"] += 1
        found = real(*given)
        if calls["n"] == 3:
            raise Killed
        return found

    monkeypatch.setattr(rounds, "falling_due", dying)
    with pytest.raises(Killed):
        make_notices(AT)
    half = Notice.objects.count()
    assert 0 < half < 24 and Round.objects.get().made_at is None
    make_notices(AT + timedelta(minutes=5))
    assert Counter(Notice.objects.values_list("organisation", flat=True)) >= Counter({h.pk: 2 for h in holders})
    assert Notice.objects.exclude(kind="WEEKLY").count() == 24


def test_a_round_left_unfinished_is_finished_before_the_next_day(world, monkeypatch: pytest.MonkeyPatch) -> None:
    store(world.holder, 0, 7)
    make_notices(AT, lambda: True)  # asked to stop at once
    assert not Notice.objects.exists()
    make_notices(AT + timedelta(days=1))
    assert made(day=TODAY) == {"TODAY": 1, "IN_7_DAYS": 1}
    assert made(day=TODAY + timedelta(1), organisation=world.holder) == {
        "OVERDUE": 1
    }  # what was told yesterday as due in 7 days isn't again


@pytest.fixture
def committed_round(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """A round that other connections see. Tables that only grow can't be flushed, so it is taken away by hand."""
    with django_db_blocker.unblock():
        Round.objects.create(day=TODAY)
        yield
        Round.objects.all().delete()
        connection.close()


def test_another_process_at_it_is_left_alone(committed_round: None) -> None:
    elsewhere = connections.create_connection("default")
    try:
        elsewhere.set_autocommit(False)
        with elsewhere.cursor() as cursor:
            cursor.execute("SELECT id FROM reminders_round FOR UPDATE")
        assert make_notices(AT) == 0
        assert Round.objects.get(day=TODAY).made_at is None
        elsewhere.rollback()
        make_notices(AT)
        assert Round.objects.get(day=TODAY).made_at == AT
    finally:
        elsewhere.close()


def test_no_row_is_read_for_an_instrument(world, django_assert_max_num_queries) -> None:
    store(world.holder, *[n % 70 - 5 for n in range(3000)])
    with django_assert_max_num_queries(30):
        make_notices(AT)


def test_a_holders_days_are_found_by_descents_of_the_due_index(world) -> None:
    holders = [world.holder, *(other(f"店{n}") for n in range(40))]
    for holder in holders:
        store(holder, *range(-30, 70))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE instruments_instrument")
        last = TODAY + timedelta(7)
        values = {"holders": [one.pk for one in holders[:3]], "names": ["a"], "firsts": [TODAY], "lasts": [last]}
        cursor.execute(f"EXPLAIN (FORMAT JSON) {counting.COUNT}", values)
        answer = cursor.fetchone()[0]
    reads = list(reads_of_instruments((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]))
    (of_table,) = [node for node in reads if node.get("Relation Name")]
    assert of_table["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Heap Scan")
    (descent,) = [node for node in reads if "Index Name" in node]
    assert descent["Index Name"] == "due_of_holder"
    for condition in ("holder_id = h.id", "valid_until >= s.first", "valid_until <= s.last"):
        assert condition in descent["Index Cond"]


def reads_of_instruments(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if plan.get("Relation Name") == "instruments_instrument" or "Index Name" in plan:
        yield plan
    for part in plan.get("Plans", []):
        yield from reads_of_instruments(part)
