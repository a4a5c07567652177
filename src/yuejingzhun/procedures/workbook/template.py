"""Writing the workbook: empty for the technician, or filled as an example."""

import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter

from yuejingzhun.procedures.procedure import Column, Procedure, Test
from yuejingzhun.procedures.record import Parameters, Record, ReferenceStandard, VerificationKind
from yuejingzhun.procedures.sample import sample_parameters
from yuejingzhun.procedures.workbook import layout
from yuejingzhun.procedures.workbook.layout import Entry

GUIDE = (
    "1. 在“基本信息”表的黄色格中填写器具、参数、环境条件、计量标准和其他要求。",
    "2. 在其后各表的黄色格中填写每个检定点、每一次的读数；只填数字，不写单位，不用公式。",
    "3. 检定点由参数决定：参数与本表不同时，请按新的参数重新下载模板。",
    "4. 填好后上传，或用命令 yjz evaluate 本文件 查看评定结果。",
)


def write_template(
    procedure: Procedure,
    parameters: Parameters | None = None,
    record: Record | None = None,
    standard: ReferenceStandard | None = None,
) -> bytes:
    """The workbook for an instrument with these parameters; with record and standard it is filled in."""
    out = io.BytesIO()
    chosen = record.parameters if record else parameters or sample_parameters(procedure)
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        formats = _formats(book)
        _write_guide(book, formats, procedure)
        _write_basics(book, formats, procedure, _values(procedure, chosen, record, standard))
        kind = record.kind if record else VerificationKind.SUBSEQUENT
        for test in procedure.tests:
            _write_test(book, formats, procedure, test, chosen, kind, record)
        meta = book.add_worksheet(layout.META)
        meta.write_row(0, 0, ["version", layout.VERSION])
        meta.write_row(1, 0, ["regulation", procedure.code])
        meta.very_hidden()
    return out.getvalue()


def _formats(book: Any) -> Mapping[str, Any]:
    entry = {"bg_color": "#FFF7D6", "border": 1, "border_color": "#BFB38A", "locked": False}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "section": book.add_format({"bold": True, "bg_color": "#E4EEEC", "top": 1}),
        "head": book.add_format({"bold": True, "bg_color": "#E4EEEC", "text_wrap": True, "valign": "top"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "soft": book.add_format({"font_color": "#666666"}),
        "entry": book.add_format(entry),
        "date": book.add_format(entry | {"num_format": "yyyy-mm-dd"}),
    }


def _write_guide(book: Any, formats: Mapping[str, Any], procedure: Procedure) -> None:
    sheet = book.add_worksheet(layout.GUIDE)
    sheet.set_column(0, 0, 100)
    sheet.write(0, 0, f"{procedure.instrument}检定原始记录", formats["title"])
    lines = [f"{procedure.code}《{procedure.title}》", f"适用范围：{procedure.scope}", "", *GUIDE]
    for row, line in enumerate(lines, 1):
        sheet.write_string(row, 0, line, formats["wrap"])
    sheet.protect()


def _values(
    procedure: Procedure, parameters: Parameters, record: Record | None, standard: ReferenceStandard | None
) -> dict[str, Any]:
    values: dict[str, Any] = {f"parameters|{key}": value for key, value in parameters.items()}
    values["item|name"] = procedure.instrument
    if record:
        values |= {f"item|{key}": getattr(record.item, key) for key in layout.ITEM}
        values |= {"kind": record.kind.value, "tested_on": record.tested_on}
        values |= {f"environment|{key}": value for key, value in record.environment.items()}
        values |= {f"checks|{key}": _answer(value) for key, value in record.checks.items()}
    if standard:
        names = ("name", "number", "certificate", "valid_until", "expanded_uncertainty", "coverage_factor")
        values |= {f"standard|{name}": getattr(standard, name) for name in names}
    return values


def _answer(value: Decimal | bool) -> Decimal | str:
    if isinstance(value, bool):
        return layout.YES if value else layout.NO
    return value


def _write_basics(book: Any, formats: Mapping[str, Any], procedure: Procedure, values: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet(layout.BASICS)
    sheet.set_column(layout.LABEL, layout.LABEL, 30)
    sheet.set_column(layout.VALUE, layout.VALUE, 34)
    sheet.set_column(layout.UNIT, layout.UNIT, 12)
    sheet.set_column(layout.HINT, layout.HINT, 40)
    sheet.set_column(layout.NAME, layout.NAME, None, None, {"hidden": True})
    sheet.write(0, 0, f"{procedure.instrument}检定原始记录（{procedure.code}）", formats["title"])
    row = 1
    for section in layout.sections(procedure):
        sheet.merge_range(row, layout.LABEL, row, layout.HINT, section.title, formats["section"])
        row += 1
        for entry in section.entries:
            _write_entry(sheet, row, entry, values.get(entry.name), formats)
            row += 1
    sheet.protect()
    sheet.freeze_panes(1, 0)


def _write_entry(sheet: Any, row: int, entry: Entry, value: Any, formats: Mapping[str, Any]) -> None:
    sheet.write_string(row, layout.LABEL, entry.label)
    _write_value(sheet, row, layout.VALUE, value, formats["date" if entry.is_date else "entry"])
    sheet.write_string(row, layout.UNIT, entry.unit, formats["soft"])
    hint = entry.hint
    if entry.options:
        hint = " / ".join(entry.options)
        message = f"请选择 {hint}"
        rule = {"validate": "list", "source": list(entry.options), "error_title": entry.label, "error_message": message}
        sheet.data_validation(row, layout.VALUE, row, layout.VALUE, rule)
    elif entry.number:
        hint = f"{entry.number.low}～{entry.number.high} {entry.unit}".rstrip()
        sheet.data_validation(row, layout.VALUE, row, layout.VALUE, _range_rule(entry.number, entry.label))
    sheet.write_string(row, layout.HINT, hint, formats["soft"])
    sheet.write_string(row, layout.NAME, entry.name)


def _write_test(
    book: Any,
    formats: Mapping[str, Any],
    procedure: Procedure,
    test: Test,
    parameters: Parameters,
    kind: VerificationKind,
    record: Record | None,
) -> None:
    sheet = book.add_worksheet(layout.sheet_title(procedure, test.key))
    hidden = layout.FIRST_READING + len(test.columns)
    sheet.set_column(0, 0, 24)
    sheet.set_column(layout.FIRST_READING, hidden - 1, 18)
    sheet.set_column(hidden, hidden, None, None, {"hidden": True})
    sheet.write(0, 0, f"{test.title}（{test.clause}）", formats["title"])
    sheet.write_row(1, 0, ["检定点", "次", *map(_head, test.columns)], formats["head"])
    row = layout.HEAD_ROWS
    for point in test.points(parameters, kind):
        rows = record.readings.get((test.key, point.key), ()) if record else ()
        for repeat in range(test.repeats):
            sheet.write_string(row, layout.POINT, point.label)
            sheet.write_number(row, layout.REPEAT, repeat + 1)
            for position, column in enumerate(test.columns, layout.FIRST_READING):
                value = rows[repeat].get(column.number.key) if repeat < len(rows) else None
                _write_value(sheet, row, position, value, formats["entry"])
                sheet.data_validation(row, position, row, position, _range_rule(column.number, column.number.label))
            sheet.write_string(row, hidden, point.key)
            row += 1
    sheet.protect()
    sheet.freeze_panes(layout.HEAD_ROWS, layout.FIRST_READING)


def _head(column: Column) -> str:
    return f"{column.number.label}（{column.number.unit}）" if column.number.unit else column.number.label


def _range_rule(number: Any, label: str) -> dict[str, Any]:
    message = f"应为 {number.low}～{number.high} {number.unit} 之间的数"[:255]
    return {
        "validate": "decimal",
        "criteria": "between",
        "minimum": float(number.low),
        "maximum": float(number.high),
        "error_title": label[:32],
        "error_message": message,
    }


def _write_value(sheet: Any, row: int, column: int, value: Any, cell_format: Any) -> None:
    if value is None:
        sheet.write_blank(row, column, None, cell_format)
    elif isinstance(value, Decimal):
        sheet.write_number(row, column, float(value), cell_format)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, cell_format)
    else:
        sheet.write_string(row, column, str(value), cell_format)
