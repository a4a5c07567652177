"""The acts of a verification: test, review, return. Approval issues the certificate: see `certificates`.

One record or a batch of them goes the same way, with the same checks: what doesn't differ from record to record is
asked once.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import Change, record_event, record_events
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
from yuejingzhun.platform.registry.instruments.services import file_instruments
from yuejingzhun.platform.registry.qualifications.queries import may_verify, registration_of
from yuejingzhun.platform.registry.standards.queries import usable_standard
from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.evaluation import Evaluation
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.procedures.record import Record, RecordError, ReferenceStandard
from yuejingzhun.procedures.record_json import record_to_json, standard_to_json

ROWS = 500  # of one statement


@dataclass(frozen=True, slots=True)
class Submission:
    """A raw record to be handed in, and the day on which its instrument came."""

    record: Record
    received_on: date


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
    (found,) = submit_records(actor, institute_id, holder_id, [Submission(record, received_on)], standard_number, at)
    if isinstance(found, Job):
        return found
    raise found


@transaction.atomic
def submit_records(
    actor: Actor,
    institute_id: int,
    holder_id: int,
    submissions: Sequence[Submission],
    standard_number: str,
    at: datetime,
) -> list[Job | RecordError | VerificationError]:
    """Hand in many records as `submit_record` does one: for each its job, or what is wrong with it and wasn't stored.

    Whether institute, metrologist and standard were in order is asked once for each regulation and day of test; where
    they weren't, that is raised and nothing is stored.
    """
    for regulation in {one.record.regulation for one in submissions}:
        if not is_authorised_for(actor, Role.VERIFIER, institute_id, regulation):
            raise NotPermittedError(f"{actor.name} 没有本单位 {regulation} 项目的检定员授权")

    @cache
    def grounds(regulation: str, on: date) -> tuple[int, ReferenceStandard]:
        return _standard_for(actor, institute_id, standard_number, regulation, on)

    answers = [_evaluated(one, local_date(at), grounds) for one in submissions]
    kept = [(one, answer) for one, answer in zip(submissions, answers, strict=True) if isinstance(answer, Evaluation)]
    items = [(one.record.item, one.record.regulation) for one, _ in kept]
    instruments = file_instruments(actor, items, holder_id, at)
    jobs = [
        Job(
            instrument=instrument,
            institute_id=institute_id,
            holder_id=holder_id,
            **_tested(one, evaluation, *grounds(one.record.regulation, one.record.tested_on)),
            tested_by_id=actor.person_id,
            tested_at=at,
        )
        for (one, evaluation), instrument in zip(kept, instruments, strict=True)
    ]
    Job.objects.bulk_create(jobs, batch_size=ROWS)
    told = (Change(job.pk, after={"state": job.state, "passed": job.passed}) for job in jobs)
    record_events(actor, "提交记录", "job", told, at)
    stored = iter(jobs)
    return [next(stored) if isinstance(answer, Evaluation) else answer for answer in answers]


def _evaluated(
    one: Submission, today: date, grounds: Callable[[str, date], tuple[int, ReferenceStandard]]
) -> Evaluation | RecordError | VerificationError:
    """The evaluation of a record, or what is wrong with this one alone; what `grounds` raises holds for all."""
    record = one.record
    if not one.received_on <= record.tested_on <= today:
        return VerificationError(f"日期顺序不对：收样 {one.received_on}，检定 {record.tested_on}，今天 {today}")
    _, reference = grounds(record.regulation, record.tested_on)
    try:
        return evaluate(procedure(record.regulation), record, reference)
    except RecordError as error:
        return error


def _standard_for(
    actor: Actor, institute_id: int, standard_number: str, regulation: str, on: date
) -> tuple[int, ReferenceStandard]:
    """The standard on which records of that regulation and day stand; raises what speaks against the day's work."""
    if problem := may_verify(institute_id, "", regulation, on):
        raise VerificationError(problem)
    if problem := registration_of(actor.person_id, regulation, on):
        raise VerificationError(f"{actor.name}：{problem}")
    return usable_standard(institute_id, standard_number, regulation, on)


def _tested(one: Submission, evaluation: Evaluation, standard_id: int, reference: ReferenceStandard) -> dict[str, Any]:
    record = one.record
    return {
        "standard_id": standard_id,
        "regulation": record.regulation,
        "kind": record.kind.name,
        "state": State.TESTED.name,
        "record": record_to_json(record),
        "reference": standard_to_json(reference),
        "passed": evaluation.passed,
        "received_on": one.received_on,
        "tested_on": record.tested_on,
    }


def review(actor: Actor, job_id: int, at: datetime) -> Job:
    """Confirm record and result; never by the tester."""
    jobs, refused = review_all(actor, [job_id], at)
    if refused:
        raise VerificationError(refused[job_id])
    return jobs[0]


@transaction.atomic
def review_all(actor: Actor, job_ids: Collection[int], at: datetime) -> tuple[list[Job], dict[int, str]]:
    """Confirm many: those confirmed, and why the others can't be. Raises NotPermittedError, UnknownJobError."""
    jobs = lock_jobs(job_ids)
    if not all(may_act(actor, Role.REVIEWER, institute) for institute in {job.institute_id for job in jobs}):
        raise NotPermittedError(f"{actor.name} 不是本单位的核验员")
    refused = _refusals({job.pk: refusal_to_review(standing_of(job), actor.person_id) for job in jobs})
    kept = [job for job in jobs if job.pk not in refused]
    _move(actor, "核验", kept, State.REVIEWED, {"reviewed_by_id": actor.person_id, "reviewed_at": at}, at)
    return kept, refused


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


def mark_approved(actor: Actor, jobs: Sequence[Job], at: datetime) -> dict[int, str]:
    """The last state of locked jobs; why some of them can't have it, and don't. For `certificates`."""
    refused = _refusals({job.pk: refusal_to_approve(standing_of(job), actor.person_id) for job in jobs})
    kept = [job for job in jobs if job.pk not in refused]
    _move(actor, "批准", kept, State.APPROVED, {"approved_by_id": actor.person_id, "approved_at": at}, at)
    return refused


def lock_job(job_id: int) -> Job:
    """The job, locked until the transaction ends, so that two people can't act on it at once."""
    return lock_jobs([job_id])[0]


def lock_jobs(job_ids: Collection[int], *related: str) -> list[Job]:
    """The jobs in the order of their keys, locked in it, so that who locks the same waits and never each for the other.

    Raises UnknownJobError where one isn't there.
    """
    found = Job.objects.select_related(*related) if related else Job.objects.all()
    jobs = list(found.select_for_update(of=("self",)).filter(pk__in=job_ids).order_by("pk"))
    if missing := set(job_ids) - {job.pk for job in jobs}:
        raise UnknownJobError(f"没有编号为 {min(missing)} 的检定任务")
    return jobs


def _refusals(said: Mapping[int, str | None]) -> dict[int, str]:
    return {key: refusal for key, refusal in said.items() if refusal}


def _move(
    actor: Actor, action: str, jobs: Sequence[Job], state: State, values: Mapping[str, Any], at: datetime
) -> None:
    """Locked jobs into their next state, with what else is known of them then, and the events that tell of it."""
    before = {job.pk: {"state": job.state} for job in jobs}
    changed = {"state": state.name, **values}
    for job in jobs:
        for name, value in changed.items():
            setattr(job, name, value)
    Job.objects.filter(pk__in=before).update(**changed)
    told = (Change(job.pk, before=before[job.pk], after={"state": job.state}) for job in jobs)
    record_events(actor, action, "job", told, at)
