"""`yjz show`: any DCC as tables that people can read."""

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from yuejingzhun.cli.terminal import (
    NOT_VALID,
    VALID,
    WIDTH_OF_A_FILE,
    UnusableError,
    json_option,
    print_json,
    read_file,
)
from yuejingzhun.evidence.bundle import XML
from yuejingzhun.evidence.container import ContainerError, unpack
from yuejingzhun.evidence.dcc.column import Column, Kind, Section, StatedUncertainty, Statement, in_chinese
from yuejingzhun.evidence.dcc.heading import Heading, heading
from yuejingzhun.evidence.dcc.read import DccError, Document, read
from yuejingzhun.evidence.dcc.rules import Severity
from yuejingzhun.evidence.pdf.attachment import PdfError, attachment
from yuejingzhun.metrology.units.dsi import factors
from yuejingzhun.metrology.units.legal import symbol_of_dsi
from yuejingzhun.metrology.units.unit import UnitError

SECTIONS = {
    "result": "结果",
    "influenceCondition": "影响条件",
    "item": "被测对象",
    "measuringEquipment": "测量设备",
    "usedMethod": "测量方法",
    "metaData": "附加数据",
    "statement": "声明",
    "measurementResult": "测量结果",
    "document": "文件",
}
STATED = {
    Statement.STANDARD: "标准不确定度",
    Statement.EXPANDED: "扩展不确定度",
    Statement.INTERVAL: "包含区间",
    Statement.ELLIPSOID: "椭球包含区域",
    Statement.RECTANGLE: "长方体包含区域",
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def show(file: Path, as_json: bool) -> None:
    """把任意数字校准证书（DCC 2.3–3.3：.xml，或含有它的 .pdf、.yjz）显示为可读的表。"""
    try:
        document = read(_dcc_in(read_file(file)))
    except (DccError, PdfError, ContainerError) as error:
        raise UnusableError(f"{file}：{error}") from error
    if as_json:
        print_json(_as_json(document))
    else:
        _print(document)
    sys.exit(NOT_VALID if any(finding.severity is Severity.ERROR for finding in document.findings) else VALID)


def _dcc_in(data: bytes) -> bytes:
    """The DCC itself, whether by itself, attached to a PDF or in a bundle."""
    if data.startswith(b"%PDF"):
        return attachment(data)
    if data.startswith(b"PK"):
        files = unpack(data)
        if XML not in files:
            raise ContainerError(f"证书包中没有 {XML}")
        return files[XML]
    return data


def _print(document: Document) -> None:
    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH_OF_A_FILE)
    console.print(_heading_table(document.version, heading(document)))
    for section, columns in groupby(document.columns, key=lambda column: column.section):
        console.print(_columns_table(section, list(columns)))
    for finding in document.findings:
        console.print(Text(f"{finding.severity.value}（第 {finding.line} 行）：{finding.message}"))


def _heading_table(version: str, found: Heading) -> Table:
    table = Table(title=f"数字校准证书（DCC {version}）", show_header=False, title_justify="left")
    for label, value in found.lines():
        table.add_row(Text(label), Text(value))
    return table


def _columns_table(section: Section, columns: list[Column]) -> Table:
    title = f"{SECTIONS[section.kind]}：{in_chinese(section.names)}".rstrip("：")
    table = Table(title=Text(title), title_justify="left")
    for label in ("量", "标记", "值", "单位", "不确定度"):
        table.add_column(label, justify="right" if label == "值" else "left")
    for column in columns:
        for row in _rows(column):
            table.add_row(*map(Text, row))
    return table


def _rows(column: Column) -> Iterator[tuple[str, str, str, str, str]]:
    name = in_chinese(column.names)
    if column.kind is Kind.RELATIVE_UNCERTAINTY:
        name = f"{name}（相对不确定度）"
    for text in column.texts:
        yield name, "", text, "", ""
    for position, value in enumerate(column.values):
        shown = f"{value:f}" if value.is_finite() else "—"
        if column.seconds:
            second, unit = _at(column.seconds, position), _symbol(_at(column.second_units, position))
            imaginary = second if second.startswith("-") else f"+{second}"
            shown = f"{shown} ∠ {second} {unit}" if column.kind is Kind.POLAR else f"{shown} {imaginary}i"
        yield (
            name,
            _at(column.labels or column.times, position),
            shown,
            _symbol(_at(column.units, position)),
            _uncertainty(column.uncertainty, position),
        )
    for label, text in column.others:
        yield name, label, text, "", ""


def _uncertainty(stated: StatedUncertainty | None, position: int) -> str:
    if stated is None:
        return ""
    term = STATED[stated.statement]
    if stated.covariances:
        return f"{term}（{len(stated.covariances)} 列）"
    parts = [f"{size:f}" for size in stated.sizes[position : position + 1] or stated.sizes[:1]]
    if stated.low:
        parts = [f"[{_at(stated.low, position)}, {_at(stated.high, position)}]"]
    if stated.factors:
        parts.append(f"k = {_at(stated.factors, position)}")
    if stated.probabilities:
        parts.append(f"p = {_at(stated.probabilities, position)}")
    return f"{term} {'，'.join(parts)}"


def _symbol(dsi: str) -> str:
    """The symbol of a unit as people write it, or the D-SI string where it is no legal unit."""
    try:
        return symbol_of_dsi(factors(dsi))
    except UnitError:
        return dsi


def _at(entries: tuple[object, ...], position: int) -> str:
    """The entry of one value, where a single entry stands for all."""
    if not entries:
        return ""
    return str(entries[position] if len(entries) > position else entries[0])


def _as_json(document: Document) -> dict[str, object]:
    return {
        "version": document.version,
        "heading": dict(heading(document).lines()),
        "columns": [_column_json(column) for column in document.columns],
        "findings": [
            {"rule": f.rule, "severity": f.severity.name.lower(), "line": f.line, "message": f.message}
            for f in document.findings
        ],
    }


def _column_json(column: Column) -> dict[str, object]:
    stated = column.uncertainty
    return {
        "line": column.line,
        "section": column.section.kind,
        "section_name": in_chinese(column.section.names),
        "name": in_chinese(column.names),
        "kind": column.kind.value,
        "ref_types": column.ref_types,
        "labels": column.labels,
        "values": [str(value) for value in column.values],
        "seconds": [str(value) for value in column.seconds],
        "units": column.units,
        "second_units": column.second_units,
        "texts": column.texts,
        "times": column.times,
        "uncertainty": stated
        and {
            "statement": stated.statement.value,
            "sizes": [str(size) for size in stated.sizes],
            "factors": [str(factor) for factor in stated.factors],
            "probabilities": [str(probability) for probability in stated.probabilities],
            "low": [str(bound) for bound in stated.low],
            "high": [str(bound) for bound in stated.high],
        },
    }
