"""The acts of a verification: test, review, return. Approval issues the certificate: see `certificates`."""

from datetime import date, datetime

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, is_authorised_for, may_act
from yuejingzhun.platform.operations.verification.errors import UnknownJobError, VerificationError
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.operations.verification.queries import standing_of
from yuejingzhun.platform.operations.verification.rules import (
    State,
    refusal_to_approve,
    refusal_to_return,
    refusal_to_review,
)
from yuejingzhun.platform.registry.instruments.services import file_instrument
from yuejingzhun.platform.registry.qualifications.queries import may_verify, registration_of
from yuejingzhun.platform.registry.standards.queries import usable_standard
from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.procedures.record import Record
from yuejingzhun.procedures.record_json import record_to_json, standard_to_json


@transaction.atomic
def submit_record(
    actor: Actor,
    institute_id: int,
    holder_id: int,
    record: Record,
    standard_number: str,
    received_on: date,
    at: datetime,
) -> Job:
    """Hand in a raw record: it is evaluated, and the job waits for review.

    Raises NotPermittedError for a technician without the role, VerificationError where institute or metrologist were
    not authorised on the day of the test, StandardNotUsableError, and RecordError with every problem of the record.
    """
    if not is_authorised_for(actor, Role.VERIFIER, institute_id, record.regulation):
        raise NotPermittedError(f"{actor.name} 没有本单位 {record.regulation} 项目的检定员授权")
    if not received_on <= record.tested_on <= local_date(at):
        raise VerificationError(f"日期顺序不对：收样 {received_on}，检定 {record.tested_on}，今天 {local_date(at)}")
    if problem := may_verify(institute_id, "", record.regulation, record.tested_on):
        raise VerificationError(problem)
    if problem := registration_of(actor.person_id, record.regulation, record.tested_on):
        raise VerificationError(f"{actor.name}：{problem}")
    declared = procedure(record.regulation)
    standard_id, reference = usable_standard(institute_id, standard_number, record.regulation, record.tested_on)
    evaluation = evaluate(declared, record, reference)
    instrument = file_instrument(actor, record.item, record.regulation, holder_id, at)
    job = Job.objects.create(
        instrument=instrument,
        institute_id=institute_id,
        holder_id=holder_id,
        standard_id=standard_id,
        regulation=record.regulation,
        kind=record.kind.name,
        state=State.TESTED.name,
        record=record_to_json(record),
        reference=standard_to_json(reference),
        passed=evaluation.passed,
        received_on=received_on,
        tested_on=record.tested_on,
        tested_by_id=actor.person_id,
        tested_at=at,
    )
    record_event(actor, "提交记录", "job", job.pk, at, after={"state": job.state, "passed": job.passed})
    return job


@transaction.atomic
def review(actor: Actor, job_id: int, at: datetime) -> Job:
    """Confirm record and result; never by the tester."""
    job = lock_job(job_id)
    if not may_act(actor, Role.REVIEWER, job.institute_id):
        raise NotPermittedError(f"{actor.name} 不是本单位的核验员")
    if refusal := refusal_to_review(standing_of(job), actor.person_id):
        raise VerificationError(refusal)
    job.state, job.reviewed_by_id, job.reviewed_at = State.REVIEWED.name, actor.person_id, at
    job.save(update_fields=["state", "reviewed_by", "reviewed_at"])
    record_event(actor, "核验", "job", job.pk, at, before={"state": "TESTED"}, after={"state": job.state})
    return job


@transaction.atomic
def return_to_tester(actor: Actor, job_id: int, reason: str, at: datetime) -> Job:
    """Send a record back with the reason; it stays as it is, and the tester hands in a new one."""
    job = lock_job(job_id)
    role = Role.REVIEWER if job.state == State.TESTED.name else Role.SIGNATORY
    if not may_act(actor, role, job.institute_id):
        raise NotPermittedError(f"{actor.name} 不是本单位的{role.value}")
    if refusal := refusal_to_return(standing_of(job)):
        raise VerificationError(refusal)
    if not reason.strip():
        raise VerificationError("退回须写明原因")
    before = {"state": job.state}
    job.state, job.returned_by_id, job.returned_at = State.RETURNED.name, actor.person_id, at
    job.return_reason = reason.strip()
    job.save(update_fields=["state", "returned_by", "returned_at", "return_reason"])
    record_event(actor, "退回", "job", job.pk, at, before=before, after={"state": job.state}, reason=reason.strip())
    return job


def mark_approved(actor: Actor, job: Job, at: datetime) -> None:
    """The last state of a locked job; raises VerificationError where its rules forbid it. For `certificates`."""
    if refusal := refusal_to_approve(standing_of(job), actor.person_id):
        raise VerificationError(refusal)
    job.state, job.approved_by_id, job.approved_at = State.APPROVED.name, actor.person_id, at
    job.save(update_fields=["state", "approved_by", "approved_at"])
    record_event(actor, "批准", "job", job.pk, at, before={"state": "REVIEWED"}, after={"state": job.state})


def lock_job(job_id: int) -> Job:
    """The job, locked until the transaction ends, so that two people can't act on it at once."""
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise UnknownJobError(f"没有编号为 {job_id} 的检定任务")
    return job
