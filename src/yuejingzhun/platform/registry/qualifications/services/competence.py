"""What is recorded of a person: training, and reviews by a peer."""

from datetime import date, datetime

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import person
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.registry.qualifications.errors import QualificationError
from yuejingzhun.platform.registry.qualifications.models import (
    PeerReview,
    Training,
)
from yuejingzhun.platform.registry.qualifications.rules import (
    REGULATION,
)
from yuejingzhun.procedures.local_date import local_date


@transaction.atomic
def record_training(
    actor: Actor,
    person_id: int,
    title: str,
    organiser: str,
    hours: int,
    completed_on: date,
    passed: bool,
    at: datetime,
) -> Training:
    """What a person learnt, recorded by the quality manager of the person's institute."""
    institute_id = _check_quality(actor, person_id)
    if not title.strip() or not organiser.strip():
        raise QualificationError("培训记录须写明培训内容与举办单位")
    if not 0 < hours <= 2000:
        raise QualificationError(f"学时为 {hours}，应为 1 至 2000")
    _check_past(completed_on, "完成日期", at)
    made = Training.objects.create(
        person_id=person_id,
        institute_id=institute_id,
        title=title.strip(),
        organiser=organiser.strip(),
        hours=hours,
        completed_on=completed_on,
        passed=passed,
        recorded_by_id=actor.person_id,
        recorded_at=at,
    )
    record_event(actor, "记录培训", "training", made.pk, at, after={"person": person_id, "title": made.title})
    return made


@transaction.atomic
def record_peer_review(
    actor: Actor,
    person_id: int,
    reviewer_id: int,
    regulation: str,
    method: str,
    confirmed: bool,
    remarks: str,
    reviewed_on: date,
    at: datetime,
) -> PeerReview:
    """That a peer confirmed, or didn't, a person's competence for a regulation; recorded by the quality manager."""
    institute_id = _check_quality(actor, person_id)
    person(reviewer_id)
    if reviewer_id == person_id:
        raise QualificationError("不能评审自己，评审人应为另一人")
    if not REGULATION.fullmatch(regulation):
        raise QualificationError(f"检定规程为 {regulation[:40]!r}，应如 JJG 596-2012")
    if not method.strip():
        raise QualificationError("同行评审须写明确认方式，如现场操作、盲样、理论考核")
    _check_past(reviewed_on, "评审日期", at)
    made = PeerReview.objects.create(
        person_id=person_id,
        institute_id=institute_id,
        reviewer_id=reviewer_id,
        regulation=regulation,
        method=method.strip(),
        confirmed=confirmed,
        remarks=remarks.strip(),
        reviewed_on=reviewed_on,
        recorded_by_id=actor.person_id,
        recorded_at=at,
    )
    after = {"person": person_id, "regulation": regulation, "confirmed": confirmed}
    record_event(actor, "记录同行评审", "peerreview", made.pk, at, after=after)
    return made


def _check_quality(actor: Actor, person_id: int) -> int:
    institute_id = person(person_id).organisation_id
    if not may_act(actor, Role.QUALITY_MANAGER, institute_id):
        raise NotPermittedError(f"{actor.name} 不是该人员所在单位的质量负责人")
    return institute_id


def _check_past(day: date, label: str, at: datetime) -> None:
    if day > local_date(at):
        raise QualificationError(f"{label} {day} 晚于今天 {local_date(at)}")
