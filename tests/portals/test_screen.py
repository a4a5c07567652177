"""The wall of a region: counted by hand here, seen by its regulators alone, with a read a panel."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from credit_cases import Case, make_case, noted, told
from small_world import World, make_world
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.registry.instruments.counting import add_up
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.supervision.credit.rules import Decision
from yuejingzhun.platform.supervision.credit.services.contests import contest, decide
from yuejingzhun.platform.supervision.credit.services.facts import record
from yuejingzhun.platform.supervision.credit.services.rounds import rate_all
from yuejingzhun.portals.screen.wall import wall_of
from yuejingzhun.procedures.local_date import local_date


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world)


def today() -> date:
    return local_date(timezone.now())


def instruments(world: World, region: str, *days_left: int | None) -> None:
    for n, days in enumerate(days_left):
        Instrument.objects.create(
            holder=world.holder, name="电能表", maker="演示厂", model="D", serial=f"{region}-{n}", item="18.1",
            regulation="JJG 596-2012", regulation_series="JJG 596", region=region, city=region[:4],
            tag=f"S{region}{n:04}", valid_until=None if days is None else today() + timedelta(days=days),
            last_passed=None if days is None else True,
        )  # fmt: skip


def wall(who, region: str):
    return wall_of(who, region, today(), timezone.now())


def test_the_provinces_wall_counts_cities_and_a_citys_its_counties(world, case) -> None:
    instruments(world, "440106", -3, 5, 400, None)
    instruments(world, "440103", 400)
    instruments(world, "440305", -9, 400)
    record(case.regulator, told(case.party, days_ago=0), timezone.now())
    add_up()
    found = wall(case.province, "440000")
    overdue = next(board for board in found.boards if board.comparison.measure.key == "overdue").comparison
    assert (found.total.number, found.total.overdue, found.total.never, found.total.soon) == (7, 2, 1, 1)
    assert found.valid == "57.1 %"
    assert [one.text for one in overdue.shown[:2]] == ["50.0 %", "20.0 %"]
    assert [one.place.code for one in overdue.shown[:2]] == ["440300", "440100"]
    assert found.total.complaints == 1
    assert found.news[0].label == "投诉举报属实"
    city = wall(case.province, "440100")
    assert {one.place.code: one.text for one in city.boards[1].comparison.ranked} == {
        "440106": "25.0 %",
        "440103": "0.0 %",
    }
    assert [one.inside for one in city.boards[0].cities].count(True) == 1


def test_what_was_withdrawn_or_is_old_is_not_counted(case) -> None:
    fresh = record(case.regulator, told(case.party, days_ago=1), timezone.now())
    record(case.regulator, told(case.party, source="旧", days_ago=90), timezone.now() - timedelta(31))
    assert wall(case.province, "440000").total.complaints == 1
    contest(case.clerk, fresh.pk, "记错了", timezone.now())
    decide(case.colleague, fresh.pk, Decision.WITHDRAWN, "确实记错", timezone.now())
    assert wall(case.province, "440000").total.complaints == 0


def test_grades_are_those_of_the_last_round(case) -> None:
    noted(case.party, "verification-failed", "证 1", 5)
    rate_all(timezone.now())
    found = wall(case.province, "440000")
    assert sum(one.number for one in found.grades) == found.total.rated == 1
    assert [one.length for one in found.grades if one.number] == [100.0]
    assert wall(case.province, "440300").grades == ()


def test_a_wall_is_for_the_regulators_of_its_region(world, case) -> None:
    assert wall(world.regulator, "440100").region == "440100"
    for who, region in ((world.regulator, "440000"), (world.regulator, "440300"), (world.verifier, "440100")):
        with pytest.raises(NotPermittedError):
            wall(who, region)


def test_a_panel_is_a_read_however_much_there_is(world, case) -> None:
    def reads() -> int:
        with CaptureQueriesContext(connection) as asked:
            wall(case.province, "440000")
        return len(asked)

    before = reads()
    for region in ("440106", "440305", "440606", "440703"):
        instruments(world, region, -3, 5, 400, None)
    for n in range(20):
        record(case.regulator, told(case.party, source=f"文 {n}", days_ago=0), timezone.now())
    rate_all(timezone.now())
    assert reads() == before <= 8


def test_the_page_and_its_numbers_alone(world, case) -> None:
    instruments(world, "440106", -3, 400)
    client = client_of(case.province)
    page = client.get("/screen").content.decode()
    assert "广东省计量监管一网统管" in page and page.count('id="city-') == 21
    numbers = client.get("/screen?region=440100", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in numbers and "50.0 %" in numbers
    assert client.get("/screen?region=440106").headers["Location"] == "/region?region=440106"
    assert client.get("/screen?region=110000").status_code == 404
    assert client_of(world.regulator).get("/screen?region=440000").status_code == 403
    assert client_of(world.verifier).get("/screen").status_code == 403
    assert Client().get("/screen").status_code == 302


def test_a_wall_without_any_data_says_so(case) -> None:
    page = client_of(case.province).get("/screen").content.decode()
    assert page.count("还没有可比较的数据。") == 5 and "还没有分级。" in page and "还没有记录。" in page


def test_what_has_no_county_is_shown_as_such(world, case) -> None:
    Organisation.objects.filter(pk=case.party.pk).update(region="440100")
    record(case.province, told(case.party, days_ago=0), timezone.now())
    shown = wall(case.province, "440100").boards[3].comparison.shown
    assert shown[0].place.name == "广州市（未分区县）"


def client_of(who) -> Client:
    client = Client()
    user = User.objects.get_or_create(username=f"u{who.person_id}")[0]
    Person.objects.filter(pk=who.person_id).update(user=user)
    client.force_login(user)
    return client
