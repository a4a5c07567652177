"""A second signature over the same entry by SM2 with SM3, beside the one that the world's verifiers read.

XAdES and PDF stay as they are: nobody verifies SM2 there. What is signed is the same canonical entry, so both
signatures stand for the same certificate. Its certificate must be issued by a root that is trusted explicitly.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from yuejingzhun.evidence import sm2
from yuejingzhun.evidence.canonical import dump, load
from yuejingzhun.evidence.checks import Check, Status
from yuejingzhun.evidence.entry import EntryError, decode
from yuejingzhun.evidence.keys import read_certificate
from yuejingzhun.evidence.signature import SignatureError, check_purpose, is_unreadable
from yuejingzhun.evidence.sm2 import Sm2Error

SUITE = "sm2-sm3"
SIGNATURE, SIGNER = "sm2/entry.sig", "sm2/signer.der"
FILES = frozenset({SIGNATURE, SIGNER})
NAME, LABEL = "sm2", "国密签名（SM2）"


@dataclass(frozen=True, slots=True)
class Sm2Identity:
    """A private key and its certificate (DER)."""

    key: sm2.PrivateKey
    certificate: bytes


def load_identity(pem: bytes) -> Sm2Identity:
    """The key and the certificate in one PEM file, the key not encrypted; raises Sm2Error."""
    try:
        certificate = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
        key = sm2.PrivateKey(_private_der(pem))
    except ValueError as error:
        raise Sm2Error(f"不是可用的 SM2 密钥文件：应含一张证书和一把未加密的私钥（{error}）") from error
    if not key.fits(certificate):
        raise Sm2Error("SM2 私钥与证书不是一对")
    return Sm2Identity(key, certificate)


def parallel_files(entry: bytes, identity: Sm2Identity) -> dict[str, bytes]:
    """The files of a bundle that hold the second signature over these canonical bytes."""
    return {SIGNATURE: parallel_envelope(identity.key.sign(entry)), SIGNER: identity.certificate}


def check_parallel(files: Mapping[str, bytes], entry: bytes, anchors: Sequence[x509.Certificate]) -> Check:
    """The named check of the second signature; absent where the bundle has none."""
    if not FILES & set(files):
        return Check(NAME, LABEL, Status.ABSENT)
    try:
        signature = _signature(files[SIGNATURE])
        certificate = read_certificate(files[SIGNER])
        _check_signer(certificate, anchors, decode(entry).at)
        sm2.verify_with_certificate(files[SIGNER], entry, signature)
    except KeyError:
        return Check(NAME, LABEL, Status.FAILED, "国密签名缺少签名或证书")
    except (Sm2Error, EntryError, SignatureError, ValueError) as error:
        return Check(NAME, LABEL, Status.FAILED, str(error))
    return Check(NAME, LABEL, Status.PASSED, certificate.subject.rfc4514_string())


def _signature(envelope: bytes) -> bytes:
    try:
        content: Any = load(envelope)
        suite, signature = content["suite"], bytes.fromhex(content["signature"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Sm2Error("国密签名无法读取") from error
    if suite != SUITE or parallel_envelope(signature) != envelope:
        raise Sm2Error(f"国密签名的套件应为 {SUITE}，且为规范形式")
    return signature


def parallel_envelope(signature: bytes) -> bytes:
    """The one form of the envelope."""
    return dump({"signature": signature.hex(), "suite": SUITE})


def _check_signer(certificate: x509.Certificate, anchors: Sequence[x509.Certificate], at: datetime) -> None:
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise Sm2Error("签署时 SM2 证书不在有效期内")
    check_purpose(certificate)
    for anchor in filter(is_unreadable, anchors):
        if anchor.subject == certificate.issuer and anchor.not_valid_before_utc <= at <= anchor.not_valid_after_utc:
            sm2.verify_issued(certificate.public_bytes(Encoding.DER), anchor.public_bytes(Encoding.DER))
            return
    raise Sm2Error("SM2 证书不是由信任的国密根证书签发")


def _private_der(pem: bytes) -> bytes:
    found = re.search(rb"-----BEGIN PRIVATE KEY-----(.+?)-----END PRIVATE KEY-----", pem, re.DOTALL)
    if found is None:
        raise Sm2Error("没有找到 PRIVATE KEY（PKCS#8）")
    return base64.b64decode(found[1])
