"""The JSON interface of mandatory verification: the same services as the pages."""

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from yuejingzhun.platform.foundation.accounts.refusal import REFUSED
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.mandatory import queries
from yuejingzhun.platform.operations.mandatory.models import Application, Line
from yuejingzhun.platform.operations.mandatory.rules import Delivery, State, step
from yuejingzhun.platform.operations.mandatory.schemas import (
    LARGEST,
    ApplicationDetail,
    ApplicationOut,
    ApplyIn,
    AppointIn,
    GiveBackIn,
    LineOut,
    ReceiveIn,
    ReferIn,
    RefuseIn,
    TotalOut,
)
from yuejingzhun.platform.operations.mandatory.services import answer, reception
from yuejingzhun.platform.operations.mandatory.services.apply import Request, apply, is_provisional, withdraw
from yuejingzhun.procedures.local_date import local_date

router = Router(tags=["强制检定"])
reads, writes = SignedIn("mandatory:read"), SignedIn("mandatory:write")
ONE = {200: ApplicationOut, **REFUSED}
WAYS = {"item": "item", "region": "region", "institute": "institute__name", "month": "month"}


@router.post("/mandatory/applications", auth=writes, response={201: ApplicationOut, **REFUSED}, summary="申请强制检定")
def apply_for(request: HttpRequest, body: ApplyIn) -> Status[ApplicationOut]:
    """同一地点的同一种器具；同一提交标识重复提交得到同一份申请。"""
    asked = Request(
        holder_id=body.holder_id,
        institute_id=body.institute_id,
        instrument_ids=tuple(body.instruments),
        delivery=Delivery[body.delivery],
        contact=body.contact,
        phone=body.phone,
        key=body.key,
        wanted_on=body.wanted_on,
        remark=body.remark,
    )
    return Status(201, _out(apply(current_actor(request), asked, timezone.now())))


@router.get("/mandatory/applications", auth=reads, response={200: list[ApplicationOut], **REFUSED}, summary="申请列表")
def list_applications(
    request: HttpRequest,
    state: Literal["SUBMITTED", "ACCEPTED", "APPOINTED", "TESTING"] | None = None,
    after: int = Query(0, ge=0, le=LARGEST),
    before: int | None = Query(None, ge=1, le=LARGEST),
) -> list[ApplicationOut]:
    """给出 state 为本机构受理台的申请，用 after 翻页；不给为本单位提出的申请，用 before 翻页。"""
    actor = current_actor(request)
    found = queries.desk(actor, State[state], after) if state else queries.of_holder(actor, before)
    return [_out(application) for application in found]


@router.get(
    "/mandatory/applications/{int:application_id}",
    auth=reads,
    response={200: ApplicationDetail, **REFUSED},
    summary="一份申请",
)
def show_application(
    request: HttpRequest, application_id: int, after: int = Query(0, ge=0, le=LARGEST)
) -> dict[str, Any]:
    """状态，以及序号在 after 之后的一页器具。"""
    found = queries.visible_application(current_actor(request), application_id)
    lines = queries.lines_of(found.pk, after)
    more = lines[-1].position if len(lines) == queries.PAGE else None
    content = {"instruments": found.lines.count(), "lines": [_line(line) for line in lines], "next": more}
    return _out(found).model_dump() | content


@router.post("/mandatory/applications/{int:application_id}/accept", auth=writes, response=ONE, summary="受理")
def accept_application(request: HttpRequest, application_id: int) -> ApplicationOut:
    """受理机构的收发人员；超出授权范围的不能受理。"""
    actor = _sees(request, application_id)
    answer.accept(actor, application_id, timezone.now())
    return _again(actor, application_id)


@router.post("/mandatory/applications/{int:application_id}/refer", auth=writes, response=ONE, summary="转送")
def refer_application(request: HttpRequest, application_id: int, body: ReferIn) -> ApplicationOut:
    """转给另一有授权的机构，写明原因。"""
    actor = _sees(request, application_id)
    answer.refer(actor, application_id, body.to, body.reason, timezone.now())
    return _again(actor, application_id)


@router.post("/mandatory/applications/{int:application_id}/refuse", auth=writes, response=ONE, summary="不予受理")
def refuse_application(request: HttpRequest, application_id: int, body: RefuseIn) -> ApplicationOut:
    """写明原因。"""
    actor = _sees(request, application_id)
    answer.refuse(actor, application_id, body.reason, timezone.now())
    return _again(actor, application_id)


@router.post("/mandatory/applications/{int:application_id}/withdraw", auth=writes, response=ONE, summary="撤回")
def withdraw_application(request: HttpRequest, application_id: int, body: RefuseIn) -> ApplicationOut:
    """使用单位在收样之前可以撤回。"""
    actor = _sees(request, application_id)
    withdraw(actor, application_id, body.reason, timezone.now())
    return _again(actor, application_id)


@router.post("/mandatory/applications/{int:application_id}/appoint", auth=writes, response=ONE, summary="预约")
def appoint_application(request: HttpRequest, application_id: int, body: AppointIn) -> ApplicationOut:
    """今天或以后的工作日；可以改约。"""
    actor = _sees(request, application_id)
    answer.appoint(actor, application_id, body.day, timezone.now())
    return _again(actor, application_id)


@router.post("/mandatory/applications/{int:application_id}/receive", auth=writes, response=ONE, summary="收样")
def receive_instruments(request: HttpRequest, application_id: int, body: ReceiveIn) -> ApplicationOut:
    """收样并编样品编号；检定期限自第一次收样起算。"""
    actor = _sees(request, application_id)
    positions = body.positions or queries.positions(application_id, queries.RECEIVABLE)
    reception.receive(actor, application_id, positions, body.condition, timezone.now())
    return _again(actor, application_id)


@router.post("/mandatory/applications/{int:application_id}/give-back", auth=writes, response=ONE, summary="发还")
def give_back_instruments(request: HttpRequest, application_id: int, body: GiveBackIn) -> ApplicationOut:
    """发还已有结果的样品；全部办完时申请办结。"""
    actor = _sees(request, application_id)
    positions = body.positions or queries.positions(application_id, queries.RETURNABLE)
    reception.give_back(actor, queries.lines_at(application_id, positions), body.to, timezone.now())
    return _again(actor, application_id)


@router.get("/mandatory/statistics", auth=reads, response={200: list[TotalOut], **REFUSED}, summary="统计")
def show_statistics(
    request: HttpRequest,
    region: str,
    first: date,
    last: date,
    by: Literal["item", "region", "institute", "month"] = "item",
) -> list[TotalOut]:
    """监管人员所负责行政区划内的检定结果，按月计。"""
    found = queries.statistics_for(current_actor(request), WAYS[by], region, first, last)
    return [
        TotalOut(key=one.key, tested=one.tested, failed=one.failed, waived=str(one.waived), unpriced=one.unpriced)
        for one in found
    ]


def _sees(request: HttpRequest, application_id: int) -> Actor:
    """Who asks; raises UnknownApplicationError where the application isn't theirs to see, as where there is none."""
    actor = current_actor(request)
    queries.visible_application(actor, application_id)
    return actor


def _again(actor: Actor, application_id: int) -> ApplicationOut:
    return _out(queries.visible_application(actor, application_id))


def _out(found: Application) -> ApplicationOut:
    return ApplicationOut(
        id=found.pk,
        number=found.number,
        state=found.state,
        state_name=State[found.state].value,
        holder=found.holder.name,
        institute_id=found.institute_id,
        institute=found.institute.name,
        region=found.region,
        item=found.item,
        regulation=found.regulation,
        delivery=Delivery[found.delivery].value,
        applied_at=found.applied_at,
        answer_by=found.answer_by,
        appointed_on=found.appointed_on,
        due_on=found.due_on,
        provisional=is_provisional(queries.running_term(found), local_date(timezone.now())),
        refusal_reason=found.refusal_reason,
    )


def _line(line: Line) -> LineOut:
    how_far = step(reception.happened(line))
    return LineOut(
        position=line.position,
        instrument_id=line.instrument_id,
        instrument=str(line.instrument),
        step=how_far.name,
        step_name=how_far.value,
        sample=line.sample,
        certificate=line.certificate,
        passed=line.passed,
    )
