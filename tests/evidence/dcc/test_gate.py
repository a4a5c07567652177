import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from yuejingzhun.evidence.dcc.gate import MAXIMUM_BYTES, MAXIMUM_DEPTH, UnusableXmlError, parse
from yuejingzhun.evidence.dcc.tree import text_of

EXAMPLES = Path(__file__).parents[2] / "reference" / "dcc"

BILLION_LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
EXTERNAL_ENTITY = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "syntax"),
        (b"not xml", "syntax"),
        (b"<a><b></a>", "syntax"),
        (b"<a>&unknown;</a>", "syntax"),
        (b"\xff\xfe<", "syntax"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "syntax"),
        (BILLION_LAUGHS, "doctype"),
        (EXTERNAL_ENTITY, "doctype"),
        (EXTERNAL_ENTITY.decode().encode("utf-16"), "doctype"),
        (b"<a>" * (MAXIMUM_DEPTH + 1) + b"</a>" * (MAXIMUM_DEPTH + 1), "depth"),
        (b"<a>" + b"<b/>" * 800_000 + b"</a>", "elements"),
        (b"<a " + b"".join(b'a%d="" ' % i for i in range(400_001)) + b"/>", "elements"),
        (b" " * (MAXIMUM_BYTES + 1), "size"),
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4APA-a/+AD4-', "doctype"),
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADw-a/+AD4-', "encoding"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_unusable_input_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(UnusableXmlError) as refusal:
        parse(data)
    assert refusal.value.code == code
    assert any("一" <= character <= "鿿" for character in str(refusal.value))


def test_deep_nesting_is_refused_without_being_built() -> None:
    data = b"<a>" * (MAXIMUM_BYTES // 3)
    tracemalloc.start()
    with pytest.raises(UnusableXmlError):
        parse(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_depth_up_to_the_limit_is_read() -> None:
    assert parse(b"<a>" * MAXIMUM_DEPTH + b"</a>" * MAXIMUM_DEPTH).tag == "a"


def test_a_comment_hides_no_text() -> None:
    root = parse(b"<value>12<!-- hidden -->34<?pi ?>5</value>")
    assert root.text == "12"
    assert text_of(root) == "12345"


@given(st.binary(max_size=300) | st.text("<>/ab&;![]-?\"'= x\n", max_size=300).map(str.encode))
def test_any_bytes_give_a_tree_or_our_error(data: bytes) -> None:
    try:
        assert isinstance(parse(data), etree._Element)
    except UnusableXmlError as refusal:
        assert refusal.code in {"syntax", "doctype", "encoding"}


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.xml")), ids=lambda path: path.name)
def test_every_official_example_passes_but_the_one_that_is_not_xml(path: Path) -> None:
    if path.name == "invalid_syntax.xml":
        with pytest.raises(UnusableXmlError, match=r"第 \d+ 行"):
            parse(path.read_bytes())
    else:
        assert etree.QName(parse(path.read_bytes())).localname == "digitalCalibrationCertificate"
