"""Reads of certificates."""

from dataclasses import dataclass
from datetime import date, datetime
from hmac import compare_digest
from typing import Any

import psycopg
from cryptography.x509 import Certificate as Root
from django.db import connection

from yuejingzhun.evidence.bundle import ANCHOR, PROOF, verify_file, with_evidence
from yuejingzhun.evidence.checks import Report
from yuejingzhun.evidence.notice import EVENTS, Notice, notice_files
from yuejingzhun.platform.foundation.ledger import queries as ledger
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.certificates import signing
from yuejingzhun.platform.operations.certificates.errors import UnknownCertificateError
from yuejingzhun.platform.operations.certificates.models import Certificate, Document, Revocation
from yuejingzhun.platform.operations.certificates.rules import Standing, looks_like_a_number, standing
from yuejingzhun.platform.operations.verification.errors import UnknownJobError
from yuejingzhun.platform.operations.verification.queries import visible_job

LARGEST_UPLOAD = 10 * 1024 * 1024
FILES = {"yjz": "application/zip", "pdf": "application/pdf", "xml": "application/xml"}
"""The forms of a certificate by the end of their name, with their media types."""
FOR_WHOM = "写有使用单位，只给使用单位、检定机构、当地监管部门，以及扫描纸质证书或其 PDF 上二维码的人"
MOST_SHOWN = 50
# By hand and prepared once a connection: with the ORM a look-up took twice as long (benchmarks/public_lookup.py).
SHOWN = """
select c.number, c.kind, c.institute_name, c.instrument_name, c.model, c.serial, c.regulation, c.passed, c.conclusion,
       c.tested_on, c.valid_until, c.issued_at, old.number, new.number, r.at, r.reason
from certificates_certificate c
left join certificates_certificate old on old.id = c.supersedes_id
left join certificates_certificate new on new.supersedes_id = c.id
left join certificates_revocation r on r.certificate_id = c.id
"""
LOOK_UP = f"{SHOWN} where c.number = %s"
HISTORY = f"{SHOWN} where c.instrument_id = %s order by c.tested_on desc, c.id desc limit {MOST_SHOWN}"


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
    row = _read_once(number) if looks_like_a_number(number) else None
    if row is None:
        raise UnknownCertificateError(f"没有编号为 {number} 的证书，请核对编号")
    return Shown(*row)


def history_of(instrument_id: int) -> list[Shown]:
    """The public part of an instrument's certificates, the newest first, at most `MOST_SHOWN`."""
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, [instrument_id])
        return [Shown(*row) for row in cursor.fetchall()]


def _read_once(number: str) -> tuple[Any, ...] | None:
    try:
        return _read_row(number)
    except psycopg.OperationalError:
        # The database was restarted since the last request; within a transaction there is nothing to repeat.
        if connection.in_atomic_block:
            raise
        connection.close()
        return _read_row(number)


def _read_row(number: str) -> tuple[Any, ...] | None:
    connection.ensure_connection()
    # Django's own cursors bind on the client, so they can't prepare.
    with psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(LOOK_UP, (number,), prepare=True).fetchone()


def certificate(number: str) -> Certificate:
    """The whole row; raises UnknownCertificateError."""
    rows = Certificate.objects.select_related("job", "instrument").filter(number=number)
    found = rows.first() if looks_like_a_number(number) else None
    if found is None:
        raise UnknownCertificateError(f"没有编号为 {number} 的证书")
    return found


def file_for(actor: Actor | None, number: str, suffix: str, key: str = "") -> bytes:
    """A form of a certificate, which names its holder: for whom it concerns, and who knows the key on its paper.

    Raises UnknownCertificateError or NotPermittedError.
    """
    look_up(number)  # that there is none is said to anyone
    if not (key and fits_paper(number, key)) and not concerns(actor, number):
        raise NotPermittedError(f"证书 {number} 的文件{FOR_WHOM}")
    return file_of(number, suffix)


def concerns(actor: Actor | None, number: str) -> bool:
    """Whether somebody is of the institute or the holder, or regulates the place; raises UnknownCertificateError."""
    if actor is None:
        return False
    try:
        visible_job(actor, certificate(number).job_id)
    except UnknownJobError:
        return False
    return True


def fits_paper(number: str, key: str) -> bool:
    """Whether the key is what stands on a certificate's paper, or there is none and none does."""
    rows = Certificate.objects.filter(number=number).values_list("paper_key", flat=True)
    found = rows.first() if looks_like_a_number(number) else None
    return found is not None and compare_digest(found.encode(), key.encode())


def issued_after(after: int, most: int) -> list[Certificate]:
    """Certificates behind one, in the order of issue, with what was tested; for who looks through all of them once."""
    rows = Certificate.objects.filter(pk__gt=after).select_related("job", "instrument", "supersedes")
    return list(rows.defer("signed_xml", "supersedes__signed_xml").order_by("pk")[:most])


def newest_keys() -> tuple[int, int]:
    """The keys of the newest certificate and the newest revocation, zero where there is none."""
    rows = (Certificate.objects, Revocation.objects)
    certificate, revocation = (one.order_by("-pk").values_list("pk", flat=True).first() or 0 for one in rows)
    return certificate, revocation


def revoked_after(after: int, most: int) -> list[Revocation]:
    """Revocations behind one, with the numbers of their certificates."""
    rows = Revocation.objects.filter(pk__gt=after).select_related("certificate")
    return list(rows.defer("certificate__signed_xml").order_by("pk")[:most])


def file_of(number: str, suffix: str) -> bytes:
    """A form of a certificate: the DCC and the PDF as they were issued, the bundle with what is known of it today.

    Raises UnknownCertificateError, also for a certificate whose documents are still being made.
    """
    found = certificate(number)
    if suffix == "xml":
        return bytes(found.signed_xml)
    made = Document.objects.filter(certificate=found).first()
    if made is None:
        raise UnknownCertificateError(f"证书 {number} 正在登记，文件稍后可以下载")
    return bytes(made.pdf) if suffix == "pdf" else with_evidence(bytes(made.bundle), _later(number))


def file_headers(number: str, suffix: str) -> dict[str, str]:
    """What a file is sent with: its name, and that no cache on the way keeps it for others."""
    return {"Content-Disposition": f'attachment; filename="{number}.{suffix}"', "Cache-Control": "private, no-store"}


def _later(number: str) -> dict[str, bytes]:
    """What came to be after issue: the proof from the log, and statements that the certificate no longer holds."""
    place = ledger.place_of(number, "issued")
    proven = ledger.proof_of(place) if place else None
    files = {PROOF: proven.inclusion} if proven else {}
    if proven and proven.anchor:
        files[ANCHOR] = proven.anchor
    for event in EVENTS:
        stated = ledger.statement(number, event)
        if stated is not None:
            files |= notice_files(event, _notice(stated, number, event))
    return files


def _notice(stated: ledger.Statement, number: str, event: str) -> Notice:
    place = ledger.place_of(number, event)
    proven = ledger.proof_of(place) if place else None
    return Notice(
        bytes(stated.content),
        bytes(stated.signature),
        bytes(stated.signer),
        timestamp=bytes(stated.timestamp) if stated.timestamp else None,
        inclusion=proven.inclusion if proven else None,
    )


def check(data: bytes, at: datetime) -> Report:
    """The checks of a bundle, a PDF or a signed DCC, with the roots and the log that this installation trusts."""
    return verify_file(data, signing.anchors(at), at, ledger.policy(), ledger.chain_nodes())


def anchors(at: datetime) -> list[Root]:
    """The root certificates that this installation trusts."""
    return signing.anchors(at)
