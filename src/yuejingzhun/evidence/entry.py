"""The canonical statement about a certificate or another public act: what is signed, timestamped and logged.

It holds hashes, a number and public facts, no personal data. Canonical: JSON in UTF-8, keys sorted, no white space,
so that the same content always is the same bytes. The log holds the SHA-256 of those bytes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from yuejingzhun.evidence.canonical import dump, load
from yuejingzhun.evidence.keys import SigningIdentity

VERSION = 2
SUITES = {ec.EllipticCurvePublicKey: "ecdsa-p256-sha256", rsa.RSAPublicKey: "rsa-pkcs1v15-sha256"}


class EntryError(ValueError):
    """The statement is not in canonical form, or not one that we know."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A statement: what happened to this number, at this time (UTC), with these documents and public facts."""

    number: str
    event: str  # "issued", "superseded", "revoked"; open for what else is logged
    at: datetime
    sha256: Mapping[str, str] = field(default_factory=dict)  # file name -> hexadecimal hash
    facts: Mapping[str, str] = field(default_factory=dict)  # the reason of a revocation, the number of a successor

    @property
    def logged(self) -> bytes:
        """What stands in the log: the hash of the canonical bytes."""
        return hashlib.sha256(encode(self)).digest()


def entry_for(number: str, at: datetime, files: Mapping[str, bytes]) -> Entry:
    """The statement that these files were issued under this number."""
    return Entry(number, "issued", at, {name: hashlib.sha256(content).hexdigest() for name, content in files.items()})


def encode(entry: Entry) -> bytes:
    """The canonical bytes."""
    content = {
        "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "event": entry.event,
        "facts": dict(entry.facts),
        "number": entry.number,
        "sha256": dict(entry.sha256),
        "version": VERSION,
    }
    return dump(content)


def decode(data: bytes) -> Entry:
    """The statement in these bytes; raises EntryError unless they are exactly what `encode` makes of it."""
    try:
        content: Any = load(data)
        at = datetime.strptime(content["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        entry = Entry(
            str(content["number"]), str(content["event"]), at, dict(content["sha256"]), dict(content["facts"])
        )
        if encode(entry) != data:
            raise EntryError("登记条目不是规范形式")
    except EntryError:
        raise
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise EntryError(f"登记条目无法读取（{type(error).__name__}）") from error
    return entry


def sign_entry(data: bytes, identity: SigningIdentity) -> bytes:
    """A detached signature over the canonical bytes, as JSON that names its suite."""
    suite = next(name for kind, name in SUITES.items() if isinstance(identity.key.public_key(), kind))
    envelope = {"signature": sign_bytes(data, identity).hex(), "suite": suite}
    return dump(envelope)


def sign_bytes(data: bytes, identity: SigningIdentity) -> bytes:
    """The bare signature with SHA-256: ECDSA as DER, RSA with PKCS #1 v1.5."""
    if isinstance(identity.key, rsa.RSAPrivateKey):
        return identity.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return identity.key.sign(data, ec.ECDSA(hashes.SHA256()))


def check_entry_signature(data: bytes, envelope: bytes, signer: x509.Certificate) -> None:
    """Raises EntryError unless the envelope holds this signer's signature over the canonical bytes."""
    key = signer.public_key()
    try:
        content: Any = load(envelope)
        suite, signature = content["suite"], bytes.fromhex(content["signature"])
        if not isinstance(key, tuple(SUITES)) or suite != SUITES.get(_kind(key)):
            raise EntryError(f"登记条目的签名套件 {suite!r} 与签名人的密钥不符")
        # Readers of JSON and hexadecimal differ in what else they read: one form only, so that all say the same.
        if dump({"signature": signature.hex(), "suite": suite}) != envelope:
            raise EntryError("登记条目的签名不是规范形式")
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except EntryError:
        raise
    except InvalidSignature as error:
        raise EntryError("登记条目的签名不成立") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise EntryError(f"登记条目的签名无法读取（{type(error).__name__}）") from error


def _kind(key: Any) -> type[ec.EllipticCurvePublicKey] | type[rsa.RSAPublicKey]:
    return rsa.RSAPublicKey if isinstance(key, rsa.RSAPublicKey) else ec.EllipticCurvePublicKey
