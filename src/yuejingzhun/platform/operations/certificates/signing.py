"""The keys that sign: each institute's identity and the demonstration authority, encrypted in the data folder."""

import os
from collections.abc import Callable
from datetime import datetime
from functools import cache
from itertools import chain
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings

from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.keys import KeyImportError, SigningIdentity, load, store
from yuejingzhun.evidence.parallel import Sm2Identity
from yuejingzhun.evidence.parallel import load_identity as load_sm2_identity
from yuejingzhun.evidence.token import Token, open_identity

AUTHORITY_NAME = "粤精准演示根证书"


def authority(at: datetime) -> SigningIdentity:
    """The demonstration authority, made at its first use."""
    return kept("authority", lambda: create_authority(AUTHORITY_NAME, at))


def signer_for(institute_id: int, institute_name: str, at: datetime) -> SigningIdentity:
    """The institute's own identity, in a token or imported, else one that the demonstration authority issues.

    A file institute-<id>.token names a token (PKCS#11): lines module=, token=, key=; its PIN is in YJZ_TOKEN_PIN.
    """
    token = settings.KEYS / f"institute-{institute_id}.token"
    if token.exists():
        return _opened(token, token.stat().st_mtime_ns)
    return kept(f"institute-{institute_id}", lambda: issue_signer(authority(at), institute_name, at))


def signer_again(institute_id: int, institute_name: str, certificate: bytes, at: datetime) -> SigningIdentity | None:
    """The identity of that certificate (DER), with which the institute signed once; None where its key is gone.

    A key that was exchanged since lies beside the new one.
    """
    earlier = settings.KEYS.glob(f"institute-{institute_id}-*.p12")
    kept_before = (_loaded(path, path.stat().st_mtime_ns) for path in sorted(earlier))
    for identity in chain([signer_for(institute_id, institute_name, at)], kept_before):
        if identity.certificate.public_bytes(Encoding.DER) == certificate:
            return identity
    return None


def import_identity(institute_id: int, identity: SigningIdentity) -> Path:
    """Keep an institute's own identity, encrypted; it signs from now on. What stood there before is kept beside it.

    Its root is not trusted by that: whoever runs the installation puts it into keys/trusted.
    """
    path = settings.KEYS / f"institute-{institute_id}.p12"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        path.rename(path.with_name(f"institute-{institute_id}-{path.stat().st_mtime_ns}.p12"))
    store(path, identity, settings.KEY_PASSPHRASE)
    return path


def anchors(at: datetime) -> list[x509.Certificate]:
    """The roots that this installation trusts: its authority's, and what lies in keys/trusted as *.pem."""
    trusted = sorted((settings.KEYS / "trusted").glob("*.pem"))
    imported = [x509.load_pem_x509_certificate(path.read_bytes()) for path in trusted]
    return [authority(at).certificate, *imported]


def sm2_signer_for(institute_id: int) -> Sm2Identity | None:
    """The institute's SM2 key for a second signature, if there is one: institute-<id>.sm2.pem with its certificate."""
    path = settings.KEYS / f"institute-{institute_id}.sm2.pem"
    return load_sm2_identity(path.read_bytes()) if path.exists() else None


@cache
def _opened(path: Path, _changed: int) -> SigningIdentity:
    given = dict(line.split("=", 1) for line in path.read_text().split("\n") if "=" in line)
    try:
        where = Token(Path(given["module"].strip()), given["token"].strip(), given["key"].strip())
    except KeyError as error:
        raise KeyImportError(f"{path.name} 中没有 {error} 一行") from error
    return open_identity(where, os.environ.get("YJZ_TOKEN_PIN", ""))


def kept(name: str, make: Callable[[], SigningIdentity]) -> SigningIdentity:
    """The identity of that name in the keys folder, made at its first use."""
    path = settings.KEYS / f"{name}.p12"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        store(path, make(), settings.KEY_PASSPHRASE)
    return _loaded(path, path.stat().st_mtime_ns)


@cache
def _loaded(path: Path, _changed: int) -> SigningIdentity:
    # Opening a PKCS#12 costs a deliberate fraction of a second; a new file has a new time and is read anew.
    return load(path, settings.KEY_PASSPHRASE)
