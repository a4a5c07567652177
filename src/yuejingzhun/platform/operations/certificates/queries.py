"""Reads of certificates."""

from dataclasses import dataclass
from datetime import date, datetime

from cryptography import x509

from yuejingzhun.platform.operations.certificates import signing
from yuejingzhun.platform.operations.certificates.errors import UnknownCertificateError
from yuejingzhun.platform.operations.certificates.models import Certificate
from yuejingzhun.platform.operations.certificates.rules import Standing, looks_like_a_number, standing

SHOWN = (
    "number",
    "kind",
    "institute_name",
    "instrument_name",
    "model",
    "serial",
    "regulation",
    "passed",
    "conclusion",
    "tested_on",
    "valid_until",
    "issued_at",
    "supersedes__number",
    "successor__number",
    "revocation__at",
    "revocation__reason",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What anyone may know of a certificate: nothing of the holder."""

    number: str
    kind: str
    institute_name: str
    instrument_name: str
    model: str
    serial: str
    regulation: str
    passed: bool
    conclusion: str
    tested_on: date
    valid_until: date | None
    issued_at: datetime
    supersedes: str | None
    superseded_by: str | None
    revoked_at: datetime | None
    revocation_reason: str | None

    def standing(self, on: date) -> Standing:
        """What it is worth on that day."""
        return standing(self.passed, self.valid_until, self.superseded_by is not None, self.revoked_at is not None, on)


def look_up(number: str) -> Shown:
    """The public part of a certificate; raises UnknownCertificateError."""
    number = number.strip().upper()
    row = Certificate.objects.filter(number=number).values_list(*SHOWN).first() if looks_like_a_number(number) else None
    if row is None:
        raise UnknownCertificateError(f"没有编号为 {number} 的证书，请核对编号")
    return Shown(*row)


def certificate(number: str) -> Certificate:
    """The whole row; raises UnknownCertificateError."""
    rows = Certificate.objects.select_related("job", "instrument").filter(number=number)
    found = rows.first() if looks_like_a_number(number) else None
    if found is None:
        raise UnknownCertificateError(f"没有编号为 {number} 的证书")
    return found


def trusted_roots(at: datetime) -> list[x509.Certificate]:
    """The roots that this installation trusts when it checks a document."""
    return signing.anchors(at)
