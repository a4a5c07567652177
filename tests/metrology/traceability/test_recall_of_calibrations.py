"""The kernel against a plain recursive definition on random small graphs, and a case reckoned by hand."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.traceability.chain import chain
from yuejingzhun.metrology.traceability.graph import (
    Calibrations,
    calibrated_by,
    calibrations,
    compacted,
    extended,
    replaced_on,
)
from yuejingzhun.metrology.traceability.part import FOREVER, Part
from yuejingzhun.metrology.traceability.recall import affected_periods, reached

Link = tuple[int, int, int, int, float]  # lower, upper, day, strand, factor
FACTORS = (1.0, -2.0, 0.5)
links_of_a_graph = st.lists(
    st.tuples(st.integers(1, 6), st.integers(0, 5), st.integers(0, 9), st.integers(0, 1), st.sampled_from(FACTORS))
    .map(lambda link: (link[0], link[1] % link[0], *link[2:])),  # an upper is always of a lower number: no cycle
    max_size=14,
)  # fmt: skip
declared = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(1, 8)), min_size=1, max_size=3)


def columns_of(links: list[Link]) -> list[np.ndarray]:
    lower, upper, on, strand, factor = zip(*links, strict=True) if links else ((),) * 5
    return [*(np.array(column, int) for column in (lower, upper, on, strand)), np.array(factor, float)]


def graph_of(links: list[Link], *cuts: int) -> Calibrations:
    """The graph in as many parts as the cuts make of it."""
    bounds = sorted(min(cut, len(links)) for cut in (0, *cuts, len(links)))
    graph = calibrations(*columns_of(links[: bounds[1]]))
    for begin, end in pairwise(bounds[1:]):
        graph = extended(graph, *columns_of(links[begin:end]))
    return graph


def numbers(graph: Calibrations, places: np.ndarray) -> list[int]:
    return graph.at(places, "number").tolist()


def by_number(graph: Calibrations, places: np.ndarray, values: np.ndarray) -> list:
    """Values at ascending places, in the order in which the links were given."""
    return [value for _, value in sorted(zip(numbers(graph, places), values.tolist(), strict=True))]


def replaced(links: list[Link], j: int) -> int:
    lower, _, on, strand, _ = links[j]
    return min((k[2] for k in links if k[0] == lower and k[3] == strand and k[2] > on), default=FOREVER)


def behind(links: list[Link], k: int) -> list[int]:
    """The links whose calibration of the upper of k held when k was made."""
    return [j for j, link in enumerate(links) if link[0] == links[k][1] and link[2] <= links[k][2] < replaced(links, j)]


def is_affected(links: list[Link], k: int, sources: list[tuple[int, int, int]]) -> bool:
    declared_wrong = any(v == links[k][1] and begin <= links[k][2] < end for v, begin, end in sources)
    return declared_wrong or any(is_affected(links, j, sources) for j in behind(links, k))


def error_of(links: list[Link], k: int, sources: list[tuple[int, int, int]], errors: list[float]) -> float:
    own = [e for (v, begin, end), e in zip(sources, errors, strict=True) if v == links[k][1]
           and begin <= links[k][2] < end]  # fmt: skip
    inherited = [error_of(links, j, sources, errors) for j in behind(links, k)]
    return links[k][4] * (sum(own) + sum(inherited))


cuts = st.lists(st.integers(0, 14), max_size=2)


@given(links_of_a_graph, declared, cuts)
def test_the_plain_definition_in_however_many_parts(links: list[Link], found, where: list[int]) -> None:
    sources = [(v, begin, begin + length) for v, begin, length in found]
    errors = [0.25 * (position + 1) for position in range(len(sources))]
    v, begin, end = (np.array(column) for column in zip(*sources, strict=True))
    graph = graph_of(links, *where)
    got = reached(graph, v, begin, end, errors)
    expected = [k for k in range(len(links)) if is_affected(links, k, sources)]
    assert got.places.tolist() == sorted(set(got.places.tolist()))
    assert sorted(numbers(graph, got.places)) == expected
    assert by_number(graph, got.places, got.error) == pytest.approx(
        [error_of(links, k, sources, errors) for k in expected]
    )


@given(links_of_a_graph, cuts)
def test_a_graph_that_grew_is_the_graph_made_at_once(links: list[Link], where: list[int]) -> None:
    at_once, grown = graph_of(links), graph_of(links, *where)
    for name in set(Part.__slots__) - {"by_lower"}:  # of links of one calibration any order will do
        assert np.array_equal(
            getattr(compacted(grown).parts[0], name), getattr(at_once.parts[0], name), equal_nan=True
        ), name
    every = np.arange(grown.links)
    assert by_number(grown, every, replaced_on(grown, every)) == [replaced(links, j) for j in range(grown.links)]
    for item in range(7):
        own = calibrated_by(grown, item)
        assert sorted(numbers(grown, own)) == [k for k, link in enumerate(links) if link[0] == item]


@given(links_of_a_graph, declared)
def test_an_item_is_affected_on_exactly_the_days_of_its_affected_calibrations(links, found) -> None:
    v, begin, length = (np.array(column) for column in zip(*found, strict=True))
    graph = graph_of(links)
    got = reached(graph, v, begin, begin + length)
    periods = affected_periods(graph, got.places)
    reached_links = numbers(graph, got.places)
    for item in range(7):
        mine = periods.item == item
        spans = list(zip(periods.begin[mine], periods.end[mine], strict=True))
        days = {day for day in range(12) if any(b <= day < e for b, e in spans)}
        expected = {
            day for day in range(12) for k in reached_links
            if links[k][0] == item and links[k][2] <= day < replaced(links, k)
        }  # fmt: skip
        assert days == expected
        assert all(e < b for (_, e), (b, _) in pairwise(spans)), "touching periods are one"


@given(links_of_a_graph, st.integers(0, 6), st.integers(0, 9))
def test_the_chain_is_what_a_recall_would_follow_down(links: list[Link], item: int, day: int) -> None:
    held = [j for j, link in enumerate(links) if link[0] == item and link[2] <= day < replaced(links, j)]
    expected: dict[int, int] = {}
    level, front = 1, held
    while front:
        for j in front:
            expected.setdefault(j, level)
        level, front = level + 1, [j for k in front for j in behind(links, k)]
    graph = graph_of(links, 7)
    got = chain(graph, item, day)
    number = graph.at(np.arange(graph.links), "number")
    assert dict(zip(number[got.links].tolist(), got.level.tolist(), strict=True)) == expected
    uppers = [links[k] for k in expected if not behind(links, k)]
    assert set(got.roots.tolist()) == ({link[1] for link in uppers} if held else {item})


NATIONAL, CITY, WORKING, OTHER, METER, SECOND = range(6)
CASE: list[Link] = [
    (CITY, NATIONAL, 10, 0, 1.0),  # 0
    (WORKING, CITY, 20, 0, 1.0),  # 1: before the city's standard went wrong
    (METER, WORKING, 25, 0, 2.0),  # 2: still right
    (WORKING, CITY, 40, 0, 0.5),  # 3: affected
    (METER, WORKING, 45, 0, 2.0),  # 4: affected
    (WORKING, OTHER, 60, 0, 1.0),  # 5: cured by another standard
    (METER, WORKING, 65, 0, 2.0),  # 6: right again
    (SECOND, WORKING, 59, 0, 1.0),  # 7: the last day before
    (SECOND, WORKING, 60, 0, 1.0),  # 8: the day of the cure
]


def test_a_case_by_hand() -> None:
    graph = graph_of(CASE)
    got = reached(graph, CITY, 30, error=0.1)
    assert sorted(numbers(graph, got.places)) == [3, 4, 7]
    assert by_number(graph, got.places, got.error) == pytest.approx([0.05, 0.1, 0.05])
    assert got.levels == 2
    periods = affected_periods(graph, got.places)
    assert list(zip(periods.item.tolist(), periods.begin.tolist(), periods.end.tolist(), strict=True)) == [
        (WORKING, 40, 60),
        (METER, 45, 65),
        (SECOND, 59, 60),
    ]
    assert reached(graph, CITY, 30, 40).places.tolist() == []
    assert sorted(numbers(graph, reached(graph, NATIONAL, 0).places)) == [0, 1, 2, 3, 4, 7]
    assert np.isnan(reached(graph, CITY, 30).error).all()
    assert reached(graph, 2**31 - 1, 0).places.tolist() == [], "an item with which nothing was made"
    assert reached(calibrations([], [], []), CITY, 0).levels == 0


def test_a_new_calibration_of_another_part_cures_nothing() -> None:
    links = [(1, 0, 10, 0, 1.0), (1, 3, 20, 1, 1.0), (2, 1, 30, 0, 1.0)]
    graph = graph_of(links)
    assert sorted(numbers(graph, reached(graph, 0, 5, 15).places)) == [0, 2]
    same_part = graph_of([(1, 0, 10, 0, 1.0), (1, 3, 20, 0, 1.0), (2, 1, 30, 0, 1.0)])
    assert numbers(same_part, reached(same_part, 0, 5, 15).places) == [0]


def test_one_error_that_arrives_by_two_ways_of_unlike_length_adds_with_its_sign() -> None:
    links = [(1, 0, 1, 0, 1.0), (2, 1, 2, 0, -3.0), (3, 0, 3, 0, 1.0), (3, 2, 3, 0, 1.0), (4, 3, 4, 0, 1.0)]
    graph = graph_of(links)
    got = reached(graph, 0, 0, error=1.0)
    assert by_number(graph, got.places, got.error) == [1.0, -3.0, 1.0, -3.0, -2.0]


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"lower": [2**31]}, "lower"),
        ({"upper": [-1]}, "upper"),
        ({"lower": [1], "upper": [1]}, "lower"),
        ({"on": [2**19]}, "on"),
        ({"on": [1.5]}, "on"),
        ({"on": [1, 2]}, "on"),
        ({"strand": [4096]}, "strand"),
        ({"factor": [np.inf]}, "factor"),
        ({"mpe": [1.0, 2.0]}, "mpe"),
        ({"weight": [1.0]}, "weight"),
    ],
)
def test_what_is_no_graph(change: dict[str, list[float]], argument: str) -> None:
    with pytest.raises(ArgumentError) as error:
        calibrations(**({"lower": [1], "upper": [0], "on": [5]} | change))
    assert error.value.argument == argument


def test_what_is_no_recall() -> None:
    graph = graph_of(CASE)
    with pytest.raises(ArgumentError, match="sources"):
        reached(graph, -1, 0)
    with pytest.raises(ArgumentError, match="to_day"):
        reached(graph, 1, 5, 5)
    with pytest.raises(ArgumentError, match="item"):
        chain(graph, 2**31)


def test_a_cycle_on_one_day_is_refused_and_not_followed_for_ever() -> None:
    graph = graph_of([(1, 0, 5, 0, 1.0), (2, 1, 5, 0, 1.0), (1, 2, 5, 0, 1.0)])
    with pytest.raises(ArgumentError, match="环"):
        reached(graph, 0, 0, error=1.0)
    with pytest.raises(ArgumentError, match="环"):
        chain(graph, 2)
