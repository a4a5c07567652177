"""Approving a verification issues its certificate; an issued one can be superseded or revoked, never changed."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from yuejingzhun.evidence.authority import issue_revocation_list
from yuejingzhun.evidence.certificate import Certificate as Content
from yuejingzhun.evidence.certificate import CertificateKind, Signatories
from yuejingzhun.evidence.certificate import Organisation as Party
from yuejingzhun.evidence.issue import Issued, issue
from yuejingzhun.evidence.pdf.glyphs import MissingGlyphError
from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import Organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act, may_see_region
from yuejingzhun.platform.operations.certificates import signing
from yuejingzhun.platform.operations.certificates.errors import CertificateError, UnknownCertificateError
from yuejingzhun.platform.operations.certificates.models import Certificate, NumberSeries, Revocation
from yuejingzhun.platform.operations.certificates.rules import certificate_number
from yuejingzhun.platform.operations.verification.queries import Job, evaluation_of, record_of
from yuejingzhun.platform.operations.verification.services import lock_job, mark_approved

LOCAL = ZoneInfo("Asia/Shanghai")


@transaction.atomic
def approve(actor: Actor, job_id: int, at: datetime, *, supersedes: str | None = None) -> Certificate:
    """Approve a reviewed record: its certificate is composed, signed, bundled and registered, or nothing happens.

    Raises NotPermittedError, VerificationError, CertificateError or UnknownCertificateError.
    """
    job = lock_job(job_id)
    if not may_act(actor, Role.SIGNATORY, job.institute_id):
        raise NotPermittedError(f"{actor.name} 不是本单位的授权签字人")
    mark_approved(actor, job, at)
    job.refresh_from_db()
    previous = _superseded(job, supersedes) if supersedes else None
    number = _next_number(job.institute.region, at.astimezone(LOCAL).year)
    content = _content(job, number, at, supersedes)
    identity = signing.signer_for(job.institute_id, job.institute.name, at)
    authority = signing.authority(at)
    # Of an imported identity only its own authority can say that it is not revoked.
    ours = identity.certificate.issuer == authority.certificate.subject
    listed = issue_revocation_list(authority, {}, at) if ours else None
    try:
        issued = issue(content, identity, listed)
    except MissingGlyphError as error:
        raise CertificateError(str(error)) from error
    certificate = _register(job, content, issued, previous)
    after = {"number": number, "job": job.pk, "supersedes": supersedes}
    record_event(actor, "签发证书", "certificate", certificate.pk, at, after=after)
    return certificate


@transaction.atomic
def revoke(actor: Actor, number: str, reason: str, at: datetime) -> Revocation:
    """Say that a certificate no longer holds; for the institute's signatory or a regulator of the region."""
    certificate = Certificate.objects.select_for_update(of=("self",)).filter(number=number).first()
    if certificate is None:
        raise UnknownCertificateError(f"没有编号为 {number} 的证书")
    institute_id = certificate.job.institute_id
    if not (may_act(actor, Role.SIGNATORY, institute_id) or may_see_region(actor, certificate.instrument.region)):
        raise NotPermittedError(f"{actor.name} 不是签发机构的授权签字人，也不是当地的监管人员")
    if Revocation.objects.filter(certificate=certificate).exists():
        raise CertificateError(f"证书 {number} 已经撤销")
    if not reason.strip():
        raise CertificateError("撤销须写明原因")
    revocation = Revocation.objects.create(certificate=certificate, at=at, by_id=actor.person_id, reason=reason.strip())
    record_event(actor, "撤销证书", "certificate", certificate.pk, at, reason=reason.strip())
    return revocation


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


def _content(job: Job, number: str, at: datetime, supersedes: str | None) -> Content:
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


def _register(job: Job, content: Content, issued: Issued, previous: Certificate | None) -> Certificate:
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
        signed_xml=issued.signed_xml,
        pdf=issued.pdf,
        bundle=issued.bundle,
    )
