"""The JSON interface of verifications: the same services as the pages."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Router, Status, UploadedFile

from yuejingzhun.platform.foundation.accounts.refusal import REFUSED, ProblemsOut
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.parties.queries import current_actor, organisation
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.operations.verification.queries import (
    evaluation_of,
    recent_of,
    visible_instrument,
    visible_job,
    waiting_for,
)
from yuejingzhun.platform.operations.verification.rules import State
from yuejingzhun.platform.operations.verification.schemas import (
    EvaluateIn,
    EvaluationOut,
    InstrumentOut,
    JobDetail,
    JobIn,
    JobOut,
    PointOut,
    ReasonIn,
    RecordOut,
    ReferenceIn,
    RegulationOut,
    RequirementOut,
)
from yuejingzhun.platform.operations.verification.services import return_to_tester, review, submit_record
from yuejingzhun.platform.registry.approvals.conformity import warnings_of
from yuejingzhun.procedures.catalogue import procedure, procedures
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.evaluation import Evaluation
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.procedures.record import Problem, Record, RecordError, ReferenceStandard
from yuejingzhun.procedures.record_json import record_from_json, record_to_json, standard_to_json
from yuejingzhun.procedures.workbook.read import MAXIMUM_BYTES, read_workbook

router = Router(tags=["检定"])
reads, writes = SignedIn("records:read"), SignedIn("records:write")


@router.get("/regulations", response=list[RegulationOut], summary="检定规程目录")
def list_regulations(request: HttpRequest) -> list[dict[str, str]]:
    """每一部可用的检定规程。"""
    return [
        {"code": found.code, "title": found.title, "instrument": found.instrument, "scope": found.scope}
        for found in procedures().values()
    ]


@router.post("/evaluate", response={200: EvaluationOut, 422: ProblemsOut}, summary="评定一份记录，不保存")
def evaluate_record(request: HttpRequest, body: EvaluateIn) -> EvaluationOut:
    """按规程评定原始记录；记录的格式与提交时相同。"""
    record = _record(body.record)
    return _evaluation(evaluate(procedure(record.regulation), record, _reference(body.reference)))


@router.post("/workbooks", auth=reads, response={200: RecordOut, **REFUSED}, summary="读取填好的记录工作簿")
def read_filled_workbook(request: HttpRequest, workbook: File[UploadedFile]) -> dict[str, Any]:
    """把 .xlsx 记录读成可提交的 JSON；有问题时逐格指出。"""
    filled = read_workbook(workbook.read(MAXIMUM_BYTES + 1))
    return {"record": record_to_json(filled.record), "reference": standard_to_json(filled.standard)}


@router.get("/jobs", auth=reads, response={200: list[JobOut], **REFUSED}, summary="我的检定任务")
def list_jobs(request: HttpRequest, waiting: bool = False) -> list[JobOut]:
    """我最近经办的任务；waiting=true 时为等我办理的任务。"""
    actor = current_actor(request)
    return [_job(job) for job in (waiting_for(actor) if waiting else recent_of(actor))]


@router.get("/jobs/{int:job_id}", auth=reads, response={200: JobDetail, **REFUSED}, summary="一项检定任务")
def show_job(request: HttpRequest, job_id: int) -> dict[str, Any]:
    """记录、评定与经办状态。"""
    job = visible_job(current_actor(request), job_id)
    shown = _job(job).model_dump()
    return shown | {"record": job.record, "reference": job.reference, "evaluation": _evaluation(evaluation_of(job))}


@router.get(
    "/instruments/{int:instrument_id}",
    auth=SignedIn("instruments:read"),
    response={200: InstrumentOut, **REFUSED},
    summary="器具",
)
def show_instrument(request: HttpRequest, instrument_id: int) -> InstrumentOut:
    """一台器具及其检定历史，型式批准与软件备案有问题的有提示。"""
    today = local_date(timezone.now())
    found, jobs = visible_instrument(current_actor(request), instrument_id)
    return InstrumentOut(
        id=found.pk,
        name=found.name,
        model=found.model,
        serial=found.serial,
        maker=found.maker,
        regulation=found.regulation,
        holder=found.holder.name,
        type_approval=found.type_approval,
        warnings=list(warnings_of(found.type_approval, found.maker, found.model, found.tag, today)),
        jobs=[_job(job) for job in jobs],
    )


@router.post("/jobs", auth=writes, response={201: JobOut, **REFUSED}, summary="提交原始记录")
def submit(request: HttpRequest, body: JobIn) -> Status[JobOut]:
    """检定员提交记录：当场评定，等待核验。"""
    actor, record = current_actor(request), _record(body.record)
    organisation(body.holder_id)
    job = submit_record(
        actor, body.institute_id, body.holder_id, record, body.standard, body.received_on, timezone.now()
    )
    return Status(201, _job(job))


@router.post("/jobs/{int:job_id}/review", auth=writes, response={200: JobOut, **REFUSED}, summary="核验")
def review_job(request: HttpRequest, job_id: int) -> JobOut:
    """核验员确认记录与结果；不能核验自己的记录。"""
    return _job(review(current_actor(request), job_id, timezone.now()))


@router.post("/jobs/{int:job_id}/return", auth=writes, response={200: JobOut, **REFUSED}, summary="退回检定员")
def return_job(request: HttpRequest, job_id: int, body: ReasonIn) -> JobOut:
    """写明原因退回；记录保留，检定员另行提交。"""
    return _job(return_to_tester(current_actor(request), job_id, body.reason, timezone.now()))


def _record(content: dict[str, Any]) -> Record:
    return record_from_json(procedure(str(content.get("regulation", ""))), content)


def _reference(given: ReferenceIn) -> ReferenceStandard:
    u = _number(given.expanded_uncertainty, "扩展不确定度")
    k = _number(given.coverage_factor, "包含因子")
    return ReferenceStandard(given.name, given.number, given.certificate, given.valid_until, u, k)


def _number(text: str, label: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not (value.is_finite() and 0 < value < 10**9):
        raise RecordError((Problem(("reference",), f"计量标准的{label}：为 {text[:40]!r}，应为正的十进制数"),))
    return value


def _job(job: Job) -> JobOut:
    return JobOut(
        id=job.pk,
        regulation=job.regulation,
        state=job.state,
        state_name=State[job.state].value,
        passed=job.passed,
        instrument_id=job.instrument_id,
        instrument=f"{job.instrument.name} {job.instrument.model} {job.instrument.serial}",
        institute=job.institute.name,
        holder=job.holder.name,
        tested_on=job.tested_on,
        tested_by=job.tested_by.name,
        tested_at=job.tested_at,
        return_reason=job.return_reason,
    )


def _evaluation(found: Evaluation) -> EvaluationOut:
    until: date | None = found.valid_until
    return EvaluationOut(
        regulation=found.regulation,
        passed=found.passed,
        valid_until=until,
        reasons=list(found.reasons),
        points=[
            PointOut(
                test=point.test,
                point=point.point.label,
                error=str(point.rounded),
                mpe=str(point.mpe),
                expanded_uncertainty=str(point.expanded_uncertainty),
                coverage_factor=str(point.coverage_factor),
                unit=point.unit,
                passed=point.passed,
            )
            for point in found.points
        ],
        requirements=[
            RequirementOut(label=found.label, found=found.found, limit=found.limit, passed=found.passed)
            for found in found.requirements
        ],
    )
