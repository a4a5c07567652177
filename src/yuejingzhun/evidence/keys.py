"""The key that signs, with its X.509 certificate: kept encrypted, or imported from an institute's PKCS#12."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

SigningKey: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
SMALLEST_RSA_BITS = 2048


class KeyImportError(ValueError):
    """A key file that can't be used; the message says in Chinese why."""


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """A private key, its certificate, and the certificates between it and its root (root excluded or not)."""

    key: SigningKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()


def read_certificate(der: bytes) -> x509.Certificate:
    """A certificate from a stranger, its extensions read as well; raises ValueError for whatever is wrong with it."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.extensions
        if certificate.serial_number <= 0:
            raise ValueError("证书的序列号应为正数")
    except (x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, UnsupportedAlgorithm) as e:
        raise ValueError(f"证书无法读取（{e}）") from e
    return certificate


def load_pkcs12(data: bytes, passphrase: str) -> SigningIdentity:
    """The identity in a PKCS#12 file; raises KeyImportError for what can't sign certificates."""
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(data, passphrase.encode())
    except ValueError as error:
        raise KeyImportError("PKCS#12 文件无法打开：口令不对，或文件已损坏") from error
    if key is None or certificate is None:
        raise KeyImportError("PKCS#12 文件中没有私钥或证书，应同时含有签名私钥及其证书")
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < SMALLEST_RSA_BITS:
            raise KeyImportError(f"RSA 密钥为 {key.key_size} 位，应不少于 {SMALLEST_RSA_BITS} 位")
    elif not (isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)):
        raise KeyImportError("密钥类型不受支持，应为 ECDSA P-256 或 RSA")
    if key.public_key() != certificate.public_key():
        raise KeyImportError("PKCS#12 文件中的私钥与证书不是一对")
    return SigningIdentity(key, certificate, tuple(chain))


def to_pkcs12(identity: SigningIdentity, passphrase: str) -> bytes:
    """The identity as an encrypted PKCS#12 file; raises ValueError for an empty passphrase."""
    encryption = BestAvailableEncryption(passphrase.encode())
    name = b"yuejingzhun"
    return pkcs12.serialize_key_and_certificates(
        name, identity.key, identity.certificate, identity.chain or None, encryption
    )


def store(path: Path, identity: SigningIdentity, passphrase: str) -> None:
    """Write the identity encrypted, readable by the owner alone, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(to_pkcs12(identity, passphrase))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def load(path: Path, passphrase: str) -> SigningIdentity:
    """What `store` wrote; raises KeyImportError, or OSError where there is no such file."""
    return load_pkcs12(path.read_bytes(), passphrase)
