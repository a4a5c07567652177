"""The pictures of a region: lengths against shares counted here, and columns against months."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.platform.registry.instruments.counting import Standing
from yuejingzhun.portals.regulator.pictures import FULL, HEIGHT, bars, columns


def place(region: str, number: int, never: int = 0, overdue: int = 0, soon: int = 0) -> tuple[str, Standing]:
    return region, Standing(region, number, never, overdue, soon)


def test_the_worst_place_comes_first_and_all_are_on_one_scale() -> None:
    # Shares: 10 % overdue, 5 % never, 5 % soon; 1 % overdue; 2 % never and 38 % soon, the longest of all.
    first, second, third = bars(
        [place("440102", 100, 0, 1), place("440101", 200, 10, 20, 10), place("440103", 50, 1, 0, 19)]
    )
    assert [one.region for one in (first, second, third)] == ["440101", "440103", "440102"]
    assert (first.overdue, first.never, first.soon) == (25.0, 12.5, 12.5)
    assert (first.never_from, first.soon_from, first.percent) == (25.0, 37.5, "15.0")
    assert (second.overdue, second.never, second.soon, second.soon_from) == (0.0, 5.0, 95.0, 5.0)
    assert (third.overdue, third.percent) == (2.5, "1.0")
    assert first.text == "440101：在用 200，已超期 20，未检定 10，30 天内到期 10"


def test_where_all_is_well_no_bar_is_drawn() -> None:
    assert [(one.overdue, one.never, one.soon) for one in bars([place("440101", 5), place("440102", 7)])] == [
        (0, 0, 0)
    ] * 2
    assert bars([]) == ()


parts = st.tuples(*[st.integers(0, 10**6)] * 4).filter(sum)


@given(st.lists(parts, min_size=1, max_size=30))
def test_no_bar_is_longer_than_the_page_and_the_longest_fills_it(found: list[tuple[int, int, int, int]]) -> None:
    made = bars([place(str(440101 + n), sum(one), *one[:3]) for n, one in enumerate(found)])
    lengths = [one.overdue + one.never + one.soon for one in made]
    assert max(lengths) <= FULL + 0.02
    assert max(lengths) == pytest.approx(FULL if any(sum(one[:3]) for one in found) else 0, abs=0.02)
    assert all(one.soon_from == pytest.approx(one.overdue + one.never, abs=0.02) for one in made)


def test_the_largest_month_is_the_highest_column() -> None:
    picture = columns([(date(2026, 11, 1), 50), (date(2026, 12, 1), 200), (date(2027, 1, 1), 0)])
    assert picture is not None
    first, second, third = picture.columns
    assert (second.y, second.height) == (picture.top, picture.base - picture.top)
    assert first.height == second.height / 4 and third.height == 0
    assert [one.label for one in picture.columns] == ["26-11", "26-12", "27-01"]
    assert "最多的是 2026-12，200 台件" in picture.summary and second.text == "2026-12：200 台件"
    assert picture.base < HEIGHT
    assert columns([(date(2026, 11, 1), 0)]) is None and columns([]) is None
