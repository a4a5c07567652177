"""What the wall compares: exact shares, shades and the order of the worst, against counts made here."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.platform.foundation.parties.divisions import Level, divisions
from yuejingzhun.portals.screen.measures import MEASURES, RANKED, SHADES, Place, compare, text_of
from yuejingzhun.portals.screen.shapes import outline

VALID, OVERDUE, FAILED, COMPLAINTS, CREDIT = MEASURES


def places() -> st.SearchStrategy[list[Place]]:
    def place(code: int, number: int, bad: int, grades: list[int]) -> Place:
        overdue = min(bad, number)
        return Place(
            f"{440000 + code}",
            f"地{code}",
            number,
            overdue,
            0,
            0,
            bad,
            bad // 2,
            dict(zip("ABCD", grades, strict=True)),
        )

    counts = st.integers(0, 10**7)
    one = st.tuples(counts, counts, st.lists(st.integers(0, 1000), min_size=4, max_size=4))
    return st.lists(one, max_size=25).map(lambda rows: [place(n, *row) for n, row in enumerate(rows)])


@given(places(), st.sampled_from(MEASURES))
def test_the_worst_comes_first_with_the_worst_shade_and_what_is_unknown_last(found, measure) -> None:
    comparison = compare(measure, found)
    assert sorted(one.place.code for one in comparison.shown) == [one.code for one in found]
    values = [measure.value(one.place) for one in comparison.shown]
    known = [value for value in values if value is not None]
    assert values[: len(known)] == known
    assert known == sorted(known, reverse=measure.high_is_bad)
    shades = [one.shade for one in comparison.shown[: len(known)]]
    assert shades == sorted(shades, reverse=True)
    if len(set(known)) > 1:
        assert (shades[0], shades[-1]) == (SHADES - 1, 0)
    assert all(0 <= one.share <= 1 for one in comparison.shown)
    assert len(comparison.ranked) == min(len(known), RANKED)
    assert all((one.text == "—") == (one.shade is None) for one in comparison.shown)


def test_shares_are_those_of_the_instruments() -> None:
    place = Place("440100", "广州市", 1000, 20, 5, 7, 3, 1, {"A": 1, "B": 2, "C": 3, "D": 4})
    assert [measure.value(place) for measure in MEASURES] == [Fraction("97.5"), 2, 3, 1, 70]
    nothing = Place("440200", "韶关市")
    assert [measure.value(nothing) for measure in MEASURES] == [None] * 5
    assert compare(VALID, [place, nothing]).of("440200").text == "—"
    assert compare(VALID, [place]).of("440300") is None


@pytest.mark.parametrize(
    ("measure", "value", "text"),
    [
        # One of a million is bad: a good share never reads as all, a bad one never as none.
        (VALID, Fraction(99_999_900, 1_000_000), "99.9 %"), (VALID, Fraction(100), "100.0 %"),
        (OVERDUE, Fraction(1, 10_000), "0.1 %"), (OVERDUE, Fraction(0), "0.0 %"), (OVERDUE, Fraction(25, 2), "12.5 %"),
        (FAILED, Fraction(12_345), "12,345 件"),
    ],
)  # fmt: skip
def test_percent_is_rounded_to_the_careful_side(measure, value, text) -> None:
    assert text_of(measure, value) == text


def test_where_all_are_alike_none_looks_worse() -> None:
    comparison = compare(OVERDUE, [Place("440100", "甲", 10, 1), Place("440200", "乙", 20, 2)])
    assert [one.shade for one in comparison.shown] == [0, 0]
    assert comparison.legend == ("10.0 %",)


def test_a_legend_names_the_range_of_each_shade_from_the_best() -> None:
    found = [Place("440100", "甲", 100, 0), Place("440200", "乙", 100, 50)]
    assert compare(OVERDUE, found).legend == ("0.0～10.0", "10.0～20.0", "20.0～30.0", "30.0～40.0", "40.0～50.0")
    assert compare(VALID, found).legend[0] == "90.0～100.0"


def test_the_map_has_every_city_of_the_province_once() -> None:
    cities = {code for code, one in divisions().items() if one.level is Level.CITY}
    shapes = outline().shapes
    assert len(shapes) == len(cities) == 21
    assert {shape.code for shape in shapes} == cities
    assert all(0 < shape.x < outline().width and 0 < shape.y < outline().height for shape in shapes)
    assert all(set(shape.path) <= set("MLZ 0123456789-") and shape.path.endswith("Z") for shape in shapes)
