"""Records from a test bench: many instruments of one kind, tested at once under the conditions of one record.

A technician hands in the record of the first instrument by form or workbook. The bench's table then has one row an
instrument: its serial number and its readings. All else is taken from that first record.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from yuejingzhun.procedures.procedure import Procedure
from yuejingzhun.procedures.record import Record, Row

SERIAL = "出厂编号"
MOST_ROWS = 20_000


class BenchError(ValueError):
    """The table as a whole can't be used; the message says in Chinese what is missing."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of the bench's table: which reading it holds."""

    test: str
    point: str
    repeat: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class BenchRow:
    """One instrument of the table: its record, or what is wrong with its row."""

    number: int  # of the row in the file; the heading is 1
    serial: str
    record: Record | None
    problems: tuple[str, ...]


def headings(declared: Procedure, first: Record) -> tuple[Heading, ...]:
    """The columns that the table of that kind of instrument has beside the serial number, in the record's order."""
    found = []
    for test in declared.tests:
        for point in test.points(first.parameters, first.kind):
            for repeat in range(test.repeats):
                for column in test.columns:
                    name = f"{test.title}/{point.label}/{repeat + 1}/{column.number.label}"
                    found.append(Heading(test.key, point.key, repeat, column.number.key, name))
    return tuple(found)


def bench_rows(declared: Procedure, first: Record, table: Iterable[Mapping[str, str]]) -> Iterator[BenchRow]:
    """Each row of the table as a record; a serial number that comes twice is refused the second time.

    Raises BenchError where a column is missing or the table is too long.
    """
    columns = headings(declared, first)
    seen: dict[str, int] = {}
    for number, row in enumerate(table, 2):
        if number == 2:
            _check_columns(columns, row)
        if number > MOST_ROWS + 1:
            raise BenchError(f"一次至多 {MOST_ROWS} 台，请把文件分开")
        yield _bench_row(columns, first, row, number, seen)


def _check_columns(columns: tuple[Heading, ...], row: Mapping[str, str]) -> None:
    missing = [text for text in (SERIAL, *(heading.text for heading in columns)) if text not in row]
    if missing:
        more = f" 等 {len(missing)} 列" if len(missing) > 3 else ""
        raise BenchError(f"缺少列 {'、'.join(f'“{text}”' for text in missing[:3])}{more}；请用本页下载的表头")


def _bench_row(
    columns: tuple[Heading, ...], first: Record, row: Mapping[str, str], number: int, seen: dict[str, int]
) -> BenchRow:
    problems: list[str] = []
    serial = (row.get(SERIAL) or "").strip()
    if not serial:
        problems.append(f"第 {number} 行“{SERIAL}”：没有填写")
    elif serial in seen:
        problems.append(f"第 {number} 行“{SERIAL}”：{serial} 与第 {seen[serial]} 行重复")
    seen.setdefault(serial, number)
    readings: dict[tuple[str, str], list[dict[str, Decimal]]] = {}
    for heading in columns:
        value = _reading(row.get(heading.text), f"第 {number} 行“{heading.text}”", problems)
        repeats = readings.setdefault((heading.test, heading.point), [])
        if len(repeats) <= heading.repeat:
            repeats.append({})
        repeats[heading.repeat][heading.column] = value
    if problems:
        return BenchRow(number, serial, None, tuple(problems))
    kept: dict[tuple[str, str], tuple[Row, ...]] = {where: tuple(rows) for where, rows in readings.items()}
    record = replace(first, item=replace(first.item, serial=serial), readings=kept)
    return BenchRow(number, serial, record, ())


def _reading(text: str | None, where: str, problems: list[str]) -> Decimal:
    try:
        value = Decimal((text or "").strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        problems.append(f"{where}：应为数，为 {text!r}" if (text or "").strip() else f"{where}：没有填写")
        return Decimal(0)
    return value
