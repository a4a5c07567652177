"""Tables of every kind and encoding give the same rows; broken and hostile files are refused before they do harm."""

import io
import struct
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.platform.foundation.tables.formulas import neutral, restored
from yuejingzhun.platform.foundation.tables.reading import open_table
from yuejingzhun.platform.foundation.tables.table import LIMITS, TableError
from yuejingzhun.platform.foundation.tables.writing import csv_pieces, write_parquet, write_xlsx

HEADINGS = ("名称", "编号", "日期")
ROWS = [("电能表", "=1+1", date(2024, 1, 31)), ("水表", "00123", None), ('引号"，逗号,', "'-5", date(2023, 5, 6))]


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_in_each_encoding_and_with_each_separator(tmp_path, encoding: str, separator: str, end: str) -> None:
    lines = [separator.join(cells) for cells in (HEADINGS, ("电能表", "00123", "2024-01-31"), ("㐀𠀀", "2", ""))]
    table = open_table(write(tmp_path / "a.csv", end.join(lines).encode(encoding)))
    assert (table.headings, table.expected) == (HEADINGS, 2)
    assert list(table.rows()) == [(2, ("电能表", "00123", "2024-01-31")), (3, ("㐀𠀀", "2", ""))]
    assert list(table.rows()) == list(table.rows())


def test_row_numbers_are_those_of_a_spreadsheet(tmp_path) -> None:
    table = open_table(write(tmp_path / "a.csv", '甲,乙\n1,"两\n行"\n\n,\n2,3\n'))
    assert [number for number, _ in table.rows()] == [2, 5]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_what_is_written_is_read_back(tmp_path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    if suffix == "csv":
        path.write_bytes(b"".join(csv_pieces(HEADINGS, ROWS)))
    elif suffix == "xlsx":
        write_xlsx(path, "表", HEADINGS, ROWS)
    else:
        write_parquet(path, HEADINGS, ("日期",), ROWS)
    table = open_table(path)
    assert (table.kind, table.headings) == (suffix, HEADINGS)
    read = [tuple(cell or None for cell in cells) for _, cells in table.rows()]
    days = {"csv": lambda day: day and day.isoformat()}.get(suffix, lambda day: day)
    assert read == [(name, number, days(day)) for name, number, day in ROWS]


def test_formulas_leave_as_text_and_are_not_run_on_the_way_in(tmp_path) -> None:
    rows = [[text] for text in ("=HYPERLINK(1)", "+1", "-2", "@A1", "\t=1", "＝1", "'=1", "无害")]
    lines = b"".join(csv_pieces(["=甲"], rows)).decode("utf-8-sig").splitlines()
    assert all(line.lstrip('"')[0] not in "=+-@\t＝" for line in lines)
    write_xlsx(tmp_path / "a.xlsx", "表", ["甲"], rows)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    with xlsxwriter.Workbook(tmp_path / "b.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["甲"])
        sheet.write_formula(1, 0, "=40+2", None, 41)
    assert list(open_table(tmp_path / "b.xlsx").rows()) == [(2, (41,))]  # the stored value, not 42


@given(st.text(alphabet="'=+-@\t＝a1", max_size=8))
def test_what_was_made_harmless_is_restored_exactly(text: str) -> None:
    assert restored(neutral(text)) == text
    assert not neutral(text) or neutral(text)[0] not in "=+-@\t＝"


def test_cells_of_a_workbook_keep_their_kind(tmp_path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        hidden = book.add_worksheet("藏")
        sheet = book.add_worksheet("表")
        hidden.hide()
        sheet.activate()
        sheet.set_first_sheet()
        sheet.write_row(2, 1, ["甲", "乙", "丙"])  # not in the corner
        sheet.write_row(4, 1, [12, 1.5, "007"])
        sheet.write_datetime(5, 1, datetime(2024, 1, 31), book.add_format({"num_format": "yyyy-mm-dd"}))
    table = open_table(path)
    assert table.headings == ("甲", "乙", "丙")
    assert list(table.rows()) == [(5, (12, 1.5, "007")), (6, (date(2024, 1, 31), None, None))]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "文件是空的"),
        (b"\n", "文件是空的"),
        (b" , \n1,2\n", "没有表头"),
        ("电能表,水表".encode()[:-1], "在一个字符的中间断开"),
        (b"a,\xff\xff,b\n" * 9, "既不是 UTF-8"),
        ("甲".encode("utf-16"), "UTF-16"),
        (b"\xd0\xcf\x11\xe0" + bytes(500), "xls"),
        (b"PK\x03\x04" + bytes(100), "不完整或已损坏"),
        (b"PAR1" + bytes(100) + b"PAR1", "不完整或已损坏"),
        (",".join("abcdefgh" * 26).encode(), "最多 200 列"),
        (b"x" * 1_100_000, "不是表格|超过"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(tmp_path, content: bytes, expected: str) -> None:
    with pytest.raises(TableError, match=expected):
        open_table(write(tmp_path / "a", content))


def test_quotes_that_never_end_say_where(tmp_path) -> None:
    table = open_table(write(tmp_path / "a.csv", '甲,乙\n1,2\n3,"4\n'))
    rows = table.rows()
    assert next(rows) == (2, ("1", "2"))
    with pytest.raises(TableError, match="第 3 行：引号没有结束"):
        next(rows)


def test_limits_of_rows_and_bytes(tmp_path) -> None:
    path = write(tmp_path / "a.csv", "甲\n" + "1\n" * 11)
    with pytest.raises(TableError, match="第 12 行：超过了一个文件最多 10 行"):
        list(open_table(path, replace(LIMITS, rows=10)).rows())
    with pytest.raises(TableError, match="文件超过"):
        open_table(path, replace(LIMITS, file_bytes=10))


def sheet_of(path: Path, sheet: str, **other: str) -> Path:
    """A workbook whose sheet is this XML; `other` replaces other parts."""
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write(0, 0, "甲")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    parts |= {name: content.encode() for name, content in other.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def sheet_xml(rows: str, dimension: str = "A1") -> str:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'


CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is></c></row>'


def test_a_sheet_that_claims_a_million_rows_but_has_one_is_read(tmp_path) -> None:
    rows = CELL + '<row r="2"><c r="A2"><v>5</v></c></row>'
    assert list(open_table(sheet_of(tmp_path / "a.xlsx", sheet_xml(rows, "A1:XFD1048576"))).rows()) == [(2, (5,))]


@pytest.mark.parametrize(
    "rows",
    [
        CELL + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        CELL + '<c r="XFD1048576"><v>1</v></c>',
        "<row>" + "<c/>" * 16_384 + "</row>" + "<row/>" * 1_000 + "<row><c/></row>",
    ],
)
def test_cells_in_far_corners_are_refused_before_they_fill_the_memory(tmp_path, rows: str) -> None:
    with pytest.raises(TableError, match="最多 16000000 格"):
        open_table(sheet_of(tmp_path / "a.xlsx", sheet_xml(rows)))


def test_a_zip_bomb_is_refused_by_what_it_unpacks_to_and_by_what_it_claims(tmp_path) -> None:
    path = sheet_of(tmp_path / "a.xlsx", sheet_xml(CELL + " " * 3_000_000))
    with pytest.raises(TableError, match="解压后超过 1 MB"):
        open_table(path, replace(LIMITS, unpacked_bytes=1024**2))
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):  # the size in both headers (APPNOTE 4.3)
        place = 0
        while (place := content.find(signature, place)) >= 0:
            (length,) = struct.unpack_from("<I", content, place + offset)
            if length > 3_000_000:
                struct.pack_into("<I", content, place + offset, 1000)
            place += 4
    with pytest.raises(TableError, match="比它声明的 1000 字节更大"):
        open_table(write(path, bytes(content)))


def test_other_tricks_of_a_workbook_are_refused(tmp_path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + sheet_xml(CELL)
    with pytest.raises(TableError, match="DTD"):
        open_table(sheet_of(tmp_path / "a.xlsx", bomb))
    relations = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship
        Id="rId1" Type="x/worksheet" Target="../elsewhere.bin"/></Relationships>"""
    with pytest.raises(TableError, match="不在通常的位置"):
        open_table(sheet_of(tmp_path / "b.xlsx", sheet_xml(CELL), **{"xl/_rels/workbook.xml.rels": relations}))
    with pytest.raises(TableError, match="不是正确的 XML"):
        open_table(sheet_of(tmp_path / "c.xlsx", sheet_xml('<row r="1"><c r="A1"><v>&#xD800;</v></c></row>')))


@pytest.mark.parametrize("suffix", ["xlsx", "parquet"])
def test_a_file_cut_in_the_middle_is_refused(tmp_path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    rows = [(f"电能表{n}", str(n * 7919), None) for n in range(2000)]
    (write_xlsx(path, "表", HEADINGS, rows) if suffix == "xlsx" else write_parquet(path, HEADINGS, (), rows))
    whole = path.read_bytes()
    for part in (0.1, 0.5, 0.9, 0.999):
        with pytest.raises(TableError, match="不完整或已损坏"):
            open_table(write(path, whole[: int(len(whole) * part)]))


def test_parquet_of_nested_or_odd_columns(tmp_path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"甲": [[1]]}), path)
    with pytest.raises(TableError, match="嵌套类型"):
        open_table(path)
    moment = pa.array([1_700_000_000_123_456_789], pa.timestamp("ns", "UTC"))
    pq.write_table(pa.table({"甲": pa.array(["x"]).dictionary_encode(), "乙": moment}), path)
    ((_, cells),) = open_table(path).rows()
    assert (cells[0], cells[1].year) == ("x", 2023)
    raw = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(struct.pack("<ii", 0, 2)), pa.py_buffer(b"\xff\xfe")]
    )
    pq.write_table(pa.table({"甲": raw}), path)
    with pytest.raises(TableError, match="第 2 行之后"):
        list(open_table(path).rows())


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_they_are_a_table_or_refused(content: bytes) -> None:
    import tempfile

    for start in (b"", b"PK\x03\x04", b"PAR1"):
        with tempfile.NamedTemporaryFile() as file:
            file.write(start + content)
            file.flush()
            try:
                list(open_table(Path(file.name)).rows())
            except TableError as error:
                assert any("一" <= letter <= "鿿" for letter in str(error))


def test_csv_is_given_away_in_pieces() -> None:
    pieces = list(csv_pieces(["甲"], (["x" * 100] for _ in range(5000))))
    assert len(pieces) > 5
    assert io.BytesIO(b"".join(pieces)).readline() == "﻿甲\r\n".encode()
