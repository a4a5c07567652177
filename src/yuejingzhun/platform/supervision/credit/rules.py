"""The grade of a party from its facts by a rule set: pure, exact, in integers.

Dates are arguments. A fact counts from the day on which it occurred; repaired, it counts no more from the day of the
repair on. Points are whole thousandths.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from yuejingzhun.platform.supervision.credit.decay import remaining
from yuejingzhun.platform.supervision.credit.kinds import Tone, fact_kinds
from yuejingzhun.platform.supervision.credit.rule_set import START, Contested, Limit, RuleSet, worse
from yuejingzhun.procedures.local_date import local_date


class Decision(Enum):
    """What became of a contest; the value is the term on the screen."""

    UPHELD = "维持"
    CORRECTED = "更正"
    WITHDRAWN = "撤销"


class LeftOut(Enum):
    """Why a fact adds nothing; the value is the term on the screen."""

    COUNTS = ""
    REPAIRED = "已信用修复"
    CONTESTED = "异议处理中，暂不计分"
    OLD = "已过计分期限"


class RepairState(Enum):
    """Where an application for repair of credit stands."""

    APPLIED = "待审核"
    GRANTED = "准予修复"
    REFUSED = "不予修复"


@dataclass(frozen=True, slots=True)
class Known:
    """A fact as a rating needs it: what stands at the moment at which one looks."""

    id: int
    kind: str
    occurred_on: date
    quantity: int = 1
    contested: bool = False
    repaired_on: date | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What a fact adds to the points, before any bound of a term; `full` is what it added when it was new."""

    fact: Known
    age: int
    full: int
    points: int
    left_out: LeftOut


@dataclass(frozen=True, slots=True)
class TermValue:
    """A term: the sum of its parts, and what its bounds let through."""

    name: str
    total: int
    value: int


@dataclass(frozen=True, slots=True)
class Applied:
    """A limit that holds, with the facts that make it hold."""

    limit: Limit
    facts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rating:
    """A grade with all that it follows from; `by_points` is what the points alone would give."""

    grade: str
    score: int
    by_points: str
    shares: tuple[Share, ...]
    terms: tuple[TermValue, ...]
    limits: tuple[Applied, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of repair, and whether it is met."""

    text: str
    met: bool


def rate(rules: RuleSet, facts: Sequence[Known], on: date) -> Rating:
    """The grade on a day, with each fact's share; facts of later days don't count."""
    shares = tuple(share_of(rules, fact, on) for fact in facts if fact.occurred_on <= on)
    sums: dict[str, int] = {START: rules.start}
    for share in shares:
        sums[share.fact.kind] = sums.get(share.fact.kind, 0) + share.points
    values = []
    for name in rules.order:
        term = rules.terms[name]
        total = sum(sums.get(part, 0) for part in term.of)
        sums[name] = term.bounded(total)
        values.append(TermValue(name, total, sums[name]))
    score = sums[rules.result]
    by_points = grade_of(rules, score)
    applied = tuple(found for limit in rules.limits if (found := _applied(limit, shares)))
    grade = by_points
    for found in applied:
        grade = worse(grade, found.limit.best)
    return Rating(grade, score, by_points, shares, tuple(values), applied)


def share_of(rules: RuleSet, fact: Known, on: date) -> Share:
    """What one fact adds on a day on or behind that on which it occurred."""
    weight, age = rules.facts[fact.kind], (on - fact.occurred_on).days
    full = weight.points * min(fact.quantity, weight.most)
    why = left_out(rules, fact, age, on)
    left = remaining(full, age, weight.half_life) if why is LeftOut.COUNTS else 0
    return Share(fact, age, full, left, why)


def left_out(rules: RuleSet, fact: Known, age: int, on: date) -> LeftOut:
    """Why a fact adds nothing on a day, or that it counts."""
    if fact.repaired_on is not None and fact.repaired_on <= on:
        return LeftOut.REPAIRED
    if fact.contested and rules.contested is Contested.LEFT_OUT:
        return LeftOut.CONTESTED
    return LeftOut.OLD if age >= rules.facts[fact.kind].ends else LeftOut.COUNTS


def grade_of(rules: RuleSet, score: int) -> str:
    """The grade that the points alone give."""
    return next(grade for grade, least in rules.grades if least is None or score >= least)


def _applied(limit: Limit, shares: Sequence[Share]) -> Applied | None:
    """The limit with its facts, where it holds. It has its own days: that the points are gone is no excuse."""
    counted = (LeftOut.COUNTS, LeftOut.OLD)
    found = [
        share.fact.id
        for share in shares
        if share.fact.kind == limit.kind and share.age < limit.days and share.left_out in counted
    ]
    return Applied(limit, tuple(found)) if len(found) >= limit.count else None


def contest_until(kind: str, recorded_at: datetime) -> date:
    """The last day on which a fact can be contested."""
    return local_date(recorded_at) + timedelta(fact_kinds()[kind].contest_days)


def refusal_to_contest(kind: str, recorded_at: datetime, at: datetime) -> str | None:
    """Why a fact can't be contested any more, or None."""
    until = contest_until(kind, recorded_at)
    if local_date(at) > until:
        days = fact_kinds()[kind].contest_days
        return f"异议期限为记录之日起 {days} 天，已于 {until} 届满；届满后可以依法申请行政复议或提起诉讼"
    return None


def repair_conditions(rules: RuleSet, fact: Known, facts: Sequence[Known], on: date) -> tuple[Condition, ...]:
    """The conditions of repairing credit after a fact, each with whether it is met on a day; none where it can't be."""
    terms = rules.repair.get(fact.kind)
    if terms is None or not fact_kinds()[fact.kind].repairable or fact.repaired_on is not None:
        return ()
    since = on - timedelta(terms.clean_days)
    adverse = [
        other
        for other in facts
        if other.id != fact.id
        and fact_kinds()[other.kind].tone is Tone.ADVERSE
        and since < other.occurred_on <= on
        and other.repaired_on is None
    ]
    age = (on - fact.occurred_on).days
    return (
        Condition(f"自该事实发生之日起满 {terms.after_days} 天（已 {age} 天）", age >= terms.after_days),
        Condition(f"最近 {terms.clean_days} 天没有其他不利事实（有 {len(adverse)} 项）", not adverse),
        Condition("该事实没有正在处理的异议", not fact.contested),
    )
