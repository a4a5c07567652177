"""Grades of many parties at once, over columns: the same integers as `rules.rate`, bit for bit.

All columns are NumPy int64 (ages in whole days, negative before the fact occurred); facts stand party by party.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.platform.supervision.credit.decay import GONE, SHIFT, STEPS, TABLE
from yuejingzhun.platform.supervision.credit.kinds import rated_kinds
from yuejingzhun.platform.supervision.credit.rule_set import GRADES, START, Contested, RuleSet
from yuejingzhun.platform.supervision.credit.rules import Known

Integers = NDArray[np.int64]
NEVER = 10**7  # days: of what isn't repaired
EPOCH = date(2000, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class FactColumns:
    """Facts of parties, one party behind the other. Days count from 2000-01-01; `kind` is a position in rated_kinds."""

    party: Integers
    kind: Integers
    day: Integers
    quantity: Integers
    contested: Integers  # 0 or 1
    repaired: Integers  # the day, or NEVER


@dataclass(frozen=True, slots=True)
class Graded:
    """One row a party, in the order of the columns: its key, the points in thousandths, the position in GRADES."""

    party: Integers
    score: Integers
    grade: Integers
    facts: Integers


def day_number(day: date) -> int:
    """Days since 2000-01-01."""
    return day.toordinal() - EPOCH


def rate_columns(rules: RuleSet, facts: FactColumns, on: Integers | date) -> Graded:
    """Grade every party that has facts; `on` is one day for all, or one a fact (the same for all of a party)."""
    days = np.int64(day_number(on)) if isinstance(on, date) else on
    size = len(facts.party)
    if not size:
        empty = np.zeros(0, np.int64)
        return Graded(empty, empty, empty, empty)
    starts = np.flatnonzero(np.concatenate([[True], facts.party[1:] != facts.party[:-1]]))
    age = days - facts.day
    here = (age >= 0) & (facts.repaired > days)
    if rules.contested is Contested.LEFT_OUT:
        here &= facts.contested == 0
    points = np.where(here, _points(rules, facts, age), 0)
    score = _score(rules, facts.kind, points, starts)
    grade = _by_points(rules, score)
    for limit in rules.limits:
        counted = here & (age < limit.days) & (facts.kind == rated_kinds().index(limit.kind))
        holds = np.add.reduceat(counted.astype(np.int64), starts) >= limit.count
        grade = np.where(holds, np.maximum(grade, GRADES.index(limit.best)), grade)
    number = np.diff(np.append(starts, size))
    return Graded(facts.party[starts], score, grade, number)


def columns_of(party: int, facts: Sequence[Known]) -> FactColumns:
    """The facts of one party as columns."""
    kinds = rated_kinds()
    rows = [
        (
            party,
            kinds.index(fact.kind),
            day_number(fact.occurred_on),
            fact.quantity,
            int(fact.contested),
            NEVER if fact.repaired_on is None else day_number(fact.repaired_on),
        )
        for fact in facts
    ]
    return FactColumns(*np.array(rows, np.int64).reshape(-1, len(fields(FactColumns))).T)


def grades_over(rules: RuleSet, facts: Sequence[Known], first: date, days: int) -> Integers:
    """The positions in GRADES of one party's grades on so many days from the first on."""
    if not facts:
        base = _by_points(rules, _score(rules, np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1, np.intp)))
        return np.repeat(base, days)
    one = columns_of(0, facts)
    each = np.repeat(np.arange(days, dtype=np.int64), len(facts))
    many = {field.name: np.tile(getattr(one, field.name), days) for field in fields(FactColumns)} | {"party": each}
    return rate_columns(rules, FactColumns(**many), day_number(first) + each).grade


def _points(rules: RuleSet, facts: FactColumns, age: Integers) -> Integers:
    """What is left of each fact's points at its age, as `decay.remaining`; gone where it has ended."""
    weights = [rules.facts[kind] for kind in rated_kinds()]
    lasting = NEVER * STEPS  # so long a half-life that no step is reached
    table = np.array(TABLE, np.int64)
    per_kind = {
        "points": np.array([weight.points for weight in weights], np.int64),
        "most": np.array([weight.most for weight in weights], np.int64),
        "half": np.array([weight.half_life or lasting for weight in weights], np.int64),
        "ends": np.array([weight.ends for weight in weights], np.int64),
    }
    full = per_kind["points"][facts.kind] * np.minimum(facts.quantity, per_kind["most"][facts.kind])
    past = np.maximum(age, 0)
    step = STEPS * past // per_kind["half"][facts.kind]
    left = np.abs(full) * table[step % STEPS] >> np.minimum(SHIFT + step // STEPS, GONE)
    return np.where(past < per_kind["ends"][facts.kind], np.sign(full) * left, 0)


def _score(rules: RuleSet, kind: Integers, points: Integers, starts: NDArray[np.intp]) -> Integers:
    kinds = rated_kinds()
    sums: dict[str, Integers] = {START: np.full(len(starts), rules.start, np.int64)}
    for name in rules.order:
        term = rules.terms[name]
        total = np.zeros(len(starts), np.int64)
        own = [kinds.index(part) for part in term.of if part in rules.facts]
        if own:
            of_term = np.zeros(len(kinds), bool)
            of_term[own] = True
            total += np.add.reduceat(np.where(of_term[kind], points, 0), starts)
        for part in term.of:
            if part not in rules.facts:
                total += sums[part]
        if term.least is not None:
            total = np.maximum(total, term.least)
        sums[name] = total if term.most is None else np.minimum(total, term.most)
    return sums[rules.result]


def _by_points(rules: RuleSet, score: Integers) -> Integers:
    grade = np.full(len(score), len(GRADES) - 1, np.int64)
    for place, (_, least) in reversed(list(enumerate(rules.grades))):
        if least is not None:
            grade = np.where(score >= least, place, grade)
    return grade
