"""Reading a filled workbook: every problem with its sheet and cell, in bounded time and memory."""

import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from yuejingzhun.procedures.catalogue import UnknownRegulationError
from yuejingzhun.procedures.catalogue import procedure as find_procedure
from yuejingzhun.procedures.procedure import Procedure, Test
from yuejingzhun.procedures.record import Item, Problem, Record, ReferenceStandard, Row, VerificationKind
from yuejingzhun.procedures.workbook import layout
from yuejingzhun.procedures.workbook.layout import Entry

MAXIMUM_BYTES, MAXIMUM_UNPACKED, MAXIMUM_PARTS, MAXIMUM_ROWS = 8 * 2**20, 40 * 2**20, 200, 5000
OLE_HEADER = bytes.fromhex("D0CF11E0A1B11AE1")
Place = tuple[str, str]  # sheet, cell


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong, and in which sheet and cell; the cell is empty where a whole sheet is meant."""

    sheet: str
    cell: str
    message: str

    def __str__(self) -> str:
        return f"{self.sheet} {self.cell}：{self.message}" if self.sheet else self.message


class WorkbookError(ValueError):
    """The workbook can't be read; `problems` holds all of them."""

    def __init__(self, *problems: CellProblem) -> None:
        super().__init__("；".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Filled:
    """What was read, and where each value stands, so that the engine's problems can be shown at their cells."""

    record: Record
    standard: ReferenceStandard
    places: Mapping[str, Place]

    def locate(self, problem: Problem) -> CellProblem:
        """The engine's problem with the cell it is about."""
        for length in range(len(problem.path), 0, -1):
            place = self.places.get("|".join(map(str, problem.path[:length])))
            if place:
                return CellProblem(*place, problem.message)
        return CellProblem("", "", problem.message)


@dataclass(slots=True)
class _Reading:
    """What accumulates while a workbook is read."""

    book: Any
    problems: list[CellProblem] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)

    def refuse(self, sheet: str, cell: str, message: str) -> None:
        self.problems.append(CellProblem(sheet, cell, message))


def read_workbook(data: bytes) -> Filled:
    """The record and the standard in a filled template; raises WorkbookError with every problem."""
    reading = _Reading(_open(data))
    procedure = _regulation(reading.book)
    values = _basics(reading, procedure)
    readings = {key: rows for test in procedure.tests for key, rows in _test(reading, procedure, test)}
    standard = _standard(reading, values)
    kind, tested_on = values.get("kind"), values.get("tested_on")
    if reading.problems or standard is None or not isinstance(tested_on, date):
        raise WorkbookError(*reading.problems)
    record = Record(
        regulation=procedure.code,
        kind=layout.KINDS.get(str(kind), VerificationKind.SUBSEQUENT),
        item=Item(*(str(values.get(f"item|{key}", "")) for key in layout.ITEM)),
        parameters=_part(values, "parameters"),
        environment=_part(values, "environment"),
        readings=readings,
        checks={k: v == layout.YES if isinstance(v, str) else v for k, v in _part(values, "checks").items()},
        tested_on=tested_on,
    )
    return Filled(record, standard, reading.places)


def _open(data: bytes) -> Any:
    if len(data) > MAXIMUM_BYTES:
        raise WorkbookError(CellProblem("", "", f"文件有 {len(data)} 字节，应不超过 {MAXIMUM_BYTES} 字节"))
    if data.startswith(OLE_HEADER):
        message = "这是有密码保护的工作簿或旧版 .xls 文件：请去掉密码，另存为 .xlsx"
        raise WorkbookError(CellProblem("", "", message))
    broken = CellProblem("", "", "不是 .xlsx 工作簿，或文件不完整（可能没有传完），请重新保存后再试")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAXIMUM_PARTS or sum(part.file_size for part in parts) > MAXIMUM_UNPACKED:
                raise WorkbookError(CellProblem("", "", "工作簿展开后过大，拒绝读取"))
            if any(part.filename.endswith("vbaProject.bin") for part in parts):
                raise WorkbookError(CellProblem("", "", "工作簿含有宏，请另存为不含宏的 .xlsx"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which are of no interest here
            return openpyxl.load_workbook(io.BytesIO(data), data_only=False, keep_links=False)
    except WorkbookError:
        raise
    # What hostile bytes make the libraries raise is an open list; each means the same to the user.
    except Exception as error:
        raise WorkbookError(broken) from error


def _regulation(book: Any) -> Procedure:
    if layout.META not in book.sheetnames or layout.BASICS not in book.sheetnames:
        raise WorkbookError(CellProblem("", "", "不是本平台的记录模板：缺少“基本信息”表，请下载模板填写"))
    meta = book[layout.META]
    version, code = meta["B1"].value, meta["B2"].value
    if str(version) != layout.VERSION:
        message = f"模板版本为 {version!r}，应为 {layout.VERSION}，请重新下载模板"
        raise WorkbookError(CellProblem(layout.META, "B1", message))
    try:
        return find_procedure(str(code))
    except UnknownRegulationError as error:
        raise WorkbookError(CellProblem(layout.META, "B2", str(error))) from error


def _basics(reading: _Reading, procedure: Procedure) -> dict[str, Any]:
    entries = {entry.name: entry for section in layout.sections(procedure) for entry in section.entries}
    sheet, values = reading.book[layout.BASICS], {}
    for row in range(1, min(sheet.max_row, MAXIMUM_ROWS) + 1):
        entry = entries.get(str(sheet.cell(row, layout.NAME + 1).value))
        if entry is None:
            continue
        cell = sheet.cell(row, layout.VALUE + 1)
        reading.places[entry.name] = (layout.BASICS, cell.coordinate)
        value = _value(reading, layout.BASICS, cell, entry)
        if value is not None:
            values[entry.name] = value
    for name in entries.keys() - reading.places.keys():
        reading.refuse(layout.BASICS, "", f"缺少“{entries[name].label}”一行，请重新下载模板")
    for name in ("kind", "tested_on"):
        if name not in values and name in reading.places and not _refused(reading, reading.places[name]):
            reading.refuse(*reading.places[name], f"{entries[name].label}：未填写")
    return values


def _refused(reading: _Reading, place: Place) -> bool:
    return any((problem.sheet, problem.cell) == place for problem in reading.problems)


def _value(reading: _Reading, sheet: str, cell: Any, entry: Entry) -> Any:
    value = cell.value
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        return None
    if cell.data_type == "f":
        reading.refuse(sheet, cell.coordinate, f"{entry.label}：单元格里是公式，应直接填写数值")
        return None
    if entry.is_date:
        return _date(reading, sheet, cell, entry, value)
    if entry.options:
        text = _text(value)
        if text not in entry.options:
            expected = "、".join(entry.options)
            reading.refuse(sheet, cell.coordinate, f"{entry.label}：为 {text!r}，应为 {expected} 之一")
            return None
        return text
    if entry.number or entry.name in {"standard|expanded_uncertainty", "standard|coverage_factor"}:
        return _number(reading, sheet, cell, entry.label, entry.unit, value)
    return _text(value)


def _text(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _number(reading: _Reading, sheet: str, cell: Any, label: str, unit: str, value: Any) -> Decimal | None:
    expected = f"应为数字{f'，单位 {unit}，单位不写在格里' if unit else ''}"
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            number = Decimal(repr(value) if isinstance(value, float) else str(value))
        except InvalidOperation:
            number = None
        if number is not None and number.is_finite():
            return number
    reading.refuse(sheet, cell.coordinate, f"{label}：为 {value!r}，{expected}")
    return None


def _date(reading: _Reading, sheet: str, cell: Any, entry: Entry, value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).replace("/", "-"))
    except ValueError:
        reading.refuse(sheet, cell.coordinate, f"{entry.label}：为 {value!r}，应为日期，如 2026-11-24")
        return None


def _test(reading: _Reading, procedure: Procedure, test: Test) -> Iterator[tuple[tuple[str, str], tuple[Row, ...]]]:
    title = layout.sheet_title(procedure, test.key)
    if title not in reading.book.sheetnames:
        reading.refuse(title, "", f"缺少“{title}”表，请重新下载模板")
        return
    reading.places[f"readings|{test.key}"] = (title, "")
    sheet, rows = reading.book[title], dict[str, list[Row]]()
    hidden = layout.FIRST_READING + len(test.columns) + 1
    for line in range(layout.HEAD_ROWS + 1, min(sheet.max_row, MAXIMUM_ROWS) + 1):
        point = sheet.cell(line, hidden).value
        if point is not None:
            rows.setdefault(str(point), []).append(_line(reading, test, title, sheet, line, str(point), rows))
    for point, found in rows.items():
        yield (test.key, point), tuple(found)


def _line(
    reading: _Reading, test: Test, title: str, sheet: Any, line: int, point: str, rows: Mapping[str, list[Row]]
) -> Row:
    row: dict[str, Decimal] = {}
    prefix = f"readings|{test.key}|{point}"
    repeat = len(rows.get(point, ()))
    reading.places.setdefault(prefix, (title, f"A{line}"))
    for position, column in enumerate(test.columns, layout.FIRST_READING + 1):
        cell, number = sheet.cell(line, position), column.number
        name = f"{prefix}|{repeat}|{number.key}"
        reading.places[name] = (title, f"{get_column_letter(position)}{line}")
        value = _value(reading, title, cell, Entry(name, number.label, number.unit, number=number))
        if value is not None:
            row[number.key] = value
    return row


def _standard(reading: _Reading, values: Mapping[str, Any]) -> ReferenceStandard | None:
    names = ("name", "number", "certificate", "valid_until", "expanded_uncertainty", "coverage_factor")
    given = {name: values.get(f"standard|{name}") for name in names}
    for name, value in given.items():
        place = reading.places.get(f"standard|{name}")
        if value is None and place and not _refused(reading, place):
            reading.refuse(*place, "计量标准这一项未填写")
    if any(value is None for value in given.values()):
        return None
    return ReferenceStandard(**given)  # type: ignore[arg-type]


def _part(values: Mapping[str, Any], section: str) -> dict[str, Any]:
    prefix = f"{section}|"
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
