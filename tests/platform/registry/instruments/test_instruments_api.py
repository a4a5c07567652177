"""The JSON interface of instruments: the same rights and refusals as on the pages."""

import json
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.accounts.scopes import offered_scopes
from yuejingzhun.platform.foundation.parties.credit_code import check_character
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.procedures.local_date import local_date

METER = {
    "name": "电能表", "model": "DDS-1", "serial": "A0001", "maker": "演示制造厂", "regulation": "JJG 596-2012",
    "region": "440106", "place": "三楼",
}  # fmt: skip
CODE = "12440300MB2X00007" + check_character("12440300MB2X00007")


class Caller:
    """A program that acts for a person, in a session."""

    def __init__(self, role: str, organisation: Organisation) -> None:
        user = User.objects.create_user(f"{role}{organisation.pk}")
        person = Person.objects.create(name=role, organisation=organisation, user=user)
        RoleGrant.objects.create(
            person=person, role=role, organisation=organisation, valid_from="2025-01-01", valid_until="2035-12-31"
        )
        self.client = Client()
        self.client.force_login(user)

    def get(self, address: str, **given: object) -> tuple[int, dict]:
        answer = self.client.get(f"/api/v1{address}", given)
        return answer.status_code, answer.json()

    def post(self, address: str, body: object) -> tuple[int, dict]:
        answer = self.client.post(f"/api/v1{address}", json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json()


@pytest.fixture
def holder(world) -> Caller:
    return Caller("HOLDER", world.holder)


@pytest.fixture
def regulator(world) -> Caller:
    return Caller("REGULATOR", Organisation.objects.get(kind="authority"))


def today() -> date:
    return local_date(timezone.now())


def test_an_instrument_is_filed_found_moved_stopped_and_handed_over(world, holder: Caller) -> None:
    status, filed = holder.post("/instruments", METER)
    assert status == 201 and filed["standing"] == "未检定" and filed["holder"] == world.holder.name
    assert holder.post("/instruments", METER)[1]["id"] == filed["id"]
    _, listed = holder.get("/instruments", standing="NEVER")
    assert [each["id"] for each in listed["instruments"]] == [filed["id"]] and listed["next"] == ""
    assert holder.get("/instruments", standing="OVERDUE")[1]["instruments"] == []
    assert holder.get("/instruments/search", text="dds")[1]["instruments"][0]["serial"] == "A0001"
    assert holder.get(f"/instruments/{filed['id']}")[0] == 200

    at = f"/instruments/{filed['id']}"
    assert holder.post(f"{at}/place", {"region": "440305", "place": "仓库"})[1]["region"] == "440305"
    assert holder.post(f"{at}/use", {"in_use": "stopped", "reason": "检修"})[1]["standing"] == "停用或报废"
    Organisation.objects.create(name="接收公司", kind="holder", region="440300", credit_code=CODE)
    status, given = holder.post(f"{at}/holder", {"credit_code": CODE})
    assert (status, given["holder"], given["holder_credit_code"]) == (200, "接收公司", CODE)
    assert holder.post(f"{at}/holder", {"credit_code": CODE})[0] == 404


def test_the_list_goes_on_behind_what_it_gave(world, holder: Caller, django_assert_max_num_queries) -> None:
    Instrument.objects.bulk_create(
        Instrument(
            holder=world.holder, name="表", model="M", serial=f"S{n}", maker="厂", regulation="", regulation_series="",
            region="440106", city="4401", last_passed=True, valid_until=today() + timedelta(n % 90 - 30),
        )
        for n in range(120)
    )  # fmt: skip
    seen, after = [], ""
    while True:
        with django_assert_max_num_queries(12):
            status, page = holder.get("/instruments", after=after)
        assert status == 200
        seen += [each["id"] for each in page["instruments"]]
        after = page["next"]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 120
    days = {"from": today().isoformat(), "until": (today() + timedelta(1)).isoformat()}
    assert len(holder.get("/instruments", **days)[1]["instruments"]) == 2


def test_refusals_name_what_is_wrong(world, holder: Caller) -> None:
    status, refused = holder.post("/instruments", METER | {"region": "110000", "use": "fun", "serial": " "})
    assert status == 422 and len(refused["problems"]) == 3
    assert "出厂编号：没有填写" in refused["problems"] and not Instrument.objects.exists()
    assert holder.get("/instruments", standing="x")[0] == 422
    assert holder.get("/instruments", **{"from": "2026-02-31"})[0] == 422
    assert holder.post("/instruments", METER | {"name": "x" * 121})[0] == 422
    assert holder.post("/instruments", METER | {"name": "x\0"})[0] in (400, 422)
    assert holder.post("/instruments/99/use", {"in_use": "burnt", "reason": "x"})[0] == 422
    for act, body in (("place", {"region": "440106"}), ("use", {"in_use": "stopped", "reason": "x"})):
        assert holder.post(f"/instruments/{2**62}/{act}", body)[0] == 404
    assert holder.get("/instruments", item="\0", region="\0", text="\0", after="\0.\0")[0] in (200, 400)


def test_a_receptionist_files_for_whom_it_says(world, holder: Caller) -> None:
    reception = Caller("RECEPTIONIST", world.institute)
    assert "必须给出" in reception.post("/instruments", METER)[1]["problems"][0]
    assert reception.post("/instruments", METER | {"holder": CODE})[0] == 422
    Organisation.objects.filter(pk=world.holder.pk).update(credit_code=CODE)
    assert reception.post("/instruments", METER | {"holder": CODE})[1]["holder_credit_code"] == CODE


def test_due_and_never_lists_are_the_regulators(world, holder: Caller, regulator: Caller) -> None:
    holder.post("/instruments", METER)
    assert regulator.get("/instruments/never", region="440106")[1]["instruments"][0]["serial"] == "A0001"
    assert regulator.get("/instruments/due", region="440106")[1]["instruments"] == []
    Instrument.objects.update(last_passed=True, valid_until=today())
    assert len(regulator.get("/instruments/due", region="440100")[1]["instruments"]) == 1
    assert regulator.get("/instruments/due", region="440100", until="2020-01-01")[1]["instruments"] == []
    assert regulator.get("/instruments/never", region="440106")[1]["instruments"] == []
    for way in ("due", "never"):
        assert holder.get(f"/instruments/{way}", region="440106")[0] == 403
        assert regulator.get(f"/instruments/{way}", region="440305")[0] == 403
        assert regulator.get(f"/instruments/{way}", region="9")[0] == 422
        assert regulator.get(f"/instruments/{way}")[0] == 422
    assert regulator.get("/instruments")[0] == 403


def test_anyone_reads_a_tag_and_learns_nothing_of_the_holder(world, holder: Caller) -> None:
    _, filed = holder.post("/instruments", METER)
    answer = Client().get(f"/api/v1/instruments/tags/{filed['tag'].lower()}")
    assert answer.status_code == 200 and answer.json()["standing"] == "未检定"
    assert world.holder.name not in answer.content.decode() and "三楼" not in answer.content.decode()
    assert "holder" not in answer.json() and "id" not in answer.json()
    assert Client().get("/api/v1/instruments/tags/000000000000").status_code == 404
    assert Client().get("/api/v1/instruments/tags/%00").status_code == 404


def test_without_a_sign_in_nothing_else_is_told_and_scopes_are_two(world) -> None:
    for address in ("/instruments", "/instruments/search?text=a", "/instruments/due?region=440106"):
        assert Client().get(f"/api/v1{address}").status_code == 401
    assert {"instruments:read", "instruments:write"} <= {scope.name for scope in offered_scopes()}
