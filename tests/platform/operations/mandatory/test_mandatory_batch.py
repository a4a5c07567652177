"""A bench's file becomes records: each instrument once, all or only the good ones, and never half a file."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench_tables import asked, brought, content, problems, rows, spoilt
from mandatory_counter import ELECTRICITY, client_of, with_account
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.jobs.services import stop
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.tables.table import TableError
from yuejingzhun.platform.operations.mandatory import batch_import
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.models import Batch, BatchJob
from yuejingzhun.platform.operations.mandatory.rules import Keep
from yuejingzhun.platform.operations.mandatory.services.batch import Upload, bring_bench
from yuejingzhun.platform.operations.verification.bench import SERIAL, BenchError
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.operations.verification.services import return_to_tester, submit_record
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.qualifications.models import Cancellation, Registration
from yuejingzhun.procedures.catalogue import procedures
from yuejingzhun.procedures.local_date import local_date


def now():
    return timezone.now()


@pytest.fixture
def first(counter, world) -> Job:
    for actor in (world.verifier, world.reviewer, world.signatory):
        with_account(actor)
    day = world.record().tested_on
    return submit_record(
        world.verifier, world.institute.pk, world.holder.pk, world.record(), world.standard(), day, now()
    )


def jobs(batch: Batch) -> list[str]:
    return list(BatchJob.objects.filter(batch=batch).order_by("row").values_list("job__instrument__serial", flat=True))


def figures(task: LongTask) -> tuple[int, ...]:
    return tuple(task.result[name] for name in ("rows", "passed", "failed", "already", "refused"))


def one_is_wrong(n: int, row: dict[str, str]) -> dict[str, str]:
    key = next(text for text in row if "被检表" in text)
    return row | ({key: "坏"} if n == 4 else {SERIAL: "B000001"} if n == 6 else {})


@pytest.mark.parametrize("keep", Keep)
def test_every_row_becomes_a_record_and_the_same_file_again_none(world, first, keep: Keep) -> None:
    file = content(first, rows(first, 12, change=spoilt))
    batch, task = brought(world.verifier, first, file, 12, keep, now())
    assert (task.state, figures(task)) == ("DONE", (12, 11, 1, 0, 0))
    assert jobs(batch) == [f"B{n:06}" for n in range(12)]
    job = Job.objects.get(instrument__serial="B000005")
    assert (job.state, job.holder, job.reference) == ("TESTED", world.holder, first.reference)
    again, task = brought(world.verifier, first, file, 12, keep, now())
    assert figures(task) == (12, 0, 0, 12, 0) and jobs(again) == []
    assert Job.objects.count() == 13


def test_good_rows_are_kept_and_bad_ones_told_by_row_and_column(world, first) -> None:
    file = content(first, rows(first, 8, change=one_is_wrong))
    batch, task = brought(world.verifier, first, file, 8, Keep.GOOD, now())
    assert figures(task) == (8, 6, 0, 0, 2) and len(jobs(batch)) == 6
    (six, eight) = problems(task)
    assert six[0] == 6 and "被检表" in six[1] and "应为数，为 '坏'" in six[2]
    assert eight == (8, SERIAL, "B000001 与第 3 行重复")


def test_all_or_nothing_hands_in_nothing_where_a_row_is_bad(world, first) -> None:
    file = content(first, rows(first, 8, change=one_is_wrong))
    batch, task = brought(world.verifier, first, file, 8, Keep.ALL, now())
    assert task.state == "DONE" and task.result["outcome"] == "一行也没有提交：2 行有问题"
    assert len(problems(task)) == 2 and jobs(batch) == [] and Job.objects.count() == 1
    assert not Instrument.objects.filter(serial__startswith="B").exists()


def test_a_file_that_ends_in_the_middle_is_refused_whole(world, first) -> None:
    file = content(first, rows(first, 30))
    lines = file.split(b"\r\n")
    for cut, problem in (
        (file[: file.rindex(b",")], "文件可能在这里断开"),
        (b"\r\n".join(lines[:20]) + b"\r\n", "文件有 19 台，填写的台数为 30"),
        (lines[0] + b"\r\n", "只有表头"),
        (b"", "文件是空的"),
        (b"PK\x03\x04" + file, "工作簿不完整或已损坏"),
    ):
        with pytest.raises(TableError, match=problem):
            bring_bench(world.verifier, first, Upload("a.csv", cut, 30), Keep.GOOD, now())
    with pytest.raises(BenchError, match="缺少列"):
        bring_bench(world.verifier, first, Upload("a.csv", b"a,b\r\n1,2\r\n", 1), Keep.GOOD, now())
    assert not Batch.objects.exists() and not LongTask.objects.exists()


def test_blank_rows_keep_the_numbers_of_the_file(world, first) -> None:
    table = list(rows(first, 4, change=one_is_wrong))
    table.insert(1, [""] * len(table[0]))
    table += rows(first, 1, start=4, change=one_is_wrong)
    _, task = brought(world.verifier, first, content(first, table), 5, Keep.GOOD, now())
    assert [row for row, _, _ in problems(task)] == [7]


def test_an_instrument_of_another_holder_is_not_tested_as_this_ones(world, first, counter) -> None:
    record = world.record()
    Instrument.objects.create(
        holder=counter.other,
        name=record.item.name,
        model=record.item.model,
        serial="B000002",
        maker=record.item.maker,
        regulation=ELECTRICITY,
        regulation_series="JJG 596",
        region="440103",
        city="4401",
    )
    _, task = brought(world.verifier, first, content(first, rows(first, 4)), 4, Keep.GOOD, now())
    assert figures(task) == (4, 3, 0, 0, 1) and "另一单位名下" in problems(task)[0][2]


def test_an_instrument_that_another_files_at_the_same_moment_undoes_the_piece(
    world, first, counter, monkeypatch
) -> None:
    like = first.instrument
    known = {"maker": like.maker, "model": like.model, "regulation_series": like.regulation_series}
    real = batch_import.submit_records

    def another_is_quicker(*given):
        Instrument.objects.create(
            serial="B000001", **known, holder=counter.other, regulation=ELECTRICITY, region="440103", city="4401"
        )
        return real(*given)

    batch, task_id = asked(world.verifier, first, content(first, rows(first, 3)), 3, Keep.GOOD, now())
    with monkeypatch.context() as patch:
        patch.setattr(batch_import, "submit_records", another_is_quicker)
        run_long_task(task_id)
    task = LongTask.objects.get(pk=task_id)
    assert task.state == "FAILED" and "B000001 刚由另一单位备案" in task.message and jobs(batch) == []


def test_killed_after_a_chunk_it_goes_on_without_doing_one_twice(world, first, monkeypatch) -> None:
    monkeypatch.setattr(batch_import, "CHUNK", 5)
    file = content(first, rows(first, 22, change=one_is_wrong))
    batch, task_id = asked(world.verifier, first, file, 22, Keep.GOOD, now())
    real, calls = batch_import.submit_records, []

    def breaks(*given):
        calls.append(given)
        answers = real(*given)
        if len(calls) == 2:  # the second chunk is written, and not committed
            raise RuntimeError("killed")
        return answers

    monkeypatch.setattr(batch_import, "submit_records", breaks)
    run_long_task(task_id)
    assert len(jobs(batch)) == 4 and LongTask.objects.get(pk=task_id).checkpoint["row"] == 6
    monkeypatch.setattr(batch_import, "submit_records", real)
    LongTask.objects.filter(pk=task_id).update(state="WAITING")
    run_long_task(task_id)
    task = LongTask.objects.get(pk=task_id)
    assert figures(task) == (22, 20, 0, 0, 2) and len(problems(task)) == 2
    assert len(jobs(batch)) == len(set(jobs(batch))) == 20


def test_all_or_nothing_that_is_stopped_leaves_nothing(world, first, monkeypatch) -> None:
    monkeypatch.setattr(batch_import, "CHUNK", 5)
    batch, task_id = asked(world.verifier, first, content(first, rows(first, 22)), 22, Keep.ALL, now())
    real = batch_import.submit_records

    def stops(actor, *given):
        LongTask.objects.filter(pk=task_id).update(stop_asked=True)
        return real(actor, *given)

    monkeypatch.setattr(batch_import, "submit_records", stops)
    run_long_task(task_id)
    assert LongTask.objects.get(pk=task_id).state == "STOPPED" and jobs(batch) == [] and Job.objects.count() == 1


def test_who_may_not_bring_a_file(world, first, counter) -> None:
    file = content(first, rows(first, 2))
    for actor in (world.stranger, world.reviewer, counter.receptionist, world.everything):
        with pytest.raises(NotPermittedError):
            bring_bench(actor, first, Upload("a.csv", file, 2), Keep.GOOD, now())
    return_to_tester(world.reviewer, first.pk, "重测", now())
    first.refresh_from_db()
    with pytest.raises(MandatoryError, match="已被退回"):
        bring_bench(world.verifier, first, Upload("a.csv", file, 2), Keep.GOOD, now())


def test_a_right_that_ended_meanwhile_ends_the_task(world, first) -> None:
    from yuejingzhun.platform.foundation.parties.models import RoleGrant

    batch, task_id = asked(world.verifier, first, content(first, rows(first, 2)), 2, Keep.GOOD, now())
    yesterday = local_date(now()) - timedelta(days=1)
    RoleGrant.objects.filter(person_id=world.verifier.person_id).update(valid_until=yesterday)
    run_long_task(task_id)
    task = LongTask.objects.get(pk=task_id)
    assert task.state == "FAILED" and "没有本单位" in task.message and jobs(batch) == []


def test_a_batch_asks_once_what_holds_for_all(world, first) -> None:
    few, many = (list(rows(first, count, start=start)) for count, start in ((5, 0), (105, 100)))
    queries = []
    for table in (few, many):
        _, task_id = asked(world.verifier, first, content(first, table), len(table), Keep.GOOD, now())
        with CaptureQueriesContext(connection) as found:
            run_long_task(task_id)
        queries.append(len(found))
    assert queries[1] <= queries[0] + 1


def test_whose_day_was_not_in_order_hands_in_nothing(world, first) -> None:
    batch, task_id = asked(world.verifier, first, content(first, rows(first, 3)), 3, Keep.GOOD, now())
    Cancellation.objects.create(
        registration=Registration.objects.get(person_id=world.verifier.person_id),
        effective_from=first.tested_on,
        reason="注销",
        cancelled_by_id=world.reviewer.person_id,
        cancelled_at=now(),
    )
    run_long_task(task_id)
    task = LongTask.objects.get(pk=task_id)
    assert task.state == "FAILED" and "没有有效的注册计量师注册" in task.message and jobs(batch) == []


def test_a_batch_is_never_changed(world, first) -> None:
    batch, _ = brought(world.verifier, first, content(first, rows(first, 1)), 1, Keep.ALL, now())
    for change in (
        lambda: Batch.objects.filter(pk=batch.pk).update(rows=2),
        lambda: BatchJob.objects.filter(batch=batch).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize("code", procedures())
def test_each_regulation_gives_the_head_of_its_table(world, counter, code: str) -> None:
    record = world.record(code)
    first = submit_record(
        world.verifier, world.institute.pk, world.holder.pk, record, world.standard(code), record.tested_on, now()
    )
    client = client_of(world.verifier)
    assert "据此批量导入" in client.get(f"/jobs/{first.pk}").content.decode()
    head = client.get(f"/mandatory/batches/new/{first.pk}/head.csv").content.decode("utf-8-sig").strip()
    book = client.get(f"/mandatory/batches/new/{first.pk}/head.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content))).active
    assert SERIAL in head and next(cell.value for cell in sheet[1]) == SERIAL
    assert content(first, []).decode().strip() == head


def test_the_pages_of_a_batch(world, first, django_assert_max_num_queries) -> None:
    client = client_of(world.verifier)
    address = f"/mandatory/batches/new/{first.pk}"
    file = content(first, rows(first, 60, change=spoilt))
    for given, problem in (
        ({"table": SimpleUploadedFile("a.csv", file), "instruments": 61, "keep": "GOOD"}, "填写的台数为 61"),
        ({"table": SimpleUploadedFile("a.csv", file), "instruments": "x", "keep": "GOOD"}, "整数"),
        ({"table": SimpleUploadedFile("a.csv", file), "instruments": 60, "keep": "SOME"}, "有效的选项"),
        ({"instruments": 60, "keep": "GOOD"}, "必填"),
    ):
        answer = client.post(address, given)
        assert answer.status_code == 422 and problem in answer.content.decode()
    given = {"table": SimpleUploadedFile("台.csv", file), "instruments": 60, "keep": "GOOD"}
    answer = client.post(address, given)
    batch = Batch.objects.get()
    assert answer.url == f"/mandatory/batches/{batch.pk}" and batch.name == "台.csv"
    run_long_task(LongTask.objects.get().pk)
    with django_assert_max_num_queries(14):
        page = client.get(answer.url).content.decode()
    assert "合格 59" in page and "不合格 1" in page and re.search(r"\?after=\d+", page)
    failed = client.get(f"{answer.url}?only=failed").content.decode()
    assert "B000003" in failed and "B000004" not in failed
    assert batch.name in client.get("/mandatory/batches").content.decode()
    reviewer, stranger = client_of(world.reviewer), client_of(world.stranger)
    assert stranger.get(answer.url).status_code == 404
    assert stranger.post(f"{answer.url}/review").status_code == 404
    assert stranger.get(address).status_code == 404
    assert client.post(f"{answer.url}/review").status_code == 403
    with django_assert_max_num_queries(16):
        page = reviewer.get(answer.url).content.decode()
    assert "核验全部待核验的" in page and "随机抽出 20 份" in page
    assert reviewer.post(f"{answer.url}/review").url == answer.url
    assert LongTask.objects.filter(kind="review-batch").count() == 1


def test_stopping_is_told(world, first) -> None:
    _, task_id = asked(world.verifier, first, content(first, rows(first, 2)), 2, Keep.ALL, now())
    assert stop(world.verifier, task_id, now()).state == "STOPPED"
