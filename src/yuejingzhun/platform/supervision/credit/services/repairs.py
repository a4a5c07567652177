"""Repair of credit 信用修复: applied for by the party, decided by the conditions of the rule set in force."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.supervision.credit.errors import CreditError, UnknownCreditError
from yuejingzhun.platform.supervision.credit.kinds import REPAIRED, label_of
from yuejingzhun.platform.supervision.credit.models import Fact, Repair
from yuejingzhun.platform.supervision.credit.queries import conditions_of, sees
from yuejingzhun.platform.supervision.credit.rules import RepairState
from yuejingzhun.platform.supervision.credit.services.checks import (
    check_regulator,
    check_speaks,
    checked_text,
    lock_fact,
)
from yuejingzhun.procedures.local_date import local_date


@transaction.atomic
def apply(actor: Actor, fact_id: int, statement: str, at: datetime) -> Repair:
    """Apply for repair after a fact; by who speaks for the party, once its conditions are met. Raises CreditError."""
    row = lock_fact(actor, fact_id)
    check_speaks(actor, row.party_id)
    _check_conditions(row, at)
    text = checked_text(statement, "整改情况与承诺", 2000)
    try:
        with transaction.atomic():
            made = Repair.objects.create(fact=row, statement=text, applied_by_id=actor.person_id, applied_at=at)
    except IntegrityError as error:
        raise CreditError(f"第 {row.pk} 号事实的信用修复已在办理或已准予") from error
    record_event(actor, "申请信用修复", "credit_fact", row.pk, at, reason=text[:1000])
    return made


@transaction.atomic
def decide_repair(actor: Actor, repair_id: int, grant: bool, reason: str, at: datetime) -> Repair:
    """Grant or refuse a repair; by a regulator of the region other than who recorded the fact.

    Granted, it holds from that day on, and the fact counts no more; ratings of earlier days stay as they are.
    """
    made = Repair.objects.select_for_update(of=("self",)).select_related("fact__party")
    found = made.filter(pk=min(repair_id, 2**62)).first()
    if found is None or not sees(actor, found.fact.party):
        raise UnknownCreditError(f"没有编号为 {repair_id} 的信用修复申请，或您无权查看")
    check_regulator(actor, found.fact.party.region)
    if found.state != RepairState.APPLIED.name:
        raise CreditError(f"这项申请已办理：{found.get_state_display()}")
    if actor.person_id in (found.fact.recorded_by_id, found.applied_by_id):
        raise NotPermittedError(f"{actor.name} 是该事实的记录人或申请人，须由其他监管人员决定")
    text = checked_text(reason, "决定理由")
    found.decided_by_id, found.decided_at, found.reason = actor.person_id, at, text
    found.state = (RepairState.GRANTED if grant else RepairState.REFUSED).name
    if grant:
        _check_conditions(found.fact, at)
        found.effective_on = local_date(at)
        _record_repair(actor, found, found.effective_on, at)
    found.save(update_fields=["state", "decided_by", "decided_at", "reason", "effective_on"])
    record_event(actor, "决定信用修复", "credit_fact", found.fact_id, at, after={"state": found.state}, reason=text)
    return found


def _record_repair(actor: Actor, granted: Repair, on: date, at: datetime) -> None:
    repaired = granted.fact
    Fact.objects.create(
        party_id=repaired.party_id,
        kind=REPAIRED,
        source=f"credit:{granted.pk}",
        occurred_on=on,
        recorded_at=at,
        recorded_by_id=actor.person_id,
        region=repaired.region,
        summary=f"修复 {repaired.occurred_on} 的{label_of(repaired.kind)}",
        repairs=repaired,
    )


def _check_conditions(row: Fact, at: datetime) -> None:
    found = conditions_of(row, local_date(at), at)
    if not found:
        raise CreditError(f"{label_of(row.kind)}不能信用修复，或该事实已被更正、撤销或修复")
    unmet = [condition.text for condition in found if not condition.met]
    if unmet:
        raise CreditError(*(f"修复条件未满足：{text}" for text in unmet))
