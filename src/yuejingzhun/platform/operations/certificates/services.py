"""Approving a verification issues its certificate; an issued one can be superseded or revoked, never changed."""

import logging
from dataclasses import replace
from datetime import datetime

from cryptography.x509 import CertificateRevocationList
from django.conf import settings
from django.db import transaction

from yuejingzhun.evidence.authority import issue_revocation_list
from yuejingzhun.evidence.bundle import TIMESTAMP, with_evidence
from yuejingzhun.evidence.certificate import Certificate as Content
from yuejingzhun.evidence.certificate import CertificateKind, Signatories
from yuejingzhun.evidence.certificate import Organisation as Party
from yuejingzhun.evidence.entry import Entry, decode, encode, sign_entry
from yuejingzhun.evidence.issue import Signed, print_and_bundle, sign
from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.evidence.notice import revocation as revoked
from yuejingzhun.evidence.notice import supersession
from yuejingzhun.evidence.parallel import parallel_files
from yuejingzhun.evidence.pdf.glyphs import MissingGlyphError
from yuejingzhun.evidence.pdf.render import LogPlace
from yuejingzhun.evidence.timestamp.token import TimestampError
from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.ledger.errors import LedgerError, RolledBackError
from yuejingzhun.platform.foundation.ledger.queries import place_of, statement
from yuejingzhun.platform.foundation.ledger.services import sequence, sign_head, submit
from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import Organisation, organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act, may_see_region
from yuejingzhun.platform.operations.certificates import signing
from yuejingzhun.platform.operations.certificates.errors import CertificateError, UnknownCertificateError
from yuejingzhun.platform.operations.certificates.models import (
    Certificate,
    Document,
    NumberSeries,
    Revocation,
    Unprinted,
)
from yuejingzhun.platform.operations.certificates.rules import certificate_number
from yuejingzhun.platform.operations.certificates.stamping import stamp
from yuejingzhun.platform.operations.mandatory.services.result import note_result
from yuejingzhun.platform.operations.verification.queries import Job, evaluation_of, record_of
from yuejingzhun.platform.operations.verification.services import lock_job, mark_approved
from yuejingzhun.platform.registry.instruments.services import note_verification
from yuejingzhun.platform.registry.traceability.services import link_certificate, note_revoked, note_superseded
from yuejingzhun.procedures.local_date import local_date

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
    job = lock_job(job_id)
    if not may_act(actor, Role.SIGNATORY, job.institute_id):
        raise NotPermittedError(f"{actor.name} 不是本单位的授权签字人")
    mark_approved(actor, job, at)
    job.refresh_from_db()
    previous = _superseded(job, supersedes) if supersedes else None
    number = _next_number(job.institute.region, local_date(at).year)
    content = content_of(job, number, at, supersedes)
    identity = signing.signer_for(job.institute_id, job.institute.name, at)
    try:
        signed = sign(content, identity)
    except MissingGlyphError as error:
        raise CertificateError(str(error)) from error
    certificate = _register(job, content, signed.xml, previous)
    Unprinted.objects.create(certificate=certificate)
    submit(signed.entry, signed.signature, identity.certificate, at)
    if supersedes:
        _state(supersession(supersedes, at, number), identity, at)
        note_superseded(supersedes, at)
    _note_latest(job.instrument_id)
    note_result(job.instrument_id, job.institute_id, number, certificate.passed, at)
    parameters = content.record.parameters
    link_certificate(number, job.instrument, job.standard, job.institute_id, parameters, content.evaluation, at)
    after = {"number": number, "job": job.pk, "supersedes": supersedes}
    record_event(actor, "签发证书", "certificate", certificate.pk, at, after=after)
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
    _note_latest(certificate.instrument_id)
    identity = signing.signer_for(by, organisation(by).name, at)
    _state(revoked(number, at.replace(microsecond=0), reason), identity, at)
    note_revoked(number, at)
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


def complete(certificate: Certificate) -> Document:
    """Print and bundle an issued certificate that has its place in the log; the same document however often asked."""
    with transaction.atomic():
        locked = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
        made = Document.objects.filter(certificate=locked).first()
        return made or _complete(locked)


def complete_pending() -> int:
    """Finish what was interrupted between issue and printing; how many those were."""
    waiting = list(Unprinted.objects.select_related("certificate").order_by("pk")[:100])
    for queued in waiting:
        try:
            complete(queued.certificate)
        except CertificateError as error:
            log.error("证书 %s 的文件稍后再制作：%s", queued.certificate.number, error)
    return len(waiting)


def _complete(certificate: Certificate) -> Document:
    stated, place = statement(certificate.number, "issued"), place_of(certificate.number, "issued")
    if stated is None or place is None:
        raise CertificateError(f"证书 {certificate.number} 正在登记，请稍后再试")
    job = lock_job(certificate.job_id)
    at = certificate.issued_at
    previous = certificate.supersedes.number if certificate.supersedes else None
    content = content_of(job, certificate.number, at, previous)
    identity = signing.signer_again(job.institute_id, job.institute.name, bytes(stated.signer), at)
    if identity is None:
        raise CertificateError("签发时的密钥已不在，不能由另一把密钥签署 PDF；请放回原密钥")
    signed = Signed(bytes(certificate.signed_xml), decode(bytes(stated.content)), bytes(stated.signature))
    issued = print_and_bundle(content, signed, identity, _list_for(identity, at), LogPlace(place.index, place.leaf))
    try:
        extra = {TIMESTAMP: stamp(signed.xml)}
    except TimestampError as error:
        raise CertificateError(f"时间戳服务不可用：{error}") from error
    beside = signing.sm2_signer_for(job.institute_id)
    if beside:
        extra |= parallel_files(bytes(stated.content), beside)
    bundle = with_evidence(issued.bundle, extra)
    Unprinted.objects.filter(certificate=certificate).delete()
    return Document.objects.create(certificate=certificate, pdf=issued.pdf, bundle=bundle)


def _note_latest(instrument_id: int) -> None:
    """Tell the instrument which certificate speaks for it: the last test's that was neither replaced nor revoked."""
    standing = Certificate.objects.filter(instrument_id=instrument_id, successor=None, revocation=None)
    last = standing.order_by("-tested_on", "-pk").first()
    if last is None:
        note_verification(instrument_id, "", None, None)
    else:
        note_verification(instrument_id, last.number, last.passed, last.valid_until)


def _list_for(identity: SigningIdentity, at: datetime) -> CertificateRevocationList | None:
    # Of an imported identity only its own authority can say that it is not revoked.
    authority = signing.authority(at)
    ours = identity.certificate.issuer == authority.certificate.subject
    return issue_revocation_list(authority, {}, at) if ours else None


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


def _superseded(job: Job, number: str) -> Certificate:
    previous = Certificate.objects.select_for_update(of=("self",)).filter(number=number).first()
    if previous is None:
        raise UnknownCertificateError(f"没有编号为 {number} 的证书，不能替换")
    if previous.instrument_id != job.instrument_id:
        raise CertificateError(f"证书 {number} 不是这台器具的证书，不能替换")
    if Certificate.objects.filter(supersedes=previous).exists():
        raise CertificateError(f"证书 {number} 已被另一份证书替换")
    return previous


def _next_number(region: str, year: int) -> str:
    series, _ = NumberSeries.objects.select_for_update().get_or_create(region=region, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return certificate_number(region, year, series.last)


def content_of(job: Job, number: str, at: datetime, supersedes: str | None) -> Content:
    """What the certificate of an approved job says; the same each time, since a job's record never changes."""
    record, standard = record_of(job)
    evaluation = evaluation_of(job)
    if job.reviewed_by is None or job.approved_by is None:
        raise CertificateError("记录还没有核验或批准")
    return Content(
        number=number,
        kind=CertificateKind.VERIFICATION if evaluation.passed else CertificateKind.REJECTION,
        institute=_party(job.institute),
        authorisation=job.institute.authorisation or "—",
        holder=_party(job.holder),
        place=job.instrument.place or job.institute.address,
        record=record,
        standard=standard,
        evaluation=evaluation,
        signatories=Signatories(job.tested_by.name, job.reviewed_by.name, job.approved_by.name),
        received_on=job.received_on,
        issued_at=at,
        lookup_url=f"{settings.PUBLIC_URL}/c/{number}",
        supersedes=supersedes,
    )


def _party(found: Organisation) -> Party:
    return Party(
        name=found.name,
        name_en=found.name_en,
        credit_code=found.credit_code or "",
        city=full_name(found.region),
        address=found.address,
        phone=found.phone,
    )


def _register(job: Job, content: Content, signed_xml: bytes, previous: Certificate | None) -> Certificate:
    evaluation, item = content.evaluation, content.record.item
    grade = f"{evaluation.accuracy_class} 级" if evaluation.accuracy_class else ""
    return Certificate.objects.create(
        number=content.number,
        kind=content.kind.name,
        job=job,
        instrument_id=job.instrument_id,
        institute_name=content.institute.name,
        instrument_name=item.name,
        model=item.model,
        serial=item.serial,
        regulation=evaluation.regulation,
        passed=evaluation.passed,
        conclusion=f"{grade}合格" if evaluation.passed else f"不合格：{'；'.join(evaluation.reasons)}",
        tested_on=evaluation.tested_on,
        valid_until=evaluation.valid_until,
        issued_at=content.issued_at,
        supersedes=previous,
        signed_xml=signed_xml,
    )
