"""The institute answers an application: it accepts, refers it to another institute, or refuses; then appoints a day."""

from datetime import date, datetime

from django.db import transaction

from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.models import Application, Referral
from yuejingzhun.platform.operations.mandatory.rules import WORKING_DAYS_TO_ANSWER, Act
from yuejingzhun.platform.operations.mandatory.services.apply import working_days
from yuejingzhun.platform.operations.mandatory.services.locking import lock_for_institute, move
from yuejingzhun.platform.registry.qualifications.queries import may_verify
from yuejingzhun.procedures.local_date import local_date


@transaction.atomic
def accept(actor: Actor, application_id: int, at: datetime) -> Application:
    """Take an application on; refused beyond the institute's authorised scope of today."""
    application = lock_for_institute(actor, application_id, Act.ACCEPT)
    today = local_date(at)
    if problem := may_verify(application.institute_id, application.item, application.regulation, today):
        raise MandatoryError(problem)
    application.answered_at, application.answered_by_id = at, actor.person_id
    move(actor, application, Act.ACCEPT, at)
    return application


@transaction.atomic
def refer(actor: Actor, application_id: int, to_institute_id: int, reason: str, at: datetime) -> Application:
    """Send an application on to an institute that is authorised; its term to answer begins anew."""
    application = lock_for_institute(actor, application_id, Act.REFER)
    reason = _written(reason, "转送")
    if to_institute_id == application.institute_id:
        raise MandatoryError("不能转送给本机构自己")
    to = organisation(to_institute_id)
    today = local_date(at)
    if problem := may_verify(to.pk, application.item, application.regulation, today):
        raise MandatoryError(problem)
    Referral.objects.create(
        application=application,
        from_institute_id=application.institute_id,
        to_institute=to,
        reason=reason,
        at=at,
        by_id=actor.person_id,
    )
    application.institute_id = to.pk
    application.answer_by = working_days().after(today, WORKING_DAYS_TO_ANSWER)
    move(actor, application, Act.REFER, at, reason=reason, institute=to.pk)
    application.lines.update(institute_id=to.pk)
    return application


@transaction.atomic
def refuse(actor: Actor, application_id: int, reason: str, at: datetime) -> Application:
    """Decline an application with the reason."""
    application = lock_for_institute(actor, application_id, Act.REFUSE)
    application.refusal_reason = _written(reason, "不予受理")
    application.answered_at, application.answered_by_id = at, actor.person_id
    move(actor, application, Act.REFUSE, at, reason=application.refusal_reason)
    application.lines.update(open=False)
    return application


@transaction.atomic
def appoint(actor: Actor, application_id: int, day: date, at: datetime) -> Application:
    """Agree on the day on which the instruments are brought, or the verifier comes; it can be moved."""
    application = lock_for_institute(actor, application_id, Act.APPOINT)
    if day < local_date(at):
        raise MandatoryError(f"预约日期 {day} 已经过去")
    if not working_days().is_worked(day):
        raise MandatoryError(f"{day} 不是工作日，请另选一天")
    application.appointed_on = day
    move(actor, application, Act.APPOINT, at, day=day)
    return application


def _written(reason: str, what: str) -> str:
    if not reason.strip():
        raise MandatoryError(f"{what}须写明原因")
    return reason.strip()
