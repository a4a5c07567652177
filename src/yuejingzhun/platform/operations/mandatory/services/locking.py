"""An application locked for one act, with the right checked first and the refusal that names who was quicker."""

from datetime import datetime

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError, UnknownApplicationError
from yuejingzhun.platform.operations.mandatory.models import Application
from yuejingzhun.platform.operations.mandatory.rules import NEXT, Act, State, refusal


def lock_for_institute(actor: Actor, application_id: int, act: Act) -> Application:
    """The application for a receptionist of its institute, locked until the transaction ends."""
    application = _locked(application_id)
    if not may_act(actor, Role.RECEPTIONIST, application.institute_id):
        raise NotPermittedError(f"{actor.name} 不是受理机构的收发人员，不能{act.value}")
    return _possible(application, act)


def lock_for_holder(actor: Actor, application_id: int, act: Act) -> Application:
    """The application for its holder, locked until the transaction ends."""
    application = _locked(application_id)
    if not may_act(actor, Role.HOLDER, application.holder_id):
        raise NotPermittedError(f"{actor.name} 不是申请单位的经办人，不能{act.value}")
    return _possible(application, act)


def move(actor: Actor, application: Application, act: Act, at: datetime, *, reason: str = "", **after: object) -> None:
    """Save a locked application in its next state, with the event that tells of it."""
    before = application.state
    application.state = NEXT[State[before], act].name
    application.save()
    told = {"state": application.state} | {key: str(value) for key, value in after.items()}
    record_event(
        actor,
        f"强检{act.value}",
        "application",
        application.pk,
        at,
        before={"state": before},
        after=told,
        reason=reason,
    )


def _locked(application_id: int) -> Application:
    found = Application.objects.select_for_update().filter(pk=application_id).first()
    if found is None:
        raise UnknownApplicationError(f"没有编号为 {application_id} 的强制检定申请")
    return found


def _possible(application: Application, act: Act) -> Application:
    by = application.answered_by.name if application.answered_by else ""
    if problem := refusal(State[application.state], act, by):
        raise MandatoryError(problem)
    return application
