"""Self-declaration 最高计量标准自我声明: an enterprise declares its highest standard; others may contest it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act, may_see_region
from yuejingzhun.platform.registry.standards.errors import StandardError, UnknownStandardError
from yuejingzhun.platform.registry.standards.figures import deviation, findings
from yuejingzhun.platform.registry.standards.models import Declaration, MeasurementStandard
from yuejingzhun.platform.registry.standards.proposal import Proposal, proposal_from_json, proposal_to_json
from yuejingzhun.platform.registry.standards.rules import TERM_YEARS, Kind, Level, years_later
from yuejingzhun.platform.registry.standards.services.applications import needed
from yuejingzhun.platform.registry.standards.services.decisions import describe, keep_makeup
from yuejingzhun.platform.registry.standards.services.numbers import next_number
from yuejingzhun.procedures.local_date import local_date


@transaction.atomic
def declare(actor: Actor, owner_id: int, content: dict[str, Any], ends_on: date, at: datetime) -> Declaration:
    """Declare and publish an enterprise's highest standard until a day, five years off at most.

    The declarer answers for the figures: where one doesn't hold, there is nothing to declare. Raises
    NotPermittedError, ProposalError, StandardError.
    """
    if not may_act(actor, Role.QUALITY_MANAGER, owner_id):
        raise NotPermittedError(f"{actor.name} 不是本单位的质量负责人，不能声明")
    given, on = proposal_from_json(content), local_date(at)
    owner = organisation(owner_id)
    _refuse(given, owner.kind, ends_on, on)
    standard = MeasurementStandard(
        owner_id=owner_id, number=next_number(f"[{on.year}]企标声明{owner.region}第", "号"), valid_until=ends_on
    )
    describe(standard, given)
    standard.reported_s = deviation(given.readings)
    if MeasurementStandard.objects.filter(
        owner_id=owner_id, name=given.name, declarations__ended_on=None, declarations__ends_on__gte=on
    ).exists():
        raise StandardError(f"{given.name} 已有一份有效的自我声明，应先撤回")
    standard.save()
    keep_makeup(standard, given, on)
    found = Declaration.objects.create(
        standard=standard,
        content=proposal_to_json(given),
        starts_on=on,
        ends_on=ends_on,
        declared_by_id=actor.person_id,
        declared_at=at,
    )
    record_event(
        actor, "自我声明", "standard", standard.pk, at, after={"number": standard.number, "until": str(ends_on)}
    )
    return found


@transaction.atomic
def withdraw_declaration(actor: Actor, declaration_id: int, reason: str, at: datetime) -> Declaration:
    """The enterprise takes its declaration back."""
    found = _locked(declaration_id)
    if not may_act(actor, Role.QUALITY_MANAGER, found.standard.owner_id):
        raise NotPermittedError(f"{actor.name} 不是声明单位的质量负责人")
    return _end(actor, found, Declaration.State.WITHDRAWN, "撤回自我声明", needed(reason, "撤回须写明原因"), at)


@transaction.atomic
def contest(actor: Actor, declaration_id: int, reason: str, at: datetime) -> Declaration:
    """A regulator of the region objects; the standard stays in use, with a warning, until that is decided."""
    found = _locked_for_regulator(actor, declaration_id)
    if found.state != Declaration.State.PUBLISHED:
        raise StandardError(f"自我声明的状态是“{found.get_state_display()}”，不能提出异议")
    found.state, found.reason = Declaration.State.CONTESTED, needed(reason, "异议须写明理由")
    found.save(update_fields=["state", "reason"])
    record_event(actor, "对自我声明提出异议", "standard", found.standard_id, at, reason=found.reason)
    return found


@transaction.atomic
def settle(actor: Actor, declaration_id: int, *, upheld: bool, reason: str, at: datetime) -> Declaration:
    """Decide a contested declaration: upheld, it ends today; dismissed, it stands."""
    found = _locked_for_regulator(actor, declaration_id)
    if found.state != Declaration.State.CONTESTED:
        raise StandardError(f"自我声明的状态是“{found.get_state_display()}”，没有待处理的异议")
    why = needed(reason, "处理须写明理由")
    if upheld:
        return _end(actor, found, Declaration.State.ANNULLED, "异议成立", why, at)
    found.state, found.reason = Declaration.State.PUBLISHED, why
    found.save(update_fields=["state", "reason"])
    record_event(actor, "异议不成立", "standard", found.standard_id, at, reason=why)
    return found


def _refuse(given: Proposal, kind: str, ends_on: date, on: date) -> None:
    if given.level is not Level.ENTERPRISE_HIGHEST:
        raise StandardError(f"级别：为 {given.level.value}，只有企业最高计量标准可以自我声明")
    if kind == "institute":
        raise StandardError("计量技术机构的计量标准须经考核，不能自我声明")
    latest = years_later(on, TERM_YEARS)
    if not on <= ends_on <= latest:
        raise StandardError(f"声明有效期：为 {ends_on}，应在 {on}～{latest} 之间")
    if failed := [found.name for found in findings(given, Kind.NEW, None) if not found.passed]:
        raise StandardError(f"{'、'.join(failed)}不符合要求，不能声明")


def _end(
    actor: Actor, found: Declaration, state: Declaration.State, verb: str, reason: str, at: datetime
) -> Declaration:
    if found.ended_on is not None:
        raise StandardError(f"自我声明的状态是“{found.get_state_display()}”，不能再{verb}")
    found.state, found.reason, found.ended_on = state, reason, local_date(at)
    found.save(update_fields=["state", "reason", "ended_on"])
    # The term that the list is ordered by ends with it; a declaration ended on its own day never held.
    standard = found.standard
    standard.valid_until = min(standard.valid_until, found.ended_on - timedelta(days=1))
    standard.save(update_fields=["valid_until"])
    record_event(actor, verb, "standard", found.standard_id, at, reason=reason)
    return found


def _locked(declaration_id: int) -> Declaration:
    rows = Declaration.objects.select_for_update(of=("self",)).select_related("standard__owner")
    found = rows.filter(pk=declaration_id).first()
    if found is None:
        raise UnknownStandardError(f"没有编号为 {declaration_id} 的自我声明")
    return found


def _locked_for_regulator(actor: Actor, declaration_id: int) -> Declaration:
    found = _locked(declaration_id)
    if not may_see_region(actor, found.standard.owner.region):
        raise NotPermittedError(f"{actor.name} 不是声明单位所在地的监管人员")
    return found
