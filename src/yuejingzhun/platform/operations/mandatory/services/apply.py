"""A holder applies for the verification of instruments, and may take the application back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.foundation.working_days.calendar import Calendar, calendar
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.models import Application, ApplicationSeries, Line
from yuejingzhun.platform.operations.mandatory.rules import MOST_LINES, WORKING_DAYS_TO_ANSWER, Act, Delivery, State
from yuejingzhun.platform.operations.mandatory.services.locking import lock_for_holder, move
from yuejingzhun.platform.registry.instruments.queries import Instrument, instruments_of
from yuejingzhun.platform.registry.qualifications.queries import may_verify
from yuejingzhun.procedures.local_date import local_date

ADDED_DAYS = "days.csv"  # in the data folder; see working_days/adding
APPLICANTS = (Role.HOLDER, Role.METERING_ENGINEER)
NAMED = 5  # how many instruments a refusal names


@dataclass(frozen=True, slots=True)
class Request:
    """What a holder asks for. `key` is made by the form once: a request repeated on a lost connection has the same."""

    holder_id: int
    institute_id: int
    instrument_ids: tuple[int, ...]
    delivery: Delivery
    contact: str
    phone: str
    key: str
    wanted_on: date | None = None
    remark: str = ""


def working_days() -> Calendar:
    """The calendar in which terms are counted here."""
    return calendar(Path(settings.DATA) / ADDED_DAYS)


def is_provisional(term: date | None, on: date) -> bool:
    """Whether a term that runs on that day is counted with a year whose days off aren't known yet."""
    return term is not None and working_days().is_provisional(on, term)


@transaction.atomic
def apply(actor: Actor, request: Request, at: datetime) -> Application:
    """File an application; the one already filed where the same request comes again.

    Raises NotPermittedError for others than the holder's people, and MandatoryError that names the instruments in
    the way.
    """
    if not any(may_act(actor, role, request.holder_id) for role in APPLICANTS):
        raise NotPermittedError(f"{actor.name} 不是该单位的经办人或计量工程师，不能代其申请")
    today = local_date(at)
    if (filed := _filed(request)) is not None:
        return filed
    found = _instruments(request)
    first = found[0]
    if problem := may_verify(request.institute_id, first.item, first.regulation, today):
        raise MandatoryError(problem)
    try:
        with transaction.atomic():
            application = _create(actor, request, first, at)
    except IntegrityError:
        # The same request, sent twice at once, was filed by the other.
        if (filed := _filed(request)) is not None:
            return filed
        raise
    _add_lines(application, found)
    after = {"number": application.number, "instruments": len(found), "institute": request.institute_id}
    record_event(actor, "强检申请", "application", application.pk, at, after=after)
    return application


@transaction.atomic
def withdraw(actor: Actor, application_id: int, reason: str, at: datetime) -> Application:
    """Take an application back, as long as nothing was received."""
    application = lock_for_holder(actor, application_id, Act.WITHDRAW)
    move(actor, application, Act.WITHDRAW, at, reason=reason.strip())
    application.lines.update(open=False)
    return application


def _filed(request: Request) -> Application | None:
    filed = Application.objects.filter(holder_id=request.holder_id, key=request.key).first()
    if filed is None:
        return None
    asked = set(filed.lines.values_list("instrument_id", flat=True))
    if asked != set(request.instrument_ids):
        raise MandatoryError(f"这张表单已经提交过，申请编号 {filed.number}；要另行申请请重新打开申请页")
    return filed


def _instruments(request: Request) -> Sequence[Instrument]:
    wanted = set(request.instrument_ids)
    if not wanted:
        raise MandatoryError("请至少选择一台器具")
    if len(wanted) > MOST_LINES:
        raise MandatoryError(f"一份申请至多 {MOST_LINES} 台，为 {len(wanted)} 台，请分几份申请")
    found = instruments_of(request.holder_id, wanted)
    if len(found) < len(wanted):
        raise MandatoryError(f"所选器具中有 {len(wanted) - len(found)} 台不在本单位名下，或已停用、报废")
    first = found[0]
    odd = [i for i in found if (i.item, i.regulation, i.region) != (first.item, first.regulation, first.region)]
    if odd:
        raise MandatoryError(f"一份申请只能是同一地点的同一种器具；与“{first}”不同的有 {_names(odd)}")
    if not first.item:
        raise MandatoryError(f"{first} 不在强制管理目录内，不能申请强制检定；可以直接委托检定或校准")
    busy = list(Line.objects.filter(instrument__in=wanted, open=True).select_related("instrument", "application"))
    if busy:
        numbers = "、".join(sorted({line.application.number for line in busy})[:NAMED])
        raise MandatoryError(f"{_names([line.instrument for line in busy])} 已在办理中的申请 {numbers} 里")
    return found


def _names(instruments: Sequence[object]) -> str:
    more = f" 等 {len(instruments)} 台" if len(instruments) > NAMED else ""
    return "、".join(map(str, instruments[:NAMED])) + more


def _create(actor: Actor, request: Request, first: Instrument, at: datetime) -> Application:
    today = local_date(at)
    return Application.objects.create(
        number=_next_number(first.region[:4], today.year),
        key=request.key,
        holder_id=request.holder_id,
        institute_id=request.institute_id,
        region=first.region,
        city=first.region[:4],
        item=first.item,
        regulation=first.regulation,
        delivery=request.delivery.name,
        contact=request.contact.strip(),
        phone=request.phone.strip(),
        wanted_on=request.wanted_on,
        remark=request.remark.strip(),
        state=State.SUBMITTED.name,
        applied_at=at,
        applied_by_id=actor.person_id,
        answer_by=working_days().after(today, WORKING_DAYS_TO_ANSWER),
    )


def _add_lines(application: Application, instruments: Sequence[Instrument]) -> None:
    lines = [
        Line(application=application, instrument=found, institute_id=application.institute_id, position=position)
        for position, found in enumerate(instruments, 1)
    ]
    try:
        with transaction.atomic():
            Line.objects.bulk_create(lines, batch_size=2000)
    except IntegrityError as error:
        raise MandatoryError("所选器具中有的刚被另一份申请选走，请刷新后重试") from error


def _next_number(city: str, year: int) -> str:
    series, _ = ApplicationSeries.objects.select_for_update().get_or_create(city=city, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return f"Q{city}-{year}-{series.last:06}"
