"""Every step from every state, who presides, terms, and each predicate of validity."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.platform.registry.standards.rules import (
    MOVES,
    Act,
    Kind,
    Level,
    Standing,
    State,
    is_due_for_renewal,
    months_later,
    presiding_region,
    refusal_of_correction_term,
    refusal_to_apply,
    refusal_to_move,
    supervising_region,
    term_of,
    years_later,
)
from yuejingzhun.platform.registry.standards.validity import (
    Device,
    Evidence,
    Predicate,
    Term,
    Yearly,
    failing,
    warnings,
)

ON = date(2026, 11, 24)
ALLOWED = {
    ("SUBMITTED", "RETURN"),
    ("SUBMITTED", "ACCEPT"),
    ("SUBMITTED", "WITHDRAW"),
    ("ACCEPTED", "WITHDRAW"),
    ("ACCEPTED", "PASS"),
    ("ACCEPTED", "REQUIRE"),
    ("ACCEPTED", "FAIL"),
    ("CORRECTING", "CORRECT"),
    ("CORRECTED", "PASS"),
    ("CORRECTED", "REQUIRE"),
    ("CORRECTED", "FAIL"),
    ("PASSED", "APPROVE"),
    ("PASSED", "REFUSE"),
    ("FAILED", "REFUSE"),
}


@pytest.mark.parametrize(("state", "act"), list(product(State, Act)))
def test_each_step_is_possible_from_its_states_only(state: State, act: Act) -> None:
    by = 1 if act in {Act.PASS, Act.REQUIRE, Act.FAIL} else 9
    standing = Standing(state, frozenset({1}), correct_by=ON)
    refusal = refusal_to_move(standing, act, by, ON)
    assert (refusal is None) == ((state.name, act.name) in ALLOWED)
    if refusal and (state, act) != (State.CORRECTING, Act.FAIL):
        assert state.value in refusal


@pytest.mark.parametrize(
    ("standing", "act", "by", "on", "says"),
    [
        (Standing(State.ACCEPTED, frozenset({1})), Act.PASS, 2, ON, "只有指定的考评员"),
        (Standing(State.PASSED, frozenset({1})), Act.APPROVE, 1, ON, "不能审批自己考评"),
        (Standing(State.FAILED, frozenset({1})), Act.REFUSE, 1, ON, "不能审批自己考评"),
        (Standing(State.ACCEPTED, frozenset({1}), figures_hold=False), Act.PASS, 1, ON, "不能评为合格"),
        (Standing(State.CORRECTING, frozenset({1}), ON), Act.CORRECT, 2, ON + timedelta(1), "已过，不能提交"),
        (Standing(State.CORRECTING, frozenset({1}), ON), Act.FAIL, 1, ON, "未到，不能评为不合格"),
    ],
)
def test_a_refusal_says_why(standing, act, by, on, says) -> None:
    assert says in refusal_to_move(standing, act, by, on)


def test_who_did_not_correct_in_time_can_be_failed() -> None:
    standing = Standing(State.CORRECTING, frozenset({1}), ON)
    assert refusal_to_move(standing, Act.FAIL, 1, ON + timedelta(1)) is None
    assert refusal_to_move(standing, Act.CORRECT, 2, ON) is None


def test_a_term_for_corrections_lies_ahead_and_within_three_months() -> None:
    assert refusal_of_correction_term(ON, ON)
    assert refusal_of_correction_term(ON + timedelta(93), ON)
    assert refusal_of_correction_term(ON + timedelta(92), ON) is None


@pytest.mark.parametrize(
    ("level", "region", "presides"),
    [
        (Level.PUBLIC_HIGHEST, "440106", "440100"),
        (Level.PUBLIC_HIGHEST, "440100", "440000"),
        (Level.PUBLIC_HIGHEST, "441900", "440000"),
        (Level.PUBLIC_HIGHEST, "440000", None),
        (Level.PUBLIC_OTHER, "440100", "440100"),
        (Level.ENTERPRISE_HIGHEST, "440106", "440106"),
        (Level.SECTOR_HIGHEST, "440000", "440000"),
        (Level.PRIMARY, "440100", None),
        (Level.NATIONAL, "440100", None),
    ],
)
def test_highest_public_standards_are_assessed_one_level_up(level, region, presides) -> None:
    assert presiding_region(level, region) == presides
    assert supervising_region(level, region) == (presides or "440000")


def test_what_cannot_be_applied_for() -> None:
    day = timedelta(1)
    assert "不需要考核" in refusal_to_apply(Kind.NEW, Level.INNER_OTHER, "440100", None, ON)
    assert "国家市场监督管理总局" in refusal_to_apply(Kind.NEW, Level.PUBLIC_HIGHEST, "440000", None, ON)
    assert "应申请复查或变更" in refusal_to_apply(Kind.NEW, Level.PUBLIC_OTHER, "440100", ON, ON)
    assert refusal_to_apply(Kind.NEW, Level.PUBLIC_OTHER, "440100", ON - day, ON) is None
    for kind in (Kind.RENEWAL, Kind.CHANGE):
        assert "须指明" in refusal_to_apply(kind, Level.PUBLIC_OTHER, "440100", None, ON)
        assert "应按新建" in refusal_to_apply(kind, Level.PUBLIC_OTHER, "440100", ON - day, ON)
        assert refusal_to_apply(kind, Level.PUBLIC_OTHER, "440100", ON, ON) is None


def test_terms_last_five_years_and_join_without_a_gap() -> None:
    assert term_of(Kind.NEW, None, ON) == (ON, date(2031, 11, 23))
    assert term_of(Kind.RENEWAL, date(2027, 3, 31), ON) == (date(2027, 4, 1), date(2032, 3, 31))
    assert term_of(Kind.RENEWAL, date(2026, 1, 1), ON) == (ON, date(2031, 11, 23))
    assert term_of(Kind.CHANGE, date(2027, 3, 31), ON) == (ON, date(2027, 3, 31))


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-60, 60))
def test_months_later_keeps_the_day_or_takes_the_months_last(day: date, months: int) -> None:
    found = months_later(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found.day < day.day and (found + timedelta(1)).day == 1)


def test_months_and_years_at_the_ends_of_months() -> None:
    assert months_later(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_later(date(2026, 12, 31), -6) == date(2026, 6, 30)
    assert years_later(date(2024, 2, 29), 5) == date(2029, 2, 28)
    assert is_due_for_renewal(date(2027, 5, 23), ON)
    assert not is_due_for_renewal(date(2027, 5, 24), ON)


NEW = Evidence(held_until=None, terms=(Term(ON, years_later(ON, 5) - timedelta(1)),))


def failed(evidence: Evidence, on: date) -> set[Predicate]:
    return {each.predicate for each in failing(evidence, on)}


def warned(evidence: Evidence, on: date) -> set[Predicate]:
    return {each.predicate for each in warnings(evidence, on)}


def test_a_standard_older_than_the_register_is_judged_by_its_term_alone() -> None:
    old = Evidence(held_until=date(2028, 1, 31))
    assert failed(old, ON) == set()
    assert warned(old, ON) == {Predicate.REPEATABILITY, Predicate.STABILITY}
    assert failed(old, date(2028, 1, 31)) == set()
    assert failed(old, date(2028, 2, 1)) == {Predicate.TERM}


def test_the_yearly_records_are_wanted_from_a_year_after_the_certificate() -> None:
    assert failed(NEW, ON) == set()
    assert failed(NEW, years_later(ON, 1)) == set()
    day_after = years_later(ON, 1) + timedelta(1)
    assert failed(NEW, day_after) == {Predicate.REPEATABILITY, Predicate.STABILITY}
    assert failed(NEW, ON - timedelta(1)) == {Predicate.TERM}


def test_a_record_holds_a_year_and_a_failed_one_not_at_all() -> None:
    later = years_later(ON, 2)
    done = {"repeatability": Yearly(later, True), "stability": Yearly(later, None)}
    kept = Evidence(NEW.held_until, NEW.terms, **done)
    assert failed(kept, later) == set() and failed(kept, years_later(later, 1)) == set()
    assert failed(kept, years_later(later, 1) + timedelta(1)) == {Predicate.REPEATABILITY, Predicate.STABILITY}
    bad = Evidence(NEW.held_until, NEW.terms, repeatability=Yearly(ON, False), stability=Yearly(ON, False))
    assert failed(bad, ON) == {Predicate.REPEATABILITY, Predicate.STABILITY}
    begun = Evidence(date(2030, 1, 1), repeatability=Yearly(date(2025, 1, 1), True), stability_exempt=True)
    assert failed(begun, ON) == {Predicate.REPEATABILITY}


def test_each_other_predicate_fails_by_itself() -> None:
    main, minor = Device("标准表", True, ON - timedelta(1)), Device("功率源", False, ON - timedelta(1))
    cases = {
        Predicate.MAIN_INSTRUMENT: {"devices": (main,)},
        Predicate.AUXILIARY: {"devices": (minor,)},
        Predicate.MATERIAL: {"materials_missing": ("GBW13101",)},
        Predicate.NOT_SUSPENDED: {"interruption": "自 2026-01-01 起已撤销：x"},
    }
    for predicate, change in cases.items():
        assert failed(Evidence(NEW.held_until, NEW.terms, **change), ON) == {predicate}
    soon = Evidence(NEW.held_until, NEW.terms, devices=(Device("标准表", True, ON),), contested=True)
    assert failed(soon, ON) == set()
    assert {Predicate.MAIN_INSTRUMENT, Predicate.TERM} <= warned(soon, ON)


def test_a_term_before_those_on_record_holds_until_its_end() -> None:
    renewed = Evidence(date(2027, 3, 31), (Term(date(2027, 4, 1), date(2032, 3, 31)),))
    assert failed(renewed, ON) == set()
    gap = Evidence(date(2026, 12, 31), (Term(date(2027, 4, 1), date(2032, 3, 31)),))
    assert failed(gap, date(2027, 1, 1)) == {Predicate.TERM}
    assert "2032-03-31" in failing(gap, date(2032, 4, 1))[0].text


def test_the_moves_lead_somewhere_and_no_state_is_stuck() -> None:
    reached = {after for _, after in MOVES.values()}
    assert reached | {State.SUBMITTED} == set(State)
