"""The only way from foreign bytes to a tree: in bounded time and memory, without network or entities."""

from lxml import etree

MAXIMUM_BYTES = 16 * 1024 * 1024
MAXIMUM_DEPTH = 256  # of libxml2 itself, which stops there before it has built more
MAXIMUM_TAGS = 800_000
MAXIMUM_ATTRIBUTES = 400_000
# Encodings in which an ASCII character is never part of another one: what is counted in the bytes is what is parsed.
ENCODINGS = frozenset({"UTF-8", "UTF-16", "US-ASCII", "ASCII", "ISO-8859-1", "GB18030", "GBK", "GB2312"})


class UnusableXmlError(ValueError):
    """The bytes are not XML that we read; `code` is stable, the message is for the user."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse(data: bytes, *, bare: bool = False) -> etree._Element:
    """The root; the code of an UnusableXmlError is one of size, doctype, depth, elements, encoding and syntax.

    `bare` leaves out blanks between elements, comments and processing instructions, which a signature covers but
    which say nothing.
    """
    _check_bytes(data)
    try:
        root = etree.fromstring(data, _parser(bare))
    except etree.XMLSyntaxError as error:
        if "Excessive depth" in str(error.msg):
            raise UnusableXmlError("depth", f"XML 嵌套超过 {MAXIMUM_DEPTH} 层，拒绝读取") from error
        line, column = error.position
        raise UnusableXmlError("syntax", f"不是合格的 XML：第 {line} 行第 {column} 列，{error.msg}") from error
    except (ValueError, LookupError) as error:
        raise UnusableXmlError("syntax", f"不是合格的 XML：{error}") from error
    _check_declarations(root)
    return root


def _check_bytes(data: bytes) -> None:
    """Bounds that hold whatever the parser makes of the bytes, so that it is never given too much."""
    if len(data) > MAXIMUM_BYTES:
        raise UnusableXmlError("size", f"文件有 {len(data)} 字节，超过上限 {MAXIMUM_BYTES} 字节")
    # A DOCTYPE is refused before any parser sees it, in each encoding that XML must support.
    wide = b"\0" in data[:4]
    if any("<!DOCTYPE".encode(code) in data for code in (("utf-16-le", "utf-16-be") if wide else ("ascii",))):
        raise _doctype_error()
    if len(data) <= MAXIMUM_ATTRIBUTES:
        return  # too short to hold too many of anything
    if data.count(b"<") > MAXIMUM_TAGS:
        raise UnusableXmlError("elements", f"XML 标记超过 {MAXIMUM_TAGS} 个，拒绝读取")
    if data.count(b"=") > MAXIMUM_ATTRIBUTES:
        raise UnusableXmlError("elements", f"XML 属性超过 {MAXIMUM_ATTRIBUTES} 个，拒绝读取")


def _check_declarations(root: etree._Element) -> None:
    declared = root.getroottree().docinfo
    if declared.internalDTD is not None:
        raise _doctype_error()
    encoding = declared.encoding
    if encoding is not None and encoding.upper() not in ENCODINGS:
        raise UnusableXmlError("encoding", f"XML 的编码是 {encoding}，只读取 {'、'.join(sorted(ENCODINGS))}")


def _doctype_error() -> UnusableXmlError:
    return UnusableXmlError("doctype", "XML 含有 DOCTYPE 声明（可能定义外部实体），拒绝读取")


def _parser(bare: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_blank_text=bare,
        remove_comments=bare,
        remove_pis=bare,
    )
