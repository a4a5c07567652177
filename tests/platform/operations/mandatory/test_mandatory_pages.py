"""Each role at its pages: the whole way, what isn't theirs, forms sent twice and pages that are out of date."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from mandatory_counter import ELECTRICITY, client_of, person
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.operations.mandatory import queries
from yuejingzhun.platform.operations.mandatory.models import Application, Line
from yuejingzhun.platform.operations.mandatory.rules import State
from yuejingzhun.platform.operations.mandatory.services.answer import accept, appoint
from yuejingzhun.platform.operations.mandatory.services.apply import apply, working_days
from yuejingzhun.platform.operations.mandatory.services.reception import receive
from yuejingzhun.platform.operations.mandatory.services.result import note_result
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.procedures.local_date import local_date


def now():
    return timezone.now()


def next_day():
    return working_days().after(local_date(now()), 1)


def kind(counter) -> str:
    meter = counter.meters[0]
    return f"{meter.item}|{ELECTRICITY}|{meter.region}"


def form_of(counter, client, **changes) -> dict[str, object]:
    page = client.get("/mandatory/apply", {"kind": kind(counter)}).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    given = {
        "kind": kind(counter),
        "key": key[1],
        "instrument": [meter.pk for meter in counter.meters[:3]],
        "institute": counter.institute.pk,
        "delivery": "DELIVERED",
        "contact": "联系人",
        "phone": "020-1",
    }
    return given | changes


def applied(counter, count: int = 3, key: str = "k1") -> Application:
    return apply(counter.client, counter.request(count, key), now())


def received(counter, count: int = 3, key: str = "k1") -> Application:
    application = applied(counter, count, key)
    accept(counter.receptionist, application.pk, now())
    appoint(counter.receptionist, application.pk, next_day(), now())
    receive(counter.receptionist, application.pk, range(1, count + 1), "完好", now())
    application.refresh_from_db()
    return application


def text(answer) -> str:
    return answer.content.decode()


def test_a_holder_chooses_applies_and_sees_the_term(counter) -> None:
    client = client_of(counter.client)
    page = text(client.get("/mandatory/apply"))
    assert "电能表" in page and "广州市天河区" in page
    page = text(client.get("/mandatory/apply", {"kind": kind(counter)}))
    assert page.index(counter.institute.name) and "省级授权" in page and "M00000" in page
    answer = client.post("/mandatory/apply", form_of(counter, client), follow=True)
    application = Application.objects.get()
    assert answer.redirect_chain == [(f"/mandatory/applications/{application.pk}", 302)]
    assert application.number in text(answer) and f"将在 {application.answer_by} 之前答复" in text(answer)
    assert "待收样" in text(answer) and application.number in text(client.get("/mandatory/applications"))
    client.post(f"/mandatory/applications/{application.pk}/withdraw")
    application.refresh_from_db()
    assert application.state == "WITHDRAWN"


def test_all_of_a_kind_and_the_same_form_sent_twice_is_one_application(counter) -> None:
    client = client_of(counter.client)
    given = form_of(counter, client, everything="1", instrument=[])
    first = client.post("/mandatory/apply", given)
    again = client.post("/mandatory/apply", given, follow=True)
    assert Application.objects.count() == 1 and Line.objects.count() == len(counter.meters)
    assert again.redirect_chain[0][0] == first.url and "已经提交过" in text(again)
    assert "没有需要申请的器具" in text(client.get("/mandatory/apply"))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"instrument": []}, "请至少选择一台"),
        ({"instrument": [999999]}, "不在本单位名下"),
        ({"instrument": ["x", "9" * 30]}, "请至少选择一台"),
        ({"institute": 999999}, "选择一个有效的选项"),
        ({"institute": ""}, "必填"),
        ({"contact": ""}, "必填"),
        ({"phone": "1" * 41}, "40"),
        ({"wanted_on": "明天"}, "应为 年-月-日"),
        ({"delivery": "POST"}, "选择一个有效的选项"),
        ({"kind": "x|y|z"}, ""),
        ({"kind": ""}, "没有选择哪一种器具"),
    ],
)
def test_a_bad_form_is_shown_again_with_the_reason_and_nothing_is_stored(counter, change, problem: str) -> None:
    client = client_of(counter.client)
    answer = client.post("/mandatory/apply", form_of(counter, client, **change))
    assert answer.status_code == 422 and problem in text(answer)
    assert not Application.objects.exists()


def test_the_desk_shows_counts_overdue_first_and_the_possible_acts_only(counter, django_assert_max_num_queries) -> None:
    late = applied(counter, 1)
    Application.objects.filter(pk=late.pk).update(answer_by=local_date(now()) - timedelta(days=20))
    client = client_of(counter.receptionist)
    with django_assert_max_num_queries(12):
        page = text(client.get("/mandatory/desk"))
    assert "已逾期：1 份" in page and "个工作日" in page and "待受理 <strong>1</strong>" in page
    page = text(client.get(f"/mandatory/applications/{late.pk}"))
    for act, there in (("accept", True), ("refer", True), ("refuse", True), ("appoint", False), ("withdraw", False)):
        assert (f"/mandatory/applications/{late.pk}/{act}" in page) is there, act
    assert counter.other.name in page


def test_a_receptionist_and_a_verifier_bring_it_to_its_end(counter) -> None:
    client, lab = client_of(counter.receptionist), client_of(counter.verifier)
    application = applied(counter, 2)
    address = f"/mandatory/applications/{application.pk}"
    client.post(f"{address}/accept")
    assert next_day().isoformat() in text(client.get(address))
    client.post(f"{address}/appoint", {"day": next_day()})
    client.post(f"{address}/receive", {"everything": "1", "condition": "完好"})
    first, second = application.lines.order_by("position")
    assert first.sample in text(client.get(f"{address}/labels"))
    waiting = text(lab.get("/mandatory/waiting"))
    link = re.search(r'href="(/records/new/[^"]+)"', waiting)
    assert first.sample in waiting and link is not None
    record = text(lab.get(link[1].replace("&amp;", "&")))
    assert 'value="M00000"' in record and 'value="DDS"' in record
    assert counter.holder.name in record
    assert f'name="received_on" value="{local_date(first.received_at)}"' in record
    for line, passed in ((first, True), (second, False)):
        note_result(line.instrument_id, counter.institute.pk, f"C-{line.position}", passed, now())
    found = client.get("/mandatory/find", {"text": f" {first.sample.lower()} "})
    assert found.url == f"/mandatory/lines/{first.pk}"
    tag = client.get("/mandatory/find", {"text": f"https://x/i/{second.instrument.tag}"})
    assert tag.url == f"/mandatory/lines/{second.pk}"
    lab.post(f"/mandatory/lines/{first.pk}/seal", {"number": "F-1"})
    assert "F-1" in text(client.get(f"/mandatory/lines/{first.pk}"))
    assert "只有检定合格" in text(lab.post(f"/mandatory/lines/{second.pk}/seal", {"number": "F-2"}, follow=True))
    client.post(f"{address}/give-back", {"position": ["1"], "to": "取件人"})
    client.post(f"/mandatory/lines/{second.pk}/give-back", {"to": "取件人"})
    application.refresh_from_db()
    assert application.state == "CLOSED"


def test_pages_that_are_out_of_date_are_answered_with_what_happened_meanwhile(counter) -> None:
    application = applied(counter, 1)
    address = f"/mandatory/applications/{application.pk}"
    one, two = client_of(counter.receptionist), client_of(counter.colleague)
    assert f"{address}/accept" in text(two.get(address))
    one.post(f"{address}/accept")
    page = text(two.post(f"{address}/accept", follow=True))
    assert "申请现为“待预约”，已由 收发庚 办理" in page
    assert "只能在“待受理”时办理" in text(two.post(f"{address}/refuse", {"reason": "晚了"}, follow=True))
    client_of(counter.client).post(f"{address}/withdraw")
    assert "已撤回" in text(two.post(f"{address}/appoint", {"day": next_day()}, follow=True))
    application.refresh_from_db()
    assert application.state == "WITHDRAWN" and application.appointed_on is None


@pytest.mark.parametrize(
    ("act", "given", "problem"),
    [
        ("receive", {"position": ["9"]}, "没有第 9 台"),
        ("receive", {"position": ["-1", "x", "9" * 40]}, "没有选择"),
        ("receive", {"condition": "好" * 201, "everything": "1"}, "收样状态"),
        ("give-back", {"position": ["1"], "to": "人"}, "还没有检定结果"),
        ("give-back", {"position": ["77"], "to": "人"}, "没有第 77 台"),
        ("give-back", {"to": "人"}, "请先选择样品"),
        ("give-back", {"everything": "1"}, "取件人"),
        ("appoint", {"day": "2026-02-30"}, "应为 年-月-日"),
        ("appoint", {"day": "2020-01-02"}, "已经过去"),
    ],
)
def test_forged_positions_and_days_are_refused(counter, act: str, given, problem: str) -> None:
    application = applied(counter, 2)
    accept(counter.receptionist, application.pk, now())
    appoint(counter.receptionist, application.pk, next_day(), now())
    if act == "give-back":
        receive(counter.receptionist, application.pk, [1], "", now())
    before = list(Line.objects.values())
    client = client_of(counter.receptionist)
    answer = client.post(f"/mandatory/applications/{application.pk}/{act}", given, follow=True)
    assert problem in text(answer)
    assert list(Line.objects.values()) == before


def test_a_foreign_application_is_not_there(counter, world) -> None:
    application = received(counter, 1)
    line = application.lines.get()
    for actor in (counter.elsewhere, world.stranger, person("外人", counter.other, Role.HOLDER)):
        client = client_of(actor)
        for path in (
            f"/mandatory/applications/{application.pk}",
            f"/mandatory/applications/{application.pk}/labels",
            f"/mandatory/lines/{line.pk}",
            "/mandatory/applications/99999999999999999999",
        ):
            assert client.get(path).status_code == 404, path
        for path in (f"/mandatory/applications/{application.pk}/accept", f"/mandatory/lines/{line.pk}/drop"):
            assert client.post(path, {"reason": "x"}).status_code == 404, path
    client = client_of(counter.receptionist)
    assert client.post(f"/mandatory/applications/{application.pk}/burn").status_code == 404
    assert client.post(f"/mandatory/lines/{line.pk}/burn").status_code == 404
    assert client.get("/mandatory/find", {"text": "Y1999-000001"}, follow=True).status_code == 200
    # Others' instruments are not told to who tries numbers.
    page = text(client_of(world.stranger).get(f"/records/new/{ELECTRICITY}?instrument={line.instrument_id}"))
    assert "M00000" not in page


def test_a_regulator_sees_but_does_not_act(counter) -> None:
    application = applied(counter, 1)
    client = client_of(counter.regulator)
    address = f"/mandatory/applications/{application.pk}"
    page = client.get(address)
    assert page.status_code == 200 and "/accept" not in text(page)
    assert client.post(f"{address}/accept").status_code == 403
    assert client.get("/mandatory/desk").status_code == 403
    assert client.get("/mandatory/waiting").status_code == 403
    assert client.get("/mandatory/apply").status_code == 403


def test_many_lines_and_many_applications_cost_no_query_each(counter, django_assert_max_num_queries) -> None:
    more = Instrument.objects.bulk_create(
        Instrument(
            holder=counter.holder,
            name="电能表",
            model="DDS",
            serial=f"N{n:05}",
            maker="厂",
            regulation=ELECTRICITY,
            regulation_series="JJG 596",
            item=counter.meters[0].item,
            region="440106",
            city="4401",
        )
        for n in range(120)
    )
    request = counter.request(instrument_ids=tuple(one.pk for one in more[:80]), key="many")
    application = apply(counter.client, request, now())
    for n in range(80, 120):
        apply(counter.client, counter.request(instrument_ids=(more[n].pk,), key=f"k{n}"), now())
    clients = [client_of(one) for one in (counter.client, counter.receptionist, counter.regulator)]
    for client in clients:
        with django_assert_max_num_queries(16):
            page = text(client.get(f"/mandatory/applications/{application.pk}"))
        assert "N00000" in page and "?after=50" in page
    with django_assert_max_num_queries(12):
        assert "待受理 <strong>41</strong>" in text(clients[1].get("/mandatory/desk"))
    with django_assert_max_num_queries(12):
        clients[0].get("/mandatory/applications")
    with django_assert_max_num_queries(16):
        assert "台需要检定" in text(clients[0].get("/mandatory/apply", {"kind": kind(counter)}))


def test_the_waiting_list_goes_on_behind_many_received_at_one_time(counter, monkeypatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    received(counter, 5)
    client, seen, address = client_of(counter.verifier), [], "/mandatory/waiting"
    while address:
        page = text(client.get(address))
        seen += re.findall(r"Y\d{4}-\d{6}", page)
        more = re.search(r'href="(\?after=[^"]+)"', page)
        address = f"/mandatory/waiting{more[1]}" if more else ""
    assert len(seen) == len(set(seen)) == 5


def test_the_first_page_of_work_leads_each_role_to_its_pages(counter) -> None:
    received(counter, 2)
    for actor, address in (
        (counter.client, "/mandatory/apply"),
        (counter.receptionist, "/mandatory/desk"),
        (counter.verifier, "/mandatory/waiting"),
        (counter.regulator, "/mandatory/overdue"),
    ):
        assert f'href="{address}' in text(client_of(actor).get("/work"))


def test_the_counts_of_the_first_page_are_a_few_reads(counter, django_assert_max_num_queries) -> None:
    received(counter, 2)
    with django_assert_max_num_queries(1):
        assert queries.cards(counter.verifier, local_date(now())).waiting == 2
    with django_assert_max_num_queries(2):
        told = queries.cards(counter.receptionist, local_date(now()) + timedelta(days=60))
    assert told.late == 1 and told.desk is not None and told.desk[State.TESTING] == 1
