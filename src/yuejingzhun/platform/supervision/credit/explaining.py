"""What would change a grade, and since when it holds: pure, over the facts that are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from yuejingzhun.platform.supervision.credit.kinds import Tone, fact_kinds
from yuejingzhun.platform.supervision.credit.mass_rating import grades_over
from yuejingzhun.platform.supervision.credit.rule_set import GRADES, RuleSet
from yuejingzhun.platform.supervision.credit.rules import Known, Rating, Share, rate

AHEAD = 1_095  # days that are looked ahead
BEHIND = 1_095  # days that are looked back
MOST_TRIED = 30  # facts whose absence is tried, the weightiest first


@dataclass(frozen=True, slots=True)
class InForce:
    """A rule set with the day from which on it holds."""

    first: date
    rules: RuleSet


@dataclass(frozen=True, slots=True)
class Change:
    """What would make which grade."""

    what: str
    grade: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rating with what would change it; `since` is None where it holds for longer than is looked back."""

    rating: Rating
    since: date | None
    next_change: tuple[date, str] | None  # by time alone, within AHEAD days
    without: tuple[tuple[Share, str], ...]  # facts without which the grade would be another
    with_one_more: tuple[Change, ...]
    missing: int | None  # thousandths of points to the next better grade


def explain(versions: Sequence[InForce], facts: Sequence[Known], on: date) -> Explanation:
    """Explain the grade on a day; `versions` are those from BEHIND days before on, later ones included, by day."""
    rules = rules_on(versions, on)
    rating = rate(rules, facts, on)
    return Explanation(
        rating,
        _since(versions, facts, on, rating.grade),
        _next_change(versions, facts, on, rating.grade),
        _without(rules, facts, on, rating),
        _with_one_more(rules, facts, on, rating.grade),
        _missing(rules, rating),
    )


def rules_on(versions: Sequence[InForce], on: date) -> RuleSet:
    """The rule set of a day; raises LookupError for a day before the first."""
    found = [version for version in versions if version.first <= on]
    if not found:
        raise LookupError(f"{on} 没有生效的信用规则")
    return found[-1].rules


def course(versions: Sequence[InForce], facts: Sequence[Known], first: date, last: date) -> list[tuple[date, str]]:
    """The days, both ends included, on which the grade became another, each with it; the first day among them."""
    found: list[tuple[date, str]] = []
    day = max(first, versions[0].first)
    for place, version in enumerate(versions):
        until = versions[place + 1].first - timedelta(1) if place + 1 < len(versions) else last
        until = min(until, last)
        begin = max(day, version.first)
        if begin > until:
            continue
        for number, grade in enumerate(grades_over(version.rules, facts, begin, (until - begin).days + 1)):
            if not found or found[-1][1] != GRADES[grade]:
                found.append((begin + timedelta(number), GRADES[grade]))
    return found


def _since(versions: Sequence[InForce], facts: Sequence[Known], on: date, grade: str) -> date | None:
    changes = course(versions, facts, on - timedelta(BEHIND), on)
    day, last = changes[-1]
    if last != grade:  # the two ways to a grade never differ; see the tests
        raise AssertionError(f"{last} != {grade}")
    return day if len(changes) > 1 else None


def _next_change(versions: Sequence[InForce], facts: Sequence[Known], on: date, grade: str) -> tuple[date, str] | None:
    changes = course(versions, facts, on, on + timedelta(AHEAD))
    return next(((day, found) for day, found in changes if found != grade), None)


def _without(rules: RuleSet, facts: Sequence[Known], on: date, rating: Rating) -> tuple[tuple[Share, str], ...]:
    """The weightiest of the facts whose absence alone would make another grade."""
    limiting = {key for applied in rating.limits for key in applied.facts}
    tried = sorted(rating.shares, key=lambda share: (share.fact.id not in limiting, -abs(share.points), share.fact.id))
    found = []
    for share in tried[:MOST_TRIED]:
        if not share.points and share.fact.id not in limiting:
            continue
        grade = rate(rules, [fact for fact in facts if fact.id != share.fact.id], on).grade
        if grade != rating.grade:
            found.append((share, grade))
    return tuple(found)


def _with_one_more(rules: RuleSet, facts: Sequence[Known], on: date, grade: str) -> tuple[Change, ...]:
    """The kinds of which one more fact today would make another grade."""
    found = []
    for kind in rules.facts:
        other = rate(rules, [*facts, Known(0, kind, on)], on).grade
        if other != grade and fact_kinds()[kind].tone is not Tone.NEUTRAL:
            found.append(Change(fact_kinds()[kind].label, other))
    return tuple(found)


def _missing(rules: RuleSet, rating: Rating) -> int | None:
    place = GRADES.index(rating.by_points)
    least = rules.grades[place - 1][1] if place else None
    return None if least is None else least - rating.score
