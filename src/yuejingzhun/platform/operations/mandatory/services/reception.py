"""Instruments come in, get a sample number, are sealed after a pass, and go back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError, UnknownApplicationError
from yuejingzhun.platform.operations.mandatory.models import Application, Line, SampleSeries
from yuejingzhun.platform.operations.mandatory.rules import (
    WORKING_DAYS_TO_TEST,
    Act,
    Happened,
    refusal_to_return,
)
from yuejingzhun.platform.operations.mandatory.services.apply import working_days
from yuejingzhun.platform.operations.mandatory.services.locking import lock_for_institute, move
from yuejingzhun.procedures.local_date import local_date

BATCH = 2000


@transaction.atomic
def receive(
    actor: Actor, application_id: int, positions: Iterable[int], condition: str, at: datetime
) -> Sequence[Line]:
    """Take instruments in and give each its sample number; the term to test runs from the first of them."""
    application = lock_for_institute(actor, application_id, Act.RECEIVE)
    wanted = set(positions)
    if not wanted:
        raise MandatoryError("没有可收的器具，或没有选择")
    lines = list(application.lines.select_for_update().filter(position__in=wanted).order_by("position"))
    if not lines or len(lines) < len(wanted):
        raise MandatoryError(f"申请里没有第 {_numbers(wanted - {line.position for line in lines})} 台")
    if taken := [line.position for line in lines if line.received_at is not None or not line.open]:
        raise MandatoryError(f"第 {_numbers(taken)} 台已经收样，或已终止")
    first = _next_samples(application.institute_id, local_date(at).year, len(lines))
    for number, line in enumerate(lines, first):
        line.sample = f"Y{local_date(at).year}-{number:06}"
        line.received_at, line.received_by_id, line.received_state = at, actor.person_id, condition.strip()
    Line.objects.bulk_update(lines, ["sample", "received_at", "received_by", "received_state"], batch_size=BATCH)
    application.due_on = application.due_on or working_days().after(local_date(at), WORKING_DAYS_TO_TEST)
    move(actor, application, Act.RECEIVE, at, received=len(lines), first=lines[0].sample)
    return lines


@transaction.atomic
def drop(actor: Actor, line_id: int, reason: str, at: datetime) -> Line:
    """End the way of one instrument without a result, such as one that was not brought or is broken."""
    line = _locked_line(actor, line_id)
    if line.result_at is not None or not line.open:
        raise MandatoryError("这一件已有结果或已终止，不能再终止")
    if not reason.strip():
        raise MandatoryError("终止须写明原因")
    line.open, line.dropped_reason = False, reason.strip()
    line.save(update_fields=["open", "dropped_reason"])
    record_event(actor, "强检终止一件", "line", line.pk, at, reason=reason.strip())
    close_if_done(actor, line.application_id, at)
    return line


@transaction.atomic
def seal(actor: Actor, line_id: int, number: str, at: datetime) -> Line:
    """Say which seal or label an instrument that passed was given; by a verifier or receptionist of the institute."""
    line = _locked_line(actor, line_id, Role.VERIFIER)
    if line.result_at is None or not line.passed:
        raise MandatoryError("只有检定合格的器具可以加封")
    if line.sealed_at is not None:
        raise MandatoryError(f"已经加封，编号 {line.seal}")
    if not number.strip():
        raise MandatoryError("请填写封印或标签的编号")
    line.seal, line.sealed_at, line.sealed_by_id = number.strip(), at, actor.person_id
    line.save(update_fields=["seal", "sealed_at", "sealed_by"])
    record_event(actor, "强检加封", "line", line.pk, at, after={"seal": line.seal})
    return line


@transaction.atomic
def give_back(actor: Actor, line_ids: Iterable[int], to: str, at: datetime) -> Sequence[Line]:
    """Hand tested instruments back to who fetches them; closes each application that is done."""
    if not to.strip():
        raise MandatoryError("请填写取件人")
    lines = [_locked_line(actor, line_id) for line_id in sorted(set(line_ids))]
    for line in lines:
        if problem := refusal_to_return(happened(line)):
            raise MandatoryError(f"样品 {line.sample or line.position}：{problem}")
        line.returned_at, line.returned_by_id, line.returned_to, line.open = at, actor.person_id, to.strip(), False
        record_event(actor, "强检发还", "line", line.pk, at, after={"to": line.returned_to})
    Line.objects.bulk_update(lines, ["returned_at", "returned_by", "returned_to", "open"], batch_size=BATCH)
    for application_id in {line.application_id for line in lines}:
        close_if_done(actor, application_id, at)
    return lines


def happened(line: Line) -> Happened:
    """What the rules need to know of a line."""
    return Happened(
        received=line.received_at is not None,
        tested=line.result_at is not None,
        sealed=line.sealed_at is not None,
        returned=line.returned_at is not None,
        dropped=bool(line.dropped_reason),
    )


def close_if_done(actor: Actor, application_id: int, at: datetime) -> None:
    """Close an application whose last instrument is done; inside the caller's transaction."""
    application = Application.objects.select_for_update().get(pk=application_id)
    if application.state != "TESTING" or application.lines.filter(open=True).exists():
        return
    application.closed_at = at
    move(actor, application, Act.CLOSE, at)


def _locked_line(actor: Actor, line_id: int, *also: Role) -> Line:
    line = Line.objects.select_for_update().filter(pk=line_id).first()
    if line is None:
        raise UnknownApplicationError(f"没有编号为 {line_id} 的样品")
    if not any(may_act(actor, role, line.institute_id) for role in (Role.RECEPTIONIST, *also)):
        raise NotPermittedError(f"{actor.name} 不是该机构的收发人员，不能办理这一件")
    return line


def _next_samples(institute_id: int, year: int, count: int) -> int:
    try:
        with transaction.atomic():
            series, _ = SampleSeries.objects.select_for_update().get_or_create(institute_id=institute_id, year=year)
    except IntegrityError as error:
        raise MandatoryError("样品编号正被另一人取用，请重试") from error
    first = series.last + 1
    series.last += count
    series.save(update_fields=["last"])
    return first


def _numbers(positions: Iterable[int]) -> str:
    return "、".join(map(str, sorted(positions)[:10]))
