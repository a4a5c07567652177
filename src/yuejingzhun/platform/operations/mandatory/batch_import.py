"""The long task that hands in the records of a bench's file.

Good rows kept: chunk by chunk, each in one transaction with the checkpoint. All or nothing: every row in one
transaction, undone where one of them is refused. A row whose instrument has a record of that day there already, of this
batch or not, is not handed in again.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from django.db import connection
from django.utils import timezone

from yuejingzhun.platform.foundation.jobs.errors import TaskError
from yuejingzhun.platform.foundation.jobs.registry import Asked
from yuejingzhun.platform.foundation.jobs.reporting import Report
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.foundation.tables.table import TableError
from yuejingzhun.platform.operations.mandatory.bench_file import read_bench
from yuejingzhun.platform.operations.mandatory.models import Batch, BatchJob, Line
from yuejingzhun.platform.operations.mandatory.queries import actor_again
from yuejingzhun.platform.operations.mandatory.rules import Keep
from yuejingzhun.platform.operations.verification.bench import SERIAL, BenchError, BenchRow, bench_rows
from yuejingzhun.platform.operations.verification.errors import VerificationError
from yuejingzhun.platform.operations.verification.queries import Job, record_of
from yuejingzhun.platform.operations.verification.services import Submission, submit_records
from yuejingzhun.platform.registry.instruments.queries import Instrument
from yuejingzhun.platform.registry.standards.errors import StandardNotUsableError
from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.procedures.record import RecordError

CHUNK = 500
LOCK = 0x594A02  # of PostgreSQL's advisory locks, with the institute: one batch there at a time looks what is new
MOST_PROBLEMS = 10  # told of one row
LABELS = {
    "outcome": "结论",
    "rows": "读取的行",
    "passed": "提交，合格",
    "failed": "提交，不合格",
    "already": "当日已有记录，未重复提交",
    "refused": "有问题的行",
}
Counts = dict[str, int]
Found = tuple[int, str, str, str]  # of a problem: row, column, what was found, what is wrong
NOTHING: Counts = {"rows": 0, "passed": 0, "failed": 0, "already": 0, "refused": 0}
_WHERE = re.compile(r"第 \d+ 行(?:“(?P<column>.*)”)?：(?P<rest>.*)", re.S)


class _RefusedError(Exception):
    """Not all rows are good; what was handed in is undone."""


def run_import(asked: Asked, report: Report) -> dict[str, Any]:
    """Hand the records in; the figures under the names of LABELS. Raises TaskError where none can be handed in."""
    batch = Batch.objects.select_related("first").get(pk=asked.arguments["batch"])
    try:
        run = _Run(batch, actor_again(asked.person_id, timezone.localdate()), report)
        counts = run.all_or_nothing() if Keep[batch.keep] is Keep.ALL else run.good_rows()
    except (TableError, BenchError, NotPermittedError, VerificationError, StandardNotUsableError) as error:
        raise TaskError(str(error)) from error
    refused = counts["refused"]
    if not refused:
        return {"outcome": "全部提交，等待核验"} | counts
    kept = f"已提交正确的行；{refused} 行有问题，没有提交"
    return {"outcome": f"一行也没有提交：{refused} 行有问题" if Keep[batch.keep] is Keep.ALL else kept} | counts


class _Run:
    """One run, from the last checkpoint on."""

    def __init__(self, batch: Batch, actor: Actor, report: Report) -> None:
        self.batch, self.actor, self.report, self.first = batch, actor, report, batch.first
        self.record, self.reference = record_of(batch.first)

    def good_rows(self) -> Counts:
        """Chunk by chunk, with what is wrong with the others."""
        for chunk in self._chunks(self.report.checkpoint.get("row", 0)):
            with self.report.piece() as after:
                counts = dict(after.get("result") or NOTHING)
                problems = self._hand_in(chunk, counts)
                self.report.problems(problems)
                after["result"], after["row"] = counts, chunk[-1].number
        return dict(self.report.checkpoint.get("result") or NOTHING)

    def all_or_nothing(self) -> Counts:
        """In one transaction."""
        if "result" in self.report.checkpoint:
            return dict(self.report.checkpoint["result"])
        counts, problems = dict(NOTHING), []
        try:
            with self.report.piece() as after:
                for chunk in self._chunks(0):
                    self.report.check()
                    problems += self._hand_in(chunk, counts)
                if problems:
                    raise _RefusedError
                after["result"] = counts
        except _RefusedError:
            with self.report.piece() as after:
                self.report.problems(problems)
                after["result"] = counts = NOTHING | {"rows": counts["rows"], "refused": counts["refused"]}
        return counts

    def _chunks(self, after_row: int) -> Iterator[Sequence[BenchRow]]:
        """Those after that row; the rows before are read too, since a later one may repeat one of theirs."""
        file = read_bench(bytes(self.batch.content))
        found = bench_rows(procedure(self.batch.regulation), self.record, file.without_gaps())
        rows, done = (row for row in found if row.number in file.rows), 0
        while chunk := list(islice(rows, CHUNK)):
            if rest := [row for row in chunk if row.number > after_row]:
                yield rest
            done += len(chunk)
            self.report.progress(done, self.batch.rows, f"已处理 {done} 台")

    def _hand_in(self, chunk: Sequence[BenchRow], counts: Counts) -> list[Found]:
        """Inside the caller's transaction; the problems of the rows that weren't handed in."""
        _lock(self.batch.institute_id)
        known = _Known(self.first, [row.serial for row in chunk], self.record.tested_on)
        problems: list[Found] = []
        good: list[tuple[BenchRow, Submission]] = []
        for row in chunk:
            counts["rows"] += 1
            if row.record is None:
                problems += self._refused(row, row.problems, counts)
            elif row.serial in known.tested:
                counts["already"] += 1
            elif row.serial in known.elsewhere:
                where = f"第 {row.number} 行“{SERIAL}”：{row.serial} "
                problems += self._refused(row, [f"{where}已备案在另一单位名下，不能作为本单位的器具检定"], counts)
            else:
                received = known.received.get(row.serial, self.first.received_on)
                good.append((row, Submission(row.record, received)))
        return problems + self._submit(good, counts)

    def _submit(self, good: Sequence[tuple[BenchRow, Submission]], counts: Counts) -> list[Found]:
        number, holder_id, at = self.reference.number, self.first.holder_id, timezone.now()
        submissions = [submission for _, submission in good]
        answers = submit_records(self.actor, self.batch.institute_id, holder_id, submissions, number, at)
        problems: list[Found] = []
        handed: list[BatchJob] = []
        for (row, _), answer in zip(good, answers, strict=True):
            if isinstance(answer, Job):
                if answer.instrument.holder_id != holder_id:  # since it was looked up
                    raise TaskError(f"{row.serial} 刚由另一单位备案；这一块已撤销，请重新开始")
                counts["passed" if answer.passed else "failed"] += 1
                handed.append(BatchJob(batch=self.batch, job=answer, row=row.number))
            elif isinstance(answer, RecordError):
                problems += self._refused(row, [problem.message for problem in answer.problems], counts)
            else:
                problems += self._refused(row, [str(answer)], counts)
        BatchJob.objects.bulk_create(handed)
        return problems

    def _refused(self, row: BenchRow, texts: Sequence[str], counts: Counts) -> list[Found]:
        counts["refused"] += 1
        return [_problem(row, text) for text in texts[:MOST_PROBLEMS]]


class _Known:
    """What is on record of the instruments of a chunk, by serial number."""

    def __init__(self, first: Job, serials: Iterable[str], day: date) -> None:
        like = first.instrument
        found = {
            one.pk: one
            for one in Instrument.objects.filter(
                serial__in=list(serials), maker=like.maker, model=like.model, regulation_series=like.regulation_series
            )
        }
        jobs = Job.objects.filter(instrument__in=found, institute=first.institute_id, tested_on=day)
        tested = jobs.exclude(state="RETURNED").values_list("instrument_id", flat=True)
        lines = Line.objects.filter(
            instrument__in=found, institute=first.institute_id, open=True, received_at__isnull=False
        )
        self.tested = {found[key].serial for key in tested}
        self.elsewhere = {one.serial for one in found.values() if one.holder_id != first.holder_id}
        self.received = {
            found[key].serial: local_date(at) for key, at in lines.values_list("instrument_id", "received_at") if at
        }


def _problem(row: BenchRow, text: str) -> Found:
    told = _WHERE.fullmatch(text)
    if told is None:
        return row.number, "", row.serial, text
    return row.number, told["column"] or "", row.serial, told["rest"]


def _lock(institute_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [LOCK, institute_id % 2**31])
