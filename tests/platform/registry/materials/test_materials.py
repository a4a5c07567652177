"""Reference materials: numbers, batches in date, the database's own refusals, and the pages."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.models import Person, RoleGrant
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
from yuejingzhun.platform.registry.materials.errors import (
    MaterialError,
    MaterialNotUsableError,
    UnknownMaterialError,
)
from yuejingzhun.platform.registry.materials.models import Batch, CertifiedValue, ReferenceMaterial
from yuejingzhun.platform.registry.materials.queries import batches_in_date, material_list, usable_batch
from yuejingzhun.platform.registry.materials.rules import Grade, grade_of, normal_number
from yuejingzhun.platform.registry.materials.services import (
    ValueIn,
    enter_material,
    take_in_batch,
    withdraw_batch,
)

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
VALUES = [ValueIn("一氧化碳摩尔分数", Decimal("1.00E+2"), Decimal("1.0"), Decimal(2), "μmol/mol")]


@pytest.fixture
def manager(world) -> Actor:
    person = Person.objects.create(name="质量负责人", organisation=world.institute)
    RoleGrant.objects.create(
        person=person,
        role="QUALITY_MANAGER",
        organisation=world.institute,
        valid_from=date(2025, 1, 1),
        valid_until=date(2031, 1, 1),
    )
    return Actor(person.pk, person.name, (Grant(Role.QUALITY_MANAGER, world.institute.pk, "440100"),))


@pytest.fixture
def material(manager) -> ReferenceMaterial:
    return enter_material(manager, "gbw（E） 060001", "演示气体标准物质", "演示研制单位", AT)


def take(manager, world, number: str = "a", start: int = -10, end: int = 10, values=VALUES, owner=None) -> Batch:
    days = (TODAY + timedelta(start), TODAY + timedelta(end))
    owner_id = world.institute.pk if owner is None else owner
    return take_in_batch(manager, "GBW(E)060001", owner_id, number, "C-1", "气瓶间", *days, values, AT)


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("GBW13101", Grade.FIRST),
        ("gbw 13101", Grade.FIRST),
        ("GBW（E）060001", Grade.SECOND),
        ("GBW(E) 060001", Grade.SECOND),
        ("GBW1310", None),
        ("GBW131012", None),
        ("GBW(E)06001", None),
        ("GSB 13101", None),
        ("GBW13101\n", Grade.FIRST),
        ("", None),
    ],
)
def test_a_number_tells_the_class(text: str, grade: Grade | None) -> None:
    assert grade_of(normal_number(text)) is grade


def test_a_material_is_entered_once_and_only_with_a_proper_number(material, manager, world) -> None:
    assert (material.number, material.grade) == ("GBW(E)060001", "SECOND")
    for number, name, says in (
        ("GBW(E)060001", "x", "已经登记"),
        ("GBW1", "x", "应为 GBW 加 5 位数字"),
        ("GBW13101", " ", "都要填写"),
    ):
        with pytest.raises(MaterialError, match=says):
            enter_material(manager, number, name, "x", AT)
    with pytest.raises(NotPermittedError):
        enter_material(world.verifier, "GBW13101", "x", "x", AT)


def test_the_batch_in_date_that_expires_first_is_used(material, manager, world) -> None:
    with pytest.raises(MaterialNotUsableError, match="没有登记的批次"):
        usable_batch("GBW(E)060001", TODAY)
    take(manager, world, "old", -100, -1)
    with pytest.raises(MaterialNotUsableError, match="批号 old 有效期至 2026-11-23，2026-11-24 已过期"):
        usable_batch("GBW(E) 060001", TODAY)
    late, soon = take(manager, world, "late", -10, 90), take(manager, world, "soon", 0, 0)
    assert usable_batch("GBW（E）060001", TODAY) == soon
    assert usable_batch("GBW(E)060001", TODAY + timedelta(1), world.institute.pk) == late
    assert usable_batch("GBW(E)060001", TODAY - timedelta(5)).number == "old"
    assert batches_in_date(["GBW(E)060001", "GBW13101"], TODAY) == {("GBW(E)060001", world.institute.pk)}
    with pytest.raises(MaterialNotUsableError, match="没有登记"):
        usable_batch("GBW(E)060001", TODAY, world.holder.pk)
    withdraw_batch(manager, soon.pk, "压力不足", AT)
    assert usable_batch("GBW(E)060001", TODAY) == late
    assert usable_batch("GBW(E)060001", TODAY).values.get().value == 100


def test_what_cannot_be_taken_in(material, manager, world) -> None:
    take(manager, world)
    zero = [ValueIn("x", Decimal(1), Decimal(0), Decimal(2), "g")]
    for arguments, says in (
        ({}, "批号 a 已经入库"),
        ({"number": "b", "start": 1}, "应不晚于今天"),
        ({"number": "b", "end": -11}, "应不早于入库日期"),
        ({"number": " "}, "都要填写"),
        ({"number": "b", "values": []}, "标准值：没有填写"),
        ({"number": "b", "values": VALUES * 2}, "出现了两次"),
        ({"number": "b", "values": zero}, "应大于零"),
    ):
        with pytest.raises(MaterialError, match=says):
            take(manager, world, **arguments)
    for actor, owner in ((world.verifier, None), (manager, world.holder.pk)):
        with pytest.raises(NotPermittedError):
            take(actor, world, "c", owner=owner)
    with pytest.raises(UnknownMaterialError):
        take_in_batch(manager, "GBW13199", world.institute.pk, "1", "", "柜", TODAY, TODAY, VALUES, AT)
    assert Batch.objects.count() == CertifiedValue.objects.count() == 1


def test_a_batch_is_withdrawn_once_with_a_reason_and_by_its_own(material, manager, world) -> None:
    batch = take(manager, world)
    with pytest.raises(UnknownMaterialError):
        withdraw_batch(world.stranger, batch.pk, "x", AT)
    with pytest.raises(MaterialError, match="须写明原因"):
        withdraw_batch(manager, batch.pk, " ", AT)
    withdraw_batch(manager, batch.pk, "用完", AT)
    with pytest.raises(MaterialError, match="已于 2026-11-24 停用"):
        withdraw_batch(manager, batch.pk, "再次", AT)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE materials_certifiedvalue SET value = 1",
        "DELETE FROM materials_certifiedvalue",
        "UPDATE materials_batch SET expires_on = expires_on + 1",
        "DELETE FROM materials_batch",
        "UPDATE materials_referencematerial SET grade = 'FIRST'",
        "UPDATE materials_referencematerial SET number = 'GBW(E)06'",
        "UPDATE materials_batch SET withdrawn_on = received_on",
    ],
)
def test_the_database_itself_refuses(material, manager, world, statement: str) -> None:
    take(manager, world)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_list_counts_ones_own_batches_in_one_query(material, manager, world, django_assert_max_num_queries) -> None:
    take(manager, world)
    for n in range(60):
        ReferenceMaterial.objects.create(number=f"GBW{13100 + n}", name="x", grade="FIRST", producer="x")
    with django_assert_max_num_queries(1):
        found = material_list(manager)
    assert len(found) == 51 and found[0].held == 1
    assert [each.number for each in material_list(manager, after="GBW13158")] == ["GBW13159"]
    assert material_list(manager, "060001") == [] and material_list(manager, "gbw（e）06") == [material]
    assert material_list(world.stranger)[0].held == 0


def client_of(actor: Actor) -> Client:
    user = User.objects.create_user(f"user{actor.person_id}")
    Person.objects.filter(pk=actor.person_id).update(user=user)
    client = Client()
    client.force_login(user)
    return client


def test_the_pages_from_entry_to_withdrawal(manager, world) -> None:
    client = client_of(manager)
    given = {"number": "GBW13101", "name": "演示标准物质", "producer": "演示单位"}
    page = client.post("/materials", given).url
    batch = {
        "owner": world.institute.pk,
        "number": "2026a",
        "place": "A 柜 2 层",
        "received_on": "2026-01-05",
        "expires_on": "2030-01-05",
        "values": "质量分数 | 99.95 | 0.02 | 2 | %",
    }
    for change, says in (
        ({"values": "质量分数 99.95"}, "标准值第 1 行"),
        ({"values": "质量分数 | x | 0.02 | 2 | %"}, "为 &#x27;x&#x27;"),
        ({"values": "质量分数 | 1 | 0.02 | 2.00001 | %"}, "3 位"),
        ({"expires_on": "soon"}, "有效期至"),
        ({"owner": world.holder.pk}, "保管单位"),
        ({"expires_on": "2025-01-01"}, "应不早于入库日期"),
    ):
        answer = client.post(page, batch | change)
        assert answer.status_code == 422 and says in answer.content.decode(), change
    assert client.post(page, batch).status_code == 302
    shown = client.get(page).content.decode()
    assert "可以使用" in shown and "0.02（2）" in shown and "99.95" in shown
    key = Batch.objects.get().pk
    client.post(f"/materials/batches/{key}/withdraw", {"reason": ""})
    assert Batch.objects.get().withdrawn_on is None
    client.post(f"/materials/batches/{key}/withdraw", {"reason": "污染"})
    assert "已停用" in client.get(page).content.decode()
    assert client.get("/materials/GBW99999").status_code == 404
    assert client.post("/materials", given).status_code == 422
    stranger = client_of(world.stranger)
    assert "2026a" not in stranger.get(page).content.decode()
    assert stranger.post(f"/materials/batches/{key}/withdraw", {"reason": "x"}).status_code == 404
    assert stranger.post("/materials", given | {"number": "GBW13102"}).status_code == 403
    assert Client().get("/materials").status_code == 302
