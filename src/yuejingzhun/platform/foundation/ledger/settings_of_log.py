"""The log's own key, mark and witnesses, in the data folder."""

from functools import cache
from pathlib import Path

from django.conf import settings

from yuejingzhun.evidence.log.checkpoint import Checkpoint
from yuejingzhun.evidence.log.high_water import HighWaterMark
from yuejingzhun.evidence.log.merkle import EMPTY_ROOT
from yuejingzhun.evidence.log.note import KeyKind, NoteError, parse_vkey
from yuejingzhun.evidence.log.note_signer import NoteSigner, generate, load, store
from yuejingzhun.evidence.log.policy import Policy
from yuejingzhun.evidence.log.witness_client import Witness
from yuejingzhun.platform.foundation.ledger.errors import LedgerError


def log_signer() -> NoteSigner:
    """The log's key, made at its first use together with its mark."""
    path = settings.KEYS / "log.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mark().raise_to(Checkpoint(settings.LOG_ORIGIN, 0, EMPTY_ROOT))
        store(path, generate(settings.LOG_ORIGIN, KeyKind.ED25519))
    return _loaded(path, path.stat().st_mtime_ns)


def mark() -> HighWaterMark:
    """The highest head that the key ever signed."""
    return HighWaterMark(settings.KEYS / "log.mark")


def witnesses() -> list[Witness]:
    """Those named in keys/witnesses.txt, one a line: address, then its vkeys. Raises LedgerError."""
    path = settings.KEYS / "witnesses.txt"
    found = []
    for number, line in enumerate(path.read_text().splitlines() if path.exists() else (), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            keys = tuple(map(parse_vkey, words[1:]))
        except NoteError as error:
            raise LedgerError(f"{path.name} 第 {number} 行：{error}") from error
        if not keys:
            raise LedgerError(f"{path.name} 第 {number} 行：地址之后应有见证人的公钥")
        found.append(Witness(words[0], keys))
    return found


def policy() -> Policy:
    """What this installation trusts of its own log: every witness that it asks, none required."""
    keys = tuple(key for witness in witnesses() for key in witness.keys)
    return Policy(log_signer().key, keys, settings.LOG_QUORUM)


@cache
def _loaded(path: Path, _changed: int) -> NoteSigner:
    return load(path)
