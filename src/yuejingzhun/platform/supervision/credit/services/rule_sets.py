"""Rule sets are proposed, simulated and adopted by the province's authority; what is adopted never changes."""

import hashlib
import json
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from yuejingzhun.evidence.credit_statement import rules_adopted
from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.jobs.services import ask
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.approvals.signing import state
from yuejingzhun.platform.supervision.credit.errors import CreditError
from yuejingzhun.platform.supervision.credit.models import RuleVersion, Snapshot
from yuejingzhun.platform.supervision.credit.queries import rule_version
from yuejingzhun.platform.supervision.credit.rule_set import RuleSetError, canonical, read_rule_set
from yuejingzhun.platform.supervision.credit.services.checks import check_province
from yuejingzhun.procedures.local_date import local_date

SIMULATE = "credit-simulate"
LOCK = 7_302_150  # of the database: one version number at a time


@transaction.atomic
def propose(actor: Actor, data: bytes, note: str, at: datetime) -> RuleVersion:
    """Keep a rule set under the next version; raises CreditError with every problem of it."""
    check_province(actor)
    try:
        rules = read_rule_set(data)
    except RuleSetError as error:
        raise CreditError(*error.problems) from error
    content = canonical(json.loads(data))
    sha256 = hashlib.sha256(content).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if (same := RuleVersion.objects.filter(sha256=sha256).first()) is not None:
        raise CreditError(f"与第 {same.version} 版完全相同")
    if len(note.strip()) > 1000:
        raise CreditError("说明：至多 1000 个字")
    last = RuleVersion.objects.aggregate(last=Max("version"))["last"] or 0
    row = RuleVersion.objects.create(
        version=last + 1,
        name=rules.name,
        content=content.decode(),
        sha256=sha256,
        note=note.strip(),
        proposed_by_id=actor.person_id,
        proposed_at=at,
    )
    record_event(actor, "提出信用规则", "credit_rules", row.pk, at, after={"version": row.version, "sha256": sha256})
    return row


@transaction.atomic
def adopt(actor: Actor, version: int, effective_from: date, at: datetime) -> RuleVersion:
    """Put a rule set in force from a day on; never backwards. The signed statement goes into the log."""
    authority = check_province(actor)
    row = RuleVersion.objects.select_for_update().get(pk=rule_version(version).pk)
    if row.effective_from is not None:
        raise CreditError(f"第 {row.version} 版已发布，自 {row.effective_from} 起生效")
    first = not RuleVersion.objects.filter(effective_from__isnull=False).exists()
    today = local_date(at)
    rated = Snapshot.objects.order_by("-on").values_list("on", flat=True).first()
    if effective_from < today and not first:
        raise CreditError(f"生效日期：{effective_from} 早于今天 {today}；规则不溯及既往")
    if rated is not None and effective_from <= rated:
        raise CreditError(f"生效日期：{rated} 已按现行规则评价，应晚于该日")
    row.effective_from, row.adopted_by_id, row.adopted_at = effective_from, actor.person_id, at
    try:
        with transaction.atomic():
            row.save(update_fields=["effective_from", "adopted_by", "adopted_at"])
    except IntegrityError as error:
        raise CreditError(f"生效日期：另一版规则也自 {effective_from} 起生效") from error
    entry = rules_adopted(str(row.version), row.sha256, effective_from.isoformat(), at.replace(microsecond=0))
    state(entry, authority, at)
    after = {"version": row.version, "from": effective_from.isoformat()}
    record_event(actor, "发布信用规则", "credit_rules", row.pk, at, after=after)
    return row


def ask_simulation(actor: Actor, version: int, on: date, at: datetime) -> int:
    """Have a rule set tried on what is known now, for a day; the key of the long task. Raises UnknownCreditError."""
    authority = check_province(actor)
    row = rule_version(version)
    arguments = {"version": row.version, "on": on.isoformat()}
    title = f"信用规则第 {row.version} 版试算"
    return ask(actor, SIMULATE, arguments, at, title=title, organisation_id=authority).pk


def may_simulate(actor: Actor, arguments: dict[str, object]) -> None:
    """Raises NotPermittedError for who doesn't make the rules."""
    check_province(actor)
