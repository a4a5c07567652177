"""Signing checkpoints and checking who signed: the log's Ed25519, and cosignatures by Ed25519 or ML-DSA-44."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from yuejingzhun.evidence.log.checkpoint import LARGEST_SIZE, parse_checkpoint
from yuejingzhun.evidence.log.note import KeyKind, Note, NoteError, NoteKey, SignatureLine

PrivateKey: TypeAlias = Ed25519PrivateKey | MLDSA44PrivateKey
TIMESTAMP_SIZE = 8


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A private key and the public one under whose name it signs."""

    private: PrivateKey
    key: NoteKey

    def sign(self, text: str, seconds: int) -> SignatureLine:
        """A line under this text. `seconds` since 1970, which only cosignatures carry."""
        if self.key.kind is KeyKind.ED25519:
            return SignatureLine(self.key.name, self.key.key_id, self.private.sign(text.encode()))
        message = cosigned_message(self.key, text, seconds)
        stamped = seconds.to_bytes(TIMESTAMP_SIZE, "big") + self.private.sign(message)
        return SignatureLine(self.key.name, self.key.key_id, stamped)


@dataclass(frozen=True, slots=True)
class Signed:
    """That a key signed; `seconds` since 1970, None for the log's own signature, which carries no time."""

    key: NoteKey
    seconds: int | None


def generate(name: str, kind: KeyKind) -> NoteSigner:
    """A new key of that name and kind."""
    private: PrivateKey = (
        MLDSA44PrivateKey.generate() if kind is KeyKind.COSIGNATURE_ML_DSA_44 else Ed25519PrivateKey.generate()
    )
    return NoteSigner(private, NoteKey(name, kind, private.public_key().public_bytes_raw()))


def store(path: Path, signer: NoteSigner) -> None:
    """Write the key readable by its owner alone, whole or not at all, and never over another."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{signer.key.name}+{signer.key.kind:02x}+{signer.private.private_bytes_raw().hex()}\n")
        file.flush()
        os.fsync(file.fileno())
    os.link(draft, path)  # fails where there is one already
    draft.unlink()


def load(path: Path) -> NoteSigner:
    """What `store` wrote; raises NoteError."""
    try:
        name, kind, seed = path.read_text().strip().split("+")
        found, secret = KeyKind(int(kind, 16)), bytes.fromhex(seed)
        private: PrivateKey = (
            MLDSA44PrivateKey.from_seed_bytes(secret)
            if found is KeyKind.COSIGNATURE_ML_DSA_44
            else Ed25519PrivateKey.from_private_bytes(secret)
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise NoteError(f"{path.name} 不是日志或见证人的密钥文件") from error
    return NoteSigner(private, NoteKey(name, found, private.public_key().public_bytes_raw()))


def cosigned_message(key: NoteKey, text: str, seconds: int) -> bytes:
    """What a cosignature signs (C2SP tlog-cosignature)."""
    if not 0 <= seconds <= LARGEST_SIZE:
        raise NoteError(f"见证时间 {seconds} 不合规定")
    if key.kind is KeyKind.COSIGNATURE_ED25519:
        return f"cosignature/v1\ntime {seconds}\n{text}".encode()
    head = parse_checkpoint(text)
    parts = (
        b"subtree/v1\n\0",
        _short(key.name.encode()),
        seconds.to_bytes(8, "big"),
        _short(head.origin.encode()),
        bytes(8),
        head.size.to_bytes(8, "big"),
        head.root,
    )
    return b"".join(parts)


def signed_by(note: Note, key: NoteKey) -> Signed | None:
    """Whether this key validly signed the note; lines of other keys are ignored, as the specification says.

    Raises NoteError where a line names this very key and doesn't hold: that is never an accident to overlook.
    """
    lines = [line for line in note.signatures if (line.name, line.key_id) == (key.name, key.key_id)]
    if not lines:
        return None
    if len(lines) > 1:
        raise NoteError(f"{key.name} 的签名出现了 {len(lines)} 次")
    return _check(note.text, lines[0].signature, key)


def _check(text: str, signature: bytes, key: NoteKey) -> Signed:
    seconds = None
    message = text.encode()
    if key.kind is not KeyKind.ED25519:
        seconds = int.from_bytes(signature[:TIMESTAMP_SIZE], "big")
        signature, message = signature[TIMESTAMP_SIZE:], cosigned_message(key, text, seconds)
    try:
        if key.kind is KeyKind.COSIGNATURE_ML_DSA_44:
            MLDSA44PublicKey.from_public_bytes(key.public).verify(signature, message)
        else:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise NoteError(f"{key.name} 的签名不成立") from error
    return Signed(key, seconds)


def _short(content: bytes) -> bytes:
    if not 0 < len(content) < 256:
        raise NoteError("名称过长，应不超过 255 字节")
    return bytes([len(content)]) + content
