"""Targets and milestones, which the province sets, and what the owners report of milestones; nothing is edited."""

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError, UnknownPartyError
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.supervision.indicators.errors import IndicatorError
from yuejingzhun.platform.supervision.indicators.models import Milestone, MilestoneReport, Target
from yuejingzhun.platform.supervision.indicators.queries import indicator_of, is_province, milestone_for, task_of
from yuejingzhun.platform.supervision.indicators.rules import FIRST_YEAR, LAST_YEAR, PERCENT, Progress

MOST_TARGET = Decimal(10_000_000)
REPORTING = (Role.QUALITY_MANAGER, Role.REGULATOR)


@transaction.atomic
def set_target(actor: Actor, code: str, year: int, value: Decimal, reason: str, at: datetime) -> Target:
    """What an indicator is to reach by the end of a year; the plan's own figure of 2025 stays readable beside it."""
    _check_province(actor)
    found = indicator_of(code)
    problems = []
    if not FIRST_YEAR < year <= LAST_YEAR:
        problems.append(f"年：应在 {FIRST_YEAR + 1} 与 {LAST_YEAR} 之间，为 {year}")
    most = Decimal(100) if found.unit == PERCENT else MOST_TARGET
    if not value.is_finite() or not 0 <= value <= most or value != round(value, 2):
        problems.append(f"目标值：应在 0 与 {most:,} 之间，至多两位小数，为 {value}")
    text = _text(reason, "依据", problems)
    if problems:
        raise IndicatorError(*problems)
    made = Target.objects.create(
        indicator=code, year=year, value=value, reason=text, set_by_id=actor.person_id, set_at=at
    )
    record_event(
        actor, "设定指标目标", "indicator_target", made.pk, at, after={"year": year, "value": str(value)}, reason=text
    )
    return made


@transaction.atomic
def add_milestone(actor: Actor, code: str, title: str, owner_id: int, due_on: date, at: datetime) -> Milestone:
    """A step of a task of the plan, with its owner."""
    _check_province(actor)
    problems: list[str] = []
    text = _text(title, "里程碑", problems, 200)
    if not FIRST_YEAR < due_on.year <= LAST_YEAR:
        problems.append(f"完成期限：应在 {FIRST_YEAR + 1} 年与 {LAST_YEAR} 年之间，为 {due_on}")
    try:
        owner = organisation(owner_id)
    except UnknownPartyError:
        problems.append(f"责任单位：没有编号为 {owner_id} 的单位")
    if problems:
        raise IndicatorError(*problems)
    try:
        with transaction.atomic():
            made = Milestone.objects.create(
                task=task_of(code).code, title=text, owner=owner, due_on=due_on, set_by_id=actor.person_id, set_at=at
            )
    except IntegrityError as error:
        raise IndicatorError(f"任务 {code} 已有里程碑“{text}”") from error
    record_event(actor, "设定里程碑", "plan_milestone", made.pk, at, after={"title": text, "due_on": str(due_on)})
    return made


@transaction.atomic
def report_milestone(actor: Actor, milestone_id: int, progress: Progress, note: str, at: datetime) -> MilestoneReport:
    """How a milestone stands; by the province, or by the owner's quality manager or regulator."""
    found, _ = milestone_for(actor, milestone_id)
    own = any(grant.organisation_id == found.owner_id and grant.role in REPORTING for grant in actor.grants)
    if not (own or is_province(actor)):
        raise NotPermittedError(f"{actor.name} 不是责任单位的质量负责人或监管人员，也不是省级监管人员")
    problems: list[str] = []
    text = _text(note, "说明", problems)
    if problems:
        raise IndicatorError(*problems)
    made = MilestoneReport.objects.create(
        milestone=found, progress=progress.name, note=text, reported_by_id=actor.person_id, reported_at=at
    )
    record_event(
        actor, "报告里程碑进展", "plan_milestone", found.pk, at, after={"progress": progress.name}, reason=text
    )
    return made


def _check_province(actor: Actor) -> None:
    if not is_province(actor):
        raise NotPermittedError(f"{actor.name} 不是省级市场监管部门的监管人员，目标与里程碑由省级部门设定")


def _text(text: str, label: str, problems: list[str], most: int = 500) -> str:
    found = text.strip()
    if not found:
        problems.append(f"{label}：没有填写")
    elif len(found) > most:
        problems.append(f"{label}：至多 {most} 个字，为 {len(found)} 个")
    return found
