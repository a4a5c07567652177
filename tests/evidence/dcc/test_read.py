"""Reading: every official example, the invalid ones with the right reason, hostile ones within bounds; and back."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.dcc.compose import compose
from yuejingzhun.evidence.dcc.leaves import leaves
from yuejingzhun.evidence.dcc.read import DccError, Document, read
from yuejingzhun.evidence.dcc.write import write

EXAMPLES = Path(__file__).parents[2] / "reference" / "dcc"
VALID = (EXAMPLES / "dcclib" / "valid.xml").read_bytes()
READABLE = sorted(path for path in EXAMPLES.rglob("*.xml") if path.stem not in ("invalid_syntax", "invalid_schema"))


def meaning(data: bytes) -> bytes:
    """What two documents must share to mean the same: canonical XML, blanks between elements and prefixes aside."""
    return etree.tostring(etree.fromstring(data), method="c14n2", strip_text=True, with_comments=False)


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.name)
def test_what_is_written_again_means_the_same(path: Path) -> None:
    data = path.read_bytes()
    document = read(data)
    written = write(document.leaves)
    assert meaning(written) == meaning(data)
    again = read(written)
    assert again.leaves == document.leaves
    assert [without_line(column) for column in again.columns] == [without_line(column) for column in document.columns]


def without_line(column: object) -> str:
    return repr(column).split(",", 1)[1]


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.name)
def test_every_text_of_an_example_is_in_a_leaf(path: Path) -> None:
    data = path.read_bytes()
    found = {leaf.text.strip() for leaf in read(data).leaves}
    texts = {(node.text or "").strip() for node in etree.fromstring(data).iter(etree.Element)}
    assert texts <= found | {""}


def test_ours_comes_back(certificate: Callable[..., Certificate]) -> None:
    data = compose(certificate())
    document = read(data)
    assert document.version == "3.3.0"
    assert document.findings == ()
    assert meaning(write(document.leaves)) == meaning(data)


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        ((EXAMPLES / "dcclib" / "invalid_syntax.xml").read_bytes(), "xml", r"第 7 行"),
        ((EXAMPLES / "dcclib" / "invalid_schema.xml").read_bytes(), "schema", r"第 17 行.*uniqueIdentifier"),
        (VALID.replace(b'schemaVersion="3.3.0"', b'schemaVersion="9.9.9"'), "version", r"9\.9\.9"),
        (VALID.replace(b' schemaVersion="3.3.0"', b""), "version", "不支持"),
        (b"<html/>", "root", "html"),
        (b"", "xml", "不是合格的 XML"),
    ],
    ids=["syntax", "schema", "version", "no version", "root", "empty"],
)
def test_what_is_no_dcc_is_refused_with_its_reason(data: bytes, code: str, says: str) -> None:
    with pytest.raises(DccError, match=says) as refusal:
        read(data)
    assert refusal.value.code == code


@pytest.mark.parametrize("value", ["NaN", "1.E5", "+0.5", "-.5e-3", "10000000000000000000000.01"])
def test_every_decimal_of_the_schema_is_read_with_all_its_digits(value: str) -> None:
    data, changes = re.subn(rb"<si:value>[^<]*<", f"<si:value>{value}<".encode(), VALID, count=1)
    assert changes == 1
    assert str(Decimal(value)) in {str(number) for column in read(data).columns for number in column.values}


@pytest.mark.parametrize("value", ["1E999999999", "1E99999999999999999999", "-1E-999999999", "0E999999"])
def test_a_number_beyond_doubles_is_refused_before_it_can_fill_the_memory(value: str) -> None:
    data = re.sub(rb"<si:value>[^<]*<", f"<si:value>{value}<".encode(), VALID, count=1)
    with pytest.raises(DccError) as refusal:
        read(data)
    assert refusal.value.code == "value"


def test_a_count_of_digits_that_is_no_count_is_refused() -> None:
    digits = rb"\1<si:significantDigit>" + b"9" * 5000 + b"</si:significantDigit>"
    data, changes = re.subn(rb"(<si:value>[^<]*</si:value>\s*<si:unit>[^<]*</si:unit>)", digits, VALID, count=1)
    assert changes == 1
    with pytest.raises(DccError) as refusal:
        read(data)
    assert refusal.value.code == "value"


@pytest.mark.parametrize(
    ("begin", "end", "reversed_"),
    [
        ("1957-08-13", "12000-01-01", False),
        ("-0044-03-15", "1957-08-13", False),
        ("12000-01-01", "9999-12-31", True),
        ("2026-11-24Z", "2026-11-24+08:00", False),
        ("2026-11-24", "2026-11-23", True),
    ],
)
def test_any_date_of_the_schema_has_its_place_in_time(begin: str, end: str, reversed_: bool) -> None:
    data = VALID.replace(b"nPerformanceDate>1957-08-13<", f"nPerformanceDate>{begin}<".encode())
    data = data.replace(b"dPerformanceDate>1957-08-13<", f"dPerformanceDate>{end}<".encode())
    assert data != VALID
    assert ("dates-reversed" in {finding.rule for finding in read(data).findings}) is reversed_


def test_foreign_xml_inside_keeps_its_mixed_text() -> None:
    root = etree.fromstring("<a x='1'>one<b/>two<c>three</c><!-- no --> four<b>five</b></a>")
    again = read_back(root)
    assert etree.tostring(again) == b'<a x="1">one<b/>two<c>three</c> four<b>five</b></a>'


def read_back(root: etree._Element) -> etree._Element:
    return etree.fromstring(write(leaves(root)))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_document_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    damaged = bytearray(VALID)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(damaged) - 1))
        length = data.draw(st.integers(0, 60))
        damaged[start : start + length] = data.draw(st.binary(max_size=8) | st.sampled_from([b"<a>", b"&#0;", b"]]>"]))
    try:
        assert isinstance(read(bytes(damaged)), Document)
    except DccError as refusal:
        assert refusal.code in {"xml", "root", "version", "schema"}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(READABLE), st.integers(0, 400), st.integers(0, 400), st.booleans())
def test_elements_moved_about_are_read_or_refused(path: Path, source: int, target: int, copy: bool) -> None:
    """Well-formed but rearranged: past the parser, into the schema and the columns."""
    root = etree.fromstring(path.read_bytes())
    elements = list(root.iter(etree.Element))
    moved, place = elements[source % len(elements)], elements[target % len(elements)]
    if moved is root or moved in place.iterancestors() or moved is place:
        return
    place.append(etree.fromstring(etree.tostring(moved)) if copy else moved)
    try:
        assert read(etree.tostring(root)).columns is not None
    except DccError as refusal:
        assert refusal.code in {"version", "schema"}
