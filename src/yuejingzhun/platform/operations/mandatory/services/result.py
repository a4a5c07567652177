"""A certificate was issued: the line of the instrument knows its result, and the counts grow by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from django.db import connection

from yuejingzhun.platform.operations.mandatory.models import Line, Tariff
from yuejingzhun.procedures.local_date import local_date

# One statement a place, so that two results of the same county and month can't lose one another's count.
COUNT = """
INSERT INTO mandatory_tally (month, region, item, institute_id, tested, failed, waived, unpriced)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT ON CONSTRAINT one_tally DO UPDATE SET
    tested = mandatory_tally.tested + excluded.tested,
    failed = mandatory_tally.failed + excluded.failed,
    waived = mandatory_tally.waived + excluded.waived,
    unpriced = mandatory_tally.unpriced + excluded.unpriced
"""
CORRECT = """
UPDATE mandatory_tally SET failed = failed + %s
WHERE month = %s AND region = %s AND item = %s AND institute_id = %s
"""


Place = tuple[date, str, str, int]  # where a result is counted: month, region, item, institute


@dataclass(frozen=True, slots=True)
class Result:
    """An issued certificate, or a notice of what failed."""

    instrument_id: int
    certificate: str
    passed: bool


@dataclass(slots=True)
class _Count:
    """What a place's tally grows by, and by how many failed ones an earlier result is corrected."""

    tested: int = 0
    failed: int = 0
    waived: Decimal = Decimal(0)
    unpriced: int = 0
    corrected: int = 0


def note_result(instrument_id: int, institute_id: int, certificate: str, passed: bool, at: datetime) -> None:
    """Take one issued certificate as a result; as `note_results` does."""
    note_results([Result(instrument_id, certificate, passed)], institute_id, at)


def note_results(results: Sequence[Result], institute_id: int, at: datetime) -> None:
    """Take issued certificates as the results of the instruments' open lines at the institute; for `certificates`.

    A test without an application changes no count; one that supersedes an earlier result only that of the failed.
    """
    told = {result.instrument_id: result for result in results}
    found = Line.objects.filter(
        instrument__in=list(told), institute_id=institute_id, open=True, received_at__isnull=False
    )
    lines = list(found.select_related("application").select_for_update(of=("self",)).order_by("pk"))
    tariff = cache(lambda item: _tariff(item, local_date(at)))
    counts: dict[Place, _Count] = {}
    for line in lines:
        result, before = told[line.instrument_id], line.passed
        line.certificate, line.passed = result.certificate, result.passed
        if before is None:
            line.result_at, line.fee_waived = at, tariff(line.application.item)
        count = counts.setdefault(_place(line), _Count())
        if before is None:
            count.tested += 1
            count.failed += not result.passed
            count.waived += line.fee_waived or 0
            count.unpriced += line.fee_waived is None
        elif before != result.passed:
            count.corrected += 1 if before else -1
    for place, count in sorted(counts.items()):
        if count.tested:
            _change(COUNT, *place, count.tested, count.failed, count.waived, count.unpriced)
        if count.corrected:
            _change(CORRECT, count.corrected, *place)
    Line.objects.bulk_update(lines, ["certificate", "passed", "result_at", "fee_waived"])


def _tariff(item: str, on: date) -> Decimal | None:
    found = Tariff.objects.filter(item=item, valid_from__lte=on).order_by("-valid_from").first()
    return None if found is None else found.amount


def _place(line: Line) -> Place:
    """Where a result is counted."""
    application, tested_at = line.application, line.result_at
    if tested_at is None:
        raise ValueError("a line without a result is not counted")
    return local_date(tested_at).replace(day=1), application.region, application.item, line.institute_id


def _change(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
