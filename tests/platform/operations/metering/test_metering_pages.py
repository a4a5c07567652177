"""Every page of the evaluation opens for who it concerns, says what it should, and nothing in English."""

import re

import pytest
from django.test import Client

from mandatory_counter import client_of, person
from simulated_utility import DAYS, FIRST
from small_world import World
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.operations.metering.models import DistrictResult, Evaluation, Suspect

pytestmark = pytest.mark.django_db
ENGLISH = re.compile(r">[^<>]*\b(?:the|district|meter|error|None|True|False|nan)\b[^<>]*<")


@pytest.fixture
def client(evaluated: Evaluation, engineer: Actor) -> Client:
    return client_of(engineer)


def seen(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    text = answer.content.decode()
    main = text[text.index("<main") :]
    assert not ENGLISH.search(re.sub(r"<(code|title|svg)[^>]*>", "<x>", main)), ENGLISH.search(main)
    return main


def test_every_page_of_an_evaluation_opens(client: Client, evaluated: Evaluation, world: World) -> None:
    key, holder = evaluated.pk, world.holder.pk
    meter = Suspect.objects.earliest("pk").meter
    assert "新的评价" in seen(client, "/metering")
    assert "没有概率不小于" not in seen(client, f"/metering/{key}")
    assert "T01" in seen(client, f"/metering/{key}/districts?view=suspicious")
    assert "T01" not in seen(client, f"/metering/{key}/districts?q=T02")
    assert "没有这样的台区" in seen(client, f"/metering/{key}/districts?view=refused")
    page = seen(client, f"/metering/{key}/districts/T01")
    assert (
        page.count("<circle") == DistrictResult.objects.get(district="T01").stated
        and "固定损耗" in page
        and "一天里各时段的剩余" in page
    )
    page = seen(client, f"/metering/of/{holder}/meters/{meter}")
    assert "误差 " in page and "每日电量" in page and page.count("<rect") == DAYS
    seen(client, f"/metering/of/{holder}/meters/nobody", 404)
    for name in ("work", "truths", "record", "lists"):
        seen(client, f"/metering/of/{holder}/{name}")
    assert client.get(f"/metering/of/{holder}/find?meter={meter}").url.endswith(meter)


def test_the_preflight_says_what_the_lake_holds(client: Client, world: World) -> None:
    form = {
        "holder": world.holder.pk,
        "medium": "ELECTRICITY",
        "first_day": FIRST,
        "days": DAYS,
        "mpe": 2,
        "threshold": 50,
    }
    page = client.get("/metering/new", form).content.decode()
    assert "<dt>台区</dt><dd>3</dd>" in page and "93 只" in page and "开始评价" in page
    empty = client.get("/metering/new", form | {"first_day": "2025-01-01"}).content.decode()
    assert "这些天里没有读数" in empty and "开始评价" not in empty
    answer = client.post("/metering/new", form)
    assert answer.status_code == 302
    made = Evaluation.objects.latest("pk")
    assert answer.url == f"/metering/{made.pk}"
    assert "等待" in seen(client, answer.url)
    assert client.post("/metering/new", form | {"days": 3}).status_code == 422


def test_a_regulator_reads_and_decides_nothing(evaluated: Evaluation, world: World) -> None:
    client = client_of(world.regulator)
    assert "新的评价</a>" not in seen(client, "/metering")
    seen(client, f"/metering/{evaluated.pk}")
    page = seen(client, f"/metering/of/{world.holder.pk}/work")
    assert "checkbox" not in page
    item = evaluated.suspects.first()
    answer = client.post(
        f"/metering/of/{world.holder.pk}/work/decide", {"item": item.pk, "choice": "WATCH", "reason": "x"}
    )
    assert answer.status_code == 403


def test_an_engineer_of_another_utility_finds_nothing(evaluated: Evaluation, world: World) -> None:
    client = client_of(person("别处", world.other_institute, Role.METERING_ENGINEER))
    for address in (f"/metering/{evaluated.pk}", f"/metering/of/{world.holder.pk}/work"):
        assert client.get(address).status_code == 404
    assert "还没有评价" in seen(client, "/metering")
