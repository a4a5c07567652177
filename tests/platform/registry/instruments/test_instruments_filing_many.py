"""Instruments filed with a batch: each once, whoever else files the same at the same time."""

import threading
from dataclasses import replace
from typing import Any

from django.db import connection, connections, transaction

from small_world import AT, World, make_world
from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.instruments.services import Speaks, file_instruments, note_verifications
from yuejingzhun.procedures.record import Item

CODE = "JJG 596-2012"


def items(world: World, serials: str) -> list[tuple[Item, str]]:
    return [(replace(world.record().item, serial=serial), CODE) for serial in serials]


def told() -> int:
    return AuditEvent.objects.filter(action="器具备案").count()


def test_each_is_filed_once_in_the_order_that_was_asked(world: World, django_assert_num_queries: Any) -> None:
    first = file_instruments(world.verifier, items(world, "BA"), world.holder.pk, AT)
    assert [each.serial for each in first] == ["B", "A"] and told() == 2
    with django_assert_num_queries(6):  # holder, on record, filed, on record again, audit, event
        again = file_instruments(world.verifier, items(world, "CAAB"), world.holder.pk, AT)
    assert [each.pk for each in again][1:] == [first[1].pk, first[1].pk, first[0].pk]
    assert (Instrument.objects.count(), told()) == (3, 3)
    with django_assert_num_queries(2):
        file_instruments(world.verifier, items(world, "ABC"), world.holder.pk, AT)
    assert file_instruments(world.verifier, [], world.holder.pk, AT) == []


def test_the_same_serial_of_another_kind_is_another_instrument(world: World) -> None:
    item = world.record().item
    one, other = file_instruments(world.verifier, [(item, CODE), (item, "JJG 162-2019")], world.holder.pk, AT)
    assert one != other and {one.regulation_series, other.regulation_series} == {"JJG 596", "JJG 162"}


def test_what_speaks_for_each_is_noted_in_one_statement(world: World, django_assert_num_queries: Any) -> None:
    one, two, three = file_instruments(world.verifier, items(world, "ABC"), world.holder.pk, AT)
    day = AT.date()
    with django_assert_num_queries(1):
        note_verifications([Speaks(one.pk, "C-1", True, day), Speaks(two.pk, "C-2", False)])
    rows = Instrument.objects.order_by("serial").values_list("last_certificate", "last_passed", "valid_until")
    assert list(rows) == [("C-1", True, day), ("C-2", False, None), ("", None, None)]
    note_verifications([Speaks(one.pk)])
    assert rows.all()[0] == ("", None, None)
    assert three.last_certificate == ""


def test_two_who_file_the_same_at_once_file_it_once(committed: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        world = make_world()
        other = Organisation.objects.create(name="别家", kind="holder", region="440106")
        found: dict[str, list[Instrument]] = {}
        ready, go_on = threading.Event(), threading.Event()

        def rival() -> None:
            with transaction.atomic():
                found["rival"] = file_instruments(world.verifier, items(world, "CAB"), other.pk, AT)
                ready.set()
                go_on.wait(10)
            connections.close_all()

        thread = threading.Thread(target=rival)
        thread.start()
        assert ready.wait(10)
        threading.Timer(0.3, go_on.set).start()  # the other commits while this one waits for it
        with transaction.atomic():
            found["this"] = file_instruments(world.verifier, items(world, "ABCD"), world.holder.pk, AT)
        thread.join()
        assert Instrument.objects.count() == 4 and told() == 4
        assert {each.pk for each in found["rival"]} == {each.pk for each in found["this"]} - {found["this"][3].pk}
        assert [each.holder_id for each in found["this"]] == [other.pk] * 3 + [world.holder.pk]
        connection.close()
