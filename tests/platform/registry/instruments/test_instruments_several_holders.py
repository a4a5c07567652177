"""Somebody who acts in the name of several holders chooses of which a page is, and meets with no other."""

import json
from datetime import date

import pytest
from django.test import Client

from mandatory_counter import ELECTRICITY, item_of_meters
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.foundation.parties.queries import actor_of, holder_choice
from yuejingzhun.platform.registry.instruments.models import Instrument

METER = {
    "name": "电能表", "model": "DDS-1", "serial": "NEW-1", "maker": "演示制造厂", "item": "",
    "regulation": ELECTRICITY, "use": "trade", "region": "440106", "place": "三楼",
}  # fmt: skip


@pytest.fixture
def second(world) -> Organisation:
    return Organisation.objects.create(name="第二供水公司", kind="holder", region="440106")


@pytest.fixture
def other(world) -> Organisation:
    return Organisation.objects.create(name="别家公司", kind="holder", region="440106")


@pytest.fixture
def client(world, second: Organisation, other: Organisation) -> Client:
    """Of somebody with two holders; each of three has a meter that needs verification."""
    for owner in (world.holder, second, other):
        Instrument.objects.create(
            holder=owner, name="电能表", model="DDS", serial=f"S{owner.pk}", maker="厂", regulation=ELECTRICITY,
            regulation_series="JJG 596", item=item_of_meters(), region="440106", city="4401",
        )  # fmt: skip
    person = Person.objects.create(name="兼管", organisation=world.holder, user=User.objects.create_user("兼管"))
    for owner in (world.holder, second):
        RoleGrant.objects.create(
            person=person, role="HOLDER", organisation=owner, valid_from=date(2025, 1, 1), valid_until=date(2035, 1, 1)
        )
    client = Client()
    client.force_login(person.user)
    return client


def of(organisation: Organisation) -> str:
    return f"S{organisation.pk}"


@pytest.mark.parametrize("address", ["/instruments?holder={}", "/mandatory/apply?kind={}&holder={}"])
def test_each_holder_has_its_own_list(world, second, other, client: Client, address: str) -> None:
    kind = f"{item_of_meters()}|{ELECTRICITY}|440106"

    def asked(owner: Organisation) -> str:
        values = (owner.pk,) if "kind" not in address else (kind, owner.pk)
        return client.get(address.format(*values)).content.decode()

    assert (of(world.holder) in asked(world.holder), of(second) in asked(world.holder)) == (True, False)
    assert (of(world.holder) in asked(second), of(second) in asked(second)) == (False, True)
    assert of(other) not in asked(other)


@pytest.mark.parametrize(
    "address", ["/instruments", "/instruments/file", "/instruments/labels", "/mandatory/apply", "/api/v1/instruments"]
)
@pytest.mark.parametrize("wanted", ["other", "999999", "-1", "x", "0"])
def test_a_holder_of_somebody_else_is_refused(other, client: Client, address: str, wanted: str) -> None:
    answer = client.get(address, {"holder": str(other.pk) if wanted == "other" else wanted})
    assert answer.status_code in (403, 422)
    assert of(other) not in answer.content.decode()


def test_the_choice_is_offered_and_kept(world, second, client: Client) -> None:
    page = client.get("/instruments").content.decode()
    assert world.holder.name in page and second.name in page
    chosen = f'name="holder" value="{second.pk}"'
    for address in ("/instruments", "/instruments/file"):
        assert chosen in client.get(address, {"holder": second.pk}).content.decode()
        assert chosen not in client.get(address, {"holder": world.holder.pk}).content.decode()
    kinds = client.get("/mandatory/apply", {"holder": second.pk}).content.decode()
    assert f"&amp;holder={second.pk}" in kinds
    meter = Instrument.objects.get(holder=second)
    labels = client.get("/instruments/labels", {"id": meter.pk, "holder": second.pk}).content.decode()
    assert "<svg" in labels
    assert "<svg" not in client.get("/instruments/labels", {"id": meter.pk, "holder": world.holder.pk}).content.decode()


def test_filing_is_in_the_chosen_name(world, second, client: Client) -> None:
    assert client.post("/instruments/file", METER | {"holder": second.pk}).status_code == 302
    assert Instrument.objects.get(serial="NEW-1").holder == second
    body = {key: value for key, value in METER.items() if key != "item"} | {"serial": "NEW-2"}
    client.get("/sign-in")
    answer = client.post("/api/v1/instruments", json.dumps(body), content_type="application/json")
    assert (answer.status_code, "经办几个单位" in answer.content.decode()) == (422, True)


def test_who_has_one_holder_is_asked_nothing(world) -> None:
    user = User.objects.create_user("一家")
    person = Person.objects.create(name="一家", organisation=world.holder, user=user)
    with pytest.raises(NotPermittedError):
        holder_choice(actor_of(user.pk, date(2026, 11, 24)))
    RoleGrant.objects.create(
        person=person,
        role="HOLDER",
        organisation=world.holder,
        valid_from=date(2025, 1, 1),
        valid_until=date(2035, 1, 1),
    )
    client = Client()
    client.force_login(user)
    for address in ("/instruments", "/instruments/file", "/mandatory/apply", "/mandatory/applications"):
        assert 'name="holder"' not in client.get(address).content.decode()
