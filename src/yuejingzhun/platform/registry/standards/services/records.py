"""The yearly records of a standard in use: repeatability and stability; by the owner's verifiers or quality manager."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.registry.standards.errors import StandardError, UnknownStandardError
from yuejingzhun.platform.registry.standards.figures import change_from, mean, repeats_as_reported
from yuejingzhun.platform.registry.standards.models import MeasurementStandard, RepeatabilityRecord, StabilityRecord
from yuejingzhun.platform.registry.standards.proposal import decimal_of, readings_of
from yuejingzhun.procedures.local_date import local_date


@transaction.atomic
def record_repeatability(
    actor: Actor, standard_id: int, measured_on: date, readings: list[str], at: datetime
) -> RepeatabilityRecord:
    """Ten or more readings, in the unit of U, against the s of the report; raises StandardError, ProposalError."""
    standard = _locked_own(actor, standard_id, measured_on, at)
    if standard.reported_s is None:
        raise StandardError("技术报告的重复性 s 没有登记，不能判定；请质量负责人先补录")
    given = readings_of(readings, "读数")
    s, passed = repeats_as_reported(given, standard.reported_s)
    record = RepeatabilityRecord(
        standard=standard,
        measured_on=measured_on,
        readings=list(given),
        s=s,
        limit=standard.reported_s,
        passed=passed,
        recorded_by_id=actor.person_id,
        recorded_at=at,
    )
    _keep(record, "重复性试验")
    after = {"on": str(measured_on), "s": s, "limit": record.limit, "passed": passed}
    record_event(actor, "记录重复性试验", "standard", standard.pk, at, after=after)
    return record


@transaction.atomic
def record_stability(
    actor: Actor, standard_id: int, measured_on: date, readings: list[str], at: datetime
) -> StabilityRecord:
    """A group of the check standard, in the order of time; from the second on the change of its mean is judged."""
    standard = _locked_own(actor, standard_id, measured_on, at)
    given = readings_of(readings, "读数")
    last = StabilityRecord.objects.filter(standard=standard).order_by("-measured_on").first()
    if last is not None and last.measured_on >= measured_on:
        raise StandardError(f"考核日期：为 {measured_on}，应在最近一组 {last.measured_on} 之后")
    allowed = standard.allowed_change or standard.expanded_uncertainty
    value = mean(given)
    change, passed = (None, None) if last is None else change_from(last.mean, value, allowed)
    record = StabilityRecord(
        standard=standard,
        measured_on=measured_on,
        readings=list(given),
        mean=value,
        change=change,
        limit=allowed,
        passed=passed,
        recorded_by_id=actor.person_id,
        recorded_at=at,
    )
    _keep(record, "稳定性考核")
    after = {"on": str(measured_on), "mean": value, "change": change, "passed": passed}
    record_event(actor, "记录稳定性考核", "standard", standard.pk, at, after=after)
    return record


@transaction.atomic
def complete_report(actor: Actor, standard_id: int, s: str, allowed_change: str, at: datetime) -> MeasurementStandard:
    """Enter, once, the figures of the technical report of a standard older than this register."""
    standard = MeasurementStandard.objects.select_for_update().filter(pk=standard_id).first()
    if standard is None or not may_act(actor, Role.QUALITY_MANAGER, standard.owner_id):
        raise NotPermittedError(f"{actor.name} 不是建标单位的质量负责人")
    if standard.reported_s is not None:
        raise StandardError(f"技术报告的重复性 s 已登记为 {standard.reported_s:.6g}，改变须申请变更")
    standard.reported_s = float(decimal_of(s, "重复性 s", positive=True))
    standard.allowed_change = decimal_of(allowed_change, "稳定性允许变化", positive=True)
    standard.save(update_fields=["reported_s", "allowed_change"])
    after = {"s": standard.reported_s, "allowed_change": str(standard.allowed_change)}
    record_event(actor, "补录技术报告数据", "standard", standard.pk, at, after=after)
    return standard


@transaction.atomic
def renew_equipment(
    actor: Actor, equipment_id: int, certificate: str, valid_until: date, at: datetime
) -> MeasurementStandard:
    """An instrument of the standard came back from its verification or calibration with a new certificate."""
    standard = MeasurementStandard.objects.select_for_update().filter(equipment=equipment_id).first()
    if standard is None or not may_act(actor, Role.QUALITY_MANAGER, standard.owner_id):
        raise NotPermittedError(f"{actor.name} 不是建标单位的质量负责人")
    row = standard.equipment.get(pk=equipment_id)
    if row.removed_on is not None:
        raise StandardError(f"{row} 已于 {row.removed_on} 停用")
    if not certificate.strip() or valid_until <= row.valid_until:
        raise StandardError(f"新证书：须填写证书号，有效期应晚于 {row.valid_until}")
    before = {"certificate": row.certificate, "valid_until": str(row.valid_until)}
    row.certificate, row.valid_until = certificate.strip(), valid_until
    row.save(update_fields=["certificate", "valid_until"])
    after = {"certificate": row.certificate, "valid_until": str(valid_until)}
    record_event(actor, "更新溯源证书", "standard", standard.pk, at, before=before, after=after)
    return standard


def _locked_own(actor: Actor, standard_id: int, measured_on: date, at: datetime) -> MeasurementStandard:
    standard = MeasurementStandard.objects.select_for_update().filter(pk=standard_id).first()
    if standard is None:
        raise UnknownStandardError(f"没有编号为 {standard_id} 的计量标准")
    if not any(may_act(actor, role, standard.owner_id) for role in (Role.QUALITY_MANAGER, Role.VERIFIER)):
        raise NotPermittedError(f"{actor.name} 不是建标单位的检定员或质量负责人")
    if measured_on > local_date(at):
        raise StandardError(f"日期：为 {measured_on}，应不晚于今天 {local_date(at)}")
    return standard


def _keep(record: RepeatabilityRecord | StabilityRecord, name: str) -> None:
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError as error:
        raise StandardError(f"{record.measured_on} 已有一份{name}记录") from error
