"""A table of items, one a row: read whole before anything is recorded."""

from pathlib import Path
from typing import Any

from yuejingzhun.platform.foundation.parties.divisions import divisions
from yuejingzhun.platform.foundation.tables.columns import (
    Column,
    MappingError,
    check_mapping,
    guess_mapping,
    read_rows,
)
from yuejingzhun.platform.foundation.tables.parsing import day, text
from yuejingzhun.platform.foundation.tables.reading import open_table
from yuejingzhun.platform.foundation.tables.table import Cell, TableError
from yuejingzhun.platform.supervision.indicators.errors import IndicatorError
from yuejingzhun.platform.supervision.indicators.services.items import MOST_AT_ONCE, Draft

MOST_PROBLEMS = 20


def _region(cell: Cell) -> str:
    found = str(text(20)(cell) or "")
    codes = {one.name: code for code, one in divisions().items() if code.endswith("00")}
    found = codes.get(found, found)
    if found not in divisions():
        raise ValueError("广东省的行政区划代码，六位，如 440106，或市名")
    return found


COLUMNS = (
    Column("name", "名称", text(200), ("项目名称", "单位名称", "标准物质名称"), required=True),
    Column("holder", "单位", text(200), ("所属单位", "建设单位", "研制单位"), required=True),
    Column("region", "行政区划", _region, ("区划代码", "所在地"), required=True),
    Column("document", "依据的文件或编号", text(120), ("文号", "编号", "证书编号"), required=True),
    Column("counts_from", "计入日期", day, ("批准日期", "公布日期"), required=True),
    Column("ends_on", "不再计入日期", day, ("撤销日期",)),
)


def read_items(path: Path) -> list[Draft]:
    """Every row as a draft. Raises IndicatorError that names each row, column, what was found and what is expected."""
    try:
        table = open_table(path)
        mapping = guess_mapping(COLUMNS, table.headings)
        check_mapping(COLUMNS, mapping, table.headings)
        return _drafts(table, mapping)
    except (TableError, MappingError) as error:
        raise IndicatorError(str(error)) from error


def _drafts(table: Any, mapping: dict[str, int]) -> list[Draft]:
    problems: list[str] = []
    drafts: list[Draft] = []
    keys = [column.key for column in COLUMNS if column.key in mapping]
    for row in read_rows(COLUMNS, mapping, table):
        problems += [f"第 {row.number} 行{one.column}：为“{one.found}”，应为{one.expected}" for one in row.problems]
        if len(problems) >= MOST_PROBLEMS:
            break
        if len(drafts) >= MOST_AT_ONCE:
            raise IndicatorError(f"一次至多 {MOST_AT_ONCE:,} 行：请分成几个文件")
        if not row.problems:
            drafts.append(Draft(**dict(zip(keys, row.values, strict=True))))
    if problems:
        raise IndicatorError(*problems[:MOST_PROBLEMS])
    if not drafts:
        raise IndicatorError("表格里没有一行数据")
    return drafts
