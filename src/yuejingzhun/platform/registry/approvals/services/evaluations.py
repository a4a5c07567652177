"""The institute receives the samples and reports its type evaluation 型式评价."""

from datetime import datetime

from django.db import transaction

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.registry.approvals.errors import ApprovalError
from yuejingzhun.platform.registry.approvals.models import Application, Evaluation
from yuejingzhun.platform.registry.approvals.rules import State
from yuejingzhun.platform.registry.approvals.services.applications import Upload, keep, stored
from yuejingzhun.platform.registry.approvals.services.checks import lock_application, move, refused_as

LONGEST_FINDINGS = 4000


@transaction.atomic
def receive_samples(actor: Actor, application_id: int, number: int, note: str, at: datetime) -> Application:
    """Say that the samples are there, all of them; by the institute's receptionist or verifier."""
    row = lock_application(actor, application_id)
    if not _works_in(actor, row.institute_id, Role.RECEPTIONIST, Role.VERIFIER):
        raise NotPermittedError(f"{actor.name} 不是型式评价机构的收发人员或检定员")
    if number != row.samples:
        raise ApprovalError(f"样机数量：申请为 {row.samples} 台，收到 {number} 台")
    move(actor, row, State.EVALUATING, at, f"收到样机 {number} 台。{note.strip()}"[:1000])
    return row


def report_evaluation(
    actor: Actor, application_id: int, report_number: str, passed: bool, findings: str, report: Upload, at: datetime
) -> Evaluation:
    """Report the conclusion with the report as a file; by the institute's authorised signatory."""
    problems = []
    if not report_number.strip() or len(report_number.strip()) > 60:
        problems.append("报告编号：没有填写，或超过 60 个字")
    if not findings.strip():
        problems.append("评价意见：没有填写" + ("" if passed else "，结论不合格的应写明不合格项目"))
    if len(findings.strip()) > LONGEST_FINDINGS:
        problems.append(f"评价意见：至多 {LONGEST_FINDINGS} 个字，为 {len(findings.strip())} 个")
    with transaction.atomic():
        row = lock_application(actor, application_id)
        if not _works_in(actor, row.institute_id, Role.SIGNATORY):
            raise NotPermittedError(f"{actor.name} 不是型式评价机构的授权签字人")
        files = stored([report], problems)
        move(actor, row, State.EVALUATED, at, "合格" if passed else "不合格")
        keep(actor, row, files, at)
        with refused_as(f"报告编号：本机构已有编号为 {report_number.strip()} 的型式评价报告"):
            return Evaluation.objects.create(
                application=row,
                institute_id=row.institute_id,
                report_number=report_number.strip(),
                passed=passed,
                findings=findings.strip(),
                reported_by_id=actor.person_id,
                reported_at=at,
            )


def _works_in(actor: Actor, institute_id: int | None, *roles: Role) -> bool:
    return institute_id is not None and any(may_act(actor, role, institute_id) for role in roles)
