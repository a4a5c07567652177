"""Signed notes (C2SP signed-note): a text, and lines of signatures under it that name their keys."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from enum import IntEnum

LARGEST_NOTE = 1_000_000
MOST_SIGNATURES = 100
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_DASH = "\N{EM DASH} "


class NoteError(ValueError):
    """Not a signed note, or not a key of one; the message says in Chinese why."""


class KeyKind(IntEnum):
    """The signature types, by the byte that names them (C2SP signed-note, tlog-cosignature)."""

    ED25519 = 0x01
    COSIGNATURE_ED25519 = 0x04
    COSIGNATURE_ML_DSA_44 = 0x06


KEY_SIZES = {KeyKind.ED25519: 32, KeyKind.COSIGNATURE_ED25519: 32, KeyKind.COSIGNATURE_ML_DSA_44: 1312}


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key that signs notes under a name."""

    name: str
    kind: KeyKind
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != KEY_SIZES[self.kind]:
            raise NoteError(f"{self.name} 的公钥为 {len(self.public)} 字节，应为 {KEY_SIZES[self.kind]} 字节")

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature line names the key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key as text: name+id+key."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature: who says to have made it, with which key, and its bytes."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def text(self) -> str:
        """The line with its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with a newline, and the signatures under it."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def encode(self) -> bytes:
        """The bytes of the note."""
        return (self.text + "\n" + "".join(line.text for line in self.signatures)).encode()


def parse_vkey(text: str) -> NoteKey:
    """The key that a vkey names; raises NoteError, also where its id isn't that of the key."""
    try:
        name, key_id, encoded = text.strip().split("+", 2)
        data = _base64(encoded)
        key = NoteKey(name, KeyKind(data[0]), data[1:])
    except (ValueError, IndexError) as error:
        raise NoteError(f"不是可用的公钥文本：{text[:80]!r}") from error
    if key.key_id.hex() != key_id:
        raise NoteError(f"公钥文本 {name!r} 的标识与公钥不符")
    return key


def parse_note(data: bytes, largest: int = LARGEST_NOTE) -> Note:
    """The note in these bytes; raises NoteError."""
    if len(data) > largest:
        raise NoteError(f"签名文本过大：{len(data)} 字节，应不超过 {largest} 字节")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise NoteError("签名文本不是 UTF-8") from error
    if _CONTROL.search(whole):
        raise NoteError("签名文本中有控制字符")
    text, separator, signatures = whole.rpartition("\n\n")
    if not separator or not text:
        raise NoteError("签名文本没有正文，或没有隔开签名的空行")
    return Note(text + "\n", parse_signature_lines(signatures))


def parse_signature_lines(text: str) -> tuple[SignatureLine, ...]:
    """Lines of signatures, at least one; raises NoteError."""
    lines = text.split("\n")
    if lines.pop() != "" or not lines:
        raise NoteError("签名行缺失，或末尾没有换行")
    if len(lines) > MOST_SIGNATURES:
        raise NoteError(f"签名有 {len(lines)} 行，应不超过 {MOST_SIGNATURES} 行")
    return tuple(map(_signature_line, lines))


def check_name(name: str) -> None:
    """Raises NoteError for a name that no key may have."""
    if not name or "+" in name or any(character.isspace() for character in name) or _CONTROL.search(name):
        raise NoteError(f"密钥名称 {name[:80]!r} 不合规定：不能为空，不能含空白、加号或控制字符")


def _signature_line(line: str) -> SignatureLine:
    if not line.startswith(_DASH):
        raise NoteError(f"签名行应以“{_DASH}”开头：{line[:40]!r}")
    name, separator, encoded = line.removeprefix(_DASH).partition(" ")
    check_name(name)
    content = _base64(encoded)
    if not separator or len(content) < 5:
        raise NoteError(f"{name} 的签名过短")
    return SignatureLine(name, content[:4], content[4:])


def _base64(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("Base64 无法读取") from error
    # Padding bits that are not zero would give one signature many spellings.
    if base64.b64encode(content).decode() != text:
        raise NoteError("Base64 不是规范形式")
    return content
