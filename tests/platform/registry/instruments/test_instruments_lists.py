"""A holder's list narrowed, a region's list of what was never verified, and the indexes behind them."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
from yuejingzhun.platform.registry.instruments import searching
from yuejingzhun.platform.registry.instruments.errors import InstrumentError
from yuejingzhun.platform.registry.instruments.filters import Filters, with_standing
from yuejingzhun.platform.registry.instruments.models import Instrument, InUse
from yuejingzhun.platform.registry.instruments.paging import county_place_of, county_place_text, place_of, place_text
from yuejingzhun.platform.registry.instruments.queries import (
    counts_of_holder,
    never_verified,
    own_instruments,
    standing_of,
)
from yuejingzhun.platform.registry.instruments.rules import Standing

TODAY = date(2026, 11, 24)
STATES = (
    (InUse.IN_USE, None, None),
    (InUse.IN_USE, False, None),
    (InUse.IN_USE, True, None),
    (InUse.IN_USE, True, -1),
    (InUse.IN_USE, True, 0),
    (InUse.IN_USE, True, 30),
    (InUse.IN_USE, True, 31),
    (InUse.STOPPED, True, -1),
    (InUse.SCRAPPED, None, None),
)


def store(holder: Organisation, count: int, *, region: str = "440106", item: str = "33.1", maker: str = "厂") -> None:
    """So many instruments, going round all states."""
    rows = [(n, *STATES[n % len(STATES)]) for n in range(count)]
    Instrument.objects.bulk_create(
        Instrument(
            holder=holder,
            name="电能表",
            model="DDS",
            serial=f"M{n:05}",
            maker=maker,
            regulation="JJG 596-2012",
            regulation_series="JJG 596",
            item=item,
            region=region,
            city=region[:4],
            in_use=in_use,
            last_passed=passed,
            valid_until=None if days is None else TODAY + timedelta(days),
        )
        for n, in_use, passed, days in rows
    )


def holder_of(world) -> Actor:
    return Actor(901, "经办人", (Grant(Role.HOLDER, world.holder.pk, world.holder.region),))


def everything(actor: Actor, holder_id: int, filters: Filters) -> list[Instrument]:
    found, after = [], ""
    while True:
        page = own_instruments(actor, holder_id, place_of(after), filters)
        found += page
        after = place_text(page)
        if not after:
            return found


@pytest.mark.parametrize("standing", Standing)
def test_a_filter_lists_exactly_what_the_rule_says_over_all_pages(world, standing: Standing) -> None:
    store(world.holder, 900)
    found = everything(holder_of(world), world.holder.pk, Filters(TODAY, standing))
    wanted = {one.pk for one in Instrument.objects.all() if standing_of(one, TODAY) is standing}
    assert len(wanted) >= 100  # more than a page
    assert [one.pk for one in found] == list(dict.fromkeys(one.pk for one in found))
    assert {one.pk for one in found} == wanted


def test_without_a_standing_what_is_in_use_is_listed(world) -> None:
    store(world.holder, 90)
    found = everything(holder_of(world), world.holder.pk, Filters(TODAY))
    assert len(found) == 70 and all(one.in_use == "in_use" for one in found)


def test_item_place_days_and_text_narrow_together(world) -> None:
    store(world.holder, 90)
    store(world.holder, 90, region="440305", item="3.1", maker="另一厂")
    actor, holder = holder_of(world), world.holder.pk

    def number(**given: object) -> int:
        return len(everything(actor, holder, Filters(TODAY, **given)))

    assert number(item="3.1") == number(region="440300") == number(region="440305") == 70
    assert number(item="3.1", region="440106") == number(region="440103") == 0
    assert number(standing=Standing.NEVER, item="33.1") == 10
    assert number(first=TODAY, last=TODAY + timedelta(30)) == 40
    assert number(last=TODAY - timedelta(1)) == 20
    assert number(text="M00004") == 2
    assert number(text="M00004", item="3.1") == 1
    assert number(text="另一厂") == 70
    assert number(text="另一厂", standing=Standing.NEVER) == 10
    assert number(text="没有这种") == 0


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("00012", lambda one: "00012" in one.serial),
        ("m000", lambda one: "M000" in one.serial),
        ("Ｍ０００１", lambda one: "M0001" in one.serial),
        ("dds", lambda one: True),
        ("D", lambda one: True),
        ("M0", lambda one: False),  # too short for a fragment of a number, and no word
        ("二厂", lambda one: one.maker == "第二厂"),
        ("%", lambda one: False),
    ],
)
@pytest.mark.parametrize("few", [2000, 3])  # by their keys, and read in the order of the list
def test_a_text_finds_all_of_a_holders_over_all_pages_in_the_order_of_the_list(
    world, monkeypatch, few: int, text: str, hit
) -> None:
    monkeypatch.setattr(searching, "FEW", few)
    store(world.holder, 630)
    store(world.holder, 630, region="440305", maker="第二厂")
    other = Organisation.objects.create(name="别家", kind="holder", region="440106")
    store(other, 630, maker="别家的厂")
    actor, holder = holder_of(world), world.holder.pk
    whole = everything(actor, holder, Filters(TODAY))
    found = everything(actor, holder, Filters(TODAY, text=text))
    assert [one.pk for one in found] == [one.pk for one in whole if hit(one)]


def test_a_text_that_is_nowhere_finds_what_is_like_it_once(world) -> None:
    store(world.holder, 90)
    actor, holder = holder_of(world), world.holder.pk
    assert [one.serial for one in everything(actor, holder, Filters(TODAY, text="M0O012"))] == ["M00012"]
    assert everything(actor, holder, Filters(TODAY, item="1.1", text="M00012")) == []


def test_a_page_of_what_a_text_finds_leads_to_the_next(world) -> None:
    store(world.holder, 180)
    client = client_of("HOLDER", world.holder)
    first = client.get("/instruments", {"text": "DDS"}).content.decode()
    address = re.search(r'href="(\?text=DDS&amp;after=[^"]+)"', first)
    assert address is not None
    second = client.get("/instruments" + address[1].replace("&amp;", "&")).content.decode()
    serials = [set(re.findall(r"<td>(M\d+)</td>", page)) for page in (first, second)]
    assert len(serials[0]) == len(serials[1]) == 50 and not serials[0] & serials[1]
    inside = client.get("/api/v1/instruments", {"text": "DDS"}).json()
    assert len(inside["instruments"]) == 50 and inside["next"]


def test_the_counts_are_those_of_the_lists_and_of_the_region_for_a_regulator(world) -> None:
    store(world.holder, 90)
    store(world.holder, 9, region="440305", maker="另一厂")
    counted = counts_of_holder(holder_of(world), world.holder.pk, TODAY)
    assert counted[Standing.OVERDUE] == 11 and counted[Standing.NOT_USED] == 22 and sum(counted.values()) == 99
    assert sum(counts_of_holder(world.regulator, world.holder.pk, TODAY).values()) == 90
    with pytest.raises(NotPermittedError):
        counts_of_holder(world.stranger, world.holder.pk, TODAY)


def test_never_verified_goes_through_the_counties_page_by_page(world) -> None:
    for n, region in enumerate(("440106", "440103", "440305")):
        store(world.holder, 630, region=region, maker=f"厂{n}")
    found, after, pages = [], "", 0
    while pages == 0 or after:
        page = never_verified(world.regulator, "440100", county_place_of(after))
        found += page
        after = county_place_text(page)
        pages += 1
    assert len({one.pk for one in found}) == len(found) == 140 and pages == 3
    assert [one.region for one in found] == ["440103"] * 70 + ["440106"] * 70
    assert {one.pk for one in never_verified(world.regulator, "440106")} < {one.pk for one in found}
    for region, error in (("440305", NotPermittedError), ("abc", InstrumentError)):
        with pytest.raises(error):
            never_verified(world.regulator, region)
    province = Actor(8, "省局", (Grant(Role.REGULATOR, 1, "440000"),))
    with pytest.raises(InstrumentError, match="请选择市或县"):
        never_verified(province, "440000")


@pytest.mark.parametrize(
    ("standing", "index"),
    [
        (Standing.NEVER, "no_pass_of_holder"),
        (Standing.FAILED, "no_pass_of_holder"),
        (Standing.NOT_USED, "not_used_of_holder"),
        (Standing.OVERDUE, "due_of_holder"),
    ],
)
def test_each_standing_follows_an_index(world, standing: Standing, index: str) -> None:
    store(world.holder, 900)
    store(Organisation.objects.create(name="别家", kind="holder", region="440106"), 900, maker="别厂")
    wanted = Instrument.objects.filter(with_standing(standing, TODAY), holder=world.holder)
    # Few of the small table are without a day: their order is left out, or the planner would read all by the key.
    ordered = wanted.order_by("valid_until", "pk") if standing is Standing.OVERDUE else wanted.order_by()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE instruments_instrument")  # or what earlier tests took back would count as the table
        cursor.execute("SET LOCAL enable_seqscan = off")
        for other in ("due_in_city", "due_in_county", "never_in_region", "item_of_holder"):
            cursor.execute(f"DROP INDEX {other}")  # what is left must do, and on so small a table any would
    assert index in ordered[:50].explain()


def client_of(role: str, organisation: Organisation) -> Client:
    user = User.objects.create_user(f"u{role}{organisation.pk}")
    person = Person.objects.create(name=role, organisation=organisation, user=user)
    RoleGrant.objects.create(
        person=person, role=role, organisation=organisation, valid_from="2025-01-01", valid_until="2035-12-31"
    )
    client = Client()
    client.force_login(user)
    return client


def test_the_own_page_is_narrowed_and_asks_no_query_a_row(world) -> None:
    store(world.holder, 900)
    client = client_of("HOLDER", world.holder)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = client.get("/instruments", {"standing": "NEVER", "item": "33.1"}).content.decode()
    assert len(asked) <= 20
    assert page.count("未检定</td>") == 50
    assert "standing=NEVER&amp;item=33.1&amp;after=." in page
    assert "/instruments/import" in page and "/tasks" in page
    nothing = client.get("/instruments", {"standing": "FAILED", "item": "1.1"}).content.decode()
    assert "没有符合这些条件的器具" in nothing


@pytest.mark.parametrize(
    "given",
    [
        {"standing": "x", "item": "\0", "region": "zz", "from": "2026-02-31", "until": "soon", "after": "x.y"},
        {"text": "\0" * 70, "after": f".{'9' * 40}"},
        {"text": "%_'\"", "after": "2026-11-24."},
    ],
)
def test_nonsense_in_the_address_is_passed_over(world, given: dict[str, str]) -> None:
    store(world.holder, 9)
    assert client_of("HOLDER", world.holder).get("/instruments", given).status_code == 200


def test_the_due_page_lists_what_was_never_verified(world) -> None:
    store(world.holder, 630)
    client = client_of("REGULATOR", Organisation.objects.get(kind="authority"))
    page = client.get("/instruments/due", {"region": "440106", "never": "1"}).content.decode()
    assert page.count("未检定</td>") == 50 and "never=1&amp;after=440106." in page
    assert client.get("/instruments/due", {"never": "1", "after": "x.y", "region": "440106"}).status_code == 200
