"""Rating by hand-worked examples, by properties, and one by one against in columns."""

import json
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_cases import changed
from yuejingzhun.platform.supervision.credit.decay import SHIFT, STEPS, TABLE, remaining
from yuejingzhun.platform.supervision.credit.explaining import InForce, course, explain
from yuejingzhun.platform.supervision.credit.kinds import REPAIRED, fact_kinds, rated_kinds
from yuejingzhun.platform.supervision.credit.mass_rating import FactColumns, columns_of, rate_columns
from yuejingzhun.platform.supervision.credit.rule_set import GRADES, RuleSet, RuleSetError, default_rules, read_rule_set
from yuejingzhun.platform.supervision.credit.rules import Known, LeftOut, rate, repair_conditions

DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return read_rule_set(default_rules())


def known(kind: str, days_ago: int, number: int = 1, **more: Any) -> Known:
    return Known(number, kind, DAY - timedelta(days_ago), **more)


def test_the_table_is_the_floor_of_the_powers() -> None:
    """By whole numbers: t = floor(2^30 * 2^(-k/64)) exactly where t^64 <= 2^(1920 - k) < (t + 1)^64."""
    assert len(TABLE) == STEPS
    for step, entry in enumerate(TABLE):
        assert entry**STEPS <= 2 ** (SHIFT * STEPS - step) < (entry + 1) ** STEPS


@pytest.mark.parametrize(
    ("points", "age", "half_life", "left"),
    [(-6000, 0, 365, -6000), (-6000, 365, 365, -3000), (-6000, 730, 365, -1500), (8000, 10_000, None, 8000),
     # step 64 * 10 // 365 = 1: 6000 * TABLE[1] // 2^30 = 5935
     (-6000, 10, 365, -5935), (6000, 10, 365, 5935), (-1, 1, 1, 0), (1_000_000_000, 36_525, 1, 0)],
)  # fmt: skip
def test_what_is_left_of_points(points: int, age: int, half_life: int | None, left: int) -> None:
    assert remaining(points, age, half_life) == left


@given(st.integers(-(10**9), 10**9), st.integers(0, 5000), st.integers(1, 2000))
def test_decay_is_within_a_step_of_the_power_and_never_grows(points: int, age: int, half_life: int) -> None:
    left = abs(remaining(points, age, half_life))
    assert left >= abs(remaining(points, age + 1, half_life))
    exact = abs(points) * 2.0 ** (-age / half_life)
    assert exact * (1 - 1e-9) - 1 <= left <= exact * 2 ** (1 / STEPS) * (1 + 1e-9)


def test_a_party_without_facts_has_the_start(rules: RuleSet) -> None:
    found = rate(rules, [], DAY)
    assert (found.grade, found.score, found.shares) == ("B", 80_000, ())


def test_a_grade_by_hand(rules: RuleSet) -> None:
    facts = [
        known("verification-overdue", 180, 1, quantity=40),  # -400 * 25, one half-life: -5000
        known("complaint-upheld", 365, 2),  # -3000
        known("inspection-passed", 0, 3),  # +4000
        known("commitment-kept", 730, 4),  # over: 0
        known("penalty", -1, 5),  # tomorrow
    ]
    found = rate(rules, facts, DAY)
    assert {share.fact.id: share.points for share in found.shares} == {1: -5000, 2: -3000, 3: 4000, 4: 0}
    assert (found.score, found.grade) == (76_000, "B")
    assert found.shares[3].left_out is LeftOut.OLD
    assert {term.name: term.value for term in found.terms}["检定"] == -5000


def test_a_term_keeps_its_bounds(rules: RuleSet) -> None:
    facts = [known("verification-overdue", 0, number, quantity=25) for number in range(1, 6)]
    found = rate(rules, facts, DAY)
    term = next(term for term in found.terms if term.name == "检定")
    assert (term.total, term.value, found.score) == (-50_000, -30_000, 50_000)


def test_a_penalty_limits_whatever_the_points_say(rules: RuleSet) -> None:
    facts = [known("penalty", 729), *(known("commitment-kept", 0, number) for number in range(2, 6))]
    found = rate(rules, facts, DAY)
    assert (found.by_points, found.grade) == ("A", "C")
    assert [(one.limit.best, one.facts) for one in found.limits] == [("C", (1,))]
    assert rate(rules, facts, DAY + timedelta(1)).grade == "A"  # 730 days are not within 730 days


def test_a_repaired_fact_counts_and_limits_no_more_from_its_day_on(rules: RuleSet) -> None:
    fact = known("penalty", 400, repaired_on=DAY)
    assert rate(rules, [fact], DAY - timedelta(1)).grade == "C"
    found = rate(rules, [fact], DAY)
    assert (found.grade, found.score, found.shares[0].left_out) == ("B", 80_000, LeftOut.REPAIRED)


def test_open_contests_count_or_are_left_out_as_the_rules_say(rules: RuleSet) -> None:
    fact = known("penalty", 3, contested=True)
    lenient = read_rule_set(changed(contested="left_out"))
    assert rate(rules, [fact], DAY).grade == "C"
    assert rate(lenient, [fact], DAY).grade == "B"


FACTS = st.lists(
    st.builds(
        Known,
        id=st.integers(1, 10**6),
        kind=st.sampled_from(rated_kinds()),
        occurred_on=st.dates(date(2019, 1, 1), date(2027, 12, 31)),
        quantity=st.integers(1, 2000),
        contested=st.booleans(),
        repaired_on=st.none() | st.dates(date(2020, 1, 1), date(2027, 12, 31)),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(parties=st.lists(FACTS.filter(bool), min_size=1, max_size=8), on=st.dates(date(2020, 1, 1), date(2027, 1, 1)),
       lenient=st.booleans())  # fmt: skip
def test_columns_give_the_same_bits(parties: list[list[Known]], on: date, lenient: bool) -> None:
    rules = read_rule_set(changed(contested="left_out" if lenient else "counts"))
    each = [columns_of(key, facts) for key, facts in enumerate(parties)]
    joined = FactColumns(
        *(np.concatenate([getattr(one, name) for one in each]) for name in FactColumns.__dataclass_fields__)
    )
    found = rate_columns(rules, joined, on)
    singly = [rate(rules, facts, on) for facts in parties]
    assert found.score.tolist() == [one.score for one in singly]
    assert [GRADES[place] for place in found.grade] == [one.grade for one in singly]
    assert found.facts.tolist() == [len(facts) for facts in parties]


@settings(max_examples=25, deadline=None)
@given(facts=FACTS)
def test_the_course_of_a_grade_is_that_of_each_day(facts: list[Known]) -> None:
    strict = read_rule_set(changed(start=60_000))
    versions = [InForce(date(2020, 1, 1), read_rule_set(default_rules())), InForce(DAY - timedelta(40), strict)]
    first = DAY - timedelta(90)
    found = dict(course(versions, facts, first, DAY))
    last = ""
    for number in range(91):
        day = first + timedelta(number)
        grade = rate(versions[day >= versions[1].first].rules, facts, day).grade
        assert (grade != last) == (day in found)
        last = grade


def test_what_would_change_a_grade(rules: RuleSet) -> None:
    facts = [known("penalty", 100, 1), known("complaint-upheld", 50, 2)]
    found = explain([InForce(date(2020, 1, 1), rules)], facts, DAY)
    assert found.rating.grade == "C"
    assert found.since == DAY - timedelta(100)
    day, grade = found.next_change or (DAY, "")
    assert (grade, rate(rules, facts, day).grade, rate(rules, facts, day - timedelta(1)).grade) == (grade, grade, "C")
    assert {(share.fact.id, better) for share, better in found.without} == {(1, "B")}
    for change in found.with_one_more:
        kind = next(code for code, one in fact_kinds().items() if one.label == change.what)
        assert rate(rules, [*facts, Known(9, kind, DAY)], DAY).grade == change.grade != "C"


def test_conditions_of_repair(rules: RuleSet) -> None:
    penalty = known("penalty", 400, 1)
    clean = repair_conditions(rules, penalty, [penalty, known("inspection-passed", 3, 2)], DAY)
    assert [condition.met for condition in clean] == [True, True, True]
    dirty = repair_conditions(rules, penalty, [penalty, known("complaint-upheld", 179, 2)], DAY)
    assert [condition.met for condition in dirty] == [True, False, True]
    assert not repair_conditions(rules, known("penalty", 364, 1), [], DAY)[0].met
    assert repair_conditions(rules, known("verification-overdue", 999), [], DAY) == ()


def broken(change: Any) -> bytes:
    content = json.loads(default_rules())
    change(content)
    return json.dumps(content, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c["facts"].pop("penalty"), "缺少 penalty（行政处罚）"),
        (lambda c: c["facts"].update(theft=c["facts"]["penalty"]), "没有事实种类 'theft'"),
        (lambda c: c["facts"].update({REPAIRED: c["facts"]["penalty"]}), REPAIRED),
        (lambda c: c["terms"]["检定"]["of"].append("守信") or c["terms"]["守信"]["of"].append("检定"), "成环"),
        (lambda c: c["terms"]["总分"]["of"].append("总分"), "成环"),
        (lambda c: c["terms"]["总分"]["of"].append("无此项"), "没有名为“无此项”"),
        (lambda c: c["terms"]["总分"]["of"].append("penalty"), "计入了 2 次"),
        (lambda c: c["terms"]["守信"]["of"].remove("rectified"), "没有计入任何分项"),
        (lambda c: c.update(result="没有"), "result：没有名为“没有”"),
        (lambda c: c["facts"]["penalty"].update(points=-1.5), "应为 -1000000 至 1000000 的整数"),
        (lambda c: c["facts"]["penalty"].update(points=True), "应为 -1000000 至 1000000 的整数"),
        (lambda c: c["facts"]["penalty"].update(half_life=0), "half_life：应为 1 至"),
        (lambda c: c["facts"]["penalty"].pop("ends"), "应恰有 points、most、half_life、ends"),
        (lambda c: c["grades"].reverse(), "grades：应依次为 A、B、C、D"),
        (lambda c: c["grades"][1].update(least=90_000), "依次减小"),
        (lambda c: c["grades"][3].update(least=1), "最后一级的 least 应为 null"),
        (lambda c: c["limits"][0].update(kind="nothing"), "没有事实种类 'nothing'"),
        (lambda c: c["limits"][0].update(best="E"), "best：应为 A、B、C、D 之一"),
        (lambda c: c.update(contested="maybe"), "contested：应为"),
        (lambda c: c.update(contested=[1]), "contested：应为"),
        (lambda c: c.pop("limits"), "没有“limits”"),
        (lambda c: c.update(more=1), "不认识“more”"),
        (lambda c: c.update(format=2), "format：应为 1"),
        (lambda c: c["terms"]["守信"].update(of="rectified"), "应列出"),
        (lambda c: c["terms"]["守信"].update(least=1, most=0), "大于 most"),
    ],
)  # fmt: skip
def test_a_wrong_rule_set_is_told_what_is_wrong(change: Any, told: str) -> None:
    with pytest.raises(RuleSetError) as error:
        read_rule_set(broken(change))
    assert told in str(error.value)


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b"{}", b'{"a":' + b"[" * 60 + b"]" * 60 + b"}", b"\xff"])
def test_what_is_no_rule_set_is_refused(data: bytes) -> None:
    with pytest.raises(RuleSetError):
        read_rule_set(data)


def test_a_change_of_one_point_moves_by_exactly_that(rules: RuleSet) -> None:
    other = read_rule_set(changed(start=80_001))
    facts = [known("complaint-upheld", 77), known("penalty", 33, 2)]
    assert Fraction(rate(other, facts, DAY).score - rate(rules, facts, DAY).score) == 1
