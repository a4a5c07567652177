"""What every act asks first, how an application moves, and how a row is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.db import IntegrityError, transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.divisions import PROVINCE, is_within
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.registry.approvals.errors import ApprovalError, UnknownApprovalError
from yuejingzhun.platform.registry.approvals.models import Application, Step, TypeApproval
from yuejingzhun.platform.registry.approvals.queries import approval, sees
from yuejingzhun.platform.registry.approvals.rules import State, refusal_to_move
from yuejingzhun.procedures.local_date import local_date

LONGEST_REASON = 1000


def check_authority(actor: Actor) -> int:
    """The province's authority for which the actor acts; raises NotPermittedError for all others."""
    grants = (grant for grant in actor.grants if grant.role is Role.REGULATOR)
    found = next((grant.organisation_id for grant in grants if is_within(PROVINCE, grant.region)), None)
    if found is None:
        raise NotPermittedError(f"{actor.name} 不是省级市场监管部门的监管人员，型式批准由省级部门办理")
    return found


def check_maker(actor: Actor, maker_id: int) -> None:
    """Raises NotPermittedError for one who doesn't act for that maker."""
    if not may_act(actor, Role.MAKER, maker_id):
        raise NotPermittedError(f"{actor.name} 不是该制造单位的经办人")


def checked_reason(reason: str, what: str = "原因") -> str:
    """The reason without blanks around it; raises ApprovalError for none, or one too long."""
    text = reason.strip()
    if not text:
        raise ApprovalError(f"{what}：没有填写")
    if len(text) > LONGEST_REASON:
        raise ApprovalError(f"{what}：至多 {LONGEST_REASON} 个字，为 {len(text)} 个")
    return text


def check_from_today(day: date, at: datetime) -> None:
    """What ends does so from today on at the earliest; raises ApprovalError."""
    if day < local_date(at):
        raise ApprovalError(f"日期 {day} 早于今天 {local_date(at)}")


def lock_application(actor: Actor, application_id: int) -> Application:
    """The application, locked until the transaction ends; raises UnknownApprovalError where it isn't to be seen."""
    rows = Application.objects.select_for_update(of=("self",)).select_related("maker", "institute", "amends")
    found = rows.filter(pk=min(application_id, 2**62)).first()
    if found is None or not sees(actor, found):
        raise UnknownApprovalError(f"没有编号为 {application_id} 的申请，或您无权查看")
    return found


def lock_type(number: str) -> TypeApproval:
    """The type approval, so that its editions and software follow one another; raises UnknownApprovalError."""
    found = approval(number)
    TypeApproval.objects.select_for_update().get(pk=found.pk)
    # Read once more: what another did while we waited for the lock was not in the first read.
    return approval(number)


def move(actor: Actor, row: Application, to: State, at: datetime, note: str = "") -> None:
    """Bring an application into another state, with its step and audit event; raises ApprovalError."""
    before = State[row.state]
    if refusal := refusal_to_move(before, to):
        raise ApprovalError(refusal)
    row.state = to.name
    row.save(update_fields=["state", "institute"])
    Step.objects.create(application=row, state=to.name, at=at, by_id=actor.person_id, note=note)
    record_event(
        actor,
        "型式批准申请",
        "type_application",
        row.pk,
        at,
        before={"state": before.name},
        after={"state": to.name, "institute": row.institute_id},
        reason=note,
    )


@contextmanager
def refused_as(text: str) -> Iterator[None]:
    """What a constraint of the database refuses is said in Chinese, and the transaction can go on."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ApprovalError(text) from error
