"""A result of the command line as a printed report, for people who don't program."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yuejingzhun
from yuejingzhun.cli.lettering import printable
from yuejingzhun.cli.picture import picture
from yuejingzhun.cli.terminal import read_file
from yuejingzhun.procedures.local_date import LOCAL

MANY = 6  # columns


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts below headings; columns in `left` are set left, the others right, as numbers are.

    `across` rows stand side by side, to save paper. Few columns share the width evenly; of many, the first takes what
    the others leave.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: tuple[int, ...] = (0,)
    across: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says, in the order of the page; `figure` is a Matplotlib figure."""

    title: str
    computed: str  # one sentence: what was computed
    file: Path  # the data
    conditions: Sequence[tuple[str, str]]  # name and text
    basis: Sequence[str]  # standards and clauses
    inputs: Sequence[Table]
    results: Sequence[Table]
    statement: Sequence[str]  # the first sentence is the result, the others explain it
    figure: Any
    caption: str


def render_report(report: Report, at: datetime) -> bytes:
    """The report as PDF/A-2b, made at that time (UTC); raises UnusableError for a character that can't be printed."""
    import typst

    inputs = {
        "content": json.dumps(content_of(report, at), ensure_ascii=False),
        "picture": picture(report.figure, ".svg").decode(),
    }
    compiler = typst.Compiler(_template(), font_paths=_fonts(), sys_inputs=inputs)
    pdf = compiler.compile(format="pdf", pdf_standards="a-2b", timestamp=int(at.timestamp()))
    if not isinstance(pdf, bytes):
        raise TypeError("one document was expected")
    return pdf


def content_of(report: Report, at: datetime) -> dict[str, Any]:
    """All that a report says, as text that can be printed; raises UnusableError for a character that can't."""
    local = at.astimezone(LOCAL)
    content = {
        "title": report.title,
        "computed": report.computed,
        "facts": [
            *_file(report.file),
            *report.conditions,
            ("依据", "；".join(report.basis)),
            ("计算时间", f"{local:%Y-%m-%d %H:%M:%S}（Asia/Shanghai，UTC+8）"),
            ("程序", f"粤精准 yuejingzhun {yuejingzhun.__version__}"),
        ],
        "inputs": list(map(_table, report.inputs)),
        "results": list(map(_table, report.results)),
        "statement": report.statement,
        "caption": report.caption,
        "made": [local.year, local.month, local.day, local.hour, local.minute, local.second],
    }
    printed: dict[str, Any] = _printable(content)
    return printed


def _file(path: Path) -> list[tuple[str, str]]:
    # Of a pipe nothing is left to be read again.
    digest = [("其 SHA-256", hashlib.sha256(read_file(path)).hexdigest())] if path.is_file() else []
    return [("数据文件", path.name), *digest]


def _table(table: Table) -> dict[str, Any]:
    width, across = len(table.headings), table.across if len(table.rows) > 1 else 1
    empty = ("",) * width
    padded = [*table.rows, *(empty for _ in range(-len(table.rows) % across))]
    places = [column % width in table.left for column in range(width * across)]
    return {
        "title": table.title,
        "headings": [*table.headings] * across,
        "cells": [cell for row in padded for cell in row],
        "left": places,
        "even": across > 1 or width < MANY,
        "note": table.note,
    }


def _printable(content: Any) -> Any:
    if isinstance(content, str):
        return printable(content, "报告")
    if isinstance(content, dict):
        return {name: _printable(part) for name, part in content.items()}
    return [_printable(part) for part in content] if isinstance(content, list | tuple) else content


@cache
def _template() -> bytes:
    return (files(__package__) / "report.typ").read_bytes()


@cache
def _fonts() -> Any:
    import typst

    folder = Path(str(files("yuejingzhun.evidence.pdf") / "fonts"))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
