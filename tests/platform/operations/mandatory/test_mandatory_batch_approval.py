"""A batch is reviewed and approved: sampled by lot, each certificate issued once and printed, what can't be is told."""

import os
import signal
import time
from collections.abc import Sequence
from random import Random

import pytest
from django.utils import timezone

from bench_tables import brought, content, problems, rows, spoilt
from mandatory_counter import with_account
from yuejingzhun.evidence.timestamp.token import TimestampError
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.operations.certificates import batches as approval
from yuejingzhun.platform.operations.certificates import press, printing, stamping
from yuejingzhun.platform.operations.certificates.models import Certificate, Document
from yuejingzhun.platform.operations.certificates.queries import check, file_of
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.models import Batch, BatchJob
from yuejingzhun.platform.operations.mandatory.rules import Keep
from yuejingzhun.platform.operations.mandatory.sampling import sample_of_batch
from yuejingzhun.platform.operations.mandatory.services.batch import ask_approval, ask_review
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.operations.verification.services import return_to_tester, review_all, submit_record
from yuejingzhun.platform.registry.instruments.models import Instrument


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


@pytest.fixture(autouse=True)
def _stamped_now(monkeypatch) -> None:
    monkeypatch.setattr(stamping, "wall", time.time_ns)


def test_review_and_approval_of_a_batch_skip_what_was_returned(world, first) -> None:
    batch, _ = brought(world.verifier, first, content(first, rows(first, 5, change=spoilt)), 5, Keep.ALL, now())
    with pytest.raises(NotPermittedError):
        ask_review(world.verifier, batch.pk, now())
    with pytest.raises(MandatoryError, match="没有待批准"):
        ask_approval(world.signatory, batch.pk, now())
    odd = Job.objects.get(instrument__serial="B000002")
    return_to_tester(world.reviewer, odd.pk, "读数可疑", now())
    run_long_task(task_id := ask_review(world.reviewer, batch.pk, now()))
    assert LongTask.objects.get(pk=task_id).result == {"reviewed": 4, "refused": 0}
    with pytest.raises(MandatoryError, match="没有待核验"):
        ask_review(world.reviewer, batch.pk, now())
    run_long_task(task_id := ask_approval(world.signatory, batch.pk, now()))
    assert LongTask.objects.get(pk=task_id).result == {
        "issued": 4,
        "failed": 1,
        "refused": 0,
        "printed": 4,
    }
    assert Certificate.objects.count() == 4
    odd.refresh_from_db()
    assert odd.state == "RETURNED"


def killed_at_once(*_given: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def reviewed(world, first, count: int) -> Batch:
    batch, _ = brought(world.verifier, first, content(first, rows(first, count)), count, Keep.ALL, now())
    run_long_task(ask_review(world.reviewer, batch.pk, now()))
    return batch


@pytest.mark.parametrize("broken", ("issue_each", "register", "complete_all"))
def test_approval_killed_in_the_middle_issues_and_prints_each_once(world, first, monkeypatch, broken: str) -> None:
    monkeypatch.setattr(approval, "ISSUED_AT_ONCE", 2)
    monkeypatch.setattr(approval, "PRINTED_AT_ONCE", 2)
    batch = reviewed(world, first, 5)
    task_id, real, calls = ask_approval(world.signatory, batch.pk, now()), getattr(approval, broken), []

    def breaks(*given):
        calls.append(given)
        found = real(*given)
        if len(calls) == 2:  # done, and not committed
            raise RuntimeError("killed")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(approval, broken, breaks)
        run_long_task(task_id)
    issued, printed = Certificate.objects.count(), Document.objects.count()
    assert (issued, printed) == {"issue_each": (2, 0), "register": (4, 0), "complete_all": (5, 2)}[broken]
    LongTask.objects.filter(pk=task_id).update(state="WAITING")
    run_long_task(task_id)
    task = LongTask.objects.get(pk=task_id)
    assert task.result == {"issued": 5, "failed": 0, "refused": 0, "printed": 5} and problems(task) == []
    assert Certificate.objects.values("job").distinct().count() == Document.objects.count() == 5
    numbers = [int(number[-6:]) for number in Certificate.objects.order_by("pk").values_list("number", flat=True)]
    assert numbers == list(range(1, 6))  # what was undone left no gap


def test_a_certificate_that_cannot_be_issued_stops_no_other(world, first) -> None:
    batch = reviewed(world, first, 4)
    Instrument.objects.filter(serial="B000001").update(place="\U000f1234")  # of no font
    run_long_task(task_id := ask_approval(world.signatory, batch.pk, now()))
    task = LongTask.objects.get(pk=task_id)
    assert task.result == {"issued": 3, "failed": 0, "refused": 1, "printed": 3}
    ((row, _, problem),) = problems(task)
    assert row == 3 and "U+F1234" in problem
    assert Job.objects.get(instrument__serial="B000001").state == "REVIEWED"


def test_what_cannot_be_printed_now_is_issued_and_told(world, first, monkeypatch) -> None:
    def refuses(_data: bytes) -> bytes:
        raise TimestampError("unreachable", "时间戳服务不通")

    batch = reviewed(world, first, 2)
    monkeypatch.setattr(printing, "stamp", refuses)
    run_long_task(task_id := ask_approval(world.signatory, batch.pk, now()))
    task = LongTask.objects.get(pk=task_id)
    assert task.result == {"issued": 2, "failed": 0, "refused": 0, "printed": 0}
    assert [row for row, _, _ in problems(task)] == [2, 3] and "稍后自动制作" in problems(task)[0][2]


def test_the_print_of_several_processes_is_that_of_one(world, first, monkeypatch) -> None:
    monkeypatch.setattr(press, "WORTH_IT", 1)
    monkeypatch.setattr(press.os, "cpu_count", lambda: 2)
    batch = reviewed(world, first, 3)
    run_long_task(task_id := ask_approval(world.signatory, batch.pk, now()))
    assert LongTask.objects.get(pk=task_id).result["printed"] == 3
    for number in Certificate.objects.values_list("number", flat=True):
        report = check(file_of(number, "yjz"), now())
        assert report.valid, report


def test_where_a_printing_process_is_killed_the_rest_is_printed_here(world, first, monkeypatch) -> None:
    monkeypatch.setattr(press, "WORTH_IT", 1)
    monkeypatch.setattr(press.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(press, "_start", killed_at_once)
    batch = reviewed(world, first, 3)
    run_long_task(task_id := ask_approval(world.signatory, batch.pk, now()))
    assert LongTask.objects.get(pk=task_id).result["printed"] == 3


def test_who_tested_cannot_review_a_batch(world, counter) -> None:
    both = world.everything
    for actor in (both,):
        with_account(actor)
    record = world.record()
    first = submit_record(both, world.institute.pk, world.holder.pk, record, world.standard(), record.tested_on, now())
    batch, _ = brought(both, first, content(first, rows(first, 3)), 3, Keep.ALL, now())
    run_long_task(task_id := ask_review(both, batch.pk, now()))
    task = LongTask.objects.get(pk=task_id)
    assert task.result == {"reviewed": 0, "refused": 3} and "不能核验自己的记录" in problems(task)[0][2]


def drawn_from(batch: Batch, state: str, seed: int = 1, most: int = 20) -> Sequence[BatchJob]:
    return sample_of_batch(batch.pk, state, Random(seed), most)  # noqa: S311 - to be the same in each run


def test_a_sample_is_drawn_by_lot_from_what_waits(world, first) -> None:
    batch, _ = brought(world.verifier, first, content(first, rows(first, 40)), 40, Keep.ALL, now())
    keys = list(BatchJob.objects.filter(batch=batch).order_by("row").values_list("job_id", flat=True))
    review_all(world.reviewer, keys[:10], now())
    assert drawn_from(batch, "RETURNED") == []
    assert {one.job_id for one in drawn_from(batch, "REVIEWED")} == set(keys[:10])
    drawn = [[one.job_id for one in drawn_from(batch, "TESTED", seed, 3)] for seed in range(60)]
    assert all(three == sorted(set(three)) and len(three) == 3 and not set(three) & set(keys[:10]) for three in drawn)
    # Each of the 30 is left out of 60 draws of 3 with a probability of 0.9^60 = 0.0018.
    assert len({key for three in drawn for key in three}) >= 28
