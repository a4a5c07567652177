"""Contests 异议: a party objects to a fact within its term, and a regulator who didn't record it decides."""

from datetime import date, datetime

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.supervision.credit.errors import CreditError
from yuejingzhun.platform.supervision.credit.kinds import REPAIRED
from yuejingzhun.platform.supervision.credit.models import Contest, Fact
from yuejingzhun.platform.supervision.credit.rules import Decision, refusal_to_contest
from yuejingzhun.platform.supervision.credit.services.checks import (
    check_regulator,
    check_speaks,
    checked_text,
    lock_fact,
    problems_of,
)
from yuejingzhun.platform.supervision.credit.services.facts import supersede


@transaction.atomic
def contest(actor: Actor, fact_id: int, reason: str, at: datetime) -> Contest:
    """Object to a fact that stands; by who speaks for the party, within the term. Raises CreditError."""
    row = lock_fact(actor, fact_id)
    check_speaks(actor, row.party_id)
    if why := _refusal(row, at):
        raise CreditError(why)
    text = checked_text(reason, "异议理由")
    made = Contest.objects.create(fact=row, reason=text, contested_by_id=actor.person_id, contested_at=at)
    record_event(actor, "提出信用异议", "credit_fact", row.pk, at, reason=text)
    return made


@transaction.atomic
def decide(
    actor: Actor, fact_id: int, decision: Decision, reason: str, at: datetime, *,
    occurred_on: date | None = None, quantity: int | None = None,
) -> Contest:  # fmt: skip
    """Uphold the fact, correct its day or quantity, or withdraw it; what is corrected stays, and is superseded.

    By a regulator of the party's region who neither recorded the fact nor speaks for the party.
    """
    row = lock_fact(actor, fact_id)
    check_regulator(actor, row.party.region)
    made = Contest.objects.select_for_update().filter(fact=row).first()
    if made is None or made.decision:
        raise CreditError(f"第 {row.pk} 号事实没有待决定的异议")
    if actor.person_id in (row.recorded_by_id, made.contested_by_id):
        raise NotPermittedError(f"{actor.name} 是该事实的记录人或异议的提出人，须由其他监管人员决定")
    text = checked_text(reason, "决定理由")
    corrected = _corrected(row, decision, occurred_on, quantity, at)
    made.decision, made.decision_reason = decision.name, text
    made.decided_by_id, made.decided_at = actor.person_id, at
    made.save(update_fields=["decision", "decision_reason", "decided_by", "decided_at"])
    if decision is not Decision.UPHELD:
        withdrawn = decision is Decision.WITHDRAWN
        day, number = corrected
        summary = f"异议成立，予以{decision.value}：{text}"
        supersede(row, actor, at, withdrawn=withdrawn, summary=summary, occurred_on=day, quantity=number)
    record_event(
        actor, "决定信用异议", "credit_fact", row.pk, at, after={"decision": decision.name}, reason=text
    )  # fmt: skip
    return made


def _refusal(row: Fact, at: datetime) -> str | None:
    if row.kind == REPAIRED:
        return "信用修复不是不利事实，不能提出异议"
    if hasattr(row, "superseded_by") or row.withdrawn:
        return f"第 {row.pk} 号事实已被更正或撤销，不能再提出异议"
    if hasattr(row, "contest"):
        return f"第 {row.pk} 号事实已于 {row.contest.contested_at:%Y-%m-%d} 提出过异议"
    if hasattr(row, "repair"):
        return f"第 {row.pk} 号事实已经信用修复"
    return refusal_to_contest(row.kind, row.recorded_at, at)


def _corrected(
    row: Fact, decision: Decision, occurred_on: date | None, quantity: int | None, at: datetime
) -> tuple[date | None, int | None]:
    """The day and quantity of a correction; raises CreditError where there is nothing to correct, or it is wrong."""
    if decision is not Decision.CORRECTED:
        return None, None
    day, number = occurred_on or row.occurred_on, quantity or row.quantity
    if (day, number) == (row.occurred_on, row.quantity):
        raise CreditError("更正：发生日期与数量都没有改变；不更正请选维持，不应记录请选撤销")
    if problems := problems_of(day, number, at):
        raise CreditError(*problems)
    return day, number
