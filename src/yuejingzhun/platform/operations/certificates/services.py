"""Approving a verification issues its certificate; an issued one can be superseded or revoked, never changed."""

import logging
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from yuejingzhun.evidence.entry import Entry, encode, sign_entry
from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.evidence.notice import revocation as revoked
from yuejingzhun.evidence.notice import supersession
from yuejingzhun.evidence.timestamp.token import TimestampError
from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.events.services import publish
from yuejingzhun.platform.foundation.ledger.errors import LedgerError, RolledBackError
from yuejingzhun.platform.foundation.ledger.services import sequence, sign_head, submit
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act, may_see_region
from yuejingzhun.platform.operations.certificates import signing
from yuejingzhun.platform.operations.certificates.errors import CertificateError, UnknownCertificateError
from yuejingzhun.platform.operations.certificates.issuing import issue_all, note_latest
from yuejingzhun.platform.operations.certificates.models import Certificate, Revocation, Unprinted
from yuejingzhun.platform.operations.certificates.printing import complete
from yuejingzhun.platform.operations.certificates.stamping import stamp
from yuejingzhun.platform.operations.verification.errors import VerificationError
from yuejingzhun.platform.registry.traceability.services import note_revoked, note_superseded

log = logging.getLogger(__name__)


def approve(actor: Actor, job_id: int, at: datetime, *, supersedes: str | None = None) -> Certificate:
    """Approve a reviewed record and issue its certificate, or nothing happens; then log, print and bundle it.

    What comes after the issue can be interrupted and is finished later (`complete`), so nothing issued is lost.
    Raises NotPermittedError, VerificationError, CertificateError or UnknownCertificateError.
    """
    certificate = _issue(actor, job_id, at, supersedes)
    register(at)
    try:
        complete(certificate)
    except CertificateError as error:
        log.error("证书 %s 的文件稍后再制作：%s", certificate.number, error)
    return certificate


@transaction.atomic
def _issue(actor: Actor, job_id: int, at: datetime, supersedes: str | None) -> Certificate:
    issue = issue_all(actor, [job_id], at, supersedes=supersedes)
    if issue.refused:
        raise VerificationError(issue.refused[job_id])
    (certificate,) = issue.certificates
    if supersedes:
        institute = certificate.job.institute
        identity = signing.signer_for(institute.pk, institute.name, at)
        _state(supersession(supersedes, at, certificate.number), identity, at)
        note_superseded(supersedes, at)
        publish("certificate-ended", certificate.job.holder_id, supersedes, at, {"how": "替换"})
    return certificate


def revoke(actor: Actor, number: str, reason: str, at: datetime) -> Revocation:
    """Say that a certificate no longer holds; for the institute's signatory or a regulator of the region.

    The signed statement with its reason goes into the log. Raises NotPermittedError, CertificateError or
    UnknownCertificateError.
    """
    revocation = _revoke(actor, number, reason.strip(), at)
    register(at)
    return revocation


@transaction.atomic
def _revoke(actor: Actor, number: str, reason: str, at: datetime) -> Revocation:
    certificate = Certificate.objects.select_for_update(of=("self",)).filter(number=number).first()
    if certificate is None:
        raise UnknownCertificateError(f"没有编号为 {number} 的证书")
    by = _revoking_organisation(actor, certificate)
    if by is None:
        raise NotPermittedError(f"{actor.name} 不是签发机构的授权签字人，也不是当地的监管人员")
    if Revocation.objects.filter(certificate=certificate).exists():
        raise CertificateError(f"证书 {number} 已经撤销")
    if not reason:
        raise CertificateError("撤销须写明原因")
    revocation = Revocation.objects.create(certificate=certificate, at=at, by_id=actor.person_id, reason=reason)
    note_latest([certificate.instrument_id])
    identity = signing.signer_for(by, organisation(by).name, at)
    _state(revoked(number, at.replace(microsecond=0), reason), identity, at)
    note_revoked(number, at)
    publish("certificate-ended", certificate.job.holder_id, number, at, {"how": "撤销"})
    record_event(actor, "撤销证书", "certificate", certificate.pk, at, reason=reason)
    return revocation


def register(at: datetime) -> None:
    """Give what was stated its place in the log and sign the new head.

    A log that refuses leaves what was stated in its queue: the issue stands, and the refusal is told to who runs us.
    """
    sequence()
    try:
        sign_head(at)
    except (RolledBackError, LedgerError) as error:
        log.error("透明日志拒绝签署：%s", error)


def complete_pending() -> int:
    """Finish what was interrupted between issue and printing; how many those were."""
    waiting = list(Unprinted.objects.select_related("certificate").order_by("pk")[:100])
    for queued in waiting:
        try:
            complete(queued.certificate)
        except CertificateError as error:
            log.error("证书 %s 的文件稍后再制作：%s", queued.certificate.number, error)
    return len(waiting)


def _state(entry: Entry, identity: SigningIdentity, at: datetime) -> None:
    try:
        timestamp = stamp(encode(entry))
    except TimestampError as error:
        # A revocation must not wait for another's server; the log tells its time as well.
        log.error("声明 %s 没有时间戳：%s", entry.number, error)
        timestamp = None
    submit(entry, sign_entry(encode(entry), identity), identity.certificate, at, timestamp=timestamp)


def _revoking_organisation(actor: Actor, certificate: Certificate) -> int | None:
    institute_id = certificate.job.institute_id
    if may_act(actor, Role.SIGNATORY, institute_id):
        return institute_id
    region = certificate.instrument.region
    return next((g.organisation_id for g in actor.grants if may_see_region(replace(actor, grants=(g,)), region)), None)
