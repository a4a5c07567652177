"""A bench's file of electricity meters is handed in, reviewed, approved and printed, against the parts of that.

Handing in is compared with the evaluation of the same records and bare COPY of the same rows into equal tables (LIKE
... INCLUDING ALL, without triggers). Approval is compared with composing and signing the same certificates, COPY of
their rows, and printing them one after the other; the last two are measured on a sample.

Run: python benchmarks/bench_batch.py [--count N] [--issue N]
"""

import argparse
import csv
import io
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import psycopg
from django.core.management import call_command

from yuejingzhun.project.embedded_database import embedded_postgres

CODE, SAMPLE = "JJG 596-2012", 40
RECORDS = ("instruments_instrument", "verification_job", "mandatory_batchjob", "audit_auditevent")
CERTIFICATES = (
    "certificates_certificate",
    "certificates_document",
    "ledger_statement",
    "traceability_node",
    "traceability_link",
    "audit_auditevent",
)


def main() -> None:
    """Print the time of each step, of its parts alone, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--issue", type=int, default=1_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yjz-bench-") as name, embedded_postgres(Path(name) / "postgres") as url:
        os.environ |= {"DATABASE_URL": url, "YJZ_DATA": name, "DJANGO_SETTINGS_MODULE": "yuejingzhun.project.settings"}
        django.setup()
        call_command("migrate", verbosity=0)
        print(f"{platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} processors, {CODE}")
        first = _first()
        _hand_in(first, given.count, url)
        if given.issue:
            _issue(first, given.issue, url)


def _hand_in(first: Any, count: int, url: str) -> None:
    began = _last_keys(url, RECORDS)
    took = _import(first, _file(first, count, "H"), count)
    evaluating, (copying, rows) = _evaluating(first, count), _copied(url, RECORDS, began)
    _told(f"{count:,} records handed in", took, count)
    print(f"  evaluation alone {evaluating:.1f} s, COPY of the {rows:,} rows alone {copying:.1f} s")
    print(f"  ratio to the sum of both {took / (evaluating + copying):.2f}")


def _issue(first: Any, count: int, url: str) -> None:
    from yuejingzhun.platform.operations.mandatory.models import Batch
    from yuejingzhun.platform.operations.mandatory.services.batch import ask_approval, ask_review

    _import(first, _file(first, count, "I"), count)
    batch = Batch.objects.latest("pk")
    took = _run(ask_review(_actor("heyanyuan"), batch.pk, datetime.now(UTC)))
    _told(f"{count:,} records reviewed", took, count)
    began = _last_keys(url, CERTIFICATES)
    task_id = ask_approval(_actor("qianziren"), batch.pk, datetime.now(UTC))
    took = _run(task_id)
    _told(f"{count:,} certificates issued and printed", took, count)
    signing, printing = _signing_and_printing(count)
    copying, rows = _copied(url, CERTIFICATES, began)
    print(f"  signing alone {signing:.1f} s, COPY of the {rows:,} rows alone {copying:.1f} s, ", end="")
    print(f"printing alone in one process {printing:.1f} s")
    print(f"  ratio to the sum of all three {took / (signing + copying + printing):.2f}")


def _signing_and_printing(count: int) -> tuple[float, float]:
    """Seconds for so many, from a sample of those issued."""
    from yuejingzhun.evidence.issue import sign
    from yuejingzhun.platform.operations.certificates.models import Certificate
    from yuejingzhun.platform.operations.certificates.press import print_here
    from yuejingzhun.platform.operations.certificates.printing import sheet_of

    sheets = [sheet_of(each) for each in Certificate.objects.order_by("-pk")[:SAMPLE]]
    signing = _timed(lambda: [sign(sheet.content, sheet.identity) for sheet in sheets])
    printing = _timed(lambda: list(print_here(sheets)))
    return signing / len(sheets) * count, printing / len(sheets) * count


def _told(what: str, seconds: float, count: int) -> None:
    print(f"{what}: {seconds:.1f} s, {count / seconds:,.0f} a second")


def _actor(username: str) -> Any:
    from yuejingzhun.platform.foundation.accounts.models import User
    from yuejingzhun.platform.foundation.parties.queries import actor_of
    from yuejingzhun.procedures.local_date import local_date

    return actor_of(User.objects.get(username=username).pk, local_date(datetime.now(UTC)))


def _first() -> Any:
    """The record of the first instrument, handed in by the demonstration's verifier."""
    import numpy as np

    from yuejingzhun.demo import province
    from yuejingzhun.platform.foundation.parties.models import Organisation
    from yuejingzhun.platform.operations.verification.services import submit_record
    from yuejingzhun.platform.registry.standards.models import MeasurementStandard
    from yuejingzhun.procedures.catalogue import procedure
    from yuejingzhun.procedures.local_date import local_date
    from yuejingzhun.procedures.sample import sample_record

    at = datetime.now(UTC)
    province.load(at, lambda _: None)
    verifier = _actor("jiandingyuan")
    institute = verifier.grants[0].organisation_id
    standard = MeasurementStandard.objects.get(owner=institute, regulations=[CODE])
    day = local_date(at)
    record, _ = sample_record(procedure(CODE), passing=True, generator=np.random.default_rng(1), tested_on=day)
    holder = Organisation.objects.filter(kind="holder").earliest("pk")
    return submit_record(verifier, institute, holder.pk, record, standard.number, day, at)


def _file(first: Any, count: int, letter: str) -> bytes:
    from yuejingzhun.platform.operations.mandatory.services.batch import table_head
    from yuejingzhun.platform.operations.verification.bench import headings
    from yuejingzhun.platform.operations.verification.queries import record_of
    from yuejingzhun.procedures.catalogue import procedure

    record, _ = record_of(first)
    readings = [
        str(record.readings[each.test, each.point][each.repeat][each.column])
        for each in headings(procedure(CODE), record)
    ]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table_head(first))
    writer.writerows([f"{letter}{n * 2_654_435_761 % 2**32:010}{n:06}", *readings] for n in range(count))
    return text.getvalue().encode()


def _import(first: Any, content: bytes, count: int) -> float:
    from yuejingzhun.platform.foundation.jobs.models import LongTask
    from yuejingzhun.platform.operations.mandatory.rules import Keep
    from yuejingzhun.platform.operations.mandatory.services.batch import Upload, bring_bench

    upload = Upload("bench.csv", content, count)
    _, task_id = bring_bench(_actor("jiandingyuan"), first, upload, Keep.GOOD, datetime.now(UTC))
    took = _run(task_id)
    result = LongTask.objects.get(pk=task_id).result
    assert result["passed"] + result["failed"] == count, result
    return took


def _run(task_id: int) -> float:
    from yuejingzhun.platform.foundation.jobs.running import run_long_task

    began = time.perf_counter()
    state = run_long_task(task_id)
    took = time.perf_counter() - began
    assert state is not None and state.name == "DONE", state
    return took


def _evaluating(first: Any, count: int) -> float:
    from yuejingzhun.platform.operations.verification.queries import record_of
    from yuejingzhun.procedures.catalogue import procedure
    from yuejingzhun.procedures.evaluate import evaluate

    record, reference = record_of(first)
    return _timed(lambda: [evaluate(procedure(CODE), record, reference) for _ in range(count)])


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _last_keys(url: str, tables: Sequence[str]) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        return {table: _one(connection, f"select coalesce(max(id), 0) from {table}") for table in tables}  # noqa: S608


def _one(connection: psycopg.Connection, query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def _copied(url: str, tables: Sequence[str], after: dict[str, int]) -> tuple[float, int]:
    """Seconds of COPY of the rows since `after` into equal tables, and how many those are."""
    took, count = 0.0, 0
    with psycopg.connect(url, autocommit=True) as connection:
        for table in tables:
            select = f"copy (select * from {table} where id > {after[table]}) to stdout"  # noqa: S608
            with connection.cursor().copy(select.encode()) as rows:
                data = b"".join(rows)
            connection.execute(f"create table bare (like {table} including all)".encode())
            began = time.perf_counter()
            with connection.cursor().copy(b"copy bare from stdin") as copy:
                copy.write(data)
            took += time.perf_counter() - began
            count += _one(connection, "select count(*) from bare")
            connection.execute(b"drop table bare")
    return took, count


if __name__ == "__main__":
    main()
