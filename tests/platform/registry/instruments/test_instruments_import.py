"""Instruments come in as a table: once each, never into another's hands, all or only the good ones."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from instrument_tables import AT, HEADINGS, asked, credit_code, csv_file, imported, meters, problems, with_code
from small_world import actor
from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.jobs.errors import TaskError
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.rules import State
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.jobs.services import stop
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.foundation.tables.columns import MappingError
from yuejingzhun.platform.foundation.tables.table import TableError
from yuejingzhun.platform.registry.instruments import import_run, staging
from yuejingzhun.platform.registry.instruments.import_run import Keep
from yuejingzhun.platform.registry.instruments.kept_files import KeptFile
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.procedures.local_date import local_date


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path


@pytest.fixture
def clerk(world):
    return actor("经办人", world.holder, Role.HOLDER)


def counts(task: LongTask) -> tuple[int, int, int, int, int]:
    assert task.result is not None
    names = ("rows", "created", "updated", "unchanged", "refused")
    return tuple(task.result[name] for name in names)  # type: ignore[return-value]


def details() -> set[tuple[Any, ...]]:
    names = ("maker", "model", "serial", "regulation_series", "holder_id", "name", "place", "region", "city", "in_use")
    return set(Instrument.objects.values_list(*names))


@pytest.mark.parametrize("how", Keep)
def test_the_same_file_again_changes_nothing(world, clerk, tmp_path, how: Keep) -> None:
    path = csv_file(tmp_path / "meters.csv", meters(250))
    first = imported(clerk, path, how)
    assert (first.state, counts(first)) == (State.DONE.name, (250, 250, 0, 0, 0))
    meter = Instrument.objects.get(serial="SN00000003")
    assert (meter.holder_id, meter.region, meter.city, meter.use) == (world.holder.pk, "440106", "4401", "trade")
    assert (meter.item != "", meter.in_use, len(meter.tag)) == (True, "in_use", 12)
    assert meter.filed_at is not None
    assert local_date(meter.filed_at) == date(2024, 1, 31)
    before = details()
    assert counts(imported(clerk, path, how)) == (250, 0, 0, 250, 0)
    assert details() == before


@pytest.mark.parametrize("how", Keep)
def test_changed_details_are_updated_and_an_import_is_one_story_of_the_audit(clerk, tmp_path, how: Keep) -> None:
    imported(clerk, csv_file(tmp_path / "a.csv", meters(30)), how)
    tags = dict(Instrument.objects.values_list("serial", "tag"))
    task = imported(clerk, csv_file(tmp_path / "b.csv", meters(20, place="新址")), how)
    assert counts(task) == (20, 0, 20, 0, 0)
    assert Instrument.objects.filter(place__startswith="新址").count() == 20
    assert dict(Instrument.objects.values_list("serial", "tag")) == tags
    events = AuditEvent.objects.filter(subject="task", subject_id=task.pk).order_by("pk")
    assert [event.action for event in events] == ["导入计量器具：提出", "导入计量器具：完成"]
    assert events[0].after["file"]["sha256"] == task.arguments["file"]["sha256"]
    assert events[1].after["updated"] == 20


def test_a_column_that_is_not_read_and_a_cell_left_empty_keep_what_is_on_record(clerk, tmp_path) -> None:
    headings = [*HEADINGS, "用途", "使用状态"]
    rows = [[*row, "医疗卫生", "停用"] for row in meters(3)]
    imported(clerk, csv_file(tmp_path / "a.csv", rows, headings))
    imported(clerk, csv_file(tmp_path / "b.csv", ([*row[:6]] for row in meters(3)), HEADINGS[:6]))
    task = imported(clerk, csv_file(tmp_path / "c.csv", ([*row, "", ""] for row in meters(3)), headings))
    assert counts(task) == (3, 0, 0, 3, 0)
    assert set(Instrument.objects.values_list("use", "in_use")) == {("medical", "stopped")}
    assert set(Instrument.objects.values_list("place", flat=True)) == {f"演示路 {n} 号" for n in range(3)}


@pytest.mark.parametrize("how", Keep)
def test_an_instrument_of_another_holder_is_never_moved(world, clerk, tmp_path, how: Keep) -> None:
    other = Organisation.objects.create(name="别家", kind="holder", region="440103")
    imported(actor("别家经办", other, Role.HOLDER), csv_file(tmp_path / "a.csv", meters(2)))
    task = imported(clerk, csv_file(tmp_path / "b.csv", meters(4, place="改址")), how)
    assert [(row, column) for row, column, _ in problems(task)] == [(2, "出厂编号"), (3, "出厂编号")]
    assert "另一单位名下" in problems(task)[0][2]
    assert Instrument.objects.filter(holder=other, place__startswith="演示路").count() == 2
    stored = 2 if how is Keep.GOOD else 0
    assert counts(task) == (4, stored, 0, 0, 2)
    assert Instrument.objects.filter(holder=world.holder).count() == stored


def test_all_or_nothing_stores_nothing_where_one_row_of_30000_is_wrong(clerk, tmp_path) -> None:
    rows = list(meters(30_000))
    rows[29_000][3] = "Z" * 121
    task = imported(clerk, csv_file(tmp_path / "a.csv", rows), Keep.ALL)
    assert counts(task) == (30_000, 0, 0, 0, 1)
    assert task.result["outcome"] == "一行也没有导入：1 行有问题"
    assert problems(task) == [(29_002, "出厂编号", "最多 120 个字符，现为 121 个")]
    assert not Instrument.objects.exists()


def test_what_comes_in_between_check_and_storing_undoes_the_whole_file(world, clerk, tmp_path, monkeypatch) -> None:
    path = csv_file(tmp_path / "a.csv", meters(50))
    other = Organisation.objects.create(name="别家", kind="holder", region="440103")
    theirs = actor("别家经办", other, Role.HOLDER)
    real = import_run._Run.store_all

    def late(run, checked):
        imported(theirs, csv_file(tmp_path / "b.csv", meters(1, start=30)))
        return real(run, checked)

    task_id = asked(clerk, path, Keep.ALL)
    monkeypatch.setattr(import_run._Run, "store_all", late)
    monkeypatch.setattr(import_run, "CHUNK", 10)
    run_long_task(task_id)
    task = LongTask.objects.get(pk=task_id)
    assert counts(task) == (50, 0, 0, 0, 1)
    assert not Instrument.objects.filter(holder=world.holder).exists()
    assert [row for row, *_ in problems(task)] == [32]


@pytest.mark.parametrize("chunk", [10_000, 7])
def test_a_key_twice_in_the_file_is_refused_with_the_row_that_named_it_first(
    clerk, tmp_path, monkeypatch, chunk: int
) -> None:
    monkeypatch.setattr(import_run, "CHUNK", chunk)
    rows = list(meters(20))
    rows[3], rows[17] = list(rows[2]), [*rows[1][:6], "别处", ""]
    task = imported(clerk, csv_file(tmp_path / "a.csv", rows))
    assert counts(task) == (20, 18, 0, 0, 2)
    assert [(row, expected[:9]) for row, _, expected in problems(task)] == [
        (5, "不与第 4 行重复"),
        (19, "不与第 3 行重复"),
    ]


def test_bad_cells_are_named_with_row_column_and_what_is_expected(clerk, tmp_path) -> None:
    rows = list(meters(8))
    rows[0][3] = "坏\x00号"
    rows[1][7] = "03/04/2024"
    rows[2][7] = "2024-02-30"
    rows[3][5] = "检定规程"
    rows[4][4] = ""
    rows[5][0] = credit_code(1)[:-1] + ("A" if credit_code(1)[-1] != "A" else "B")
    rows[6][7] = "2999-01-01"
    rows[7][7] = "2023年5月6日"
    task = imported(clerk, csv_file(tmp_path / "a.csv", rows))
    found = {row: (column, expected) for row, column, expected in problems(task)}
    assert found[2] == ("出厂编号", "可见的字符：第 2 个字符（U+0000）不能保存")
    assert found[3] == ("备案日期", "年-月-日，如 2024-01-31")
    assert found[4] == ("备案日期", "日历上有的日期")
    assert found[5][0] == "适用检定规程"
    assert found[6] == ("制造单位", "不能为空")
    assert "校验码" in found[7][1]
    assert "之间的日期" in found[8][1]
    assert counts(task) == (8, 1, 0, 0, 7)
    assert local_date(Instrument.objects.get().filed_at) == date(2023, 5, 6)


def test_a_file_that_breaks_off_keeps_its_good_rows_or_none(clerk, tmp_path) -> None:
    path = csv_file(tmp_path / "a.csv", meters(100))
    whole = path.read_bytes()
    cut = whole.index("演示路 90".encode())
    path.write_bytes(whole[:cut])
    task = imported(clerk, path, Keep.ALL)
    assert counts(task)[1:] == (0, 0, 0, 1)
    task = imported(clerk, path, Keep.GOOD)
    assert counts(task) == (91, 90, 0, 0, 1)
    row, _, expected = problems(task)[0]
    assert (row, expected) == (92, "8 格（与表头相同）；文件可能在这里断开")
    path.write_bytes(whole[: cut + 1])
    with pytest.raises(TableError, match="在一个字符的中间断开"):
        asked(clerk, path, Keep.GOOD)


def test_a_file_without_the_required_columns_is_refused_before_it_is_queued(clerk, tmp_path) -> None:
    path = csv_file(tmp_path / "a.csv", [["1", "2"]], ["甲", "乙"])
    with pytest.raises(MappingError, match="制造单位、型号、出厂编号、适用检定规程、名称"):
        asked(clerk, path, Keep.ALL)
    assert not LongTask.objects.exists()


def test_each_role_brings_only_what_it_is_responsible_for(world, tmp_path) -> None:
    code = with_code(world.holder, 1)
    far = with_code(Organisation.objects.create(name="深圳使用单位", kind="holder", region="440304"), 2)
    rows = [*meters(2, code), *meters(2, far, start=2), *meters(1, "", start=4), *meters(1, credit_code(99), start=5)]
    path = csv_file(tmp_path / "a.csv", rows)
    receptionist = actor("收发", world.institute, Role.RECEPTIONIST)
    for who in (receptionist, world.regulator):
        task = imported(who, path)
        assert counts(task)[0::4] == (6, 4)
        assert [row for row, *_ in problems(task)] == [4, 5, 6, 7]
        assert "不在您负责的行政区划内" in problems(task)[0][2]
        assert "必须填写" in problems(task)[2][2]
        assert "没有登记这个代码" in problems(task)[3][2]
    task = imported(actor("经办", world.holder, Role.HOLDER), path)
    assert [row for row, *_ in problems(task)] == [4, 5, 7]  # an empty code is the holder's own
    assert Instrument.objects.count() == 3
    for who in (world.verifier, world.stranger):
        with pytest.raises(NotPermittedError):
            asked(who, path, Keep.ALL)
    with pytest.raises(NotPermittedError):
        asked(receptionist, path, Keep.ALL, desk=f"RECEPTIONIST:{world.other_institute.pk}")


def test_holders_are_looked_up_once_a_chunk_and_rows_without_a_query_each(
    world, tmp_path, django_assert_max_num_queries
) -> None:
    holders = [Organisation.objects.create(name=f"甲{n}", kind="holder", region="440106") for n in range(200)]
    rows = [row for n, holder in enumerate(holders) for row in meters(3, with_code(holder, n), start=3 * n)]
    task_id = asked(world.regulator, csv_file(tmp_path / "a.csv", rows), Keep.GOOD)
    with django_assert_max_num_queries(40):
        run_long_task(task_id)
    assert Instrument.objects.count() == 600


def test_a_scrapped_instrument_stays_scrapped(clerk, tmp_path) -> None:
    headings = [*HEADINGS, "使用状态"]
    imported(clerk, csv_file(tmp_path / "a.csv", ([*row, "报废"] for row in meters(2)), headings))
    task = imported(clerk, csv_file(tmp_path / "b.csv", ([*row, "在用"] for row in meters(2, place="新")), headings))
    assert counts(task) == (2, 0, 0, 0, 2)
    assert set(Instrument.objects.values_list("in_use", flat=True)) == {"scrapped"}
    assert counts(imported(clerk, csv_file(tmp_path / "c.csv", meters(2, place="新"))))[2] == 2


def test_a_stopped_import_keeps_whole_chunks_and_goes_on_from_there(clerk, tmp_path, monkeypatch) -> None:
    from yuejingzhun.platform.foundation.jobs.services import restart

    monkeypatch.setattr(import_run, "CHUNK", 10)
    task_id = asked(clerk, csv_file(tmp_path / "a.csv", meters(50)), Keep.GOOD)
    real, merged = staging.merge, []

    def merge(*given):
        merged.append(real(*given))
        if len(merged) == 2:
            stop(clerk, task_id, AT)
        return merged[-1]

    monkeypatch.setattr(import_run, "merge", merge)
    assert run_long_task(task_id) is State.STOPPED
    assert Instrument.objects.count() == 20
    assert LongTask.objects.get(pk=task_id).result["created"] == 20
    with pytest.raises(TaskError, match="只有失败或已停止"):
        restart(clerk, restarted(clerk, task_id), AT)
    assert run_long_task(task_id) is State.DONE
    assert counts(LongTask.objects.get(pk=task_id)) == (50, 50, 0, 0, 0)


def restarted(clerk, task_id: int) -> int:
    from yuejingzhun.platform.foundation.jobs.services import restart

    restart(clerk, task_id, AT)
    return task_id


def test_a_file_changed_after_it_was_brought_is_not_imported(clerk, tmp_path) -> None:
    task_id = asked(clerk, csv_file(tmp_path / "a.csv", meters(5)), Keep.ALL)
    kept = KeptFile(**LongTask.objects.get(pk=task_id).arguments["file"])
    kept.path.write_bytes(kept.path.read_bytes() + b"x")
    assert run_long_task(task_id) is State.FAILED
    assert "被改动过" in LongTask.objects.get(pk=task_id).message
    kept.path.unlink()


def test_tags_are_of_the_alphabet_and_differ() -> None:
    tags = staging.new_tags(5000)
    assert len(set(tags)) == 5000
    letters = {letter for tag in tags for letter in tag}
    assert letters == set(staging.TAG_ALPHABET)
    assert {len(tag) for tag in tags} == {12}
