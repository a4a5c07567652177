"""The only way from foreign bytes to a tree: in bounded time and memory, without network or entities."""

import io
from typing import Any

from lxml import etree

MAXIMUM_BYTES = 16 * 1024 * 1024
MAXIMUM_DEPTH = 64
MAXIMUM_ELEMENTS = 400_000


class UnusableXmlError(ValueError):
    """The bytes are not XML that we read; `code` is stable, the message is for the user."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Bounds:
    """A parser target that builds nothing: it counts, and stops the parser at the first excess."""

    def __init__(self) -> None:
        self.depth = 0
        self.elements = 0

    def start(self, tag: str | bytes, attrib: Any) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > MAXIMUM_DEPTH:
            raise UnusableXmlError("depth", f"XML 嵌套超过 {MAXIMUM_DEPTH} 层，拒绝读取")
        if self.elements > MAXIMUM_ELEMENTS:
            raise UnusableXmlError("elements", f"XML 元素超过 {MAXIMUM_ELEMENTS} 个，拒绝读取")

    def end(self, tag: str | bytes) -> None:
        self.depth -= 1

    def doctype(self, *_: Any) -> None:
        raise UnusableXmlError("doctype", "XML 含有 DOCTYPE 声明（可能定义外部实体），拒绝读取")

    def close(self) -> None:
        """Required of a parser target."""


def parse(data: bytes) -> etree._Element:
    """The root; the code of an UnusableXmlError is one of size, doctype, depth, elements and syntax."""
    if len(data) > MAXIMUM_BYTES:
        raise UnusableXmlError("size", f"文件有 {len(data)} 字节，超过上限 {MAXIMUM_BYTES} 字节")
    # A DOCTYPE is refused before any parser sees it, in each encoding that XML must support.
    if any("<!DOCTYPE".encode(code) in data for code in ("ascii", "utf-16-le", "utf-16-be")):
        raise UnusableXmlError("doctype", "XML 含有 DOCTYPE 声明（可能定义外部实体），拒绝读取")
    try:
        _check_bounds(data)
        return etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise UnusableXmlError("syntax", f"不是合格的 XML：第 {line} 行第 {column} 列，{error.msg}") from error
    except (ValueError, LookupError) as error:
        if isinstance(error, UnusableXmlError):
            raise
        raise UnusableXmlError("syntax", f"不是合格的 XML：{error}") from error


def text_of(element: etree._Element | None) -> str:
    """All text directly inside an element, across comments and processing instructions, without outer blanks.

    `.text` ends at the first comment, so a comment could hide half of a value.
    """
    if element is None:
        return ""
    return "".join([element.text or "", *(child.tail or "" for child in element)]).strip()


def _check_bounds(data: bytes) -> None:
    target: Any = _Bounds()  # text and comments are of no interest here, so it has no methods for them
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, huge_tree=False)
    stream = io.BytesIO(data)
    while block := stream.read(65536):
        parser.feed(block)
    parser.close()


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
