"""What waits for each role, counted here by hand, and the desks of a region and of an institute."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from small_world import World, actor, make_world
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.operations.mandatory.models import Application
from yuejingzhun.platform.operations.verification.services import submit_record
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.portals.laboratory.desk import desk_of as institute_desk
from yuejingzhun.portals.regulator.desk import desk_of as region_desk
from yuejingzhun.portals.work import Card, cards_of
from yuejingzhun.procedures.local_date import local_date


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def today() -> date:
    return local_date(timezone.now())


def instruments(holder: Organisation, region: str, *days_left: int | None, in_use: str = "in_use") -> None:
    for n, days in enumerate(days_left):
        Instrument.objects.create(
            holder=holder, name="电能表", maker="演示厂", model="D", serial=f"{region}-{in_use}-{n}",
            regulation="JJG 596-2012", regulation_series="JJG 596", region=region, city=region[:4], in_use=in_use,
            tag=f"{region}{in_use[0]}{n:04}"[-12:], item="18.1",
            valid_until=None if days is None else today() + timedelta(days=days),
            last_passed=None if days is None else True,
        )  # fmt: skip


def counts(cards: list[Card]) -> dict[str, int]:
    return {card.title: card.number for card in cards}


def test_a_holder_sees_what_is_overdue_and_nothing_of_others(world) -> None:
    other = Organisation.objects.create(name="别家", kind="holder", region="440106")
    instruments(world.holder, "440106", -3, -1, 0, 30, 31, None)
    instruments(world.holder, "440103", -3, None, in_use="scrapped")
    instruments(other, "440111", -5, None)
    found = cards_of(actor("经办", world.holder, Role.HOLDER), today())
    assert counts(found) | {"检定已超期的器具": 2, "30 天内到期": 2, "从未检定": 1} == counts(found)
    assert found[0].title == "检定已超期的器具"
    assert found[0].style == "bad"


def test_a_regulator_sees_the_own_region_by_place(world) -> None:
    instruments(world.holder, "440106", -3, 5, 400, None)
    instruments(world.holder, "440103", -3, 400)
    instruments(world.holder, "440305", -9)
    assert counts(cards_of(world.regulator, today()))["检定已超期的器具"] == 2
    desk = region_desk(world.regulator, "440100", today())
    found = [(place.name, place.standing.number, place.valid_percent) for place in desk.places]
    assert found == [("荔湾区", 2, "50.0"), ("天河区", 4, "50.0")]
    assert (desk.total.standing.number, desk.total.standing.overdue, desk.total.standing.never) == (6, 2, 1)
    assert desk.coverage.region == "440100"


def test_a_provinces_regulator_goes_down_to_a_county_and_up_again(world) -> None:
    instruments(world.holder, "440106", -3, 5, 400, None)
    instruments(world.holder, "440103", 400)
    instruments(world.holder, "440305", -9, 400)
    province = Organisation.objects.create(name="省局", kind="authority", region="440000")
    client = client_of(actor("省监管员", province, Role.REGULATOR))
    top = client.get("/region").content.decode()
    assert 'href="?region=440100"' in top and 'href="?region=440300"' in top and "上级地区" not in top
    city = client.get("/region?region=440100").content.decode()
    assert 'href="?region=440106"' in city and '<a href="?region=440000">广东省</a>' in city
    county = client.get("/region?region=440106").content.decode()
    assert '<a href="?region=440100">广州市</a>' in county and "哪里超期最多" not in county
    assert "18.1" in county
    own = client_of(world.regulator).get("/region?region=440106").content.decode()
    assert "广东省</a>" not in own and '<a href="?region=440100">广州市</a>' in own


def test_what_is_overdue_elsewhere_in_the_province_is_not_counted_in_a_city(world) -> None:
    for n, region in enumerate(("440106", "440106", "440305")):
        Application.objects.create(
            number=f"Q{n}", key=f"k{n}", holder=world.holder, institute=world.institute, region=region,
            city=region[:4], item="33.1", regulation="JJG 596-2012", delivery="DELIVERED", contact="x", phone="1",
            state="SUBMITTED", applied_at=timezone.now(), applied_by_id=world.verifier.person_id,
            answer_by=today() - timedelta(days=9),
        )  # fmt: skip
    province = Organisation.objects.create(name="省局", kind="authority", region="440000")
    regulator = actor("省监管员", province, Role.REGULATOR)
    found = {region: region_desk(regulator, region, today()) for region in ("440000", "440100", "440300", "440106")}
    assert [one.late_count for one in found.values()] == [len(one.late) for one in found.values()] == [3, 2, 1, 2]
    assert counts(cards_of(regulator, today()))["逾期的强检申请"] == 3


def test_a_region_without_instruments_has_no_total(world) -> None:
    assert region_desk(world.regulator, "440100", today()).total is None


def test_a_quality_manager_sees_what_ends_and_what_fails(world) -> None:
    manager = actor("质量", world.institute, Role.QUALITY_MANAGER)
    first, second = MeasurementStandard.objects.filter(owner=world.institute).order_by("pk")[:2]
    MeasurementStandard.objects.filter(pk=first.pk).update(valid_until=today() - timedelta(days=1))
    MeasurementStandard.objects.filter(pk=second.pk).update(valid_until=today() + timedelta(days=100))
    assert counts(cards_of(manager, today()))["半年内到期的计量标准"] == 2
    desk = institute_desk(manager, world.institute.pk, today())
    assert (desk.failing, desk.astray[0].standard.pk) == (1, first.pk)
    assert second.pk in {one.standard.pk for one in desk.astray}
    assert [one.number for one in desk.authorisations] == [world.institute.authorisation]


def test_the_desk_of_an_institute_counts_its_records_and_no_other(world) -> None:
    record = world.record()
    at = timezone.now()
    submit_record(world.verifier, world.institute.pk, world.holder.pk, record, world.standard(), record.tested_on, at)
    manager = actor("质量", world.institute, Role.QUALITY_MANAGER)
    elsewhere = actor("外所质量", world.other_institute, Role.QUALITY_MANAGER)
    shown = institute_desk(manager, world.institute.pk, today()).records
    assert {state.value: number for state, number in shown.items()} == {"待核验": 1, "待批准": 0, "已退回": 0}
    assert not any(institute_desk(elsewhere, world.other_institute.pk, today()).records.values())


def test_pages_are_for_their_roles_and_take_few_queries(world, django_assert_max_num_queries) -> None:
    instruments(world.holder, "440106", *range(-20, 20))
    manager = client_of(actor("质量", world.institute, Role.QUALITY_MANAGER))
    regulator, reviewer = client_of(world.regulator), client_of(world.reviewer)
    for client, address in ((manager, "/institute"), (regulator, "/region"), (regulator, "/region?region=440106")):
        with django_assert_max_num_queries(30):
            assert client.get(address).status_code == 200
    for client in (manager, regulator, reviewer):
        with django_assert_max_num_queries(20):
            assert client.get("/work").status_code == 200
    assert reviewer.get("/institute").status_code == reviewer.get("/region").status_code == 403
    assert regulator.get("/region?region=440300").status_code == 403
    assert regulator.get("/region?region=x").status_code == 404
    assert manager.get(f"/institute?institute={world.other_institute.pk}").content.decode().count("别市") == 0


def test_where_counting_stopped_is_said() -> None:
    assert Card("x", 1000, "/", most=1000).shown == "1,000+"
    assert Card("x", 999, "/", most=1000).shown == "999"
    assert Card("x", 0, "/", "bad").style == ""


LINK = {
    "link-kind": "NATIONAL", "link-number": "国-1", "link-name": "国家基准", "link-certificate": "校-1",
    "link-made_on": "2026-01-10", "link-until": "2027-01-09", "link-factor": "1",
}  # fmt: skip


def test_a_quality_manager_records_what_stands_behind_a_standard(world) -> None:
    manager = client_of(actor("质量", world.institute, Role.QUALITY_MANAGER))
    standard = MeasurementStandard.objects.get(number=world.standard())
    address, page = f"/traceability/standard/{standard.pk}/link", f"/standards/{standard.pk}"
    assert "溯源关系未在本系统登记" in manager.get(page).content.decode()
    assert manager.post(address, LINK).url == page
    text = manager.get(page).content.decode()
    assert "国家基准" in text
    assert "没有全部通到国家计量基准" not in text
    assert "校-1" in text
    # A second person can't rename for all what is known.
    assert manager.post(address, LINK | {"link-name": "改名", "link-certificate": "校-2"}).status_code == 302
    assert "改名" not in manager.get(page).content.decode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"link-made_on": "2999-01-01"}, "晚于今天"),
        ({"link-until": "2025-01-01"}, "早于检定或校准日期"),
        ({"link-certificate": ""}, "必填"),
        ({"link-name": ""}, "第一次登记"),
        ({"link-kind": "STANDARD"}, "没有考核证书号为 国-1 的计量标准"),
        ({"link-kind": "MATERIAL"}, "标准物质"),
        ({"link-factor": "nan"}, "link-factor"),
    ],
)
def test_a_wrong_link_is_refused_and_what_was_typed_stays(world, change, message) -> None:
    manager = client_of(actor("质量", world.institute, Role.QUALITY_MANAGER))
    standard = MeasurementStandard.objects.get(number=world.standard())
    answer = manager.post(f"/traceability/standard/{standard.pk}/link", LINK | change)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert 'value="国-1"' in answer.content.decode()
    assert "溯源关系未在本系统登记" in manager.get(f"/standards/{standard.pk}").content.decode()


def test_two_standards_cannot_stand_behind_each_other(world) -> None:
    manager = client_of(actor("质量", world.institute, Role.QUALITY_MANAGER))
    low, high = MeasurementStandard.objects.filter(owner=world.institute).order_by("pk")[:2]
    link = LINK | {"link-kind": "STANDARD", "link-number": high.number}
    assert manager.post(f"/traceability/standard/{low.pk}/link", link).status_code == 302
    answer = manager.post(f"/traceability/standard/{high.pk}/link", link | {"link-number": low.number})
    assert answer.status_code == 422
    assert "成环" in answer.content.decode()


def test_only_the_owners_quality_manager_records_it(world) -> None:
    standard = MeasurementStandard.objects.get(number=world.standard())
    assert standard.expanded_uncertainty > Decimal(0)
    address = f"/traceability/standard/{standard.pk}/link"
    assert client_of(world.verifier).post(address, LINK).status_code == 403
    outside = actor("外所质量", world.other_institute, Role.QUALITY_MANAGER)
    assert client_of(outside).post(address, LINK).status_code == 404
    assert Client().post(address, LINK).status_code == 302


def client_of(person) -> Client:
    user, client = User.objects.create_user(f"u{person.person_id}"), Client()
    Person.objects.filter(pk=person.person_id).update(user=user)
    client.force_login(user)
    return client
