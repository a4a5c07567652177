"""Registers on arrays: rollovers unrolled, falls set aside, against definitions and by hand."""

from itertools import combinations, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.telemetry.registers import set_aside, unroll, usual_capacity

CAPACITY = 10_000_000  # 99999.99 kWh and one step


def present(rows: np.ndarray) -> np.ndarray:
    return np.ones(rows.shape, dtype=bool)


def test_a_rollover_is_unrolled_and_marked_where_the_capacity_was_added() -> None:
    rows = np.array([[9_999_980, 9_999_995, 4, 20, 20]])
    steps, rolled = unroll(rows, present(rows), np.array([CAPACITY]))
    assert steps.tolist() == [[9_999_980, 9_999_995, 10_000_004, 10_000_020, 10_000_020]]
    assert rolled.tolist() == [[False, False, True, True, True]]


def test_a_rollover_is_seen_across_points_that_are_missing() -> None:
    rows = np.array([[9_999_980, 0, 0, 20]])
    here = np.array([[True, False, False, True]])
    steps, rolled = unroll(rows, here, np.array([CAPACITY]))
    assert steps[0, [0, 3]].tolist() == [9_999_980, 10_000_020]
    assert rolled.tolist() == [[False, False, False, True]]


def test_a_glitch_near_the_end_of_the_register_is_no_rollover() -> None:
    rows = np.array([[9_999_980, 3, 9_999_985, 9_999_990]])
    steps, rolled = unroll(rows, present(rows), np.array([CAPACITY]))
    assert np.array_equal(steps, rows)
    assert not rolled.any()


def test_a_fall_elsewhere_or_with_unknown_capacity_is_no_rollover() -> None:
    rows = np.array([[5_000_000, 4, 20], [9_999_980, 4, 20]])
    steps, rolled = unroll(rows, present(rows), np.array([CAPACITY, 0]))
    assert np.array_equal(steps, rows)
    assert not rolled.any()


@given(
    st.integers(0, CAPACITY - 1),
    st.lists(st.integers(0, 5_000), min_size=1, max_size=96),
)
def test_unrolling_restores_what_the_capacity_took_away(start: int, energy: list[int]) -> None:
    truth = (start + np.cumsum([0, *energy]))[None, :]
    steps, rolled = unroll(truth % CAPACITY, present(truth), np.array([CAPACITY]))
    if truth.max() - truth.min() <= CAPACITY // 200:  # within what counts as near the end, before and after
        assert np.array_equal(steps, truth)
        assert np.array_equal(rolled, truth >= CAPACITY)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=8))
def test_the_fewest_points_are_set_aside(values: list[int]) -> None:
    rows = np.array([values])
    aside = set_aside(rows, present(rows))[0]
    assert np.all(np.diff(rows[0][~aside]) >= 0)
    longest = max(
        size
        for size in range(1, len(values) + 1)
        if any(all(a <= b for a, b in pairwise(kept)) for kept in combinations(values, size))
    )
    assert int(aside.sum()) == len(values) - longest


def test_absent_points_are_neither_kept_nor_set_aside() -> None:
    rows = np.array([[10, 0, 11, 9, 12]])
    here = np.array([[True, False, True, True, True]])
    assert set_aside(rows, here).tolist() == [[False, False, False, True, False]]


def test_the_usual_capacity_is_five_or_six_digits_of_a_kilowatt_hour() -> None:
    largest = np.array([9_999_999, 10_000_000, 99_999_999, 100_000_000])
    assert usual_capacity(largest, np.full(4, -2)).tolist() == [10**7, 10**8, 10**8, 0]
    assert usual_capacity(np.array([1]), np.array([-4])).tolist() == [10**9]
