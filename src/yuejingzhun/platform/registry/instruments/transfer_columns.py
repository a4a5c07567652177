"""The columns of a table of instruments, the same for import and export."""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from yuejingzhun.platform.foundation.parties.credit_code import check_credit_code
from yuejingzhun.platform.foundation.parties.divisions import divisions, full_name
from yuejingzhun.platform.foundation.tables.columns import Column
from yuejingzhun.platform.foundation.tables.parsing import choice, day, plain, text
from yuejingzhun.platform.foundation.tables.table import Cell
from yuejingzhun.platform.registry.catalogue.queries import entries
from yuejingzhun.platform.registry.instruments.models import InUse, Use

# JJG or JJF, a local one with its province in brackets, number and year: JJG 596-2012, JJG(粤) 12-2019.
_REGULATION = re.compile(
    r"(JJ[GF])\s*(?:[(（]\s*([\u4e00-\u9fffA-Z]{1,6})\s*[)）])?\s*(\d{1,5}(?:\.\d{1,2})?)\s*[-—–－]\s*((?:19|20)\d\d)"
)
REGULATION_EXPECTED = "检定规程号与年份，如 JJG 596-2012"
REGION_EXPECTED = "广东省的行政区划代码（6 位）或全称，如 440106 或 广州市天河区"
HOLDER, REGULATION, REGION, FILED = "holder_code", "regulation", "region", "filed_on"


def columns(on: date) -> tuple[Column, ...]:
    """Every column that may be imported; `on` is the day for the catalogue and for what lies in the future."""
    return (
        Column(HOLDER, "使用单位统一社会信用代码", _credit_code, ("统一社会信用代码", "信用代码", "使用单位代码")),
        Column("maker", "制造单位", text(200), ("制造厂", "生产厂家", "生产单位", "制造商", "厂家"), required=True),
        Column("model", "型号", text(120), ("型号规格", "规格型号"), required=True),
        Column("serial", "出厂编号", text(120), ("编号", "表号", "器具编号", "出厂号"), required=True),
        Column(REGULATION, "适用检定规程", regulation, ("检定规程", "规程", "规程号", "检定依据"), required=True),
        Column("name", "名称", text(120), ("器具名称", "计量器具名称"), required=True),
        Column("item", "强制管理目录项目", _item(on), ("目录项目", "目录编号", "强检项目")),
        Column("accuracy_class", "准确度等级", text(40), ("等级", "精度等级", "准确度")),
        Column("measuring_range", "测量范围", text(120), ("量程", "规格", "范围")),
        Column("use", "用途", choice(dict(Use.choices)), ("使用用途",)),
        Column("type_approval", "型式批准证书号", text(40), ("型式批准号", "CPA", "CMC 证号")),
        Column("holder_number", "使用单位编号", text(80), ("单位内部编号", "资产编号", "管理编号")),
        Column(REGION, "所在行政区划", region, ("行政区划", "区划", "行政区划代码", "所在区县")),
        Column("place", "安装地点", text(300), ("安装位置", "使用地点", "地点", "地址")),
        Column("in_use", "使用状态", choice(dict(InUse.choices)), ("状态", "器具状态")),
        Column(FILED, "备案日期", _filed(on), ("登记日期", "建档日期", "备案时间")),
    )


@lru_cache(maxsize=4096, typed=True)
def regulation(cell: Cell) -> str:
    """A regulation in its one spelling; raises ValueError."""
    found = plain(cell).strip().upper()
    if not found:
        return ""
    match = _REGULATION.fullmatch(found)
    if match is None:
        raise ValueError(REGULATION_EXPECTED)
    kind, province, number, year = match.groups()
    return f"{kind}({province}) {number}-{year}" if province else f"{kind} {number}-{year}"


@lru_cache(maxsize=4096, typed=True)
def region(cell: Cell) -> str | None:
    """The code of a division from its code or full name; None for an empty cell."""
    found = plain(cell).strip()
    if not found:
        return None
    code = _names().get(found, found)
    if code not in divisions():
        raise ValueError(REGION_EXPECTED)
    return code


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    found = {full_name(code): code for code in divisions()}
    return found | {f"广东省{name}": code for name, code in found.items() if not name.startswith("广东省")}


@lru_cache(maxsize=65_536, typed=True)
def _credit_code(cell: Cell) -> str:
    found = plain(cell).strip()
    return check_credit_code(found) if found else ""


def _item(on: date) -> Callable[[Cell], str | None]:
    codes = {entry.code for entry in entries(on)}

    @lru_cache(maxsize=1024, typed=True)
    def parse(cell: Cell) -> str | None:
        found = plain(cell).strip()
        if not found:
            return None
        whole, dot, part = found.partition(".")
        code = f"{whole.zfill(2)}{dot}{part}"
        if isinstance(cell, float) and f"{code}0" in codes:
            raise ValueError(f"文本：数字 {found} 分不清是 {code} 还是 {code}0，请把该列设为文本格式")
        if code not in codes:
            raise ValueError("强制管理目录的项目编号，如 01.1")
        return code

    return parse


def _filed(on: date) -> Callable[[Cell], date | None]:
    def parse(cell: Cell) -> date | None:
        found = day(cell)
        if found is not None and not date(1949, 10, 1) <= found <= on:
            raise ValueError(f"1949-10-01 与今天（{on}）之间的日期")
        return found

    return parse
