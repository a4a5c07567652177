from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from published import FROM_MEMORY, Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.knapsack import choose

COST = [23, 31, 29, 44, 53, 38, 63, 85, 89, 82]
VALUE = [92, 57, 49, 68, 60, 43, 67, 84, 87, 72]


def test_published_knapsack(published: Published) -> None:
    found = choose(np.array(COST)[:, None], np.array(VALUE)[:, None], 165)
    source = f"J. Burkardt 的数据集 KNAPSACK_01，P01{FROM_MEMORY}"
    published("背包问题", source, "最优值", "309", found.value)
    assert (found.cost, found.bound, found.gap) == (165, 309, 0)


OPTIONS = st.lists(st.tuples(*[st.integers(0, 25)] * 4), min_size=1, max_size=5)


@given(OPTIONS, st.integers(0, 120))
def test_the_best_choice_lies_between_value_and_bound(items: list[tuple[int, int, int, int]], budget: int) -> None:
    rows = np.array(items)
    cost, value = rows[:, :2], rows[:, 2:]
    found = choose(cost, value, budget)
    worth = {
        sum(int(value[i, o - 1]) for i, o in enumerate(options) if o)
        for options in product(range(3), repeat=len(items))
        if sum(int(cost[i, o - 1]) for i, o in enumerate(options) if o) <= budget
    }
    assert found.cost <= budget
    assert found.value <= max(worth) <= found.bound
    assert found.value == sum(int(value[i, o - 1]) for i, o in enumerate(found.option) if o)
    # Short of the best by less than the one step that the budget breaks.
    assert found.bound - found.value <= value.max()


def test_money_that_pays_for_everything_buys_the_best_of_each() -> None:
    found = choose(np.array([[3, 9], [2, 4]]), np.array([[5, 6], [7, 7]]), 100)
    assert found.option.tolist() == [2, 1]
    assert (found.cost, found.value, found.gap) == (11, 13, 0)


def test_a_step_that_is_too_dear_lets_cheaper_ones_through() -> None:
    found = choose(np.array([[10], [90], [5]]), np.array([[100], [450], [20]]), 20)
    assert found.option.tolist() == [1, 0, 1]


def test_sums_past_the_floats_are_exact() -> None:
    cost = np.full((3, 1), 2**53 - 1)
    found = choose(cost, np.full((3, 1), 2**53), 3 * (2**53 - 1))
    assert (found.cost, found.value, found.gap) == (3 * (2**53 - 1), 3 * 2**53, 0)
    broken = choose(cost, np.full((3, 1), 2**53), 2 * (2**53 - 1) + 1)
    assert broken.bound == 2 * 2**53 + 1  # 1 x 2^53 / (2^53 - 1), rounded down


def test_nothing_to_choose_from() -> None:
    found = choose(np.zeros((0, 2), int), np.zeros((0, 2), int), 5)
    assert (found.cost, found.value, found.gap) == (0, 0, 0)
    assert choose(np.array([[4]]), np.array([[9]]), 0).option.tolist() == [0]


def test_bad_input_is_named() -> None:
    with pytest.raises(ArgumentError, match="cost：应为整数"):
        choose(np.array([[1.5]]), np.array([[1]]), 3)
    with pytest.raises(ArgumentError, match=r"value：应在 0 与 2\^53 之间，有 -1"):
        choose(np.array([[1]]), np.array([[-1]]), 3)
    with pytest.raises(ArgumentError, match="budget：应为不小于 0 的整数"):
        choose(np.array([[1]]), np.array([[1]]), -3)
    with pytest.raises(ArgumentError, match="同样的二维数组"):
        choose(np.array([[1, 2]]), np.array([[1]]), 3)


def test_a_later_step_may_lead_to_an_earlier_option() -> None:
    found = choose(np.array([[1, 0]]), np.array([[3, 1]]), 1)
    assert (found.option.tolist(), found.cost, found.value, found.gap) == ([1], 1, 3, 0)
