"""The assessor's acts: pass, ask for corrections within a term, fail."""

from datetime import date, datetime

from django.db import transaction

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.standards.applications import standing_of
from yuejingzhun.platform.registry.standards.errors import StandardError
from yuejingzhun.platform.registry.standards.models import Application
from yuejingzhun.platform.registry.standards.rules import Act, refusal_of_correction_term
from yuejingzhun.platform.registry.standards.services.applications import lock_application, move, needed
from yuejingzhun.procedures.local_date import local_date


@transaction.atomic
def report_pass(actor: Actor, application_id: int, opinion: str, at: datetime) -> Application:
    """The standard meets the requirements; refused where a figure of the technical report doesn't."""
    application = _lock_for_assessor(actor, application_id)
    return move(actor, application, Act.PASS, needed(opinion, "请写明考评意见"), at)


@transaction.atomic
def require_correction(actor: Actor, application_id: int, what: str, due: date, at: datetime) -> Application:
    """What must be corrected, and by when."""
    application = _lock_for_assessor(actor, application_id)
    if refusal := refusal_of_correction_term(due, local_date(at)):
        raise StandardError(refusal)
    return move(actor, application, Act.REQUIRE, needed(what, "请写明整改内容"), at, correct_by=due)


@transaction.atomic
def report_failure(actor: Actor, application_id: int, reason: str, at: datetime) -> Application:
    """The standard doesn't meet the requirements, or nothing was corrected within the term."""
    application = _lock_for_assessor(actor, application_id)
    return move(actor, application, Act.FAIL, needed(reason, "请写明不合格的原因"), at)


def _lock_for_assessor(actor: Actor, application_id: int) -> Application:
    application = lock_application(application_id)
    # Whose term as an assessor ended since the appointment has no say any more.
    if not actor.has(Role.ASSESSOR) or actor.person_id not in standing_of(application).assessors:
        raise NotPermittedError(f"{actor.name} 不是这份申请指定的考评员")
    return application
