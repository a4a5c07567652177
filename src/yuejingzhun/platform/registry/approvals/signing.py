"""How the authority and makers sign their public statements, and with which keys.

The same files as those of certificates: an organisation signs with one identity, whatever it states.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings

from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.entry import Entry, encode, sign_entry
from yuejingzhun.evidence.keys import SigningIdentity, load, store
from yuejingzhun.platform.foundation.ledger.services import submit
from yuejingzhun.platform.foundation.parties.queries import organisation

AUTHORITY_NAME = "粤精准演示根证书"


def state(entry: Entry, organisation_id: int, at: datetime) -> None:
    """Sign a statement in the organisation's name and queue it for the log, in the caller's transaction."""
    identity = signer_for(organisation_id, organisation(organisation_id).name, at)
    submit(entry, sign_entry(encode(entry), identity), identity.certificate, at)


def signer_for(organisation_id: int, name: str, at: datetime) -> SigningIdentity:
    """The organisation's own identity where one was imported, else one that the demonstration authority issues."""
    return _kept(f"institute-{organisation_id}", lambda: issue_signer(_authority(at), name, at))


def _authority(at: datetime) -> SigningIdentity:
    return _kept("authority", lambda: create_authority(AUTHORITY_NAME, at))


def _kept(name: str, make: Callable[[], SigningIdentity]) -> SigningIdentity:
    path = settings.KEYS / f"{name}.p12"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        store(path, make(), settings.KEY_PASSPHRASE)
    return _loaded(path, path.stat().st_mtime_ns)


@cache
def _loaded(path: Path, _changed: int) -> SigningIdentity:
    # Opening a PKCS#12 costs a deliberate fraction of a second; a new file has a new time and is read anew.
    return load(path, settings.KEY_PASSPHRASE)
