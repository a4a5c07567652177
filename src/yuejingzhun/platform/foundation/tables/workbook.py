"""The first visible sheet of an xlsx workbook (ECMA-376), by calamine, after its parts have been measured.

Calamine holds the rectangle around all cells in memory, so two cells in far corners of a small file would exhaust the
server, and so would parts that unpack to far more than they claim. Everything is measured on the unpacked bytes first.
Formulas aren't run: a cell has the value that was stored with it.
"""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from yuejingzhun.platform.foundation.tables.formulas import restored
from yuejingzhun.platform.foundation.tables.table import Cell, Limits, Row, Table, TableError, bounded, checked_headings

PARTS = 1000
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_TARGET = re.compile(r"(?:/xl/)?worksheets/[^/]+\.xml")
_RELATIONS = "xl/_rels/workbook.xml.rels"
_BLOCK = 256 * 1024
_LOCAL_HEADER = 30  # bytes before the name (APPNOTE 4.3.7)
EXACT_INTEGER = 10**15  # a spreadsheet keeps 15 digits of a number


def open_workbook(path: Path, limits: Limits) -> Table:
    """The table in the first visible sheet; raises TableError."""
    _check_parts(path, limits)
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            name = _first_sheet(workbook)
            sheet = workbook.get_sheet_by_name(name)
            first = sheet.to_python(nrows=1, skip_empty_area=True)
            expected = max(sheet.height - 1, 0)
    except PasswordError as error:
        raise TableError("工作簿设有密码，请去掉密码后再上传") from error
    except (CalamineError, ValueError, OSError) as error:
        raise TableError("工作簿不完整或已损坏，不能读取，请用表格软件重新另存为 .xlsx") from error
    headings = checked_headings(tuple(first[0]) if first else (), limits)
    return Table("xlsx", headings, expected, lambda: bounded(_rows(path, name), limits))


def _rows(path: Path, name: str) -> Iterator[Row]:
    with CalamineWorkbook.from_path(path) as workbook:
        # Empty rows above the heading are given too, empty columns beside it aren't.
        numbered = enumerate(workbook.get_sheet_by_name(name).iter_rows(), 1)
        filled = ((number, cells) for number, cells in numbered if any(cell != "" for cell in cells))
        next(filled, None)
        for number, cells in filled:
            yield number, tuple(_cell(cell) for cell in cells)


def _cell(cell: Any) -> Cell:
    if isinstance(cell, str):
        return restored(cell) if cell else None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT_INTEGER:
        return int(cell)
    return cell  # type: ignore[no-any-return]


def _first_sheet(workbook: CalamineWorkbook) -> str:
    for sheet in workbook.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return sheet.name
    raise TableError("工作簿中没有可见的工作表")


def _check_parts(path: Path, limits: Limits) -> None:
    if path.stat().st_size > limits.workbook_bytes:
        raise TableError(f"工作簿超过 {limits.workbook_bytes // 1024**2} MB，请改用 CSV 或 Parquet")
    try:
        with ZipFile(path) as archive, path.open("rb") as file:
            parts = archive.infolist()
            _check_directory(parts, limits)
            relations = [part for part in parts if part.filename == _RELATIONS]
            _check_relations(b"".join(block for part in relations for block in _unpacked(file, part, limits)))
            for part in parts:
                _measure(file, part, limits)
    except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise TableError("工作簿不完整或已损坏（压缩包不能读取），文件可能没有传完整，请重新上传") from error


def _check_directory(parts: list[ZipInfo], limits: Limits) -> None:
    if len(parts) > PARTS or len({part.filename.lower() for part in parts}) != len(parts):
        raise TableError(f"工作簿的压缩包有 {len(parts)} 个部分，最多 {PARTS} 个，且不能重名")
    if any(part.flag_bits & 1 or part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
        raise TableError("工作簿的压缩包已加密，或压缩方法不是 deflate")
    if sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise TableError(f"工作簿解压后超过 {limits.unpacked_bytes // 1024**2} MB，请改用 CSV 或 Parquet")
    if not any(_SHEET.fullmatch(part.filename) for part in parts):
        raise TableError("压缩包中没有工作表，不是 .xlsx 工作簿")


def _check_relations(content: bytes) -> None:
    """Each sheet must be a part that is measured as one."""
    if len(content) > 1024**2:
        raise TableError("工作簿的目录过大")

    def element(name: str, attributes: dict[str, str]) -> None:
        is_sheet = attributes.get("Type", "").endswith("/worksheet")
        if is_sheet and not _TARGET.fullmatch(attributes.get("Target", "")):
            raise TableError(f"工作表不在通常的位置：{attributes.get('Target', '')[:60]!r}")

    _parse(iter([content]), element)


def _measure(file: BinaryIO, part: ZipInfo, limits: Limits) -> None:
    """Unpack it, and where it is a sheet, count the rectangle around its cells."""
    blocks = _unpacked(file, part, limits)
    if not _SHEET.fullmatch(part.filename):
        for _ in blocks:
            pass
        return
    extent = _Extent(limits)
    _parse(blocks, extent.element)


class _Extent:
    """The rectangle around the cells of a sheet; a place that isn't given is the next one (18.3.1.4, 18.3.1.73)."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.row = self.column = 0
        self.widest = self.lowest = 0

    def element(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "row":
            self.row = int(given) if (given := attributes.get("r", "")).isascii() and given.isdigit() else self.row + 1
            self.column = 0
        elif local == "c":
            self._cell(attributes.get("r", ""))

    def _cell(self, place: str) -> None:
        self.column += 1
        letters = place.rstrip("0123456789")
        if letters:
            self.column = 0
            for letter in letters.upper():
                self.column = self.column * 26 + ord(letter) - 64
            digits = place[len(letters) :]
            self.row = int(digits) if digits else self.row
        self.widest, self.lowest = max(self.widest, self.column), max(self.lowest, self.row)
        if self.widest * self.lowest > self.limits.workbook_cells:
            raise TableError(
                f"工作表占到第 {self.lowest} 行、第 {self.widest} 列，共 {self.widest * self.lowest} 格，"
                f"最多 {self.limits.workbook_cells} 格：请删去数据以外的格，或改用 CSV"
            )


def _parse(blocks: Iterator[bytes], element: Any) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for block in blocks:
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise TableError("工作簿的内容不是正确的 XML，请用表格软件重新另存为 .xlsx") from error


def _refuse_doctype(*_: Any) -> None:
    raise TableError("工作簿的内容含有 DTD，不能读取")


def _unpacked(file: BinaryIO, part: ZipInfo, limits: Limits) -> Iterator[bytes]:
    """The bytes of a part, as many as it claims and no more; raises TableError."""
    file.seek(part.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise BadZipFile("no local header")
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if part.compress_type == ZIP_DEFLATED else None
    left, size = part.compress_size, 0
    while left > 0:
        packed = file.read(min(_BLOCK, left))
        if not packed:
            raise EOFError
        left -= len(packed)
        while packed:
            block = inflate.decompress(packed, _BLOCK) if inflate else packed
            packed = inflate.unconsumed_tail if inflate else b""
            size += len(block)
            if size > part.file_size or size > limits.unpacked_bytes:
                raise TableError(f"工作簿的 {part.filename[:60]} 解压后比它声明的 {part.file_size} 字节更大，不能读取")
            yield block
    if size != part.file_size or (inflate and not inflate.eof):
        raise EOFError
