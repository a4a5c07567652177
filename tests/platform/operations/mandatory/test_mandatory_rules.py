"""The way of an application, as decisions alone."""

import pytest

from yuejingzhun.platform.operations.mandatory.rules import (
    NEXT,
    OPEN,
    Act,
    Happened,
    State,
    Step,
    acts,
    refusal,
    refusal_to_return,
    step,
)

RANK = list(State)


def test_nothing_moves_backwards_and_ends_are_ends() -> None:
    for (state, _), after in NEXT.items():
        assert RANK.index(after) >= RANK.index(state)
    assert {state for state in State if not acts(state)} == set(State) - OPEN


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", Act)
def test_what_is_not_foreseen_is_refused_by_name(state: State, act: Act) -> None:
    problem = refusal(state, act, "收发庚")
    assert (problem is None) == ((state, act) in NEXT)
    if problem:
        assert state.value in problem and act.value in problem and "收发庚" in problem


def test_every_state_can_be_reached() -> None:
    reached, more = {State.SUBMITTED}, {State.SUBMITTED}
    while more:
        more = {after for (state, _), after in NEXT.items() if state in reached} - reached
        reached |= more
    assert reached == set(State)


def test_steps_follow_what_happened() -> None:
    told = [Happened(False, False, False, False)]
    told += [Happened(True, False, False, False), Happened(True, True, False, False), Happened(True, True, True, False)]
    told += [Happened(True, True, True, True), Happened(True, False, False, False, dropped=True)]
    assert [step(one) for one in told] == list(Step)
    assert [refusal_to_return(one) is None for one in told] == [False, False, True, True, False, False]
