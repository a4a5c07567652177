"""What an engineer decides about suspicious meters: watch, dismiss with a reason, or send them to be tested."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.mandatory.choosing import Kind, Proposal, proposals
from yuejingzhun.platform.operations.mandatory.rules import Delivery
from yuejingzhun.platform.operations.mandatory.services.apply import Request, apply
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.models import Decision, WorkItem
from yuejingzhun.platform.operations.metering.queries import check_engineer
from yuejingzhun.platform.operations.metering.rules import AFTER, Choice, Standing, refusal_to_choose
from yuejingzhun.platform.registry.instruments.queries import Instrument, instruments_numbered
from yuejingzhun.procedures.local_date import local_date

NAMED = 5
MOST = 200  # meters of one decision


@dataclass(frozen=True, slots=True)
class Sending:
    """Suspicious meters that one application can hold, and who may test them."""

    items: Sequence[WorkItem]
    instruments: dict[int, Instrument]  # by the key of the item
    kind: Kind
    proposals: Sequence[Proposal]


@dataclass(frozen=True, slots=True)
class SendRequest:
    """What is said besides the meters; `key` is made by the form once."""

    institute_id: int
    delivery: Delivery
    contact: str
    phone: str
    key: str


@transaction.atomic
def decide(actor: Actor, holder_id: int, item_ids: Collection[int], choice: Choice, reason: str, at: datetime) -> int:
    """Watch or dismiss meters of the work list; how many. Raises NotPermittedError and MeteringError."""
    check_engineer(actor, holder_id)
    if choice is Choice.SEND:
        raise MeteringError("送检须填写检定机构与联系人")
    items = _locked(holder_id, item_ids, choice, reason)
    _note(actor, items, choice, reason.strip(), "", at)
    return len(items)


def sending(actor: Actor, holder_id: int, item_ids: Collection[int], at: datetime) -> Sending:
    """What an application for these meters would be; raises NotPermittedError, and MeteringError that names what is in
    the way: a meter that isn't registered, or meters that one application can't hold together."""
    check_engineer(actor, holder_id)
    items = list(WorkItem.objects.filter(organisation_id=holder_id, pk__in=_some(item_ids)).order_by("meter"))
    _check(items, item_ids, Choice.SEND, "")
    registered = instruments_numbered(holder_id, [item.meter for item in items])
    unknown = [item.meter for item in items if item.meter not in registered]
    if unknown:
        raise MeteringError(f"{_names(unknown)} 没有登记为在用器具，或编号不唯一，请先备案再送检")
    instruments = {item.pk: registered[item.meter] for item in items}
    kinds = {Kind(one.item, one.regulation, one.region) for one in instruments.values()}
    if len(kinds) > 1:
        places = "、".join(sorted(f"{kind.regulation} {kind.place}" for kind in kinds))
        raise MeteringError(f"一份申请只能是同一地点的同一种器具，所选的有 {places}，请分开送检")
    kind = kinds.pop()
    if not kind.item:
        raise MeteringError("所选器具不在强制管理目录内，不能申请强制检定")
    return Sending(items, instruments, kind, proposals(kind, local_date(at)))


@transaction.atomic
def send_to_test(actor: Actor, holder_id: int, item_ids: Collection[int], request: SendRequest, at: datetime) -> str:
    """Apply for their verification; the number of the application. Raises NotPermittedError, MeteringError and
    MandatoryError."""
    found = sending(actor, holder_id, item_ids, at)
    items = _locked(holder_id, item_ids, Choice.SEND, "")
    asked = Request(
        holder_id=holder_id,
        institute_id=request.institute_id,
        instrument_ids=tuple(one.pk for one in found.instruments.values()),
        delivery=request.delivery,
        contact=request.contact,
        phone=request.phone,
        key=request.key,
        remark="在用状态评价列为可疑",
    )
    application = apply(actor, asked, at)
    for item in items:
        item.instrument_id = found.instruments[item.pk].pk
    _note(actor, items, Choice.SEND, "", application.number, at)
    return application.number


def _locked(holder_id: int, item_ids: Collection[int], choice: Choice, reason: str) -> list[WorkItem]:
    rows = WorkItem.objects.select_for_update().filter(organisation_id=holder_id, pk__in=_some(item_ids))
    items = list(rows.order_by("pk"))
    _check(items, item_ids, choice, reason)
    return items


def _some(item_ids: Collection[int]) -> set[int]:
    wanted = {one for one in item_ids if 0 < one < 2**63}
    if not wanted:
        raise MeteringError("请至少选择一只表")
    if len(wanted) > MOST:
        raise MeteringError(f"一次至多 {MOST} 只，为 {len(wanted)} 只")
    return wanted


def _check(items: Sequence[WorkItem], item_ids: Collection[int], choice: Choice, reason: str) -> None:
    if len(items) < len(set(item_ids)):
        raise MeteringError("所选的表中有的不在本单位的可疑器具里，请刷新后重试")
    for item in items:
        if problem := refusal_to_choose(Standing[item.standing], choice, reason):
            raise MeteringError(f"{item.meter}：{problem}")


def _note(actor: Actor, items: Sequence[WorkItem], choice: Choice, reason: str, application: str, at: datetime) -> None:
    for item in items:
        item.standing = AFTER[choice].name
        item.application = application or item.application
    WorkItem.objects.bulk_update(items, ["standing", "application", "instrument"])
    Decision.objects.bulk_create(
        Decision(
            item=item, suspect_id=item.suspect_id, choice=choice.name, reason=reason, application=application, at=at,
            by_id=actor.person_id,
        )
        for item in items
    )  # fmt: skip
    told = {"meters": [item.meter for item in items], "application": application}
    record_event(
        actor, f"可疑器具：{choice.value}", "metering", items[0].pk, at, after=told, reason=reason,
        organisation_id=items[0].organisation_id,
    )  # fmt: skip


def _names(meters: Sequence[str]) -> str:
    more = f" 等 {len(meters)} 只" if len(meters) > NAMED else ""
    return "、".join(meters[:NAMED]) + more
