"""Pages of credit: what each visitor sees and can do, the forms' refusals, empty states, and the JSON interface."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from credit_cases import Case, changed, make_case, noted, recorded
from small_world import AT, TODAY, World
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.ledger.services import sequence, sign_head
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.supervision.credit.models import Contest, Fact, Repair, RuleVersion, Simulation
from yuejingzhun.platform.supervision.credit.services.contests import contest
from yuejingzhun.platform.supervision.credit.services.rounds import rate_all


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world)


def client_of(who: Actor | None) -> Client:
    client = Client()
    if who is not None:
        user = User.objects.get_or_create(username=f"u{who.person_id}")[0]
        Person.objects.filter(pk=who.person_id).update(user=user)
        client.force_login(user)
    return client


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[-2000:]
    return answer.content.decode()


def test_a_party_sees_its_grade_with_every_share_and_what_would_change_it(case: Case) -> None:
    row = recorded(case, "penalty", days_ago=100, summary="处罚决定")
    noted(case.party, "verification-overdue", "i:1", 30, quantity=3)
    client = client_of(case.clerk)
    assert client.get("/credit/own").headers["Location"] == f"/credit/parties/{case.party.pk}"
    page = text(client, f"/credit/parties/{case.party.pk}")
    assert "C 级" in page
    assert "730 天内有 1 项行政处罚，最高只能为 C 级" in page
    assert f"若没有 {row.occurred_on} 的" in page
    assert "没有新的事实，" in page
    assert page.count('<li><a href="/credit/facts/') == 2
    assert "处罚决定" in page
    earlier = text(client, f"/credit/parties/{case.party.pk}?on={TODAY - timedelta(200)}")
    assert "B 级" in earlier
    text(client, f"/credit/parties/{case.party.pk}?on=gestern", 404)
    assert "没有生效的信用规则" in text(client, f"/credit/parties/{case.party.pk}?on=2001-01-01")


def test_without_facts_the_page_says_so(case: Case) -> None:
    page = text(client_of(case.clerk), f"/credit/parties/{case.party.pk}")
    assert "没有事实，按规则的起始分定级" in page
    assert "没有记录过事实" in page


def test_others_find_nothing(case: Case, world: World) -> None:
    row = recorded(case)
    for who in (world.stranger, world.verifier):
        text(client_of(who), f"/credit/parties/{case.party.pk}", 404)
        text(client_of(who), f"/credit/facts/{row.pk}", 404)
        text(client_of(who), "/credit/parties", 403)
        text(client_of(who), "/credit/work", 403)
        text(client_of(who), "/credit/feed", 403)
    assert client_of(None).get("/credit/parties").status_code == 302
    text(client_of(case.regulator), "/credit/parties?region=440300", 403)
    text(client_of(case.regulator), "/credit/parties?region=999999", 404)


def test_a_contest_goes_from_the_party_to_another_regulator(case: Case) -> None:
    row = recorded(case, "fleet-error", quantity=5, days_ago=2)
    party, recorder, other = client_of(case.clerk), client_of(case.regulator), client_of(case.colleague)
    address = f"/credit/facts/{row.pk}"
    assert "提出异议" in text(party, address)
    assert "没有填写" in party.post(f"{address}/contest", {"reason": " "}, follow=True).content.decode()
    assert "异议已提出" in party.post(f"{address}/contest", {"reason": "只有两台"}, follow=True).content.decode()
    assert "只有两台" in text(other, "/credit/work")
    assert "须由其他监管人员决定" in text(recorder, address)
    assert recorder.post(f"{address}/decide", {"decision": "UPHELD", "reason": "x"}).status_code == 403
    assert "<button>决定</button>" in text(other, address)
    wrong = {"decision": "CORRECTED", "reason": "核实", "occurred_on": "2999-01-01", "quantity": "2"}
    assert "在未来" in other.post(f"{address}/decide", wrong, follow=True).content.decode()
    good = {"decision": "CORRECTED", "reason": "核实", "occurred_on": "", "quantity": "2"}
    assert "已决定" in other.post(f"{address}/decide", good, follow=True).content.decode()
    assert "已被更正" in text(party, address)
    assert Contest.objects.get().decision == "CORRECTED"
    assert "更正后" in text(party, f"/credit/facts/{Fact.objects.latest('pk').pk}")
    text(party, "/credit/facts/999999999", 404)
    assert party.post(f"{address}/forgive", {}).status_code == 404


def test_credit_is_repaired_on_the_pages(case: Case) -> None:
    row = recorded(case, "complaint-upheld", days_ago=200)
    address = f"/credit/facts/{row.pk}"
    party, other = client_of(case.clerk), client_of(case.colleague)
    assert "申请信用修复" in text(party, address)
    assert "已申请信用修复" in party.post(f"{address}/repair", {"statement": "已整改"}, follow=True).content.decode()
    assert "已整改" in text(other, "/credit/work")
    repair = Repair.objects.get()
    answer = other.post(f"/credit/repairs/{repair.pk}", {"grant": "yes", "reason": "符合"}, follow=True)
    assert "已决定" in answer.content.decode()
    assert "已修复" in text(party, address)
    early = recorded(case, "complaint-upheld", "文 2", days_ago=10)
    assert "条件全部满足后可以申请" in text(party, f"/credit/facts/{early.pk}")


def test_a_regulator_records_a_fact_and_is_told_what_is_wrong(case: Case) -> None:
    client, address = client_of(case.regulator), f"/credit/parties/{case.party.pk}/facts/new"
    given: dict[str, Any] = {
        "kind": "penalty", "source": "穗市监罚 1 号", "occurred_on": "2026-11-20", "quantity": "1",
        "summary": "短斤缺两", "region": "",
    }  # fmt: skip
    assert "记录信用事实" in text(client, address)
    for change, told in (
        ({"occurred_on": "2999-01-01"}, "在未来"),
        ({"occurred_on": "昨天"}, "应为 年-月-日"),
        ({"kind": "verification-failed"}, "事实种类"),
        ({"quantity": "0"}, "数量"),
        ({"summary": ""}, "没有填写摘要"),
    ):
        answer = client.post(address, given | change)
        assert answer.status_code == 422
        assert told in answer.content.decode()
    assert client.post(address, given).status_code == 302
    again = client.post(address, given)
    assert (again.status_code, "没有重复记录" in again.content.decode()) == (422, True)
    assert Fact.objects.get().summary == "短斤缺两"
    assert client_of(case.clerk).post(address, given | {"source": "2"}).status_code == 403


def test_the_list_is_narrowed_searched_and_goes_on(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        party = Organisation.objects.create(name=f"商户{number}", kind="holder", region="440106")
        noted(party, "verification-failed", f"c:{number}", 1)
    recorded(case, "penalty")
    rate_all(AT)
    client = client_of(case.regulator)
    page = text(client, "/credit/parties")
    assert page.index(case.party.name) < page.index("商户0")  # the worst first
    assert "商户1" not in text(client, "/credit/parties?grade=C")
    assert case.party.name not in text(client, "/credit/parties?text=商户")
    assert "没有符合条件的单位" in text(client, "/credit/parties?category=maker")
    from yuejingzhun.platform.supervision.credit import queries

    monkeypatch.setattr(queries, "PAGE", 2)
    first = text(client, "/credit/parties")
    assert "后面的单位" in first
    following = first.split('href="?')[1].split('"')[0].replace("&amp;", "&")
    assert "商户2" in text(client, f"/credit/parties?{following}")
    assert "行政处罚" in text(client, "/credit/facts?kind=penalty")
    assert "没有这样的事实" in text(client, "/credit/facts?kind=fleet-error")


def test_rules_are_public_tried_and_adopted_by_the_province(case: Case) -> None:
    recorded(case, "complaint-upheld")
    anyone, city, province = client_of(None), client_of(case.regulator), client_of(case.province)
    assert "行政处罚" in text(anyone, "/credit/rules/1")
    assert "试算" not in text(anyone, "/credit/rules/1")
    assert json.loads(anyone.get("/credit/rules/1/rules.json").content) == json.loads(changed())
    text(anyone, "/credit/rules/9", 404)
    assert "不能提交" in text(city, "/credit/rules/new")
    content = changed(limits=[{"kind": "complaint-upheld", "days": 365, "count": 1, "best": "D"}]).decode()
    assert city.post("/credit/rules/new", {"content": content, "note": ""}).status_code == 403
    answer = province.post("/credit/rules/new", {"content": changed(result="无").decode(), "note": ""})
    assert (answer.status_code, "没有名为“无”的分项" in answer.content.decode()) == (422, True)
    assert province.post("/credit/rules/new", {"content": content, "note": "从严"}).status_code == 302
    assert "拟定，未发布" in text(anyone, "/credit/rules")
    province.post("/credit/rules/2/simulate", {"on": "2026-11-26"})
    task = LongTask.objects.get()
    run_long_task(task.pk)
    task.refresh_from_db()
    assert task.result == {"parties": 1, "moved": 1, "worse": 1}
    page = text(province, f"/credit/simulations/{Simulation.objects.get().pk}")
    assert case.party.name in page
    assert "B → D" in page
    text(city, f"/credit/simulations/{Simulation.objects.get().pk}", 403)
    assert "早于今天" in province.post("/credit/rules/2/adopt", {"on": "2026-01-01"}, follow=True).content.decode()
    assert "已发布" in province.post("/credit/rules/2/adopt", {"on": "2999-01-01"}, follow=True).content.decode()
    assert RuleVersion.objects.get(version=2).effective_from is not None


def test_the_public_finds_a_grade_and_takes_its_file(case: Case) -> None:
    recorded(case, "penalty", summary="不公开的摘要")
    anyone, code = client_of(None), case.party.credit_code
    text(anyone, f"/credit/of/{code}", 404)
    rate_all(AT)
    assert "没有找到" in text(anyone, "/credit?text=没有这个单位")
    assert f"/credit/of/{code}" in text(anyone, f"/credit?text={case.party.name[:3]}")
    assert f"/credit/of/{code}" in text(anyone, f"/credit?text={code}")
    page = text(anyone, f"/credit/of/{code}")
    assert "C 级" in page
    assert "不公开的摘要" not in page
    assert "正在登记" in text(anyone, f"/credit/of/{code}/rating.json", 404)
    sequence()
    sign_head(AT)
    data = anyone.get(f"/credit/of/{code}/rating.json").content
    assert b"yjz" not in data
    assert "不公开的摘要" not in data.decode()
    assert json.loads(data)["format"] == 1
    assert "没有符合" not in text(anyone, "/credit")


def test_the_interface_says_the_same(case: Case) -> None:
    recorded(case, "penalty")
    rate_all(AT)
    anyone, province = client_of(None), client_of(case.province)
    found = anyone.get(f"/api/v1/credit/grades/{case.party.credit_code}").json()
    assert (found["grade"], [fact["label"] for fact in found["facts"]]) == ("C", ["行政处罚"])
    assert anyone.get("/api/v1/credit/grades/没有").status_code == 404
    assert anyone.get("/api/v1/credit/rules/1").json()["effective_from"] == "2024-01-01"
    (row,) = province.get("/api/v1/credit/feed").json()
    assert row["size"] == 1
    assert province.get(f"/api/v1/credit/feed?after={row['id']}").json() == []
    assert province.get(f"/api/v1/credit/feed/{row['number']}/file.csv").content.decode("utf-8-sig").count("\r\n") == 2
    assert province.get(f"/api/v1/credit/feed/{row['number']}/file.exe").status_code == 404
    assert client_of(case.regulator).get("/api/v1/credit/feed").status_code == 403
    given = {"party_id": case.party.pk, "kind": "penalty", "source": "9", "occurred_on": "2026-11-20", "summary": "x"}
    city = client_of(case.regulator)
    post = {"content_type": "application/json"}
    assert city.post("/api/v1/credit/facts", given, **post).status_code == 200
    assert city.post("/api/v1/credit/facts", given, **post).status_code == 409
    assert client_of(case.clerk).post("/api/v1/credit/facts", given | {"source": "10"}, **post).status_code == 403
    missing = city.post("/api/v1/credit/facts", given | {"party_id": 10**9}, **post)
    assert missing.status_code == 422


def test_feed_pages_lead_to_their_files(case: Case) -> None:
    recorded(case, "penalty")
    client = client_of(case.province)
    assert "还没有评价过" in text(client, "/credit/feed")
    rate_all(AT)
    page = text(client, "/credit/feed")
    for part in page.split('href="/credit/feed/')[1:]:
        assert client.get(f"/credit/feed/{part.split(chr(34))[0]}").status_code == 200
    text(client, "/credit/feed/CREDIT-1.json", 404)


def test_very_long_texts_and_strange_letters_stay_text(case: Case) -> None:
    Organisation.objects.filter(pk=case.party.pk).update(name="<b>很长的名称" + "长" * 180)
    recorded(case, summary="<script>" + "x" * 480)
    page = text(client_of(case.clerk), f"/credit/parties/{case.party.pk}")
    assert "<script>x" not in page
    assert "<b>很" not in page


def test_who_waits_twice_is_told(case: Case) -> None:
    row = recorded(case)
    contest(case.clerk, row.pk, "一次", AT)
    answer = client_of(case.clerk).post(f"/credit/facts/{row.pk}/contest", {"reason": "二次"}, follow=True)
    assert "提出过异议" in answer.content.decode()
