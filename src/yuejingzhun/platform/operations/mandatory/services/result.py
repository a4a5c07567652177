"""A certificate was issued: the line of the instrument knows its result, and the counts grow by one."""

from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from yuejingzhun.platform.operations.mandatory.models import Line, Tariff
from yuejingzhun.procedures.local_date import local_date

# One statement each, so that two results of the same county and month can't lose one another's count.
COUNT = """
INSERT INTO mandatory_tally (month, region, item, institute_id, tested, failed, waived, unpriced)
VALUES (%s, %s, %s, %s, 1, %s, %s, %s)
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


def note_result(instrument_id: int, institute_id: int, certificate: str, passed: bool, at: datetime) -> None:
    """Take an issued certificate or notice as the result of the instrument's open line there; for `certificates`.

    A test without an application changes no count; one that supersedes an earlier result only that of the failed.
    """
    line = (
        Line.objects.select_for_update(of=("self",))
        .select_related("application")
        .filter(instrument_id=instrument_id, institute_id=institute_id, open=True, received_at__isnull=False)
        .first()
    )
    if line is None:
        return
    before = line.passed
    line.certificate, line.passed = certificate, passed
    if before is None:
        line.result_at, line.fee_waived = at, _tariff(line.application.item, local_date(at))
        _change(COUNT, *_place(line), int(not passed), line.fee_waived or 0, int(line.fee_waived is None))
    elif before != passed:
        _change(CORRECT, 1 if before else -1, *_place(line))
    line.save(update_fields=["certificate", "passed", "result_at", "fee_waived"])


def _tariff(item: str, on: date) -> Decimal | None:
    found = Tariff.objects.filter(item=item, valid_from__lte=on).order_by("-valid_from").first()
    return None if found is None else found.amount


def _place(line: Line) -> tuple[object, ...]:
    """Where a result is counted."""
    application, tested_at = line.application, line.result_at
    if tested_at is None:
        raise ValueError("a line without a result is not counted")
    return local_date(tested_at).replace(day=1), application.region, application.item, line.institute_id


def _change(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
