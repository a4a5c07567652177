"""An authority of SM2 for tests: certificates written element by element, so that each can be wrong in one way."""

import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta

import test_bundle as made

from yuejingzhun.evidence.parallel import Sm2Identity
from yuejingzhun.evidence.sm2 import PrivateKey
from yuejingzhun.evidence.timestamp import der

SM2_WITH_SM3 = der.tlv(der.SEQUENCE, der.oid("1.2.156.10197.1.501"))
PRINTABLE, UTC_TIME = 0x13, 0x17
SIGNING, AGREEING = b"\x06\xc0", b"\x03\x08"  # digitalSignature and nonRepudiation; keyAgreement
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Key:
    """A private key with its SubjectPublicKeyInfo."""

    private: PrivateKey
    public: bytes


def new_key() -> Key:
    private = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "SM2", "-outform", "DER"], check=True, capture_output=True
    ).stdout
    convert = ["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"]
    public = subprocess.run(convert, input=private, check=True, capture_output=True).stdout
    return Key(PrivateKey(private), public)


def name(common: str, tag: int = der.UTF8) -> bytes:
    attribute = der.tlv(der.SEQUENCE, der.oid("2.5.4.3"), der.tlv(tag, common.encode()))
    return der.tlv(der.SEQUENCE, der.tlv(der.SET, attribute))


def extension(dotted: str, value: bytes) -> bytes:
    return der.tlv(der.SEQUENCE, der.oid(dotted), der.tlv(der.BOOLEAN, b"\xff"), der.tlv(der.OCTET_STRING, value))


ROOT_NAME = name("SM2 root")


def certify(
    subject: bytes,
    key: bytes,
    by: Key,
    issuer: bytes = ROOT_NAME,
    *,
    usage: bytes | None = SIGNING,
    ca: bool | None = False,
    start: datetime = made.AT - DAY,
    end: datetime = made.AT + DAY,
    algorithm: bytes = SM2_WITH_SM3,
    outer: bytes | None = None,
) -> bytes:
    """A certificate over that key, signed by another."""
    span = [der.tlv(UTC_TIME, at.strftime("%y%m%d%H%M%SZ").encode()) for at in (start, end)]
    extensions = []
    if ca is not None:
        constraints = der.tlv(der.SEQUENCE, der.tlv(der.BOOLEAN, b"\xff") if ca else b"")
        extensions.append(extension("2.5.29.19", constraints))
    if usage is not None:
        extensions.append(extension("2.5.29.15", der.tlv(der.BIT_STRING, usage)))
    parts = (
        der.tlv(0xA0, der.integer(2)),
        der.integer(4711),
        algorithm,
        issuer,
        der.tlv(der.SEQUENCE, *span),
        subject,
        key,
    )
    listed = [der.tlv(0xA3, der.tlv(der.SEQUENCE, *extensions))] if extensions else []
    body = der.tlv(der.SEQUENCE, *parts, *listed)
    signature = der.tlv(der.BIT_STRING, b"\0" + by.private.sign(body))
    return der.tlv(der.SEQUENCE, body, outer or algorithm, signature)


def root_of(key: Key, subject: bytes = ROOT_NAME) -> bytes:
    return certify(subject, key.public, key, subject, usage=b"\x01\x06", ca=True)


def identity(key: Key, certificate: bytes) -> Sm2Identity:
    return Sm2Identity(key.private, certificate)
