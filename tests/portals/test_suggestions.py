"""What is suggested to look at: places that stand out by more than chance, and what waits, each with its reason."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_cases import Case, make_case, noted, recorded
from small_world import AT, TODAY, make_world
from yuejingzhun.platform.supervision.credit.services.contests import contest
from yuejingzhun.platform.supervision.credit.services.rounds import rate_all
from yuejingzhun.portals.regulator.suggestions import MOST, Counted, of_counts, standing_out, suggestions_for


@pytest.fixture
def case(db: None) -> Case:
    return make_case(make_world())


def place(name: str, number: int, behind: int) -> Counted:
    return Counted(name, f"/{name}", number, behind)


def test_a_place_stands_out_by_more_than_chance_only() -> None:
    # 2 of 10 is a fifth, but so few instruments prove nothing; 120 of 1,000 do, and 130 of 2,000 are many, too.
    found = standing_out([place("小", 10, 2), place("差", 1000, 120), place("好", 5000, 150), place("多", 2000, 130)])
    assert [one.name for one in found] == ["差"] or [one.name for one in found] == ["差", "多"]
    assert "小" not in {one.name for one in found}


def test_the_reason_names_the_counts_and_the_share_of_all() -> None:
    (one,) = of_counts([place("差", 1000, 120), place("好", 9000, 180)], "某市")
    assert one.title == "差：超期或未检偏多"
    assert one.why.startswith("1,000 台件中 120 台件（12.0 %），某市合计 3.0 %")


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=30))
def test_none_stands_out_below_the_share_of_all(rows) -> None:
    counted = [place(str(n), number, min(number, behind)) for n, (number, behind) in enumerate(rows)]
    found = standing_out(counted)
    assert len(found) <= MOST
    number, behind = sum(one.number for one in counted), sum(one.behind for one in counted)
    assert all(one.behind * number > behind * one.number for one in found)
    if len({(one.number, one.behind) for one in counted}) <= 1:
        assert not found


def test_a_party_of_the_worst_grade_is_suggested_to_its_regulators(case) -> None:
    for n in range(12):
        noted(case.party, "penalty", f"罚 {n}", 5)
    rate_all(AT)
    found = [one.title for one in suggestions_for(case.regulator, "440100", TODAY)]
    assert found == [f"{case.party.name}：信用 D 级"]
    assert not list(suggestions_for(case.regulator, "440103", TODAY))


def test_what_waits_for_a_decision_says_how_long(case) -> None:
    fact = recorded(case)
    contest(case.clerk, fact.pk, "不是我们的", AT - timedelta(5))
    (one,) = suggestions_for(case.regulator, "440100", TODAY)
    assert (one.title, one.why) == ("信用异议待决定：1 件", "最早的已等 5 天")
    assert not [one for one in suggestions_for(case.regulator, "440103", TODAY) if "异议" in one.title]
