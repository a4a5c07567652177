"""The best use of a budget, in whole units of money: one of several options for each item, and how far from the best.

Steps from option to option, each worth less for its price than the one before, are taken in the order of value by
price: the bound of the continuous problem is reached but for the last step (Sinha & Zoltners 1979, Oper. Res. 27 503).
All sums are exact; floats only decide the order, so that rounding can cost a little value but never the truth of the
bound, which holds for any price of money (Lagrange; Kellerer, Pferschy & Pisinger, Knapsack Problems, 2004, 11).
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError

Whole = NDArray[np.int64]
LARGEST = 2**53  # exact as a float, too
FILLINGS = 200  # steps that may be added behind the first that is too dear


@dataclass(frozen=True, slots=True)
class Choice:
    """`option` of each item: 0 for none. No choice within the budget is worth more than `bound`."""

    option: Whole
    cost: int
    value: int
    bound: int

    @property
    def gap(self) -> Fraction:
        """Largest share of the best value that may be missing."""
        return Fraction(self.bound - self.value, self.bound) if self.bound else Fraction(0)


def choose(cost: ArrayLike, value: ArrayLike, budget: int) -> Choice:
    """`cost` and `value` (items x options), whole and not negative; option 0, nothing, is added.

    Raises ArgumentError for anything else, or for numbers past 2^53.
    """
    costs, values = _whole("cost", cost), _whole("value", value)
    limit = _budget(budget)
    if costs.shape != values.shape or costs.ndim != 2:
        raise ArgumentError("cost、value", f"应为同样的二维数组，形状为 {costs.shape}、{values.shape}")
    item, before, after, price, gain = _steps(costs, values)
    with np.errstate(divide="ignore"):
        ratio = gain / price
    # Stable, so that of an item's steps with one ratio the first comes first.
    order = np.argsort(-ratio, kind="stable")
    item, before, after, price, gain = (each[order] for each in (item, before, after, price, gain))
    spent = _cumulative(price)
    taken = int(np.searchsorted(spent, limit, side="right"))
    option = np.zeros(costs.shape[0], dtype=np.int64)
    # Steps of one item follow each other, as their ratios fall; the last assignment holds.
    option[item[:taken]] = after[:taken]
    left = limit - (int(spent[taken - 1]) if taken else 0)
    _fill(option, left, item[taken:], before[taken:], after[taken:], price[taken:])
    rows = np.flatnonzero(option)
    total_cost = exact_sum(costs[rows, option[rows] - 1])
    total_value = exact_sum(values[rows, option[rows] - 1])
    bound = exact_sum(gain)
    if taken < item.size:
        bound = _bound(costs, values, limit, int(gain[taken]), int(price[taken]))
    return Choice(option, total_cost, total_value, max(bound, total_value))


def _budget(budget: int) -> int:
    """Checked as an integer: a float would lose the last digits of large sums."""
    if not isinstance(budget, int) or budget < 0:
        raise ArgumentError("budget", f"应为不小于 0 的整数，为 {budget!r}")
    return budget


def _whole(name: str, numbers: ArrayLike) -> Whole:
    array = np.asarray(numbers)
    if not np.issubdtype(array.dtype, np.integer):
        raise ArgumentError(name, f"应为整数，类型为 {array.dtype}")
    if array.size and (int(array.min()) < 0 or int(array.max()) > LARGEST):
        raise ArgumentError(name, f"应在 0 与 2^53 之间，有 {array.min()}、{array.max()}")
    return array.astype(np.int64, copy=False)


def _steps(costs: Whole, values: Whole) -> tuple[Whole, Whole, Whole, Whole, Whole]:
    """Item, option before, option after, price and gain of each step along the upper hull of every item's options."""
    items, options = costs.shape
    at = np.zeros(items, dtype=np.int64)
    rows = np.arange(items)
    all_costs = np.concatenate([np.zeros((items, 1), dtype=np.int64), costs], axis=1)
    all_values = np.concatenate([np.zeros((items, 1), dtype=np.int64), values], axis=1)
    found = []
    for _ in range(options):
        price = all_costs - all_costs[rows, at][:, None]
        gain = all_values - all_values[rows, at][:, None]
        useful = (gain > 0) & (price >= 0)
        slope = np.where(useful, gain / np.where(price > 0, price, 1e-9), -1.0)
        # Of equally steep ones the farthest, so that none of them is left behind as a step of its own.
        steepest = slope.max(axis=1, initial=-1.0)
        best = np.where(slope >= steepest[:, None] * (1 - 1e-12), all_costs, -1).argmax(axis=1)
        moves = np.flatnonzero(steepest > 0)
        if not moves.size:
            break
        to = best[moves]
        found.append((moves, at[moves], to, price[moves, to], gain[moves, to]))
        at[moves] = to
    columns = zip(*found, strict=True) if found else [[np.zeros(0, dtype=np.int64)]] * 5
    item, before, after, price, gain = (np.concatenate(list(column)).astype(np.int64) for column in columns)
    return item, before, after, price, gain


def _fill(option: Whole, left: int, item: Whole, before: Whole, after: Whole, price: Whole) -> None:
    """With what is left, the next steps in order that it pays for and that begin where the item is."""
    place = 0
    for _ in range(FILLINGS):
        can = (price[place:] <= left) & (option[item[place:]] == before[place:])
        next_one = int(can.argmax()) if can.size else 0
        if not can.size or not can[next_one]:
            return
        place += next_one
        option[item[place]] = after[place]
        left -= int(price[place])
        place += 1


def _bound(costs: Whole, values: Whole, budget: int, gain: int, price: int) -> int:
    """Budget x gain / price + sum of the best of value - cost x gain / price: an upper bound, in exact integers."""
    best = np.zeros(costs.shape[0], dtype=object if _may_overflow(costs, values, gain, price) else np.int64)
    for j in range(costs.shape[1]):
        c, v = costs[:, j].astype(best.dtype), values[:, j].astype(best.dtype)
        best = np.maximum(best, v * price - c * gain)
    return (budget * gain + exact_sum(best)) // price


def _may_overflow(costs: Whole, values: Whole, gain: int, price: int) -> bool:
    return int(values.max(initial=0)) * price + int(costs.max(initial=0)) * gain >= 2**62


def exact_sum(numbers: NDArray[np.int64] | NDArray[np.object_]) -> int:
    """Exact whatever the size: blocks of high and low halves, none of which can overflow."""
    if numbers.dtype == object:
        return int(sum(numbers.tolist()))
    high, low = numbers >> 31, numbers & (2**31 - 1)
    return (int(high.sum()) << 31) + int(low.sum())


def _cumulative(price: Whole) -> Whole:
    if exact_sum(price) >= 2**63:
        raise ArgumentError("cost", "合计过大：请用较大的货币单位")
    return np.cumsum(price)
