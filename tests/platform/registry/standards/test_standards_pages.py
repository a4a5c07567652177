"""The pages and the JSON interface: each person's way through, what a bad form answers, who sees what."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from yuejingzhun.platform.registry.standards.models import Application, Declaration, MeasurementStandard

DEVICE = "主 | 标准电能表 | S-1 | 0001 | CAL-1 | {until}\n辅 | 功率源 | P-1 | 0002 | CAL-2 | {until}"


def day(offset: int) -> str:
    return (timezone.localdate() + timedelta(offset)).isoformat()


def form(content: Any, **changes: str) -> dict[str, str]:
    """The application as a person types it."""
    given = content()
    texts = {key: value for key, value in given.items() if isinstance(value, str)}
    groups = "\n".join(f"{day(-200 + 60 * n)}: " + " ".join(["10.0" + str(n)] * 10) for n in range(4))
    return (
        texts
        | {
            "kind": "NEW",
            "standard": "",
            "regulations": "JJG 596-2012",
            "items": "",
            "materials": "",
            "devices": DEVICE.format(until=day(300)),
            "readings": "9.9，10.1 " * 5,
            "groups": groups,
            "method": "transfer",
            "results": "10.00 0.20\n10.15 0.05",
        }
        | changes
    )


@pytest.fixture
def clients(staff, sign_in) -> dict[str, Client]:
    names = ("manager", "regulator", "assessor", "second_assessor", "enterprise", "verifier", "elsewhere")
    return {name: sign_in(getattr(staff, name), Client()) for name in names}


def test_an_application_goes_its_way_from_page_to_page(clients, staff, content) -> None:
    manager, regulator, assessor = clients["manager"], clients["regulator"], clients["assessor"]
    page = manager.post("/standards/apply", form(content)).url
    assert page in regulator.get("/standards/work").content.decode()
    shown = regulator.get(page).content.decode()
    assert "考评员甲（别市计量所）" in shown and "本单位考评员" not in shown
    regulator.post(f"{page}/accept", {"assessor": [staff.own_assessor.person_id]}, follow=True)
    assert Application.objects.get().state == "SUBMITTED"
    regulator.post(f"{page}/accept", {"assessor": [staff.assessor.person_id]})
    assert page in assessor.get("/standards/work").content.decode()
    assert page not in clients["second_assessor"].get("/standards/work").content.decode()
    assert clients["second_assessor"].get(page).status_code == 404
    assessor.post(f"{page}/require", {"text": "补环境记录", "due": day(10)})
    assert "补环境记录" in manager.get(page).content.decode()
    manager.post(f"{page}/correct", {"text": "已补"})
    assessor.post(f"{page}/pass", {"text": "符合要求"})
    assert "批准并颁发考核证书" in regulator.get(page).content.decode()
    assert "批准并颁发考核证书" not in assessor.get(page).content.decode()
    regulator.post(f"{page}/approve")
    standard = Application.objects.get().standard
    shown = manager.get(f"/standards/{standard.pk}").content.decode()
    assert "可以使用" in shown and "<svg" in shown and "U = 0.2 %（k = 2）" in shown
    again = manager.get(f"/standards/apply?standard={standard.pk}").content.decode()
    assert "主 | 标准电能表 | S-1 | 0001" in again
    assert Client().get(f"/published/standards/{standard.pk}").status_code == 200


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "这个字段是必填项"),
        ({"readings": "1 2 3"}, "重复性读数：有 3 个"),
        ({"devices": "辅 | a | b | c | d | 2030-01-01"}, "至少应有一台计量标准器"),
        ({"devices": "主 | a"}, "设备第 1 台的型号"),
        ({"groups": "昨天 1 2 3"}, "稳定性第 1 组日期"),
        ({"results": "1"}, "有 1 个结果"),
        ({"level": "INNER_OTHER"}, "不需要考核"),
        ({"level": "NATIONAL"}, "国家市场监督管理总局"),
        ({"kind": "RENEWAL"}, "须指明已取得证书"),
        ({"standard": "999"}, "999"),
        ({"name": "a\0b"}, "空字符"),
    ],
)
def test_a_bad_form_is_shown_again_with_what_was_typed(clients, content, change, says) -> None:
    answer = clients["manager"].post("/standards/apply", form(content, **change))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert says in text and "1 kWh～100 kWh" in text
    assert not Application.objects.exists()


def test_those_without_the_right_are_told(clients) -> None:
    for name in ("regulator", "assessor", "verifier"):
        for path in ("/standards/apply", "/standards/declare"):
            assert clients[name].get(path).status_code == 403
    for path in ("/standards", "/standards/work", "/standards/apply", "/standards/1"):
        assert Client().get(path).status_code == 302


def test_the_list_is_narrowed_and_shows_only_what_concerns_the_visitor(clients, world) -> None:
    names = MeasurementStandard.objects.values_list("number", flat=True)
    for who in ("manager", "verifier", "regulator"):
        text = clients[who].get("/standards").content.decode()
        assert all(number in text for number in names)
    for who in ("enterprise", "elsewhere", "assessor"):
        assert "没有符合条件" in clients[who].get("/standards").content.decode()
    number = world.standard()
    standard = MeasurementStandard.objects.get(number=number)
    assert clients["elsewhere"].get(f"/standards/{standard.pk}").status_code == 404
    MeasurementStandard.objects.filter(pk=standard.pk).update(valid_until=day(20), level="SECTOR_HIGHEST")
    manager = clients["manager"]
    for query, there in (
        ("region=440100", True),
        ("region=440300", False),
        ("region=440000", True),
        ("level=SECTOR_HIGHEST", True),
        ("level=NATIONAL", False),
        ("item=JJG 596-2012", True),
        ("item=JJG 1-1999", False),
        ("term=30", True),
        ("q=证字", True),
        ("q=没有的", False),
        ("region=x&level=y&term=z&after=w", True),
        ("q=%00&after=9999-99-99_1", True),
    ):
        assert (number in manager.get(f"/standards?{query}").content.decode()) == there, query
    assert number not in Client().get("/published/standards").content.decode()  # a sector's isn't published
    assert Client().get(f"/published/standards/{standard.pk}").status_code == 404


def test_anyone_sees_first_the_standards_that_may_be_used_today(world) -> None:
    number = world.standard()
    assert number in Client().get("/published/standards").content.decode()
    MeasurementStandard.objects.filter(number=number).update(valid_until=day(-1))
    assert number not in Client().get("/published/standards").content.decode()
    assert number in Client().get("/published/standards?term=all").content.decode()


def test_a_long_list_has_pages_and_no_query_a_row(clients, world, django_assert_max_num_queries) -> None:
    until = timezone.localdate() + timedelta(99)
    MeasurementStandard.objects.bulk_create(
        MeasurementStandard(
            owner=world.institute,
            name=f"装置{n}",
            number=f"N-{n:03}",
            regulations=["x"],
            expanded_uncertainty=1,
            unit="%",
            certificate="c",
            valid_until=until,
            traceable_to="t",
        )
        for n in range(110)
    )
    with django_assert_max_num_queries(18):
        first = clients["manager"].get("/standards?q=N-")
    second = clients["manager"].get("/standards?" + first.context["following"])
    third = clients["manager"].get("/standards?" + second.context["following"])
    numbers = [row[0].number for page in (first, second, third) for row in page.context["rows"]]
    assert numbers == [f"N-{n:03}" for n in range(110)]
    assert third.context["following"] == ""


def test_records_and_interruption_from_the_page(clients, world) -> None:
    standard = MeasurementStandard.objects.get(number=world.standard())
    page = f"/standards/{standard.pk}"
    readings = {"measured_on": day(0), "readings": "9.9 10.1 " * 5}
    refused = clients["verifier"].post(f"{page}/repeatability", readings, follow=True).content.decode()
    assert "先补录" in refused
    clients["manager"].post(f"{page}/report", {"s": "0.11", "allowed_change": "0.05"})
    for act in ("repeatability", "stability"):
        assert "已记录" in clients["verifier"].post(f"{page}/{act}", readings, follow=True).content.decode()
    wrong = clients["verifier"].post(f"{page}/stability", {"measured_on": "soon"}, follow=True).content.decode()
    assert "日期：" in wrong and "读数：" in wrong
    clients["manager"].post(f"{page}/suspend", {"reason": "送修"})
    shown = clients["regulator"].get(page).content.decode()
    assert "不能使用" in shown and "送修" in shown
    assert clients["elsewhere"].post(f"{page}/cancel", {"reason": "x"}).status_code == 403
    assert clients["manager"].post(f"{page}/nonsense").status_code == 404
    assert clients["manager"].get(f"{page}/suspend").status_code == 405


def test_a_declaration_from_the_page(clients, content) -> None:
    given = form(content, level="ENTERPRISE_HIGHEST", ends_on=day(900))
    assert clients["enterprise"].post("/standards/declare", given | {"ends_on": day(-1)}).status_code == 422
    page = clients["enterprise"].post("/standards/declare", given).url
    declared = Declaration.objects.get()
    act = f"{page}/declarations/{declared.pk}"
    assert "提出异议" in clients["regulator"].get(page).content.decode()
    clients["regulator"].post(f"{act}/contest", {"reason": "存疑"})
    assert page in clients["regulator"].get("/standards/work").content.decode()
    clients["regulator"].post(f"{act}/dismiss", {"reason": "已查实"})
    public = Client().get(f"/published/standards/{declared.standard_id}").content.decode()
    assert "自我声明" in public
    clients["enterprise"].post(f"{act}/withdraw", {"reason": "停用"})
    assert Client().get(f"/published/standards/{declared.standard_id}").status_code == 404
    assert clients["enterprise"].post(f"{act}/nonsense").status_code == 404


def test_the_page_of_a_standard_takes_few_queries(clients, world, django_assert_max_num_queries) -> None:
    standard = MeasurementStandard.objects.get(number=world.standard())
    with django_assert_max_num_queries(36):  # three of them for the chain
        assert clients["manager"].get(f"/standards/{standard.pk}").status_code == 200


def send(client: Client, address: str, body: object) -> Any:
    return client.post(f"/api/v1{address}", json.dumps(body), content_type="application/json")


def test_the_interface_reads_and_records_as_the_page_does(clients, world) -> None:
    manager, key = clients["manager"], MeasurementStandard.objects.get(number=world.standard()).pk
    found = manager.get("/api/v1/standards?region=440100&item=JJG 596-2012").json()
    assert [each["id"] for each in found["standards"]] == [key] and found["after"] == ""
    body = {"measured_on": day(0), "readings": ["9.9", "10.1"] * 5}
    for address, said in (
        (f"/standards/{key}/repeatability", 409),
        ("/standards/999999/stability", 404),
        (f"/standards/{key}/stability", 201),
        (f"/standards/{key}/stability", 409),
    ):
        answer = send(manager, address, body)
        assert answer.status_code == said, answer.content.decode()
    assert send(manager, f"/standards/{key}/stability", body | {"readings": ["x"] * 10}).status_code == 422
    assert send(clients["regulator"], f"/standards/{key}/stability", body).status_code == 403
    manager.post(f"/standards/{key}/report", {"s": "0.11", "allowed_change": "0.05"})
    made = send(manager, f"/standards/{key}/repeatability", body).json()
    assert made["passed"] is True and made["s"] == pytest.approx(0.10541, abs=1e-5)
    shown = manager.get(f"/api/v1/standards/{key}").json()
    assert shown["repeatability"] == [made] and shown["failing"] == [] and shown["stability"][0]["passed"] is None
    assert clients["elsewhere"].get(f"/api/v1/standards/{key}").status_code == 404
    for wrong in ("region=1", "level=x", "after=x", "expiring_days=-1"):
        assert manager.get(f"/api/v1/standards?{wrong}").status_code == 422, wrong
    assert Client().get("/api/v1/standards").status_code == 401
    public = Client().get("/api/v1/published-standards?region=440100").json()["standards"]
    assert key in {each["id"] for each in public}


def test_awkward_requests_are_refused_and_never_break(clients, world, content) -> None:
    manager, key = clients["manager"], MeasurementStandard.objects.first().pk
    huge = 10**30
    for address in (f"/standards/{huge}", f"/standards/applications/{huge}", f"/published/standards/{huge}"):
        assert manager.get(address).status_code == 404
    assert manager.get(f"/api/v1/standards/{huge}").status_code == 404
    assert manager.post(f"/standards/{key}/suspend", {"reason": "a\0b"}).status_code == 400
    assert manager.get("/api/v1/standards?q=%00").status_code in {200, 400}
    assert manager.get("/api/v1/published-standards?item=%00").status_code in {200, 400}
    page = manager.post("/standards/apply", form(content)).url
    for chosen in (["x"], [str(2**62)], ["-1"]):
        assert clients["regulator"].post(f"{page}/accept", {"assessor": chosen}).status_code == 302
    assert clients["assessor"].post(f"{page}/require", {"text": "x", "due": "x"}).status_code == 302
    assert Application.objects.get().state == "SUBMITTED"
