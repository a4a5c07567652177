"""Public statements about type approvals 型式批准: an edition of a certificate was issued, an approval was withdrawn.

The statement of an edition holds the hash of the certificate as a file: canonical JSON with all that it says.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from yuejingzhun.evidence.canonical import dump
from yuejingzhun.evidence.entry import Entry

APPROVED, WITHDRAWN = "type-approved", "type-withdrawn"
EVENTS = {APPROVED: "型式批准", WITHDRAWN: "型式批准撤销"}
FILE = "certificate.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Model:
    """A model that an edition covers, with what sets it apart."""

    model: str
    accuracy_class: str
    measuring_range: str
    technical: str


@dataclass(frozen=True, slots=True)
class Certified:
    """What an edition of a certificate says; `valid_from` is ISO 8601."""

    number: str
    edition: int
    name: str
    maker: str
    authority: str
    institute: str
    report: str
    valid_from: str
    models: Sequence[Model]


def certificate_file(said: Certified) -> bytes:
    """The certificate as a file: canonical, so that the same edition always is the same bytes."""
    return dump({"version": VERSION, **asdict(said)})


def edition_number(number: str, edition: int) -> str:
    """The number of an edition's statement, such as 2021F123-44-E2."""
    return f"{number}-E{edition}"


def type_approved(said: Certified, at: datetime) -> Entry:
    """The statement that the authority issued that edition."""
    hashed = hashlib.sha256(certificate_file(said)).hexdigest()
    facts = {"type": said.number, "edition": str(said.edition), "maker": said.maker, "from": said.valid_from}
    return Entry(edition_number(said.number, said.edition), APPROVED, at, {FILE: hashed}, facts)


def type_withdrawn(number: str, at: datetime, effective_from: str, reason: str) -> Entry:
    """The statement that the approval ended on that day (ISO 8601)."""
    return Entry(number, WITHDRAWN, at, facts={"from": effective_from, "reason": reason})
