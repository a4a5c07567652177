"""The little of DER (ITU-T X.690) that a timestamp request and token need: writing, and reading strictly."""

import re

INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, UTF8, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C, 0x30, 0x31
BOOLEAN, GENERALIZED_TIME = 0x01, 0x18
_DOTTED = re.compile(r"[012](?:\.(?:0|[1-9][0-9]*))+")


class DerError(ValueError):
    """The bytes are not DER of the expected form."""


def tlv(tag: int, *contents: bytes) -> bytes:
    """One element of that tag with these contents."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def integer(value: int) -> bytes:
    """An INTEGER that is not negative."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER; raises DerError for what is none."""
    if not _DOTTED.fullmatch(dotted):
        raise DerError(f"{dotted[:80]!r} is no object identifier")
    first, second, *rest = map(int, dotted.split("."))
    return tlv(OID, *(_base128(arc) for arc in (first * 40 + second, *rest)))


def read(data: bytes) -> tuple[int, bytes, bytes]:
    """The tag and content of the first element, and what follows it; raises DerError."""
    if len(data) < 2:
        raise DerError("cut off")
    tag, size, start = data[0], data[1], 2
    if size & 0x80:
        count = size & 0x7F
        start += count
        size = int.from_bytes(data[2:start], "big")
        if not 0 < count <= 4 or size < 0x80 or data[2] == 0 or len(data) < start:
            raise DerError("a length is not in its shortest form")
    if tag & 0x1F == 0x1F or len(data) < start + size:
        raise DerError("cut off, or a tag that is not expected")
    return tag, data[start : start + size], data[start + size :]


def expect(tag: int, data: bytes) -> tuple[bytes, bytes]:
    """The content of the first element, which must be of that tag, and what follows it; raises DerError."""
    found, content, rest = read(data)
    if found != tag:
        raise DerError(f"tag {found:#x} instead of {tag:#x}")
    return content, rest


def read_integer(content: bytes) -> int:
    """The value of an INTEGER's content that is not negative; raises DerError."""
    if not content or content[0] & 0x80 or (len(content) > 1 and content[0] == 0 and not content[1] & 0x80):
        raise DerError("an integer is negative or not in its shortest form")
    return int.from_bytes(content, "big")


def read_oid(content: bytes) -> str:
    """The dotted form of an OBJECT IDENTIFIER's content; raises DerError."""
    arcs, value, fresh = [], 0, True
    for byte in content:
        if fresh and byte == 0x80:
            raise DerError("an object identifier is not in its shortest form")
        value, fresh = value << 7 | byte & 0x7F, not byte & 0x80
        if fresh:
            arcs.append(value)
            value = 0
    if not arcs or not fresh:
        raise DerError("an object identifier is cut off")
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - first * 40, *arcs[1:])))


def _base128(value: int) -> bytes:
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))
