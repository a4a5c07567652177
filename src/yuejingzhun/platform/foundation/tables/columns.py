"""Declared columns, which heading each of them is read from, and rows read by them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from yuejingzhun.platform.foundation.tables.parsing import Parser
from yuejingzhun.platform.foundation.tables.table import Cell, Table, TableError

PREVIEW_ROWS = 20
SHOWN = 60  # characters of a cell that are repeated in a problem
Mapped = Mapping[str, int]  # key of a column -> place of its heading, from 0


class MappingError(ValueError):
    """The columns can't be read from these headings; the message says in Chinese which."""


@dataclass(frozen=True, slots=True)
class Column:
    """What is read from a column: `parse` raises ValueError saying what it expects; `aliases` are other headings."""

    key: str
    label: str
    parse: Parser
    aliases: tuple[str, ...] = ()
    required: bool = False


class Problem(NamedTuple):
    """A cell that can't be used: the column's label (empty for the whole row), what was found and what is expected."""

    column: str
    found: str
    expected: str


class ReadRow(NamedTuple):
    """One row: its number as a spreadsheet counts, the values in the order of the mapped columns, and its problems."""

    number: int
    values: tuple[Any, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as it stands in the file, with the problem of each cell that has one."""

    number: int
    cells: tuple[tuple[str, str], ...]  # text, problem ("" for none)
    problems: tuple[Problem, ...]


def guess_mapping(columns: Sequence[Column], headings: Sequence[str]) -> dict[str, int]:
    """For each column the heading that is its label or an alias, whatever case, blanks and brackets; each used once."""
    places = {}
    for place, heading in enumerate(headings):
        places.setdefault(_folded(heading), place)
    found: dict[str, int] = {}
    for column in columns:
        for name in (column.label, column.key, *column.aliases):
            place = places.get(_folded(name))
            if place is not None and place not in found.values():
                found[column.key] = place
                break
    return found


def check_mapping(columns: Sequence[Column], mapping: Mapped, headings: Sequence[str]) -> None:
    """Raises MappingError for a required column without heading, a heading that isn't there, or one used twice."""
    labels = {column.key: column.label for column in columns}
    for key, place in mapping.items():
        if key not in labels:
            raise MappingError(f"没有 {key[:40]!r} 这一列，可用的列为 {'、'.join(labels)}")
        if not 0 <= place < len(headings):
            raise MappingError(f"{labels[key]}：文件只有 {len(headings)} 列，没有第 {place + 1} 列")
    missing = [column.label for column in columns if column.required and column.key not in mapping]
    if missing:
        raise MappingError(f"文件里没有找到必需的列：{'、'.join(missing)}；请指定由哪一列读取，或检查是否选错了文件")
    used = list(mapping.values())
    if len(set(used)) != len(used):
        twice = next(place for place in used if used.count(place) > 1)
        raise MappingError(f"第 {twice + 1} 列（{headings[twice][:SHOWN]}）被用作两列")


def mapped_columns(columns: Sequence[Column], mapping: Mapped) -> list[Column]:
    """The columns that are read, in the order of declaration."""
    return [column for column in columns if column.key in mapping]


def read_rows(columns: Sequence[Column], mapping: Mapped, table: Table) -> Iterator[ReadRow]:
    """Each row with its values, or with every problem that it has; a file that breaks off ends with such a row."""
    plan = [(mapping[column.key], column.parse, column) for column in mapped_columns(columns, mapping)]
    width, number = len(table.headings), 1
    try:
        for number, cells in table.rows():
            if len(cells) != width and (problem := _width_problem(cells, width)):
                yield ReadRow(number, (), (problem,))
            else:
                yield _read(number, cells, plan)
    except TableError as error:
        yield ReadRow(number + 1, (), (Problem("", "文件从这里起不能读取", str(error)),))


def preview(columns: Sequence[Column], mapping: Mapped, table: Table, rows: int = PREVIEW_ROWS) -> list[PreviewRow]:
    """The first rows with their problems by cell. Raises TableError where they can't be read."""
    shown = []
    places = {column.label: mapping[column.key] for column in mapped_columns(columns, mapping)}
    for (number, cells), read in zip(table.rows(), read_rows(columns, mapping, table), strict=False):
        if len(shown) >= rows:
            break
        wrong = {places.get(problem.column): f"应为{problem.expected}" for problem in read.problems}
        texts = [_shown(cell) for cell in cells[: len(table.headings)]]
        texts += [""] * (len(table.headings) - len(texts))
        marked = tuple((content, wrong.get(place, "")) for place, content in enumerate(texts))
        shown.append(PreviewRow(number, marked, read.problems))
    return shown


def _read(number: int, cells: tuple[Cell, ...], plan: list[tuple[int, Parser, Column]]) -> ReadRow:
    values, problems = [], []
    for place, parse, column in plan:
        cell = cells[place] if place < len(cells) else None
        try:
            value = parse(cell)
        except ValueError as error:
            problems.append(Problem(column.label, _shown(cell), str(error)))
            value = None
        else:
            if column.required and (value is None or value == ""):
                problems.append(Problem(column.label, "空白", "不能为空"))
        values.append(value)
    return ReadRow(number, tuple(values), tuple(problems))


def _width_problem(cells: tuple[Cell, ...], width: int) -> Problem | None:
    if len(cells) < width:
        return Problem("", f"只有 {len(cells)} 格", f"{width} 格（与表头相同）；文件可能在这里断开")
    if any(cell not in (None, "") for cell in cells[width:]):
        return Problem("", f"有 {len(cells)} 格", f"{width} 格（与表头相同）；内容中的分隔符应放在引号里")
    return None


def _shown(cell: Cell) -> str:
    found = "" if cell is None else str(cell)
    clean = "".join(letter if letter.isprintable() else "�" for letter in found[:SHOWN])
    return clean + ("…" if len(found) > SHOWN else "")


def _folded(heading: str) -> str:
    """Letters and digits only: 出厂编号（必填） and 出厂编号 differ, 统一社会信用代码 and 统一社会 信用代码* don't."""
    return "".join(letter for letter in heading.casefold() if letter.isalnum())
