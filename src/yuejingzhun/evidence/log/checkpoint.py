"""Checkpoints (C2SP tlog-checkpoint): the head of a log at one size, as the text of a signed note."""

import base64
import binascii
from dataclasses import dataclass

from yuejingzhun.evidence.log.merkle import EMPTY_ROOT, HASH_SIZE
from yuejingzhun.evidence.log.note import NoteError, check_name

LARGEST_SIZE = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Which log, how many leaves, which root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The head in the text of a note; raises NoteError. Our logs have no extension lines, so none are accepted."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise NoteError("检查点应恰为三行：来源、大小、根")
    origin, size, root = lines[0], parse_decimal(lines[1]), parse_hash(lines[2])
    check_name(origin)
    if size == 0 and root != EMPTY_ROOT:
        raise NoteError("大小为零的检查点，根应为空串的哈希")
    return Checkpoint(origin, size, root)


def parse_decimal(text: str) -> int:
    """A number without sign or leading zeros; raises NoteError."""
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or (text[0] == "0" and text != "0"):
        raise NoteError(f"{text[:40]!r} 不是规范的十进制数")
    if int(text) > LARGEST_SIZE:
        raise NoteError(f"{text} 过大")
    return int(text)


def parse_hash(text: str) -> bytes:
    """A SHA-256 in base64, in its one canonical spelling; raises NoteError."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"{text[:60]!r} 不是 Base64") from error
    if len(value) != HASH_SIZE or base64.b64encode(value).decode() != text:
        raise NoteError(f"{text[:60]!r} 不是 {HASH_SIZE} 字节的哈希")
    return value
