"""A rule set tried before it takes effect: who would move, from which grade to which, and why."""

from collections import Counter
from datetime import date, datetime
from typing import Any

import numpy as np

from yuejingzhun.platform.foundation.parties.divisions import division
from yuejingzhun.platform.foundation.parties.queries import Organisation
from yuejingzhun.platform.supervision.credit.columns import read_columns
from yuejingzhun.platform.supervision.credit.kinds import label_of
from yuejingzhun.platform.supervision.credit.mass_rating import rate_columns
from yuejingzhun.platform.supervision.credit.models import RuleVersion, Simulation
from yuejingzhun.platform.supervision.credit.published import points_text
from yuejingzhun.platform.supervision.credit.queries import known_facts
from yuejingzhun.platform.supervision.credit.rule_set import GRADES, RuleSet, read_rule_set
from yuejingzhun.platform.supervision.credit.rules import Known, Rating, rate

MOST_MOVERS = 200  # that are told one by one, those who fall the farthest first
CHUNK = 50_000
MOST_REASONS = 3


def simulate(row: RuleVersion, against: RuleVersion | None, on: date, made_by: int, at: datetime) -> Simulation:
    """Grade everybody on a day by a rule set and by the one in force, with what is known at `at`; keep what differs."""
    new = read_rule_set(row.content.encode())
    old = read_rule_set(against.content.encode()) if against else None
    columns = read_columns(at)
    after = rate_columns(new, columns, on)
    before = rate_columns(old, columns, on) if old else after
    parties = Organisation.objects.values_list("pk", "region", "kind")
    places: dict[int, tuple[str, str]] = {}
    for start in range(0, len(after.party), CHUNK):
        keys = after.party[start : start + CHUNK].tolist()
        places |= {key: (region, kind) for key, region, kind in parties.filter(pk__in=keys)}
    cities: Counter[tuple[str, str, str]] = Counter()
    categories: Counter[tuple[str, str, str]] = Counter()
    for key, was, becomes in zip(after.party.tolist(), before.grade.tolist(), after.grade.tolist(), strict=True):
        region, kind = places[key]
        move = GRADES[was], GRADES[becomes]
        cities[(f"{region[:4]}00", *move)] += 1
        categories[(kind, *move)] += 1
    moved = np.flatnonzero(before.grade != after.grade)
    far = moved[np.argsort(before.grade[moved] - after.grade[moved], kind="stable")][:MOST_MOVERS]
    result = {
        "parties": len(after.party),
        "moved": len(moved),
        "worse": int((after.grade[moved] > before.grade[moved]).sum()),
        "moves": _moves(categories),
        "by_region": _table(cities),
        "by_category": _table(categories),
        "movers": _movers(after.party[far].tolist(), old or new, new, on, at),
    }
    return Simulation.objects.create(rules=row, against=against, on=on, result=result, made_by_id=made_by, made_at=at)


def _moves(counted: Counter[tuple[str, str, str]]) -> list[dict[str, Any]]:
    """From each grade to each, over all categories."""
    total: Counter[tuple[str, str]] = Counter()
    for (_, was, becomes), number in counted.items():
        total[was, becomes] += number
    return [{"was": was, "becomes": [total[was, becomes] for becomes in GRADES]} for was in GRADES]


def _table(counted: Counter[tuple[str, str, str]]) -> list[dict[str, Any]]:
    """A row a place or category: the grades before and after, and how many rise and fall."""
    rows = []
    for name in sorted({key[0] for key in counted}):
        own = {key[1:]: number for key, number in counted.items() if key[0] == name}
        rows.append(
            {
                "name": name,
                "before": [sum(n for (was, _), n in own.items() if was == grade) for grade in GRADES],
                "after": [sum(n for (_, becomes), n in own.items() if becomes == grade) for grade in GRADES],
                "worse": sum(n for (was, becomes), n in own.items() if becomes > was),
                "better": sum(n for (was, becomes), n in own.items() if becomes < was),
            }
        )
    return rows


def _movers(keys: list[int], old: RuleSet, new: RuleSet, on: date, at: datetime) -> list[dict[str, Any]]:
    parties, facts = Organisation.objects.in_bulk(keys), known_facts(keys, at)
    found = []
    for key in keys:
        was, becomes = rate(old, facts[key], on), rate(new, facts[key], on)
        found.append(
            {
                "party": key,
                "name": parties[key].name,
                "region": division(parties[key].region).name,
                "was": was.grade,
                "becomes": becomes.grade,
                "why": _why(was, becomes, facts[key]),
            }
        )
    return found


def _why(was: Rating, becomes: Rating, facts: list[Known]) -> str:
    """The limits that begin or cease to hold, and the kinds whose points differ the most."""
    told = []
    before, after = ({applied.limit for applied in rating.limits} for rating in (was, becomes))
    told += [f"{label_of(limit.kind)} {limit.days} 天内最高 {limit.best} 级" for limit in after - before]
    told += [f"不再受限：{label_of(limit.kind)} {limit.days} 天内最高 {limit.best} 级" for limit in before - after]
    points: Counter[str] = Counter()
    for sign, rating in ((-1, was), (1, becomes)):
        for share in rating.shares:
            points[share.fact.kind] += sign * share.points
    largest = sorted((abs(value), kind) for kind, value in points.items() if value)[::-1][:MOST_REASONS]
    told += [f"{label_of(kind)} {'+' if points[kind] > 0 else ''}{points_text(points[kind])} 分" for _, kind in largest]
    told.append(f"总分 {points_text(was.score)} → {points_text(becomes.score)}")
    return "；".join(told)
