"""What follows an issue: printing and bundling, once the certificate has its place in the log.

It can be interrupted at any time and is finished later, here or elsewhere: what waits for it stands in a queue.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography.x509 import CertificateRevocationList
from django.db import transaction

from yuejingzhun.evidence.authority import issue_revocation_list
from yuejingzhun.evidence.bundle import TIMESTAMP, with_evidence
from yuejingzhun.evidence.entry import decode, encode
from yuejingzhun.evidence.issue import Signed
from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.evidence.parallel import parallel_files
from yuejingzhun.evidence.pdf.render import LogPlace
from yuejingzhun.evidence.timestamp.token import TimestampError
from yuejingzhun.platform.foundation.ledger.queries import place_of, statement
from yuejingzhun.platform.operations.certificates import signing
from yuejingzhun.platform.operations.certificates.errors import CertificateError
from yuejingzhun.platform.operations.certificates.issuing import RELATED, content_of
from yuejingzhun.platform.operations.certificates.models import Certificate, Document, Unprinted
from yuejingzhun.platform.operations.certificates.press import Press, Printed, Sheet, print_here
from yuejingzhun.platform.operations.certificates.stamping import stamp


def complete(certificate: Certificate) -> Document:
    """Print and bundle an issued certificate that has its place in the log; the same document however often asked.

    Raises CertificateError where that isn't possible yet.
    """
    with transaction.atomic():
        locked = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
        made = Document.objects.filter(certificate=locked).first()
        if made is not None:
            return made
        sheet = sheet_of(locked)
        (printed,) = print_here([sheet])
        (document,) = _keep([_document(locked, sheet, printed)])
        return document


def complete_all(certificate_ids: Iterable[int], press: Press) -> dict[int, str]:
    """Print and bundle many; by key why some have to wait. One at which somebody else is, is left to them."""
    refused: dict[int, str] = {}
    sheets: list[tuple[Certificate, Sheet]] = []
    with transaction.atomic():
        waiting = Certificate.objects.filter(pk__in=list(certificate_ids), document=None).order_by("pk")
        waiting = waiting.select_related("supersedes", *(f"job__{name}" for name in (*RELATED, "approved_by")))
        for certificate in waiting.select_for_update(of=("self",), skip_locked=True):
            try:
                sheets.append((certificate, sheet_of(certificate)))
            except CertificateError as error:
                refused[certificate.pk] = str(error)
        made = []
        for (certificate, sheet), printed in zip(sheets, press([sheet for _, sheet in sheets]), strict=True):
            try:
                made.append(_document(certificate, sheet, printed))
            except CertificateError as error:
                refused[certificate.pk] = str(error)
        _keep(made)
    return refused


def sheet_of(certificate: Certificate) -> Sheet:
    """What a certificate's printed form and bundle are made of; raises CertificateError where that isn't known yet."""
    stated, place = statement(certificate.number, "issued"), place_of(certificate.number, "issued")
    if stated is None or place is None:
        raise CertificateError(f"证书 {certificate.number} 正在登记，请稍后再试")
    job, at = certificate.job, certificate.issued_at
    previous = certificate.supersedes.number if certificate.supersedes else None
    content = content_of(job, certificate.number, at, previous)
    identity = signing.signer_again(job.institute_id, job.institute.name, bytes(stated.signer), at)
    if identity is None:
        raise CertificateError("签发时的密钥已不在，不能由另一把密钥签署 PDF；请放回原密钥")
    signed = Signed(bytes(certificate.signed_xml), decode(bytes(stated.content)), bytes(stated.signature))
    return Sheet(
        content, signed, identity, _list_for(identity, at), LogPlace(place.index, place.leaf, certificate.paper_key)
    )


def _document(certificate: Certificate, sheet: Sheet, printed: Printed) -> Document:
    """Not stored yet; raises CertificateError without a timestamp."""
    try:
        extra = {TIMESTAMP: stamp(sheet.signed.xml)}
    except TimestampError as error:
        raise CertificateError(f"时间戳服务不可用：{error}") from error
    beside = signing.sm2_signer_for(certificate.job.institute_id)
    if beside:
        extra |= parallel_files(encode(sheet.signed.entry), beside)
    return Document(certificate=certificate, pdf=printed.pdf, bundle=with_evidence(printed.bundle, extra))


def _keep(made: Sequence[Document]) -> list[Document]:
    Unprinted.objects.filter(certificate__in=[document.certificate_id for document in made]).delete()
    return Document.objects.bulk_create(made)


def _list_for(identity: SigningIdentity, at: datetime) -> CertificateRevocationList | None:
    # Of an imported identity only its own authority can say that it is not revoked.
    authority = signing.authority(at)
    ours = identity.certificate.issuer == authority.certificate.subject
    return issue_revocation_list(authority, {}, at) if ours else None
