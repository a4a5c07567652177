"""Files that were brought to be imported: kept in the data folder until long after the import."""

import hashlib
import os
import secrets
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core import signing

from yuejingzhun.platform.foundation.tables.table import LIMITS, TableError

KEPT = timedelta(days=30)
SALT = "instruments.kept-file"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file by the name under which it is kept, with the name that it came with and its SHA-256."""

    stored: str
    name: str
    size: int
    sha256: str

    @property
    def path(self) -> Path:
        """Where it is."""
        return _folder() / self.stored


def keep(name: str, pieces: Iterable[bytes]) -> KeptFile:
    """Keep a file; raises TableError for one that is too large, of which nothing remains."""
    _forget_old()
    stored = secrets.token_hex(16)
    partial = _folder() / f"{stored}.partial"
    size, digest = 0, hashlib.sha256()
    try:
        with partial.open("wb") as file:
            for piece in pieces:
                size += len(piece)
                if size > LIMITS.file_bytes:
                    raise TableError(f"文件超过 {LIMITS.file_bytes // 1024**2} MB，请分成几个文件")
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(_folder() / stored)
    finally:
        partial.unlink(missing_ok=True)
    return KeptFile(stored, _shown(name), size, digest.hexdigest())


def token_of(kept: KeptFile, person_id: int) -> str:
    """What the person who brought it, and nobody else, names it by."""
    return signing.dumps(asdict(kept) | {"person": person_id}, salt=SALT, compress=True)


def kept_by(token: str, person_id: int) -> KeptFile:
    """The file of a token; raises TableError where it isn't the person's, or isn't kept any more."""
    try:
        content = signing.loads(token, salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        content = {}
    if content.pop("person", None) != person_id:
        raise TableError("没有这个上传的文件，请重新上传")
    return existing(KeptFile(**content))


def existing(kept: KeptFile) -> KeptFile:
    """The same; raises TableError where it isn't kept any more."""
    if not kept.path.is_file():
        raise TableError(f"上传的文件 {kept.name} 已不在（保存 {KEPT.days} 天），请重新上传")
    return kept


def unchanged(kept: KeptFile) -> KeptFile:
    """The same; raises TableError where its content isn't what was brought."""
    with existing(kept).path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != kept.sha256:
            raise TableError(f"上传的文件 {kept.name} 在保存之后被改动过，请重新上传")
    return kept


def _folder() -> Path:
    folder: Path = settings.DATA / "transfers"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _forget_old() -> None:
    for path in _folder().iterdir():
        if path.stat().st_mtime < time.time() - KEPT.total_seconds():
            path.unlink(missing_ok=True)


def _shown(name: str) -> str:
    clean = "".join(letter for letter in name if letter.isprintable())
    return clean[-100:] or "文件"
