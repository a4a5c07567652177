"""A table of a test bench becomes records, each row by itself."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from yuejingzhun.platform.operations.verification.bench import SERIAL, BenchError, bench_rows, headings
from yuejingzhun.procedures.catalogue import procedures
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.record import Record
from yuejingzhun.procedures.sample import sample_record

DAY = date(2026, 11, 24)


def first_record(code: str) -> Record:
    return sample_record(procedures()[code], passing=True, generator=np.random.default_rng(3), tested_on=DAY)[0]


def row_of(code: str, record: Record, serial: str) -> dict[str, str]:
    row = {SERIAL: serial}
    for heading in headings(procedures()[code], record):
        row[heading.text] = str(record.readings[heading.test, heading.point][heading.repeat][heading.column])
    return row


@pytest.mark.parametrize("code", procedures())
def test_a_row_is_the_record_of_another_instrument(code: str) -> None:
    declared, first = procedures()[code], first_record(code)
    other = sample_record(declared, passing=False, generator=np.random.default_rng(4), tested_on=DAY)[0]
    (found,) = bench_rows(declared, first, [row_of(code, first, "A1")])
    assert found.record is not None and found.record.readings == first.readings
    assert found.record.item.serial == "A1" and found.record.parameters == first.parameters
    assert other.readings.keys() == first.readings.keys()


def test_headings_tell_every_reading_apart() -> None:
    for code, declared in procedures().items():
        texts = [heading.text for heading in headings(declared, first_record(code))]
        assert len(set(texts)) == len(texts), code


def test_ten_thousand_rows_are_read() -> None:
    code = "JJG 596-2012"
    declared, first = procedures()[code], first_record(code)
    row = row_of(code, first, "")
    table = ({**row, SERIAL: f"M{n:06}"} for n in range(10_000))
    assert sum(found.record is not None for found in bench_rows(declared, first, table)) == 10_000


def test_a_bad_row_is_named_and_the_others_are_kept() -> None:
    code = "JJG 596-2012"
    declared, first = procedures()[code], first_record(code)
    good = row_of(code, first, "A1")
    column = headings(declared, first)[0].text
    table = [good, {**good, SERIAL: "A2", column: "0,1"}, {**good, SERIAL: "A1"}, {**good, SERIAL: " "}]
    one, two, three, four = bench_rows(declared, first, table)
    assert one.problems == () and one.record is not None
    assert two.problems == (f"第 3 行“{column}”：应为数，为 '0,1'",)
    assert three.problems == ("第 4 行“出厂编号”：A1 与第 2 行重复",)
    assert four.problems == ("第 5 行“出厂编号”：没有填写",)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "", "1e", "１．０x"])
def test_what_is_no_number_is_refused(text: str) -> None:
    code = "JJG 596-2012"
    declared, first = procedures()[code], first_record(code)
    column = headings(declared, first)[0].text
    (found,) = bench_rows(declared, first, [row_of(code, first, "A1") | {column: text}])
    assert found.record is None and column in found.problems[0]


def test_a_missing_column_is_named() -> None:
    code = "JJG 596-2012"
    declared, first = procedures()[code], first_record(code)
    row = row_of(code, first, "A1")
    column = headings(declared, first)[0].text
    del row[column]
    with pytest.raises(BenchError, match="缺少列"):
        list(bench_rows(declared, first, [row]))


def test_a_changed_reading_changes_the_verdict() -> None:
    code = "JJG 596-2012"
    declared, first = procedures()[code], first_record(code)
    from yuejingzhun.procedures.sample import sample_parameters, sample_standard

    standard = sample_standard(declared, sample_parameters(declared), DAY)
    row = row_of(code, first, "A1")
    heading = headings(declared, first)[0]
    row[heading.text] = str(Decimal(row[heading.text]) * 2)
    (found,) = bench_rows(declared, first, [row])
    assert found.record is not None
    assert evaluate(declared, first, standard).passed and not evaluate(declared, found.record, standard).passed
