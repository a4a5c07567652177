"""The editions of the catalogue as published, read from csv files beside this module: a later one is one more file."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TypeVar

from yuejingzhun.platform.registry.catalogue.errors import CatalogueFileError
from yuejingzhun.platform.registry.catalogue.rules import Ending, Entry, Interval, Use, Verification

FOLDER = Path(__file__).parent
Term = TypeVar("Term", bound=Enum)
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition of the catalogue with its entries in the order of the file, by code."""

    title: str
    document: str
    source: str
    effective_from: date
    entries: dict[str, Entry]


@cache
def editions() -> tuple[Edition, ...]:
    """All editions, the oldest first."""
    return read_editions(FOLDER)


@cache
def intervals() -> tuple[Interval, ...]:
    """Every interval on record, whatever its date."""
    return read_intervals(FOLDER / "intervals.csv")


def read_editions(folder: Path) -> tuple[Edition, ...]:
    """The editions that editions.csv in that folder lists; raises CatalogueFileError."""
    path = folder / "editions.csv"
    found = [
        Edition(
            title=row["title"],
            document=row["document"],
            source=row["source"],
            effective_from=_date(row, "effective_from", where),
            entries=read_entries(folder / row["file"]),
        )
        for row, where in _rows(path)
    ]
    return tuple(sorted(found, key=lambda edition: edition.effective_from))


def read_entries(path: Path) -> dict[str, Entry]:
    """The entries of one edition by code; raises CatalogueFileError naming the row and the column."""
    entries: dict[str, Entry] = {}
    for row, where in _rows(path):
        entry = _entry(row, where)
        if entry.code in entries:
            raise CatalogueFileError(f"{where}：代码 {entry.code} 重复")
        if entry.parent is not None and entry.parent not in entries:
            raise CatalogueFileError(f"{where}：上级 {entry.parent!r} 没有列在前面")
        entries[entry.code] = entry
    return entries


def read_intervals(path: Path) -> tuple[Interval, ...]:
    """The verification intervals by regulation; raises CatalogueFileError naming the row and the column."""
    return tuple(
        Interval(
            row["regulation"],
            row["edition"],
            _date(row, "from", where),
            _months(row, where),
            row["condition"],
            row["unsure"],
        )
        for row, where in _rows(path)
    )


def _entry(row: Row, where: str) -> Entry:
    parent = row["parent"] or None
    verification = _term(Verification, row, "verification", where) if parent else Verification.NONE
    ending = _term(Ending, row, "ending", where) if row["ending"] else None
    if (verification is Verification.FIRST) is not (ending is not None):
        raise CatalogueFileError(f"{where}：ending 为 {row['ending']!r}，只做首次强制检定的项目应有、其他项目不应有")
    names = row["uses"].split(";") if row["uses"] else []
    uses = frozenset(_term(Use, row | {"uses": name}, "uses", where) for name in names)
    if (verification is Verification.NONE) is not (not uses):
        raise CatalogueFileError(f"{where}：uses 为 {row['uses']!r}，强制检定的项目应有、其他项目不应有")
    if parent and row["type_approval"] not in ("yes", "no"):
        raise CatalogueFileError(f"{where}：type_approval 为 {row['type_approval']!r}，应为 yes 或 no")
    return Entry(
        code=row["code"],
        parent=parent,
        name=row["name"],
        type_approval=row["type_approval"] == "yes",
        verification=verification,
        verification_from=_date(row, "verification_from", where) if row["verification_from"] else None,
        ending=ending,
        uses=uses,
        scope=row["scope"],
        regulations=tuple(name for name in row["regulations"].split(";") if name),
        unsure=row["unsure"],
    )


def _rows(path: Path) -> list[tuple[Row, str]]:
    """The rows of a file, each with the words that tell where it stands."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [(row, f"{path.name} 第 {reader.line_num} 行") for row in reader]
    for row, where in rows:
        if None in row or None in row.values():
            raise CatalogueFileError(f"{where}：应有 {len(reader.fieldnames or ())} 列")
    return rows


def _term(kind: type[Term], row: Row, column: str, where: str) -> Term:
    return _read(kind.__getitem__, row[column].upper(), row, column, where, "、".join(kind.__members__).lower())


def _date(row: Row, column: str, where: str) -> date:
    return _read(date.fromisoformat, row[column], row, column, where, "年-月-日")


def _months(row: Row, where: str) -> int:
    months = _read(int, row["months"], row, "months", where, "正整数")
    if months <= 0:
        raise CatalogueFileError(f"{where}：months 为 {months}，应为正整数")
    return months


Value = TypeVar("Value")


def _read(convert: Callable[[str], Value], text: str, row: Row, column: str, where: str, expected: str) -> Value:
    try:
        return convert(text)
    except (ValueError, KeyError) as error:
        raise CatalogueFileError(f"{where}：{column} 为 {row[column]!r}，应为 {expected}") from error
