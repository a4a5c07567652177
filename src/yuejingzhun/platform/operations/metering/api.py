"""The JSON interface of evaluations: the same reads and services as the pages."""

import math
from dataclasses import asdict
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from yuejingzhun.metrology.fleet.proportion import Proportion
from yuejingzhun.platform.foundation.accounts.refusal import REFUSED
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.jobs.rules import State
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.operations.metering import queries
from yuejingzhun.platform.operations.metering.lakes import holding
from yuejingzhun.platform.operations.metering.meter_story import story_of
from yuejingzhun.platform.operations.metering.models import Analysis, DistrictResult, Evaluation, Truth, WorkItem
from yuejingzhun.platform.operations.metering.parts import district_rows
from yuejingzhun.platform.operations.metering.rules import Choice, Medium, Standing, Wanted
from yuejingzhun.platform.operations.metering.schemas import (
    LARGEST,
    DecidedOut,
    DecideIn,
    DistrictOut,
    DistrictRowOut,
    EstimateOut,
    EvaluateIn,
    EvaluationOut,
    HoldingOut,
    MeterOut,
    RecordOut,
    ShareOut,
    StatedOut,
    StudyOut,
    TracksOut,
    TruthIn,
    TruthOut,
    WorkItemOut,
)
from yuejingzhun.platform.operations.metering.services.decide import decide
from yuejingzhun.platform.operations.metering.services.evaluate import ask_evaluation
from yuejingzhun.platform.operations.metering.services.truth import Outcome, record_truth
from yuejingzhun.platform.operations.metering.stating import Stated
from yuejingzhun.platform.operations.metering.track import Record, tracks_of

router = Router(tags=["在用计量器具状态评价"])
reads, writes = SignedIn("metering:read"), SignedIn("metering:write")
Before = Query(None, ge=1, le=LARGEST)


@router.get("/metering/evaluations", auth=reads, response={200: list[EvaluationOut], **REFUSED}, summary="评价列表")
def list_evaluations(request: HttpRequest, before: int | None = Before) -> list[EvaluationOut]:
    """计量工程师看本单位的，监管人员看辖区的；用 before 翻页。"""
    return [_evaluation(one) for one in queries.evaluations(current_actor(request), before)]


@router.post("/metering/evaluations", auth=writes, response={201: EvaluationOut, **REFUSED}, summary="开始评价")
def start_evaluation(request: HttpRequest, body: EvaluateIn) -> Status[EvaluationOut]:
    """绑定此刻的读数库与方法版本；进度见 /tasks/{task_id}。"""
    wanted = Wanted(body.first_day, body.days, body.mpe, body.threshold)
    actor = current_actor(request)
    made = ask_evaluation(actor, body.holder_id, Medium[body.medium], wanted, timezone.now())
    return Status(201, _evaluation(queries.visible_evaluation(actor, made.pk)))


@router.get(
    "/metering/utilities/{int:holder_id}/readings",
    auth=reads,
    response={200: HoldingOut | None, **REFUSED},
    summary="读数库里有什么",
)
def show_holding(request: HttpRequest, holder_id: int, first: date, last: date) -> HoldingOut | None:
    """两天之间（含）的台区、器具与天数；没有读数为 null。"""
    utility = queries.visible_utility(current_actor(request), holder_id)
    held = holding(utility.pk, first, last)
    return None if held is None else HoldingOut(**asdict(held) | {"cities": list(held.cities)})


@router.get(
    "/metering/evaluations/{int:evaluation_id}",
    auth=reads,
    response={200: EvaluationOut, **REFUSED},
    summary="一次评价",
)
def show_evaluation(request: HttpRequest, evaluation_id: int) -> EvaluationOut:
    """进度与合计。"""
    return _evaluation(queries.visible_evaluation(current_actor(request), evaluation_id))


@router.get(
    "/metering/evaluations/{int:evaluation_id}/districts",
    auth=reads,
    response={200: list[DistrictRowOut], **REFUSED},
    summary="台区列表",
)
def list_districts(
    request: HttpRequest,
    evaluation_id: int,
    view: Literal["all", "kept", "refused", "suspicious"] = "all",
    after: str = Query("", max_length=64),
) -> list[DistrictRowOut]:
    """按台区编号，用 after 翻页。"""
    found = queries.visible_evaluation(current_actor(request), evaluation_id)
    return [_row(one) for one in queries.districts(found, view, after=after)]


@router.get(
    "/metering/evaluations/{int:evaluation_id}/district",
    auth=reads,
    response={200: DistrictOut, **REFUSED},
    summary="一个台区",
)
def show_district(request: HttpRequest, evaluation_id: int, number: str = Query(..., max_length=64)) -> DistrictOut:
    """电量平衡、损耗、各时段剩余与每只表的误差。"""
    evaluation = queries.visible_evaluation(current_actor(request), evaluation_id)
    result = queries.district_result(evaluation, number)
    own, meters = district_rows(evaluation, result)
    given: dict[str, Any] = {name: own[name] or [] for name in ("groups", "group_loss_kwh", "residual_kwh")}
    given |= {name: own[name] for name in ("sum_kwh", "fixed_loss_kwh")}
    return DistrictOut(summary=_row(result), meters=[_stated(one) for one in meters], **given)


@router.get(
    "/metering/utilities/{int:holder_id}/meter", auth=reads, response={200: MeterOut, **REFUSED}, summary="一只表"
)
def show_meter(request: HttpRequest, holder_id: int, number: str = Query(..., max_length=64)) -> MeterOut:
    """历次评价、检定结果与处置。"""
    utility = queries.visible_utility(current_actor(request), holder_id)
    story = story_of(utility.pk, Medium.ELECTRICITY, number)
    estimates = [
        EstimateOut(
            evaluation_id=one.pk, first_day=one.first_day, last_day=one.last_day, district=stated.district,
            stated=_stated(stated),
        )
        for one, stated in story.estimates
    ]  # fmt: skip
    truths = [_truth(one) for one in story.truths]
    standing = story.item.standing if story.item else None
    return MeterOut(meter=story.meter, estimates=estimates, truths=truths, standing=standing)


@router.get(
    "/metering/utilities/{int:holder_id}/work",
    auth=reads,
    response={200: list[WorkItemOut], **REFUSED},
    summary="可疑器具",
)
def list_work(
    request: HttpRequest,
    holder_id: int,
    standing: Literal["OPEN", "WATCHED", "SENT", "TESTED", "DISMISSED"] = "OPEN",
    exceeds: float | None = Query(None, ge=0, le=1),
    after: int = Query(0, ge=0, le=LARGEST),
) -> list[WorkItemOut]:
    """最可疑的在前；翻页给出上一页最后一只的 exceeds 与 id（after）。"""
    utility = queries.visible_utility(current_actor(request), holder_id)
    place = None if exceeds is None else (exceeds, after)
    return [_item(one) for one in queries.work_list(utility.pk, Standing[standing], place)]


@router.post(
    "/metering/utilities/{int:holder_id}/work/decide",
    auth=writes,
    response={200: DecidedOut, **REFUSED},
    summary="观察或排除",
)
def decide_items(request: HttpRequest, holder_id: int, body: DecideIn) -> DecidedOut:
    """须写明理由；送检在页面上办理。"""
    actor = current_actor(request)
    queries.visible_utility(actor, holder_id)
    number = decide(actor, holder_id, body.items, Choice[body.choice], body.reason, timezone.now())
    return DecidedOut(number=number)


@router.get(
    "/metering/utilities/{int:holder_id}/truths",
    auth=reads,
    response={200: list[TruthOut], **REFUSED},
    summary="检定结果",
)
def list_truths(request: HttpRequest, holder_id: int, before: int | None = Before) -> list[TruthOut]:
    """最近的在前，含已撤回与已更正的；用 before 翻页。"""
    utility = queries.visible_utility(current_actor(request), holder_id)
    return [_truth(one) for one in queries.truths(utility.pk, before)]


@router.post(
    "/metering/utilities/{int:holder_id}/truths",
    auth=writes,
    response={201: TruthOut, **REFUSED},
    summary="录入检定结果",
)
def enter_truth(request: HttpRequest, holder_id: int, body: TruthIn) -> Status[TruthOut]:
    """在别处做的检定；supersedes 为所更正的结果。"""
    actor = current_actor(request)
    queries.visible_utility(actor, holder_id)
    tested = Outcome(body.meter, body.tested_on, body.error, body.passed, body.remark)
    made = record_truth(actor, holder_id, Medium.ELECTRICITY, tested, timezone.now(), body.supersedes)
    return Status(201, _truth(made))


@router.get(
    "/metering/utilities/{int:holder_id}/record", auth=reads, response={200: TracksOut, **REFUSED}, summary="评价准不准"
)
def show_record(request: HttpRequest, holder_id: int) -> TracksOut:
    """检定前所述的概率与检定结果相比：查全率、精确率、概率是否可靠。"""
    utility = queries.visible_utility(current_actor(request), holder_id)
    found = tracks_of(utility.pk, Medium.ELECTRICITY)
    return TracksOut(all=_record(found.all), drawn=_record(found.drawn), unstated=found.unstated)


@router.get(
    "/metering/studies/{int:analysis_id}", auth=reads, response={200: StudyOut, **REFUSED}, summary="一项群体分析"
)
def show_study(request: HttpRequest, analysis_id: int) -> StudyOut:
    """误差分布与寿命、更换计划或随机抽检名单；未完成时 result 为 null。"""
    found: Analysis = queries.visible_analysis(current_actor(request), analysis_id)
    return StudyOut(
        id=found.pk, evaluation_id=found.evaluation_id, kind=found.kind, arguments=found.arguments,
        finished_at=found.finished_at, result=found.result,
    )  # fmt: skip


def _evaluation(one: Evaluation) -> EvaluationOut:
    names = ("first_day", "days", "commit", "method", "task_id", "asked_at", "finished_at", "medium", "districts",
             "kept", "meters", "stated", "suspicious", "failed_parts")  # fmt: skip
    state = one.task.standing if one.task else State.WAITING
    return EvaluationOut(
        id=one.pk, holder_id=one.organisation_id, holder=one.organisation.name, mpe=str(one.mpe),
        threshold=str(one.threshold), state=state.name, percent=one.task.percent if one.task else 0,
        **{name: getattr(one, name) for name in names},
    )  # fmt: skip


def _row(one: DistrictResult) -> DistrictRowOut:
    return DistrictRowOut(**{name: getattr(one, name) for name in DistrictRowOut.model_fields})


def _stated(one: Stated) -> StatedOut:
    return StatedOut(**{name: getattr(one, name) for name in StatedOut.model_fields})


def _item(one: WorkItem) -> WorkItemOut:
    suspect = one.suspect
    return WorkItemOut(
        id=one.pk, meter=one.meter, district=suspect.district, standing=one.standing, error=suspect.error,
        low=suspect.low, high=suspect.high, exceeds=one.exceeds, application=one.application,
    )  # fmt: skip


def _truth(one: Truth) -> TruthOut:
    return TruthOut(
        id=one.pk, meter=one.meter, tested_on=one.tested_on, error=None if one.error is None else str(one.error),
        passed=one.passed, counts=not hasattr(one, "withdrawal") and not hasattr(one, "successor"), source=one.source,
        certificate=one.certificate, evaluation_id=one.evaluation_id, exceeds=one.exceeds,
    )  # fmt: skip


def _record(found: Record | None) -> RecordOut | None:
    if found is None:
        return None
    track = found.track
    return RecordOut(
        tested=track.tested, beyond=track.beyond, threshold=track.threshold, recall=_share(track.recall),
        precision=_share(track.precision), average_precision=_number(track.average_precision), brier=track.brier,
        brier_of_share=track.brier_of_share, text=track.text,
    )  # fmt: skip


def _share(found: Proportion) -> ShareOut:
    return ShareOut(value=_number(float(found.value)), low=float(found.low), high=float(found.high))


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
