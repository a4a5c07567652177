"""Pages of instruments, as each role sees them."""

from datetime import date, timedelta

import pytest
from django.test import Client

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.registry.instruments.models import Instrument, InUse
from yuejingzhun.procedures.local_date import local_date


def client_of(name: str, role: str, organisation: Organisation) -> Client:
    user = User.objects.create_user(name)
    person = Person.objects.create(name=name, organisation=organisation, user=user)
    RoleGrant.objects.create(
        person=person,
        role=role,
        organisation=organisation,
        valid_from=date(2025, 1, 1),
        valid_until=date(2035, 12, 31),
    )
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def holder(world) -> Client:
    return client_of("经办", "HOLDER", world.holder)


@pytest.fixture
def regulator(world) -> Client:
    return client_of("监管", "REGULATOR", Organisation.objects.get(kind="authority"))


METER = {
    "name": "电能表",
    "model": "DDS-1",
    "serial": "A0001",
    "maker": "演示制造厂",
    "item": "",
    "regulation": "JJG 596-2012",
    "use": "trade",
    "region": "440106",
    "place": "三楼",
}


def test_a_holder_files_finds_moves_and_labels_an_instrument(world, holder: Client) -> None:
    assert "还没有备案的器具" in holder.get("/instruments").content.decode()
    filed = holder.post("/instruments/file", METER)
    found = Instrument.objects.get()
    assert filed.status_code == 302 and filed.url == f"/instruments/{found.pk}"
    assert "A0001" in holder.get("/instruments").content.decode()
    assert "A0001" in holder.get("/instruments/search", {"text": "dds"}).content.decode()
    page = holder.get(f"/instruments/{found.pk}").content.decode()
    assert "移到别处" in page and found.tag in page
    holder.post(f"/instruments/{found.pk}/place", {"region": "440305", "place": "仓库"})
    holder.post(f"/instruments/{found.pk}/use", {"in_use": InUse.STOPPED, "reason": "检修"})
    found.refresh_from_db()
    assert (found.region, found.in_use) == ("440305", "stopped")
    labels = holder.get("/instruments/labels", {"id": [found.pk]}).content.decode()
    assert "没有选择器具" in labels  # a stopped instrument gets no label
    holder.post(f"/instruments/{found.pk}/use", {"in_use": InUse.IN_USE, "reason": "修好"})
    assert "<svg" in holder.get("/instruments/labels", {"id": [found.pk]}).content.decode()


def test_a_bad_filing_is_shown_again_with_its_problems(world, holder: Client) -> None:
    answer = holder.post("/instruments/file", METER | {"serial": "", "region": "110000"})
    assert answer.status_code == 422 and not Instrument.objects.exists()
    assert "这个字段是必填项" in answer.content.decode()
    assert holder.post("/instruments/file", METER | {"serial": "A\0"}).status_code in (400, 422)


def test_anyone_reads_a_label(world, holder: Client, client: Client) -> None:
    holder.post("/instruments/file", METER)
    found = Instrument.objects.get()
    assert "未检定" in client.get(f"/i/{found.tag.lower()}").content.decode()
    today = local_date_now()
    for days, text in ((-1, "已超期"), (10, "即将到期"), (100, "在有效期内")):
        Instrument.objects.update(last_passed=True, valid_until=today + timedelta(days), last_certificate="X-1")
        assert text in client.get(f"/i/{found.tag}").content.decode()
    assert client.get("/i/000000000000").status_code == 404


def local_date_now() -> date:
    from django.utils import timezone

    return local_date(timezone.now())


def test_a_regulator_sees_what_is_due_in_the_own_region_only(world, holder: Client, regulator: Client) -> None:
    holder.post("/instruments/file", METER)
    Instrument.objects.update(last_passed=True, valid_until=local_date_now() - timedelta(3))
    page = regulator.get("/instruments/due").content.decode()
    assert "已超期" in page and "A0001" in page and "天河区" in page
    assert regulator.get("/instruments/due", {"region": "440305"}).status_code == 403
    assert regulator.get("/instruments/due", {"region": "123456"}).status_code == 404
    assert regulator.get("/instruments/due", {"until": "nonsense", "after": "x.y"}).status_code == 200
    assert holder.get("/instruments/due").status_code == 403


def test_pages_ask_for_a_sign_in_and_the_role(world, client: Client, regulator: Client) -> None:
    for address in ("/instruments", "/instruments/search", "/instruments/due", "/instruments/file"):
        assert client.get(address).status_code == 302
    assert regulator.get("/instruments").status_code == 403


def test_handing_over_needs_a_known_organisation(world, holder: Client) -> None:
    holder.post("/instruments/file", METER)
    found = Instrument.objects.get()
    answer = holder.post(f"/instruments/{found.pk}/holder", {"credit_code": "1" * 18}, follow=True)
    assert "没有统一社会信用代码" in answer.content.decode()
    answer = holder.post(f"/instruments/{found.pk}/holder", {"credit_code": "1"}, follow=True)
    assert "接收单位的统一社会信用代码" in answer.content.decode()
    assert Instrument.objects.get().holder == world.holder
