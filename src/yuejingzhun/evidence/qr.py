"""The QR code on paper: an address with the number, the place in the log, and the key that opens the files.

The place is the index and the first 16 bytes of the leaf hash, both public. The key stands on the paper alone: whoever
has it has seen what the files say. Papers printed before there were keys have none.
"""

import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

LEAF_BYTES = 16
KEY_BYTES = 16
LONGEST = 500
_PATH = re.compile(r".*/c/([A-Za-z0-9-]{1,60})")
_QUERY = re.compile(r"i=(0|[1-9][0-9]{0,18})&h=([0-9a-f]{32})(?:&k=([A-Za-z0-9_-]{22}))?")


class QrError(ValueError):
    """Not a code of a certificate; the message says in Chinese why."""


@dataclass(frozen=True, slots=True)
class QrClaim:
    """What the paper says of itself; None is what it was printed without: the place without a log, the key formerly."""

    number: str
    index: int | None = None
    leaf: bytes | None = None  # its first 16 bytes
    key: str | None = None

    def fits(self, index: int, leaf: bytes) -> bool:
        """Whether the place in the log is the one on paper."""
        return (self.index, self.leaf) == (index, leaf[:LEAF_BYTES])


def new_key() -> str:
    """128 bits that nobody guesses, as 22 characters that an address takes as they are."""
    return secrets.token_urlsafe(KEY_BYTES)


def qr_query(index: int, leaf: bytes, key: str = "") -> str:
    """What follows the address of the certificate's page."""
    place = f"?i={index}&h={leaf[:LEAF_BYTES].hex()}"
    return f"{place}&k={key}" if key else place


def parse_qr(text: str) -> QrClaim:
    """The claim in a scanned code; raises QrError. The address is not trusted: it only has to have our form."""
    if len(text) > LONGEST:
        raise QrError(f"二维码内容过长：{len(text)} 个字符")
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise QrError("二维码中不是网址") from error
    path, query = _PATH.fullmatch(parts.path), _QUERY.fullmatch(parts.query)
    if parts.scheme not in ("http", "https") or path is None or parts.fragment:
        raise QrError("二维码中不是证书的网址")
    if not parts.query:
        return QrClaim(path[1])
    if query is None:
        raise QrError("二维码中的日志位置不是规定的形式")
    return QrClaim(path[1], int(query[1]), bytes.fromhex(query[2]), query[3])
