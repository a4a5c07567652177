"""A standard out of use: suspended by its owner or the authority, resumed, or cancelled for good."""

from datetime import datetime

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act, may_see_region
from yuejingzhun.platform.registry.standards.errors import StandardError, UnknownStandardError
from yuejingzhun.platform.registry.standards.models import AssessmentCertificate, Interruption, MeasurementStandard
from yuejingzhun.platform.registry.standards.rules import Level, supervising_region
from yuejingzhun.platform.registry.standards.services.applications import needed
from yuejingzhun.procedures.local_date import local_date


@transaction.atomic
def suspend(actor: Actor, standard_id: int, reason: str, at: datetime) -> Interruption:
    """Put a standard out of use from today on 封存, 暂停使用."""
    return _interrupt(actor, standard_id, reason, at, is_final=False)


@transaction.atomic
def cancel(actor: Actor, standard_id: int, reason: str, at: datetime) -> Interruption:
    """Cancel a standard for good 撤销; its certificate ends today, and only a new assessment brings it back."""
    return _interrupt(actor, standard_id, reason, at, is_final=True)


@transaction.atomic
def resume(actor: Actor, standard_id: int, at: datetime) -> Interruption:
    """Take a suspended standard into use again; what the authority suspended, only the authority frees."""
    standard, by_authority = _locked(actor, standard_id)
    found = Interruption.objects.select_for_update().filter(standard=standard, ends_on=None).first()
    if found is None:
        raise StandardError("计量标准没有封存或暂停使用")
    if found.is_final:
        raise StandardError("计量标准已撤销，须按新建计量标准申请考核")
    if found.by_authority and not by_authority:
        raise StandardError("计量标准由监管部门暂停使用，须由监管部门恢复")
    found.ends_on, found.ended_by_id = local_date(at), actor.person_id
    found.save(update_fields=["ends_on", "ended_by"])
    record_event(actor, "恢复使用计量标准", "standard", standard.pk, at)
    return found


def _interrupt(actor: Actor, standard_id: int, reason: str, at: datetime, *, is_final: bool) -> Interruption:
    standard, by_authority = _locked(actor, standard_id)
    why, on = needed(reason, "须写明原因"), local_date(at)
    going_on = Interruption.objects.select_for_update().filter(standard=standard, ends_on=None).first()
    if going_on is not None and (going_on.is_final or not is_final):
        raise StandardError(f"计量标准自 {going_on.starts_on} 起已{'撤销' if going_on.is_final else '封存或暂停使用'}")
    if going_on is not None:
        going_on.ends_on, going_on.ended_by_id = on, actor.person_id
        going_on.save(update_fields=["ends_on", "ended_by"])
    found = Interruption.objects.create(
        standard=standard,
        is_final=is_final,
        by_authority=by_authority,
        reason=why,
        starts_on=on,
        begun_by_id=actor.person_id,
    )
    if is_final:
        running = AssessmentCertificate.objects.filter(standard=standard, ended_on=None, ends_on__gte=on)
        running.filter(starts_on__lte=on).update(ended_on=on)
        for coming in running.filter(starts_on__gt=on):
            AssessmentCertificate.objects.filter(pk=coming.pk).update(ended_on=coming.starts_on)
    verb = "撤销计量标准" if is_final else "封存或暂停使用计量标准"
    record_event(actor, verb, "standard", standard.pk, at, reason=why)
    return found


def _locked(actor: Actor, standard_id: int) -> tuple[MeasurementStandard, bool]:
    """The standard, and whether the actor speaks for the authority; raises NotPermittedError for anyone else."""
    found = MeasurementStandard.objects.select_for_update(of=("self",)).select_related("owner")
    standard = found.filter(pk=standard_id).first()
    if standard is None:
        raise UnknownStandardError(f"没有编号为 {standard_id} 的计量标准")
    by_authority = may_see_region(actor, supervising_region(Level[standard.level], standard.owner.region))
    if not by_authority and not may_act(actor, Role.QUALITY_MANAGER, standard.owner_id):
        raise NotPermittedError(f"{actor.name} 不是建标单位的质量负责人，也不是主管部门的监管人员")
    return standard, by_authority
