"""What stands where in the workbook: shared by the template and its reader.

Each row of the first sheet carries, in a hidden column, the name of its value: its path in the record, joined by "|".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from yuejingzhun.procedures.procedure import Choice, Number, Procedure
from yuejingzhun.procedures.record import VerificationKind

VERSION = "1"
GUIDE, BASICS, META = "说明", "基本信息", "_yjz"
LABEL, VALUE, UNIT, HINT, NAME = range(5)  # columns of the first sheet
POINT, REPEAT, FIRST_READING = 0, 1, 2  # columns of a test's sheet; the point's key is in the last, hidden column
HEAD_ROWS = 2  # title and column heads
YES, NO = "合格", "不合格"
KINDS = {kind.value: kind for kind in VerificationKind}


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the first sheet."""

    name: str
    label: str
    unit: str = ""
    options: tuple[str, ...] = ()
    number: Number | None = None
    is_date: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of values."""

    title: str
    entries: tuple[Entry, ...]


def sections(procedure: Procedure) -> Iterator[Section]:
    """The first sheet, from top to bottom."""
    yield Section("器具", tuple(Entry(f"item|{key}", label) for key, label in ITEM.items()))
    yield Section(
        "检定",
        (
            Entry("kind", "检定类别", options=tuple(KINDS)),
            Entry("tested_on", "检定日期", is_date=True, hint="年-月-日"),
        ),
    )
    yield Section("器具参数", tuple(_parameter(field) for field in procedure.parameters))
    yield Section(
        "环境条件",
        tuple(
            Entry(f"environment|{c.number.key}", c.number.label, c.number.unit, number=c.number)
            for c in procedure.environment
        ),
    )
    yield Section("计量标准", tuple(_standard(procedure)))
    yield Section(
        "其他要求",
        tuple(
            Entry(f"checks|{check.key}", check.label, check.number.unit, number=check.number)
            if check.number
            else Entry(f"checks|{check.key}", check.label, options=(YES, NO))
            for check in procedure.checks
        ),
    )


ITEM = {"name": "器具名称", "model": "型号", "serial": "出厂编号", "maker": "制造单位"}


def sheet_title(procedure: Procedure, test: str) -> str:
    """The sheet of a test: Excel allows 31 characters and not all of them."""
    title = procedure.find(test).title
    return "".join(character for character in title if character not in "[]:*?/\\")[:31]


def _parameter(field: Number | Choice) -> Entry:
    if isinstance(field, Choice):
        return Entry(f"parameters|{field.key}", field.label, options=field.options)
    return Entry(f"parameters|{field.key}", field.label, field.unit, number=field)


def _standard(procedure: Procedure) -> Iterator[Entry]:
    yield Entry("standard|name", "计量标准名称", hint=procedure.standard_label)
    yield Entry("standard|number", "考核证书号")
    yield Entry("standard|certificate", "检定或校准证书号")
    yield Entry("standard|valid_until", "有效期至", is_date=True, hint="年-月-日")
    yield Entry("standard|expanded_uncertainty", "扩展不确定度 U", procedure.standard_unit)
    yield Entry("standard|coverage_factor", "包含因子 k")
