"""A store of files by content: the name of a file is the SHA-256 of its bytes, so the same bytes are kept once.

Put first, then record the hash in the transaction of what it belongs to: a transaction that fails leaves a file that
nobody names, never a name without a file. Nothing is deleted here.
"""

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from django.conf import settings

LARGEST = 20 * 1024 * 1024  # bytes; our choice
SHA256 = re.compile(r"[0-9a-f]{64}")


class Kind(Enum):
    """A kind of file that is taken, known by its first bytes; the value is its media type."""

    PDF = "application/pdf"  # ISO 32000-1 7.5.2
    PNG = "image/png"  # ISO/IEC 15948 5.2
    JPEG = "image/jpeg"  # ISO/IEC 10918-1 B.1.1.3: SOI, and the 0xFF of the marker after it


MAGIC = {Kind.PDF: b"%PDF-", Kind.PNG: b"\x89PNG\r\n\x1a\n", Kind.JPEG: b"\xff\xd8\xff"}


class FileRefusedError(ValueError):
    """Not a file that is taken; the message says in Chinese which file, what was found and what is expected."""


class FileMissingError(LookupError):
    """No file of that hash is kept, or it is no longer what was put; the message says so in Chinese."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is on the disk: its hash (hexadecimal), its size in bytes and its kind."""

    sha256: str
    size: int
    kind: Kind


def check_size(name: str, size: int, largest: int = LARGEST) -> None:
    """Raises FileRefusedError for nothing or too much; to be asked before an upload is read."""
    if size == 0:
        raise FileRefusedError(f"文件 {name[:80]!r} 是空的")
    if size > largest:
        raise FileRefusedError(f"文件 {name[:80]!r} 有 {size} 字节，应不超过 {largest // 1024 // 1024} MB")


def kind_of(name: str, data: bytes) -> Kind:
    """The kind by the first bytes, whatever the name says; raises FileRefusedError."""
    found = next((kind for kind, magic in MAGIC.items() if data.startswith(magic)), None)
    if found is None:
        raise FileRefusedError(
            f"文件 {name[:80]!r} 不是 PDF、PNG 或 JPEG（开头为 {data[:8].hex(' ') or '空'}），请转换后再传"
        )
    return found


def put(name: str, data: bytes, largest: int = LARGEST) -> Stored:
    """Keep a file, and return once it is on the disk; raises FileRefusedError, or OSError where it can't be written."""
    check_size(name, len(data), largest)
    kind = kind_of(name, data)
    sha256 = hashlib.sha256(data).hexdigest()
    path = _path(sha256)
    if not (path.exists() and _is_whole(path, sha256)):
        _write(path, data)
    return Stored(sha256, len(data), kind)


def read(sha256: str) -> bytes:
    """The bytes of that hash, compared with it; raises FileMissingError."""
    path = _path(sha256) if SHA256.fullmatch(sha256) else None
    if path is None or not path.is_file():
        raise FileMissingError(f"没有保存哈希为 {sha256[:64]} 的文件")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FileMissingError(f"哈希为 {sha256} 的文件已损坏：内容与哈希不符，请从备份恢复")
    return data


def _path(sha256: str) -> Path:
    # Two levels, so that no folder holds millions.
    return settings.DATA / "files" / sha256[:2] / sha256[2:4] / sha256


def _is_whole(path: Path, sha256: str) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A draft of its own: two who put the same file at once must not write into each other's.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    for folder in (path.parent, *list(path.parents)[1:4]):
        _sync(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
