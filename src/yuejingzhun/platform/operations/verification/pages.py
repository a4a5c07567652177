"""Pages of a verification: a new record, and the job on its way."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError, UnknownPartyError
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.foundation.parties.searching import holder_of_text, text_of_holder
from yuejingzhun.platform.operations.verification import record_form as form
from yuejingzhun.platform.operations.verification.chart import Chart, chart
from yuejingzhun.platform.operations.verification.errors import UnknownJobError, VerificationError
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.operations.verification.queries import (
    evaluation_of,
    instrument_to_test,
    record_of,
    standing_of,
    visible_job,
)
from yuejingzhun.platform.operations.verification.rules import State, refusal_to_approve, refusal_to_review
from yuejingzhun.platform.operations.verification.services import return_to_tester, review, submit_record
from yuejingzhun.platform.registry.standards.errors import StandardNotUsableError
from yuejingzhun.platform.registry.standards.queries import standards_for, usable_standard
from yuejingzhun.procedures.catalogue import UnknownRegulationError, procedure, procedures
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.evaluation import Evaluation
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.procedures.procedure import Procedure
from yuejingzhun.procedures.record import RecordError, VerificationKind
from yuejingzhun.procedures.record_json import record_from_json
from yuejingzhun.procedures.workbook.read import MAXIMUM_BYTES, WorkbookError, read_workbook
from yuejingzhun.procedures.workbook.template import write_template

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Preview:
    """What the values typed so far amount to."""

    evaluation: Evaluation | None
    problems: tuple[str, ...]
    fields: dict[str, str]

    @property
    def chart(self) -> Chart | None:
        """The picture of the evaluation, if there is one."""
        return None if self.evaluation is None else chart(self.evaluation)


@login_required
@require_GET
def choose_regulation(request: HttpRequest) -> HttpResponse:
    """The regulations by which the technician may test."""
    actor = current_actor(request)
    offered = [found for found in procedures().values() if form.institutes_to_test_in(actor, found.code)]
    return render(request, "verification/choose.html", {"procedures": offered})


@login_required
def new_record(request: HttpRequest, code: str) -> HttpResponse:
    """The form of a record; handed in, it is checked whole, and shown again with every problem at its field."""
    declared, actor = _procedure(code), current_actor(request)
    institutes = form.institutes_to_test_in(actor, declared.code)
    if not institutes:
        raise NotPermittedError(f"{actor.name} 没有 {declared.code} 项目的检定员授权")
    values = _values(request) if request.method == "POST" else _values_to_start_from(request, actor, declared)
    preview = Preview(None, (), {})
    if request.method == "POST":
        try:
            job = _submit(actor, declared, institutes[0], values)
        except RecordError as error:
            problems = tuple(problem.message for problem in error.problems)
            preview = Preview(None, problems, form.problems_by_field(error.problems))
        except (VerificationError, StandardNotUsableError, UnknownPartyError) as error:
            preview = Preview(None, (str(error),), {})
        else:
            messages.success(request, "记录已提交，等待核验")
            return redirect("job", job_id=job.pk)
    status = 422 if preview.problems else 200
    return render(
        request, "verification/record.html", _context(declared, institutes[0], values, preview), status=status
    )


@login_required
@require_GET
def template(request: HttpRequest, code: str) -> HttpResponse:
    """The workbook to fill in offline."""
    declared = _procedure(code)
    disposition = f"attachment; filename*=UTF-8''{quote(f'{declared.code} {declared.instrument}.xlsx')}"
    return HttpResponse(write_template(declared), content_type=XLSX, headers={"Content-Disposition": disposition})


@login_required
@require_POST
def upload_workbook(request: HttpRequest) -> HttpResponse:
    """A filled workbook opens as a filled form, to be looked at and handed in; what is wrong is named by cell."""
    actor, upload = current_actor(request), request.FILES.get("workbook")
    if upload is None:
        return _refuse_workbook(request, actor, "没有选择文件", ())
    try:
        filled = read_workbook(upload.read(MAXIMUM_BYTES + 1))
    except WorkbookError as error:
        return _refuse_workbook(request, actor, str(upload.name), tuple(map(str, error.problems)))
    declared = procedure(filled.record.regulation)
    institutes = form.institutes_to_test_in(actor, declared.code)
    if not institutes:
        raise NotPermittedError(f"{actor.name} 没有 {declared.code} 项目的检定员授权")
    values = form.values_of(filled.record) | {"standard": filled.standard.number}
    preview = _preview(declared, institutes[0], values)
    return render(request, "verification/record.html", _context(declared, institutes[0], values, preview))


@login_required
@require_POST
def preview_record(request: HttpRequest, code: str) -> HttpResponse:
    """The evaluation of what has been typed so far, for htmx."""
    declared, actor = _procedure(code), current_actor(request)
    institutes = form.institutes_to_test_in(actor, declared.code)
    if not institutes:
        raise NotPermittedError(f"{actor.name} 没有 {declared.code} 项目的检定员授权")
    values = _values(request)
    context = {"preview": _preview(declared, institutes[0], values), "procedure": declared}
    return render(request, "verification/preview.html", context)


@login_required
@require_POST
def readings_of(request: HttpRequest, code: str) -> HttpResponse:
    """Environment, tables and requirements for the parameters chosen now, for htmx; what was typed is kept."""
    declared = _procedure(code)
    return render(request, "verification/readings.html", _sections(declared, _values(request)))


@login_required
@require_GET
def job_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """One verification: record, evaluation, who did what, and what the visitor can do."""
    actor = current_actor(request)
    try:
        job = visible_job(actor, job_id)
    except UnknownJobError as error:
        raise Http404(str(error)) from error
    record, standard = record_of(job)
    values = form.values_of(record)
    declared = procedure(job.regulation)
    evaluation = evaluation_of(job)
    context = {
        "job": job,
        "record": record,
        "given": [
            *form.parameter_fields(declared, values),
            *form.environment_fields(declared, values),
        ],
        "tables": form.tables(declared, record.kind, values),
        "reference": standard,
        "procedure": declared,
        "evaluation": evaluation,
        "chart": chart(evaluation),
        "state": State[job.state],
        "may": _possible(actor, job),
    }
    return render(request, "verification/job.html", context)


@login_required
@require_POST
def review_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Confirm record and result."""
    return _act(request, job_id, lambda actor, at: review(actor, job_id, at), "已核验，等待批准")


@login_required
@require_POST
def return_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Send it back with a reason."""
    reason = request.POST.get("reason", "")
    return _act(request, job_id, lambda actor, at: return_to_tester(actor, job_id, reason, at), "已退回检定员")


def _act(request: HttpRequest, job_id: int, act: Any, done: str) -> HttpResponse:
    try:
        act(current_actor(request), timezone.now())
    except (VerificationError, UnknownJobError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("job", job_id=job_id)


def _possible(actor: Actor, job: Job) -> dict[str, bool]:
    standing = standing_of(job)
    reviews = may_act(actor, Role.REVIEWER, job.institute_id) and not refusal_to_review(standing, actor.person_id)
    approves = may_act(actor, Role.SIGNATORY, job.institute_id) and not refusal_to_approve(standing, actor.person_id)
    return {"review": reviews, "approve": approves, "return": reviews or approves} | {
        "repeat": job.state == State.RETURNED.name and job.tested_by_id == actor.person_id,
        "batch": job.state != State.RETURNED.name and job.tested_by_id == actor.person_id,
    }


def _procedure(code: str) -> Procedure:
    try:
        return procedure(code)
    except UnknownRegulationError as error:
        raise Http404(str(error)) from error


def _values(request: HttpRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.POST.items()}


def _values_to_start_from(request: HttpRequest, actor: Actor, declared: Procedure) -> dict[str, str]:
    """The values of a returned record that is to be made again, those of an instrument that was received, or none."""
    if request.GET.get("instrument"):
        return _values_of_instrument(request, actor, declared)
    job_id = request.GET.get("from", "")
    if not job_id.isdigit():
        return {}
    try:
        job = visible_job(actor, int(job_id))
    except UnknownJobError:
        return {}
    if job.regulation != declared.code:
        return {}
    record, reference = record_of(job)
    dates = {"received_on": job.received_on.isoformat()}
    return form.values_of(record) | dates | {"holder": text_of_holder(job.holder), "standard": reference.number}


def _values_of_instrument(request: HttpRequest, actor: Actor, declared: Procedure) -> dict[str, str]:
    """From ?instrument=17&received=2026-11-25; nothing of an instrument that the visitor may not see."""
    wanted, received = request.GET["instrument"], request.GET.get("received", "")
    found = instrument_to_test(actor, int(wanted)) if wanted.isascii() and wanted.isdecimal() else None
    if found is None or found.regulation_series != declared.code.rpartition("-")[0]:
        return {}
    given = {f"item|{key}": getattr(found, key) for key in form.ITEM_LABELS} | {"holder": text_of_holder(found.holder)}
    return given | ({"received_on": received} if _is_date(received) else {})


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _refuse_workbook(request: HttpRequest, actor: Actor, name: str, problems: tuple[str, ...]) -> HttpResponse:
    offered = [found for found in procedures().values() if form.institutes_to_test_in(actor, found.code)]
    context = {"procedures": offered, "upload_name": name, "problems": problems}
    return render(request, "verification/choose.html", context, status=422)


def _kind(values: dict[str, str]) -> VerificationKind:
    name = values.get("kind", "")
    return VerificationKind[name] if name in VerificationKind.__members__ else VerificationKind.SUBSEQUENT


def _submit(actor: Actor, declared: Procedure, institute_id: int, values: dict[str, str]) -> Job:
    record = record_from_json(declared, form.content_of(declared, values))
    holder = holder_of_text(values.get("holder", ""))
    received = _date(values.get("received_on", ""), "收样日期")
    return submit_record(actor, institute_id, holder.pk, record, values.get("standard", ""), received, timezone.now())


def _date(text: str, label: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise VerificationError(f"{label}：为 {text!r}，应为 年-月-日") from error


def _preview(declared: Procedure, institute_id: int, values: dict[str, str]) -> Preview:
    try:
        record = record_from_json(declared, form.content_of(declared, values))
        _, reference = usable_standard(institute_id, values.get("standard", ""), declared.code, record.tested_on)
        return Preview(evaluate(declared, record, reference), (), {})
    except RecordError as error:
        problems = tuple(problem.message for problem in error.problems)
        return Preview(None, problems, form.problems_by_field(error.problems))
    except StandardNotUsableError as error:
        return Preview(None, (str(error),), {})


def _sections(declared: Procedure, values: dict[str, str]) -> dict[str, Any]:
    kind = _kind(values)
    return {
        "procedure": declared,
        "environment": form.environment_fields(declared, values),
        "tables": form.tables(declared, kind, values),
        "checks": form.check_fields(declared, kind, values),
    }


def _context(declared: Procedure, institute_id: int, values: dict[str, str], preview: Preview) -> dict[str, Any]:
    today = local_date(timezone.now()).isoformat()
    return _sections(declared, values) | {
        "item": form.item_fields(declared, values),
        "parameters": form.parameter_fields(declared, values),
        "kinds": list(VerificationKind),
        "kind": _kind(values),
        "standards": standards_for(institute_id, declared.code),
        "values": {"tested_on": today, "received_on": today} | values,
        "preview": preview,
    }
