import io
from collections.abc import Callable
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yuejingzhun.procedures.catalogue import procedure, procedures
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.record import RecordError
from yuejingzhun.procedures.workbook.read import CellProblem, WorkbookError, read_workbook
from yuejingzhun.procedures.workbook.template import write_template

METER = procedure("JJG 596-2012")


@pytest.fixture
def filled(sample) -> bytes:
    record, standard = sample(METER.code)
    return write_template(METER, record=record, standard=standard)


def change(data: bytes, edit: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def problems(data: bytes) -> list[CellProblem]:
    with pytest.raises(WorkbookError) as refusal:
        read_workbook(data)
    return list(refusal.value.problems)


def cell_of(data: bytes, name: str) -> tuple[str, str]:
    return read_workbook(data).places[name]


@pytest.mark.parametrize("passing", [True, False])
@pytest.mark.parametrize("code", procedures())
def test_what_is_written_is_read(code: str, passing: bool, sample) -> None:
    record, standard = sample(code, passing)
    found = read_workbook(write_template(procedure(code), record=record, standard=standard))
    assert found.record == record
    assert found.standard == standard


@pytest.mark.parametrize("code", procedures())
def test_an_empty_template_names_what_is_missing_and_no_more_than_its_cells(code: str) -> None:
    found = problems(write_template(procedure(code)))
    assert {"检定类别：未填写", "检定日期：未填写"} <= {problem.message for problem in found}
    assert all(problem.sheet == "基本信息" and problem.cell.startswith("B") for problem in found)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "公式"),
        ("5 kA", "单位 A"),
        ("five", "应为数字"),
        (True, "应为数字"),
        ("NaN", "应为数字"),
    ],
)
def test_a_wrong_cell_is_named_with_what_is_expected(filled: bytes, value: object, expected: str) -> None:
    sheet, cell = cell_of(filled, "parameters|basic_current_a")
    (problem,) = problems(change(filled, lambda book: book[sheet].__setitem__(cell, value)))
    assert (problem.sheet, problem.cell) == (sheet, cell)
    assert expected in problem.message


def test_formulas_and_words_among_the_readings_are_named_all_at_once(filled: bytes) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book["基本误差"]["C3"] = "=D3*1.001"
        book["基本误差"]["D5"] = "0,1"
        book["基本信息"]["B6"] = "中检"

    found = problems(change(filled, edit))
    assert {(p.sheet, p.cell) for p in found} >= {("基本误差", "C3"), ("基本误差", "D5")}


def test_dates_may_be_typed_as_text_and_wrong_ones_are_named(filled: bytes) -> None:
    sheet, cell = cell_of(filled, "tested_on")
    assert read_workbook(change(filled, lambda b: b[sheet].__setitem__(cell, "2026/11/24"))).record.tested_on.day == 24
    (problem,) = problems(change(filled, lambda b: b[sheet].__setitem__(cell, "24 Nov")))
    assert "应为日期" in problem.message


def test_digits_typed_as_text_are_kept(filled: bytes) -> None:
    record = read_workbook(change(filled, lambda b: b["基本误差"].__setitem__("C3", "0.1000"))).record
    assert str(next(iter(record.readings.values()))[0]["meter_kwh"]) == "0.1000"


def test_the_engines_problems_find_their_cells(filled: bytes) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book["基本误差"]["C4"] = None
        book["基本误差"]["D6"] = -5
        for row in book["基本误差"].iter_rows(min_row=17, max_row=18):
            for cell in row:
                cell.value = None

    found = read_workbook(change(filled, edit))
    with pytest.raises(RecordError) as refusal:
        evaluate(METER, found.record, found.standard)
    located = {(p.sheet, p.cell): p.message for p in map(found.locate, refusal.value.problems)}
    assert "未填写" in located["基本误差", "C4"]
    assert "为 -5，超出可能的范围" in located["基本误差", "D6"]
    assert "有 0 次读数，应为 2 次" in located["基本误差", ""]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "不完整"),
        (b"PK\x03\x04", "不完整"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "密码保护"),
        (b"x" * (8 * 2**20 + 1), "不超过"),
    ],
)
def test_files_that_are_no_workbook(data: bytes, reason: str) -> None:
    (problem,) = problems(data)
    assert reason in problem.message


def test_truncated_foreign_and_outdated_workbooks(filled: bytes) -> None:
    assert "不完整" in problems(filled[: len(filled) // 2])[0].message
    foreign = io.BytesIO()
    openpyxl.Workbook().save(foreign)
    assert "不是本平台的记录模板" in problems(foreign.getvalue())[0].message
    assert "模板版本" in problems(change(filled, lambda b: b["_yjz"].__setitem__("B1", "0")))[0].message
    assert "没有检定规程" in problems(change(filled, lambda b: b["_yjz"].__setitem__("B2", "JJG 1")))[0].message
    assert "缺少“基本误差”表" in problems(change(filled, lambda b: b.remove(b["基本误差"])))[0].message


def test_sheets_are_locked_but_for_what_is_to_be_filled_in() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template(METER)))
    assert all(book[name].protection.sheet for name in ("说明", "基本信息", "基本误差"))
    assert not book["基本误差"]["C3"].protection.locked
    assert book["基本误差"]["A3"].protection.locked
    assert book["_yjz"].sheet_state == "veryHidden"


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_broken_workbooks_give_a_record_or_our_error(filled: bytes, data: st.DataObject) -> None:
    broken = bytearray(filled)
    for _ in range(data.draw(st.integers(0, 6))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    del broken[data.draw(st.integers(1, len(broken))) :]
    try:
        read_workbook(bytes(broken))
    except WorkbookError as error:
        assert error.problems


def test_decimal_floats_are_read_as_they_were_typed(filled: bytes) -> None:
    record = read_workbook(change(filled, lambda b: b["基本误差"].__setitem__("C3", 0.1))).record
    assert next(iter(record.readings.values()))[0]["meter_kwh"] == Decimal("0.1")
