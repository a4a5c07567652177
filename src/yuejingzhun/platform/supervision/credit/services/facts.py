"""Facts are recorded: by regulators, and from what happens in other apps. Never edited: a later one supersedes."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import IntegrityError, transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.supervision.credit.errors import CreditError
from yuejingzhun.platform.supervision.credit.kinds import fact_kinds, label_of
from yuejingzhun.platform.supervision.credit.models import Fact
from yuejingzhun.platform.supervision.credit.services.checks import check_regulator, checked_text, problems_of

LONGEST_SOURCE, LONGEST_SUMMARY = 120, 500


@dataclass(frozen=True, slots=True)
class Told:
    """A fact as it is told; `source` is the record that it stands in, one of which tells one fact of a kind."""

    party_id: int
    kind: str
    source: str
    occurred_on: date
    summary: str
    quantity: int = 1
    region: str = ""  # the party's where it is empty


@transaction.atomic
def record(actor: Actor, told: Told, at: datetime) -> Fact:
    """Record a fact by hand; for regulators of the party's region. Raises CreditError with every problem.

    Told twice from one source it is refused, naming the first.
    """
    party = organisation(told.party_id)
    check_regulator(actor, party.region)
    kind = fact_kinds().get(told.kind)
    if kind is None or not kind.manual:
        raise CreditError(f"事实种类：{label_of(told.kind)[:40]} 不由人工记录")
    problems = problems_of(told.occurred_on, told.quantity, at)
    if problems:
        raise CreditError(*problems)
    source = checked_text(told.source, "来源（文书号）", LONGEST_SOURCE)
    summary = checked_text(told.summary, "摘要", LONGEST_SUMMARY)
    row, created = _add(replace(told, source=source, summary=summary), actor, at)
    if not created:
        raise CreditError(f"来源：{kind.label} {source} 已经记录，见第 {row.pk} 号事实，没有重复记录")
    after = {"party": party.pk, "kind": kind.code, "source": source, "on": told.occurred_on.isoformat()}
    record_event(actor, "记录信用事实", "credit_fact", row.pk, at, after=after)
    return row


@transaction.atomic
def note(told: Told, at: datetime) -> Fact:
    """Record what another app tells; the first fact where it is told twice. Raises CreditError for a future day."""
    if problems := problems_of(told.occurred_on, told.quantity, at):
        raise CreditError(*problems)
    return _add(told, None, at)[0]


@transaction.atomic
def withdraw_source(kind: str, source: str, why: str, at: datetime) -> Fact | None:
    """Withdraw what a source told, since the source itself no longer holds; None where it told nothing that stands."""
    found = Fact.objects.select_for_update(of=("self",)).filter(kind=kind, source=source, superseded_by=None).first()
    return None if found is None or found.withdrawn else supersede(found, None, at, withdrawn=True, summary=why)


def supersede(
    earlier: Fact, actor: Actor | None, at: datetime, *, withdrawn: bool, summary: str,
    occurred_on: date | None = None, quantity: int | None = None,
) -> Fact:  # fmt: skip
    """The fact that stands instead of a locked earlier one; for other services, which have checked the right."""
    return Fact.objects.create(
        party_id=earlier.party_id,
        kind=earlier.kind,
        source=earlier.source,
        occurred_on=occurred_on or earlier.occurred_on,
        recorded_at=at,
        recorded_by_id=actor.person_id if actor else None,
        region=earlier.region,
        quantity=quantity or earlier.quantity,
        summary=summary[:LONGEST_SUMMARY],
        supersedes=earlier,
        withdrawn=withdrawn,
    )


def _add(told: Told, actor: Actor | None, at: datetime) -> tuple[Fact, bool]:
    """The fact, and whether it is new."""
    values = {
        "party_id": told.party_id,
        "occurred_on": told.occurred_on,
        "recorded_at": at,
        "recorded_by_id": actor.person_id if actor else None,
        "region": told.region or organisation(told.party_id).region,
        "quantity": told.quantity,
        "summary": told.summary[:LONGEST_SUMMARY],
    }
    source = told.source[:LONGEST_SOURCE]
    first = Fact.objects.filter(kind=told.kind, source=source, supersedes=None)
    if (found := first.first()) is not None:
        return found, False
    try:
        with transaction.atomic():
            return Fact.objects.create(kind=told.kind, source=source, **values), True
    except IntegrityError:  # somebody was quicker
        return first.get(), False
