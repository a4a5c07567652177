"""The issue itself: approved records become signed certificates, all in one transaction with all that follows from it.

One certificate or many go the same way. Printing and bundling come later: see `printing`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from yuejingzhun.evidence.certificate import Certificate as Content
from yuejingzhun.evidence.certificate import CertificateKind, Signatories
from yuejingzhun.evidence.certificate import Organisation as Party
from yuejingzhun.evidence.issue import Signed, sign
from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.evidence.pdf.glyphs import MissingGlyphError
from yuejingzhun.evidence.qr import new_key
from yuejingzhun.platform.foundation.audit.services import Change, record_events
from yuejingzhun.platform.foundation.ledger.services import submit_many
from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import Organisation, person
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.operations.certificates import signing
from yuejingzhun.platform.operations.certificates.errors import CertificateError, UnknownCertificateError
from yuejingzhun.platform.operations.certificates.models import Certificate, NumberSeries, Unprinted
from yuejingzhun.platform.operations.certificates.rules import certificate_number
from yuejingzhun.platform.operations.mandatory.services.result import Result, note_results
from yuejingzhun.platform.operations.verification.queries import Job, evaluation_of, record_of
from yuejingzhun.platform.operations.verification.services import lock_jobs, mark_approved
from yuejingzhun.platform.registry.instruments.services import Speaks, note_verifications
from yuejingzhun.platform.registry.traceability.errors import TraceabilityError
from yuejingzhun.platform.registry.traceability.services import Verified, link_certificates
from yuejingzhun.procedures.local_date import local_date

RELATED = ("institute", "holder", "instrument", "standard__owner", "tested_by", "reviewed_by")


@dataclass(frozen=True, slots=True)
class Issue:
    """What was issued, and by the key of the job why others could not be."""

    certificates: tuple[Certificate, ...]
    refused: dict[int, str]


def issue_each(actor: Actor, job_ids: Sequence[int], at: datetime) -> Issue:
    """Approve reviewed records of one institute and issue their certificates; what can't be issued stops no other.

    Raises NotPermittedError and UnknownJobError.
    """
    try:
        return issue_all(actor, job_ids, at)
    except (CertificateError, TraceabilityError) as error:
        if len(job_ids) == 1:
            return Issue((), {job_ids[0]: str(error)})
    half = len(job_ids) // 2
    one, other = (issue_each(actor, part, at) for part in (job_ids[:half], job_ids[half:]))
    return Issue(one.certificates + other.certificates, one.refused | other.refused)


@transaction.atomic
def issue_all(actor: Actor, job_ids: Collection[int], at: datetime, *, supersedes: str | None = None) -> Issue:
    """Approve reviewed records of one institute and issue their certificates: all that the rules allow, or none.

    `supersedes` is the number of the certificate that a single one replaces. Raises NotPermittedError, UnknownJobError,
    UnknownCertificateError, CertificateError and TraceabilityError.
    """
    jobs = lock_jobs(job_ids, *RELATED)
    (institute,) = {job.institute_id: job.institute for job in jobs}.values()
    if not may_act(actor, Role.SIGNATORY, institute.pk):
        raise NotPermittedError(f"{actor.name} 不是本单位的授权签字人")
    refused = mark_approved(actor, jobs, at)
    kept = [job for job in jobs if job.pk not in refused]
    if not kept:
        return Issue((), refused)
    previous = _superseded(kept[0], supersedes) if supersedes else None
    approver = person(actor.person_id)
    for job in kept:
        job.approved_by = approver
    numbers = _next_numbers(institute.region, local_date(at).year, len(kept))
    contents = [content_of(job, number, at, supersedes) for job, number in zip(kept, numbers, strict=True)]
    identity = signing.signer_for(institute.pk, institute.name, at)
    certificates = _signed(kept, contents, identity, previous)
    _tell(actor, kept, contents, certificates, at)
    return Issue(certificates, refused)


def _signed(
    jobs: Sequence[Job], contents: Sequence[Content], identity: SigningIdentity, previous: Certificate | None
) -> tuple[Certificate, ...]:
    """The certificates as signed documents, stored, queued for the log and to be printed."""
    signed = [_sign(content, identity) for content in contents]
    rows = [_row(*each, previous) for each in zip(jobs, contents, signed, strict=True)]
    certificates = Certificate.objects.bulk_create(rows)
    Unprinted.objects.bulk_create(Unprinted(certificate=each) for each in certificates)
    submit_many([(each.entry, each.signature) for each in signed], identity.certificate, contents[0].issued_at)
    return tuple(certificates)


def _sign(content: Content, identity: SigningIdentity) -> Signed:
    try:
        return sign(content, identity)
    except MissingGlyphError as error:
        raise CertificateError(str(error)) from error


def _tell(
    actor: Actor,
    jobs: Sequence[Job],
    contents: Sequence[Content],
    certificates: Sequence[Certificate],
    at: datetime,
) -> None:
    """All who have to know of the certificates: the instruments, the applications, the graph, the audit trail."""
    note_latest([job.instrument_id for job in jobs])
    institute_id = jobs[0].institute_id
    results = [Result(each.instrument_id, each.number, each.passed) for each in certificates]
    note_results(results, institute_id, at)
    verified = [
        Verified(content.number, job.instrument, job.standard, content.record.parameters, content.evaluation)
        for job, content in zip(jobs, contents, strict=True)
    ]
    link_certificates(verified, institute_id, at)
    told = (
        Change(each.pk, after={"number": each.number, "job": job.pk, "supersedes": content.supersedes})
        for each, job, content in zip(certificates, jobs, contents, strict=True)
    )
    record_events(actor, "签发证书", "certificate", told, at)


def note_latest(instrument_ids: Collection[int]) -> None:
    """Tell instruments which certificate speaks for each: the last test's that was neither replaced nor revoked."""
    standing = Certificate.objects.filter(instrument__in=instrument_ids, successor=None, revocation=None)
    last = standing.order_by("instrument_id", "-tested_on", "-pk").distinct("instrument_id").defer("signed_xml")
    found = {each.instrument_id: each for each in last}
    speak = {key: Speaks(key, each.number, each.passed, each.valid_until) for key, each in found.items()}
    note_verifications([speak.get(key) or Speaks(key) for key in sorted(set(instrument_ids))])


def _superseded(job: Job, number: str) -> Certificate:
    previous = Certificate.objects.select_for_update(of=("self",)).filter(number=number).first()
    if previous is None:
        raise UnknownCertificateError(f"没有编号为 {number} 的证书，不能替换")
    if previous.instrument_id != job.instrument_id:
        raise CertificateError(f"证书 {number} 不是这台器具的证书，不能替换")
    if Certificate.objects.filter(supersedes=previous).exists():
        raise CertificateError(f"证书 {number} 已被另一份证书替换")
    return previous


def _next_numbers(region: str, year: int, count: int) -> list[str]:
    series, _ = NumberSeries.objects.select_for_update().get_or_create(region=region, year=year)
    numbers = []
    for _ in range(count):
        series.last += 1
        series.save(update_fields=["last"])  # by one: the database refuses a series that leaps
        numbers.append(certificate_number(region, year, series.last))
    return numbers


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


def _row(job: Job, content: Content, signed: Signed, previous: Certificate | None) -> Certificate:
    evaluation, item = content.evaluation, content.record.item
    grade = f"{evaluation.accuracy_class} 级" if evaluation.accuracy_class else ""
    return Certificate(
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
        signed_xml=signed.xml,
        paper_key=new_key(),
    )
