"""The applicant's acts: apply, correct, withdraw; and the regulator's formal look at an application."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act, may_see_region
from yuejingzhun.platform.registry.standards.applications import standing_of, unfit_to_assess
from yuejingzhun.platform.registry.standards.errors import StandardError, UnknownStandardError
from yuejingzhun.platform.registry.standards.figures import findings
from yuejingzhun.platform.registry.standards.models import Application, Assignment, Interruption, MeasurementStandard
from yuejingzhun.platform.registry.standards.proposal import proposal_from_json, proposal_to_json
from yuejingzhun.platform.registry.standards.rules import (
    MOST_ASSESSORS,
    MOVES,
    Act,
    Kind,
    State,
    presiding_region,
    refusal_to_apply,
    refusal_to_move,
)
from yuejingzhun.procedures.local_date import local_date


@transaction.atomic
def apply(
    actor: Actor, applicant_id: int, kind: Kind, content: dict[str, Any], standard_id: int | None, at: datetime
) -> Application:
    """Hand in an application with the figures of its technical report; it waits for acceptance.

    Raises NotPermittedError, ProposalError with every problem, StandardError.
    """
    if not may_act(actor, Role.QUALITY_MANAGER, applicant_id):
        raise NotPermittedError(f"{actor.name} 不是本单位的质量负责人，不能申请计量标准考核")
    given, region = proposal_from_json(content), organisation(applicant_id).region
    standard = None if standard_id is None else _own_standard(applicant_id, standard_id)
    if standard is not None and is_cancelled(standard):
        raise StandardError("计量标准已撤销，应另行申请新建，不指明原计量标准")
    if standard is not None and standard.level != given.level.name:
        raise StandardError(f"级别：为 {given.level.value}，原计量标准为 {standard.get_level_display()}，两者应一致")
    held_until = None if standard is None else standard.valid_until
    if refusal := refusal_to_apply(kind, given.level, region, held_until, local_date(at)):
        raise StandardError(refusal)
    former_s = standard.reported_s if standard is not None and kind is Kind.RENEWAL else None
    application = Application(
        kind=kind.name,
        applicant_id=applicant_id,
        standard=standard,
        presiding=presiding_region(given.level, region) or "",
        name=given.name,
        content=proposal_to_json(given) | {"former_s": former_s},
        figures_hold=all(found.passed for found in findings(given, kind, former_s)),
        state=State.SUBMITTED.name,
        applied_by_id=actor.person_id,
        applied_at=at,
    )
    try:
        with transaction.atomic():
            application.save(force_insert=True)
    except IntegrityError as error:
        raise StandardError(f"{given.name} 已有一份未办结的申请，不能重复申请") from error
    record_event(actor, "申请考核", "application", application.pk, at, after={"state": application.state})
    return application


@transaction.atomic
def accept(actor: Actor, application_id: int, assessor_ids: Sequence[int], at: datetime) -> Application:
    """Accept an application and appoint one or two assessors who have no part in the applicant."""
    application = lock_for_regulator(actor, application_id)
    _refuse(application, Act.ACCEPT, actor, at)
    chosen = list(dict.fromkeys(assessor_ids))
    if not 1 <= len(chosen) <= MOST_ASSESSORS:
        raise StandardError(f"考评员：指定了 {len(chosen)} 名，应为 1～{MOST_ASSESSORS} 名")
    if unfit := unfit_to_assess(chosen, application.applicant_id, local_date(at)):
        raise StandardError(
            f"编号为 {'、'.join(map(str, unfit))} 的人员不能考评：须有有效的考评员资格，且不属于申请单位"
        )
    for key in chosen:
        Assignment.objects.create(application=application, assessor_id=key)
    return move(actor, application, Act.ACCEPT, "", at)


@transaction.atomic
def return_to_applicant(actor: Actor, application_id: int, reason: str, at: datetime) -> Application:
    """Send an application back, saying at once all that is missing; the applicant hands in a new one."""
    application = lock_for_regulator(actor, application_id)
    return move(actor, application, Act.RETURN, needed(reason, "退回须一次告知需要补正的全部内容"), at)


@transaction.atomic
def correct(actor: Actor, application_id: int, report: str, at: datetime) -> Application:
    """The applicant says what was corrected, within the term."""
    application = _lock_for_applicant(actor, application_id)
    return move(actor, application, Act.CORRECT, needed(report, "请写明整改情况"), at)


@transaction.atomic
def withdraw(actor: Actor, application_id: int, reason: str, at: datetime) -> Application:
    """The applicant takes an application back before it was assessed."""
    application = _lock_for_applicant(actor, application_id)
    return move(actor, application, Act.WITHDRAW, needed(reason, "撤回须写明原因"), at)


def move(actor: Actor, application: Application, act: Act, note: str, at: datetime, **fields: object) -> Application:
    """Take a step with a locked application; raises StandardError where the rules forbid it."""
    _refuse(application, act, actor, at)
    before = {"state": application.state}
    application.state, application.note = MOVES[act][1].name, note
    for name, value in fields.items():
        setattr(application, name, value)
    application.save(update_fields=["state", "note", *fields])
    after = {"state": application.state}
    record_event(actor, act.value, "application", application.pk, at, before=before, after=after, reason=note)
    return application


def lock_application(application_id: int) -> Application:
    """The application, locked until the transaction ends, so that two people can't act on it at once."""
    found = Application.objects.select_for_update().filter(pk=application_id).first()
    if found is None:
        raise UnknownStandardError(f"没有编号为 {application_id} 的考核申请")
    return found


def lock_for_regulator(actor: Actor, application_id: int) -> Application:
    """The same, for a regulator of the presiding authority; raises NotPermittedError for anyone else."""
    application = lock_application(application_id)
    if not may_see_region(actor, application.presiding):
        raise NotPermittedError(f"{actor.name} 不是主持考核的市场监管部门的监管人员")
    return application


def needed(text: str, message: str) -> str:
    """The text without blanks around it; raises StandardError with the message where there is none."""
    if not text.strip():
        raise StandardError(message)
    return text.strip()


def is_cancelled(standard: MeasurementStandard) -> bool:
    """Whether it was cancelled for good."""
    return Interruption.objects.filter(standard=standard, is_final=True).exists()


def _lock_for_applicant(actor: Actor, application_id: int) -> Application:
    application = lock_application(application_id)
    if not may_act(actor, Role.QUALITY_MANAGER, application.applicant_id):
        raise NotPermittedError(f"{actor.name} 不是申请单位的质量负责人")
    return application


def _refuse(application: Application, act: Act, actor: Actor, at: datetime) -> None:
    on: date = local_date(at)
    if refusal := refusal_to_move(standing_of(application), act, actor.person_id, on):
        raise StandardError(refusal)


def _own_standard(owner_id: int, standard_id: int) -> MeasurementStandard:
    found = MeasurementStandard.objects.filter(pk=standard_id, owner_id=owner_id).first()
    if found is None:
        raise UnknownStandardError(f"本单位没有编号为 {standard_id} 的计量标准")
    return found
