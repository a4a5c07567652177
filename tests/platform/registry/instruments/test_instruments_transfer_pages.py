"""The pages and the interface bring and give the same tables, and refuse alike."""

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from instrument_tables import HEADINGS, csv_file, imported, meters, problems, with_code
from small_world import actor
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.registry.instruments import exporting, kept_files
from yuejingzhun.platform.registry.instruments.models import Instrument


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()


@pytest.fixture
def clerk(world):
    with_code(world.holder, 1)
    return actor("经办人", world.holder, Role.HOLDER)


def client_of(who) -> Client:
    user = User.objects.create_user(f"user{who.person_id}")
    Person.objects.filter(pk=who.person_id).update(user=user)
    client = Client()
    client.force_login(user)
    return client


def upload(path: Path) -> dict[str, SimpleUploadedFile]:
    return {"table": SimpleUploadedFile(path.name, path.read_bytes())}


def uploaded(client: Client, path: Path) -> tuple[str, str]:
    """The preview and the token of its file."""
    answer = client.post("/instruments/import", upload(path), follow=True)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode(), unquote(answer.request["QUERY_STRING"].removeprefix("file="))


def test_a_file_goes_from_upload_over_preview_to_its_task(world, clerk, tmp_path) -> None:
    client = client_of(clerk)
    rows = list(meters(5))
    rows[1][7] = "昨天"
    page, token = uploaded(client, csv_file(tmp_path / "meters.csv", rows))
    assert "应为年-月-日，如 2024-01-31" in page
    assert "前 5 行有 1 处问题" in page
    assert not LongTask.objects.exists()
    mapping = {f"column-{key}": place for key, place in zip(KEYS, range(8), strict=True)}
    form = {"file": token, "desk": f"HOLDER:{world.holder.pk}", "keep": "GOOD"} | mapping
    answer = client.post("/instruments/import/start", form)
    task = LongTask.objects.get()
    assert answer.url == f"/tasks/{task.pk}"
    run_long_task(task.pk)
    assert Instrument.objects.count() == 4
    assert "昨天" in client.get(answer.url).content.decode()


KEYS = ("holder_code", "name", "model", "serial", "maker", "regulation", "place", "filed_on")


def test_the_mapping_can_be_changed_and_a_wrong_one_is_said_at_once(world, clerk, tmp_path) -> None:
    client = client_of(clerk)
    headings = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"]
    page, token = uploaded(client, csv_file(tmp_path / "meters.csv", meters(2), headings))
    assert "没有找到必需的列：制造单位、型号、出厂编号、适用检定规程、名称" in page
    assert "disabled" in page
    mapping = {f"column-{key}": place for key, place in zip(KEYS, range(8), strict=True)}
    address = "/instruments/import/preview"
    assert "没有问题" in client.get(address, {"file": token} | mapping).content.decode()
    answer = client.post(
        "/instruments/import/start",
        {"file": token, "desk": f"HOLDER:{world.holder.pk}", "keep": "ALL"} | mapping | {"column-model": 3},
    )
    assert answer.status_code == 422
    assert "被用作两列" in answer.content.decode()
    assert not LongTask.objects.exists()


def test_who_may_not_and_whose_file_it_is(world, clerk, tmp_path) -> None:
    verifier = client_of(world.verifier)
    for address in ("/instruments/import", "/instruments/export.csv", "/instruments/import/preview"):
        assert verifier.get(address).status_code == 403
        assert Client().get(address).status_code == 302
    _, token = uploaded(client_of(clerk), csv_file(tmp_path / "meters.csv", meters(2)))
    other = client_of(actor("别人", world.holder, Role.HOLDER))
    for wrong in (token, token[:-1], "", "x\x00"):
        answer = other.get("/instruments/import/preview", {"file": wrong})
        assert answer.status_code == 422
        assert "请重新上传" in answer.content.decode()
    answer = other.get("/instruments/export.csv", {"desk": f"REGULATOR:{world.holder.pk}"})
    assert answer.status_code == 403
    assert other.post("/instruments/import").status_code == 422
    assert other.post("/instruments/import/start", {"file": "x"}).status_code == 422


def test_a_file_that_is_no_table_is_not_kept(clerk, settings) -> None:
    client = client_of(clerk)
    answer = client.post("/instruments/import", {"table": SimpleUploadedFile("坏.xlsx", b"PK\x03\x04oops")})
    assert answer.status_code == 422
    assert "坏.xlsx：工作簿不完整" in answer.content.decode()
    assert list((settings.DATA / "transfers").iterdir()) == []


def test_old_files_are_forgotten_and_too_large_ones_leave_nothing(settings, monkeypatch) -> None:
    import os
    from dataclasses import replace

    kept = kept_files.keep("a", iter([b"1"]))
    os.utime(kept.path, (0, 0))
    newer = kept_files.keep("b", iter([b"2"]))
    assert (kept.path.exists(), newer.path.exists()) == (False, True)
    monkeypatch.setattr(kept_files, "LIMITS", replace(kept_files.LIMITS, file_bytes=10))
    with pytest.raises(kept_files.TableError, match="文件超过"):
        kept_files.keep("c", iter([b"x" * 11]))
    assert len(list((settings.DATA / "transfers").iterdir())) == 1


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_what_is_exported_comes_back_unchanged(world, clerk, tmp_path, suffix: str) -> None:
    rows = list(meters(40))
    rows[0][6], rows[1][3] = "=1+1", "'-5"
    task = imported(clerk, csv_file(tmp_path / "a.csv", rows))
    assert problems(task) == []
    client = client_of(clerk)
    answer = client.get(f"/instruments/export.{suffix}")
    path = tmp_path / f"b.{suffix}"
    path.write_bytes(b"".join(answer.streaming_content))
    answer = client.get(f"/api/v1/instruments/export?format={suffix}")
    assert (answer.status_code, len(b"".join(answer.streaming_content)) > 1000) == (200, True)
    back = imported(clerk, path)
    assert (problems(back), back.result["unchanged"]) == ([], 40)
    if suffix == "parquet":
        assert str(pq.read_schema(path).field("备案日期").type) == "date32[day]"


def test_each_takes_away_only_what_it_is_responsible_for(world, clerk, tmp_path) -> None:
    imported(clerk, csv_file(tmp_path / "a.csv", meters(2)))
    other = Organisation.objects.create(name="深圳使用单位", kind="holder", region="440304")
    imported(actor("别家", other, Role.HOLDER), csv_file(tmp_path / "b.csv", meters(3, start=2)))
    receptionist = actor("收发", world.other_institute, Role.RECEPTIONIST)
    for who, count in ((clerk, 2), (world.regulator, 2), (receptionist, 3)):
        table = b"".join(client_of(who).get("/instruments/export.csv").streaming_content)
        assert len(table.decode().splitlines()) == count + 1


def test_an_export_asks_for_all_rows_at_once(world, clerk, tmp_path, django_assert_max_num_queries) -> None:
    imported(clerk, csv_file(tmp_path / "a.csv", meters(300)))
    client = client_of(clerk)
    with django_assert_max_num_queries(12):
        b"".join(client.get("/instruments/export.csv").streaming_content)


def test_too_many_rows_for_xlsx_say_what_to_do(clerk, tmp_path, monkeypatch) -> None:
    imported(clerk, csv_file(tmp_path / "a.csv", meters(3)))
    monkeypatch.setattr(exporting, "XLSX_ROWS", 2)
    client = client_of(clerk)
    for address in ("/instruments/export.xlsx", "/api/v1/instruments/export?format=xlsx"):
        answer = client.get(address)
        assert answer.status_code == 422
        assert "请改用 CSV 或 Parquet" in answer.content.decode()


def call(client: Client, address: str, body: Any) -> Any:
    return client.post(f"/api/v1{address}", json.dumps(body), content_type="application/json")


def test_the_interface_imports_as_the_pages_do(world, clerk, tmp_path) -> None:
    client = client_of(clerk)
    rows = list(meters(3))
    rows[2][3] = ""
    path = csv_file(tmp_path / "meters.csv", rows)
    shown = client.post("/api/v1/instruments/imports/preview", upload(path)).json()
    assert (shown["headings"], shown["refusal"]) == (list(HEADINGS), "")
    assert shown["problems"] == [{"row": 4, "column": "出厂编号", "found": "空白", "expected": "不能为空"}]
    answer = call(client, "/instruments/imports", {"file": shown["file"], "keep": "GOOD"})
    assert answer.status_code == 202
    run_long_task(answer.json()["task"])
    assert client.get(f"/api/v1/tasks/{answer.json()['task']}").json()["result"]["created"] == 2
    for body, status, expected in (
        ({"file": "x"}, 422, "请重新上传"),
        ({"file": shown["file"], "mapping": {"serial": 99}}, 422, "没有第 100 列"),
        ({"file": shown["file"], "mapping": {"\ud800": 1}}, 422, ""),
        ({"file": shown["file"], "desk": "VERIFIER:1"}, 403, "没有导入、导出器具的权限"),
        ({"file": shown["file"], "keep": "SOME"}, 422, ""),
    ):
        answer = call(client, "/instruments/imports", body)
        assert answer.status_code == status, answer.content.decode()
        assert expected in answer.content.decode()
    broken = client.post("/api/v1/instruments/imports/preview", {"table": io.BytesIO(b"PAR1")})
    assert broken.status_code == 422
