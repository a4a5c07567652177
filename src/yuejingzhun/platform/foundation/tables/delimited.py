"""Text tables: UTF-8 with or without a byte order mark, or GB18030; separated by comma, semicolon or tab (RFC 4180)."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from yuejingzhun.platform.foundation.tables.formulas import restored
from yuejingzhun.platform.foundation.tables.table import Limits, Row, Table, TableError, bounded, checked_headings

SEPARATORS = ",;\t"
_BLOCK = 1024**2


@dataclass(frozen=True, slots=True)
class _Layout:
    encoding: str
    separator: str


def open_delimited(path: Path, limits: Limits) -> Table:
    """The table in a text file; raises TableError for one that is neither UTF-8 nor GB18030, or has no heading."""
    encoding, lines = _encoding_and_lines(path)
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline(limits.line_characters)
    layout = _Layout(encoding, _separator(first))
    try:
        _, cells = next(_records(path, layout, limits))
    except StopIteration:
        raise TableError("文件是空的，第 1 行应为表头") from None
    headings = checked_headings(cells, limits)

    def rows() -> Iterator[Row]:
        records = _records(path, layout, limits)
        next(records)
        return bounded(records, limits)

    return Table("csv", headings, max(lines - 1, 0), rows)


def _records(path: Path, layout: _Layout, limits: Limits) -> Iterator[Row]:
    with path.open(encoding=layout.encoding, newline="") as file:
        lines = iter(lambda: file.readline(limits.line_characters), "")
        reader = csv.reader(_not_too_long(lines, limits), delimiter=layout.separator, strict=True)
        number = 0
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise TableError(f"第 {number} 行：{_explained(error)}") from error
            if any(cells):
                yield number, tuple(restored(cell) for cell in cells)


def _not_too_long(lines: Iterator[str], limits: Limits) -> Iterator[str]:
    for line in lines:
        if len(line) >= limits.line_characters:
            raise TableError(f"有一行超过 {limits.line_characters} 个字符，不是表格")
        yield line


def _explained(error: csv.Error) -> str:
    text = str(error)
    if "end of data" in text:
        return "引号没有结束，文件可能在中途断开"
    if "field larger" in text:
        return f"有一格超过 {csv.field_size_limit()} 个字符，引号可能没有结束"
    if "expected after" in text:
        return "引号之后应为分隔符"
    return f"不能按分隔文本读取（{text}）"


def _encoding_and_lines(path: Path) -> tuple[str, int]:
    """The encoding in which the whole file can be read, and its number of lines."""
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise TableError("文件是 UTF-16 编码，应为 UTF-8 或 GB18030：请另存为“CSV UTF-8”")
    utf8 = _decoded(path, "utf-8")
    if utf8 is None:
        return ("utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"), _lines(path)
    if path.stat().st_size - utf8 <= 3:
        raise TableError("文件在一个字符的中间断开，没有传完整，请重新上传")
    gb = _decoded(path, "gb18030")
    if gb is None:
        return "gb18030", _lines(path)
    raise TableError(f"文件既不是 UTF-8（第 {utf8 + 1} 字节起不符），也不是 GB18030（第 {gb + 1} 字节起不符）")


def _decoded(path: Path, encoding: str) -> int | None:
    """None where the whole file is in that encoding, else how many bytes from its start are."""
    decoder, before = codecs.getincrementaldecoder(encoding)(), 0
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            kept = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return before - kept + error.start
            if not block:
                return None
            before += len(block)


def _lines(path: Path) -> int:
    count, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            count += block.count(b"\n")
            last = block[-1:]
    return count + (last != b"\n")


def _separator(line: str) -> str:
    """The one of the separators that the heading line has most of outside quotes."""
    outside = "".join(line.split('"')[::2])
    return max(SEPARATORS, key=outside.count)
