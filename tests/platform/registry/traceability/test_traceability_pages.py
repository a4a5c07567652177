"""Pages and the JSON interface as those whom a recall concerns meet them."""

import csv
import io
import json
from datetime import UTC, date, datetime

import openpyxl
import pytest
from django.test import Client

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.registry import kind_of
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.models import Person, RoleGrant
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.platform.registry.traceability import services
from yuejingzhun.platform.registry.traceability.listing import finish
from yuejingzhun.platform.registry.traceability.models import Node, Recall
from yuejingzhun.platform.registry.traceability.rules import Calibration
from yuejingzhun.platform.registry.traceability.services import item_of, record_calibration

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
GOOD = {"from_day": "2026-03-01", "to_day": "", "error": "0.5", "unit": "%", "reason": "核查标准超出控制限"}


@pytest.fixture(autouse=True)
def _today(grid) -> None:
    RoleGrant.objects.update(valid_from=date(2020, 1, 1))


def signed_in(actor) -> Client:
    client = Client()
    user, _ = User.objects.get_or_create(username=f"u{actor.person_id}")
    Person.objects.filter(pk=actor.person_id).update(user=user)
    client.force_login(user)
    return client


def test_a_manager_declares_and_each_downloads_his_part(grid) -> None:
    grid.verify(0, "2026-04-01", "证-1")
    grid.verify(2, "2026-04-02", "=1+1")
    client = signed_in(grid.manager)
    assert "发现失准" in client.get("/traceability/standard/w").content.decode()
    assert "工作电能表标准" in client.get("/traceability/standard/w/recall").content.decode()
    answer = client.post("/traceability/standard/w/recall", GOOD)
    recall = Recall.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/traceability/recalls/{recall.pk}")
    page = client.get(answer["Location"]).content.decode()
    assert "证-1" in page
    assert "深圳市南山区" in page
    assert "结论可能改变" in page
    assert "工作电能表标准" in client.get("/traceability/recalls").content.decode()

    rows = list(csv.reader(io.StringIO(
        b"".join(client.get(f"/traceability/recalls/{recall.pk}/affected.csv")).decode("utf-8-sig")
    )))  # fmt: skip
    assert [row[1] for row in rows] == ["证书编号", "证-1", "'=1+1"]
    assert rows[1][-2:] == ["结论可能改变", ""]
    mine = signed_in(grid.shenzhen).get(f"/traceability/recalls/{recall.pk}/affected.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(mine.content)).active
    assert [row[1] for row in sheet.iter_rows(values_only=True)] == ["证书编号", "'=1+1"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"from_day": "去年"}, "from_day"),
        ({"from_day": ""}, "from_day"),
        ({"from_day": "2999-01-01"}, "晚于今天"),
        ({"error": "NaN"}, "error"),
        ({"error": "1e30"}, "error"),
        ({"unit": ""}, "单位"),
        ({"reason": " "}, "reason"),
        ({"to_day": "2026-03-01"}, "应晚于"),
        ({"reason": "x" * 2001}, "reason"),
    ],
)
def test_a_wrong_form_stores_nothing_and_keeps_what_was_typed(grid, change, text: str) -> None:
    answer = signed_in(grid.manager).post("/traceability/standard/w/recall", GOOD | change)
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert "2026-03-01" in answer.content.decode() or "from_day" in change
    assert not Recall.objects.exists()


def test_who_may_not_is_told_so(grid) -> None:
    grid.verify(0, "2026-04-01", "证-1")
    assert Client().get("/traceability/standard/w/recall").status_code == 302
    assert signed_in(grid.holder).post("/traceability/standard/w/recall", GOOD).status_code == 403
    recall = grid.recall()
    finish(recall.pk)
    stranger = signed_in(grid.world.stranger)
    for address in ("", "/affected.csv", "/affected.xlsx"):
        assert stranger.get(f"/traceability/recalls/{recall.pk}{address}").status_code == 404
    assert stranger.get("/traceability/recalls/999999").status_code == 404
    assert signed_in(grid.manager).get("/traceability/standard/无/recall").status_code == 404


def test_a_chain_is_public_but_an_instruments_is_not(grid) -> None:
    grid.verify(0, "2026-04-01", "证-1")
    page = Client().get("/traceability/certificate/证-1").content.decode()
    assert page.count("<polyline") == 5
    assert "国家电能基准" in page
    assert grid.world.holder.name not in page
    assert "发现失准" not in page
    for kind in ("instrument", "INSTRUMENT", "Instrument"):
        assert Client().get(f"/traceability/{kind}/0").status_code == 404
        assert Client().get(f"/api/v1/traceability/{kind}/0").status_code == 404
        assert signed_in(grid.shenzhen).get(f"/traceability/{kind}/0").status_code == 404
        assert signed_in(grid.world.stranger).get(f"/api/v1/traceability/{kind}/0").status_code == 404
        for concerned in (grid.holder, grid.manager, grid.world.regulator):
            assert signed_in(concerned).get(f"/traceability/{kind}/0").status_code == 200
            assert signed_in(concerned).get(f"/api/v1/traceability/{kind}/0").status_code == 200
    refused = signed_in(grid.world.stranger).get("/traceability/instrument/0/recall")
    assert refused.status_code == 403
    assert "D-0" not in refused.content.decode()
    assert Client().get("/traceability/standard/无").status_code == 404
    assert Client().get("/traceability/星/w").status_code == 404


def test_the_chain_of_a_standard_that_is_not_published_is_for_those_whom_it_concerns(grid) -> None:
    owner = grid.world.institute
    kept = MeasurementStandard.objects.create(
        owner=owner, level="SECTOR_HIGHEST", regulations=[], name="部门标准", number="部 1", unit="%",
        expanded_uncertainty="0.1", certificate="C", valid_until=date(2028, 1, 31), traceable_to="国家计量基准",
    )  # fmt: skip
    kept.refresh_from_db()
    record_calibration(item_of(kept), grid.city, Calibration(date(2026, 1, 10), "校准-9", factor=1.0), None, AT)
    address = f"/traceability/standard/{kept.pk}"
    for other in (Client(), signed_in(grid.holder), signed_in(grid.world.stranger), signed_in(grid.shenzhen)):
        for kind, key in (("standard", kept.pk), ("STANDARD", kept.pk), ("certificate", "校准-9")):
            assert other.get(f"/traceability/{kind}/{key}").status_code == 404
            assert other.get(f"/api/v1/traceability/{kind}/{key}").status_code == 404
    for concerned in (grid.manager, grid.world.verifier, grid.world.regulator):
        assert "部门标准" in signed_in(concerned).get(address).content.decode()
    MeasurementStandard.objects.filter(pk=kept.pk).update(level="PUBLIC_OTHER")
    assert "部门标准" in Client().get(address).content.decode()


def test_a_chain_that_ends_in_the_middle_says_so(grid) -> None:
    Node.objects.create(kind="STANDARD", key="alone", label="<b>无上级</b>", region="440100")
    page = Client().get("/traceability/standard/alone").content.decode()
    assert "上级未在本系统登记" in page
    assert "<b>无上级" not in page


def test_a_long_list_shows_how_far_it_has_come(grid, monkeypatch) -> None:
    grid.verify(0, "2026-04-01", "证-1")
    monkeypatch.setattr(services, "AT_ONCE", 0)
    client = signed_in(grid.manager)
    client.post("/traceability/standard/w/recall", GOOD)
    recall, task = Recall.objects.get(), LongTask.objects.get()
    page = client.get(f"/traceability/recalls/{recall.pk}").content.decode()
    assert "已列出 0 份" in page
    assert 'hx-trigger="every 2s"' in page
    assert run_long_task(task.pk).name == "DONE"
    task.refresh_from_db()
    assert task.result == {"found": 1}
    with pytest.raises(NotPermittedError):
        kind_of(task.kind).allow(grid.holder, task.arguments)
    part = client.get(f"/traceability/recalls/{recall.pk}", headers={"HX-Request": "true"}).content.decode()
    assert "证-1" in part
    assert "hx-trigger" not in part
    assert "<html" not in part


def test_a_revoked_certificate_is_marked_and_can_be_left_out_on_page_in_file_and_interface(grid) -> None:
    grid.verify(0, "2026-04-01", "证-1")
    grid.verify(2, "2026-04-02", "证-2")
    recall = grid.recall()
    finish(recall.pk)
    services.note_revoked("证-1", AT)
    client, page = signed_in(grid.manager), f"/traceability/recalls/{recall.pk}"
    everything, standing = client.get(page).content.decode(), client.get(f"{page}?standing").content.decode()
    assert "<td>已撤销</td>" in everything
    assert ("证-1" in everything, "证-1" in standing, "证-2" in standing) == (True, False, True)
    assert "affected.csv?standing" in standing
    rows = b"".join(client.get(f"{page}/affected.csv?standing")).decode()
    assert ("证-1" in rows, "证-2" in rows) == (False, True)
    interface = f"/api/v1/recalls/{recall.pk}/affected"
    assert [row["certificate_state"] for row in client.get(interface).json()] == ["已撤销", ""]
    assert [row["certificate"] for row in client.get(f"{interface}?standing=true").json()] == ["证-2"]
    services.note_superseded("证-2", AT)
    assert "没有这样的证书" in client.get(f"{page}?standing").content.decode()


def test_no_page_asks_the_database_once_a_row(grid, django_assert_max_num_queries) -> None:
    for n in range(40):
        grid.verify(n % 3, "2026-04-01", f"证-{n}")
    recall = grid.recall()
    finish(recall.pk)
    client = signed_in(grid.manager)
    with django_assert_max_num_queries(12):
        assert "证-39" in client.get(f"/traceability/recalls/{recall.pk}").content.decode()
    with django_assert_max_num_queries(9):
        b"".join(client.get(f"/traceability/recalls/{recall.pk}/affected.csv"))
    with django_assert_max_num_queries(6):
        client.get("/traceability/recalls")


def test_the_interface_does_what_the_pages_do(grid) -> None:
    grid.verify(0, "2026-04-01", "证-1")
    grid.verify(2, "2026-04-02", "证-2")
    chain = Client().get("/api/v1/traceability/certificate/证-1").json()
    assert [link["upper"] for link in chain["links"]][-1] == "国家电能基准"
    assert chain["complete"]
    assert Client().get("/api/v1/traceability/instrument/0").status_code == 404

    body = {"kind": "standard", "key": "w", "from_day": "2026-03-01", "error": "0.5", "unit": "%", "reason": "超差"}

    def post(actor, **change):
        client = signed_in(actor)
        client.get("/sign-in")
        return client.post("/api/v1/recalls", json.dumps(body | change), content_type="application/json")

    for change, text in (({"error": "x"}, "十进制数"), ({"error": "1e99"}, "十进制数"), ({"error": "NaN"}, "十进制数"),
                         ({"error": "0.0000000000001"}, "12 位"), ({"unit": ""}, "单位")):  # fmt: skip
        answer = post(grid.manager, **change)
        assert (answer.status_code, text in answer.json()["message"]) == (422, True)
    assert post(grid.holder).status_code == 403
    assert post(grid.manager, key="无").status_code == 404
    made = post(grid.manager)
    assert (made.status_code, made.json()["state"], made.json()["found"]) == (201, "done", 2)
    number = made.json()["id"]
    rows = signed_in(grid.shenzhen).get(f"/api/v1/recalls/{number}/affected").json()
    assert [(row["certificate"], row["weight_name"], row["to_mpe"]) for row in rows] == [("证-2", "结论可能改变", 0.5)]
    assert signed_in(grid.manager).get(f"/api/v1/recalls/{number}/affected?after=2").json() == []
    assert signed_in(grid.world.stranger).get(f"/api/v1/recalls/{number}").status_code == 404
    assert Client().get(f"/api/v1/recalls/{number}").status_code == 401
