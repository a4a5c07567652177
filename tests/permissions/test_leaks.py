"""Whoever has nothing to do with a matter opens every door with its key, and neither finds nor does anything there."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings

from permissions.doors import Door, doors
from permissions.open_doors import PUBLIC
from permissions.seats import Cell, Seat
from permissions.secret_town import HOLDER, MARK, MARKS, SERIAL, Secrets, hide
from small_world import actor
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.accounts.urls import urlpatterns as account
from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.foundation.parties.rules import Actor, Role

OWN_ACCOUNT = {found.name for found in account}
DOORS = [door for door in doors() if door.name not in OWN_ACCOUNT]
STAFF = tuple(role for role in Role if role is not Role.REGULATOR)
DONE = "done"
# What who isn't concerned may meet with, each with the reason.
LOOKED_UP = (HOLDER,)  # technicians and regulators look up whose an instrument is: the row of holders_like
ON_THE_LABEL = (SERIAL,)  # what is stuck on the instrument itself
ALLOWED = {
    "parties-suggestions": LOOKED_UP,
    "regulator-holders": LOOKED_UP,
    "regulator-holder": LOOKED_UP,
    "instruments-label": ON_THE_LABEL,
    "GET /instruments/tags/{tag}": ON_THE_LABEL,
    "reminders-by-mail": (DONE,),  # one's own inbox
}
BY_KIND = {"traceability-chain", "GET /traceability/{kind}/{path:key}"}  # a certificate's chain is for anyone


@pytest.fixture(scope="module")
def secrets(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Secrets]:
    folder = tmp_path_factory.mktemp("secrets")
    with django_db_blocker.unblock(), override_settings(DATA=folder, KEYS=folder / "keys"), transaction.atomic():
        yield hide()
        transaction.set_rollback(True)


def outsider(secrets: Secrets, who: str) -> Actor | None:
    """Somebody with every role of a kind, where none of the matter is theirs."""
    town, away = secrets.town, secrets.town.seats[Seat.AWAY]
    neighbour = Organisation.objects.get_or_create(name="邻县工厂", kind="holder", region="440105")[0]
    made = {
        "nobody": lambda: None,
        "no role": lambda: town.actors[Cell(None, Seat.AWAY)],
        "an institute of another city": lambda: actor("外市所", away, *STAFF),
        "an enterprise of the next county": lambda: actor("邻县工厂", neighbour, *STAFF),
        "the regulator of the next county": lambda: town.one(Role.REGULATOR, Seat.OTHER_COUNTY),
        "the regulator of another city": lambda: town.one(Role.REGULATOR, Seat.OTHER_CITY),
    }
    return made[who]()


# With all roles at once, since a role only adds to what another may.
OUTSIDERS = (
    "nobody", "no role", "an institute of another city", "an enterprise of the next county",
    "the regulator of the next county", "the regulator of another city",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("who", OUTSIDERS)
def test_nothing_is_found_or_done_behind_any_door_by_who_is_not_concerned(secrets: Secrets, who: str) -> None:
    with transaction.atomic():
        client = client_of(outsider(secrets, who))
        found = {address: marks for address, marks in what_is_told(client, secrets) if marks}
        assert who == "nobody" or client.get("/tasks").status_code == 200  # still signed in
        transaction.set_rollback(True)
    assert not found


@pytest.mark.django_db
def test_who_is_concerned_finds_all_of_it(secrets: Secrets) -> None:
    town = secrets.town
    concerned = [
        town.one(Role.HOLDER, Seat.PARTY),
        actor("所内", town.world.institute, *STAFF),
        town.one(Role.REGULATOR, Seat.CITY),
        town.one(Role.REGULATOR, Seat.COUNTY),
    ]
    found: set[str] = set()
    with transaction.atomic():
        for each in concerned:
            found |= {mark for _, marks in what_is_told(client_of(each), secrets, ["GET"]) for mark in marks}
        transaction.set_rollback(True)
    assert found == {*MARKS, DONE}


@pytest.mark.django_db
def test_who_is_not_signed_in_passes_no_door_that_is_not_public(secrets: Secrets) -> None:
    client = Client()
    passed = []
    for door in DOORS:
        if door.name not in {*PUBLIC, *BY_KIND}:
            for address in secrets.addresses(door):
                answer = asked(client, door, address, door.method or "GET")
                led_away = answer.headers.get("Location", "").startswith("/sign-in")
                if answer.status_code not in (401, 404) and not led_away:
                    passed.append((address, answer.status_code))
    assert not passed


def client_of(who: Actor | None) -> Client:
    client = Client()
    if who is not None:
        user = User.objects.create_user(f"leak-{who.person_id}")
        Person.objects.filter(pk=who.person_id).update(user=user)
        client.force_login(user)
    return client


def what_is_told(
    client: Client, secrets: Secrets, methods: Sequence[str] = ("GET", "POST")
) -> Iterator[tuple[str, list[str]]]:
    """Every address with the marks in what it answers, a page also to an empty form; DONE where something was done."""
    before = AuditEvent.objects.count()
    for door in DOORS:
        addresses = secrets.addresses(door)
        assert addresses, f"{door.name}: no address leads there"
        for address in addresses:
            for method in [door.method] if door.method else methods:
                with transaction.atomic():
                    text = text_of(asked(client, door, address, method))
                    done = method != "GET" and AuditEvent.objects.count() > before
                    transaction.set_rollback(True)
                allowed = ALLOWED.get(door.name, ())
                told = [*(mark for mark in MARKS if mark in text), *([DONE] if done else [])]
                yield f"{method} {address}", [mark for mark in told if mark not in allowed]


def asked(client: Client, door: Door, address: str, method: str) -> Any:
    if method == "GET":
        return client.get(address)
    if door.method:
        return client.post(address, {}, content_type="application/json")
    return client.post(address, {}, follow=True)


def text_of(answer: Any) -> str:
    """What an answer says, also in a workbook and in escapes."""
    assert answer.status_code < 500
    content = b"".join(answer) if answer.streaming else answer.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"".join(packed.read(name) for name in packed.namelist())
    text = content.decode(errors="replace")
    return text.replace(MARK.encode("unicode_escape").decode(), MARK)
