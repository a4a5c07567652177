"""Calibrations as arrays: who was calibrated with whom, on which day, and what replaces what.

A link says that the item `lower` was calibrated or verified with the item `upper` on the day `on`. Items are numbered
from 0, days are counted from any fixed day (1970-01-01 in the platform). The `strand` tells apart what an item consists
of: a measurement standard made of a weight set and a thermometer has two strands, and a new calibration of the
thermometer doesn't replace that of the weights. All links of one item, strand and day are one calibration, made with
several uppers.

A calibration holds from its day on until, exclusive, the next day on which the same strand was calibrated again; with
no such day it holds for ever. A day is the smallest unit: on the day of a new calibration the item counts as newly
calibrated.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats

Ints = NDArray[np.int32]
Positions = NDArray[np.int64]
Flags = NDArray[np.bool_]

# One sort key of 63 bits: item, strand, day.
ITEM_BITS, STRAND_BITS, DAY_BITS = 31, 12, 20
FIRST_DAY, LAST_DAY = -(2 ** (DAY_BITS - 1)), 2 ** (DAY_BITS - 1) - 1
FOREVER = LAST_DAY + 1
"""The day that never comes: the end of what nothing has replaced."""


@dataclass(frozen=True, slots=True)
class Calibrations:
    """m links between n items: five columns (m,) in the order given, and two orders of them in compressed rows.

    `by_upper[upper_start[v]:upper_start[v + 1]]` are the links made with v, by day; `by_lower[lower_start[v]:...]` the
    links that v was calibrated by, by strand and day. `factor` is d(error of lower) / d(error of upper).
    """

    lower: Ints
    upper: Ints
    on: Ints
    strand: Ints
    factor: Floats
    by_upper: Ints
    upper_start: Positions
    by_lower: Ints
    lower_start: Positions

    @property
    def links(self) -> int:
        """m."""
        return len(self.lower)

    @property
    def items(self) -> int:
        """n."""
        return len(self.upper_start) - 1


def calibrations(
    items: int,
    lower: ArrayLike,
    upper: ArrayLike,
    on: ArrayLike,
    strand: ArrayLike | None = None,
    factor: ArrayLike | None = None,
) -> Calibrations:
    """The graph of these links; `strand` is 0 and `factor` 1 where not given, NaN is a factor that nobody knows.

    Raises ArgumentError for columns of unequal length, an item, strand or day out of range, or an item calibrated with
    itself. That there is no cycle is the caller's to keep; `reached` refuses what goes round for ever.
    """
    none = np.empty(0, np.int32)
    empty = Calibrations(none, none, none, none, np.empty(0), none, np.zeros(1, int), none, np.zeros(1, int))
    return extended(empty, items, lower, upper, on, strand, factor)


def extended(
    graph: Calibrations,
    items: int,
    lower: ArrayLike,
    upper: ArrayLike,
    on: ArrayLike,
    strand: ArrayLike | None = None,
    factor: ArrayLike | None = None,
) -> Calibrations:
    """The graph with newer links after its own; `items` is the new n. Costs a merge, not a new sort of all."""
    if items < graph.items:
        raise ArgumentError("items", f"不应少于已有的 {graph.items} 件，为 {items}")
    count = np.size(lower)
    new = {
        "lower": _column("lower", lower, count, 0, items - 1),
        "upper": _column("upper", upper, count, 0, items - 1),
        "on": _column("on", on, count, FIRST_DAY, LAST_DAY),
        "strand": _column("strand", 0 if strand is None else strand, count, 0, 2**STRAND_BITS - 1),
    }
    if items > 2**ITEM_BITS - 1:
        raise ArgumentError("items", f"最多 {2**ITEM_BITS - 1} 件")
    if np.any(itself := new["lower"] == new["upper"]):
        raise ArgumentError("lower", f"第 {int(np.argmax(itself)) + 1} 条：不能用自身校准自身")
    factors = np.broadcast_to(np.asarray(1.0 if factor is None else factor, float), (count,))
    if np.isinf(factors).any():
        raise ArgumentError("factor", "应为有限的数，未知时为 NaN")
    columns = {name: np.concatenate((getattr(graph, name), values)) for name, values in new.items()}
    part, day = columns["strand"], columns["on"]
    by_upper, upper_start = _inserted(
        graph.by_upper, graph.upper_start, items, new["upper"], lambda k: _within(0, day[k])
    )
    by_lower, lower_start = _inserted(
        graph.by_lower, graph.lower_start, items, new["lower"], lambda k: _within(part[k], day[k])
    )
    return Calibrations(
        **columns,
        factor=np.concatenate((graph.factor, factors)),
        by_upper=by_upper,
        upper_start=upper_start,
        by_lower=by_lower,
        lower_start=lower_start,
    )


def replaced_on(graph: Calibrations, links: Positions) -> Positions:
    """For each of these links, the day from which its calibration no longer holds; FOREVER where it still does."""
    item = graph.lower[links]
    until = graph.lower_start[item + 1]
    own = _within(graph.strand[links], graph.on[links])

    def beyond(places: Positions, asked: Flags) -> Flags:
        found = graph.by_lower[places]
        return np.asarray(_within(graph.strand[found], graph.on[found]) > own[asked])

    place = bisect(graph.lower_start[item], until, beyond)
    end = np.full(len(links), FOREVER, np.int64)
    more = np.flatnonzero(place < until)
    follower = graph.by_lower[place[more]]
    same = graph.strand[follower] == graph.strand[links[more]]
    end[more[same]] = graph.on[follower[same]]
    return end


def bisect(low: Positions, high: Positions, holds: Callable[[Positions, Flags], Flags]) -> Positions:
    """Of each range [low, high) the first place at which a test holds that, once true, stays true; high where never.

    `holds(places, asked)` answers for some of the ranges: `asked` flags which.
    """
    low, high = low.copy(), high.copy()
    while (open_ := low < high).any():
        middle = (low[open_] + high[open_]) // 2
        true = holds(middle, open_)
        high[open_] = np.where(true, middle, high[open_])
        low[open_] = np.where(true, low[open_], middle + 1)
    return low


def _column(name: str, values: ArrayLike, count: int, least: int, most: int) -> Ints:
    array = np.asarray(values)
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise ArgumentError(name, "应为整数")
    if array.ndim > 1 or (array.ndim and len(array) != count):
        raise ArgumentError(name, f"应为 {count} 个数的一维数列，形状为 {array.shape}")
    array = np.broadcast_to(array, (count,))
    if np.any(wrong := (array < least) | (array > most)):
        first = int(np.argmax(wrong))
        raise ArgumentError(name, f"应在 {least} 与 {most} 之间，第 {first + 1} 个为 {array[first]}")
    return array.astype(np.int32)


def _within(strand: Ints | int, on: Ints) -> Positions:
    """The order of an item's links: by strand, then by day."""
    return np.asarray((np.asarray(strand, np.int64) << DAY_BITS) + (on.astype(np.int64) - FIRST_DAY))


def _inserted(
    known: Ints, start: Positions, items: int, item: Ints, within: Callable[[Positions], Positions]
) -> tuple[Ints, Positions]:
    """An order of the known links with the new ones at their places, and where each of the items begins in it.

    `item` is that of each new link, `within(links)` the order inside an item. Only the new ones are sorted and sought
    for; the known ones are moved, which costs no more than a copy.
    """
    starts = np.full(items + 1, start[-1], np.int64)
    starts[: len(start)] = start
    fresh = len(known) + np.arange(len(item))
    order = np.argsort((item.astype(np.int64) << (STRAND_BITS + DAY_BITS)) + within(fresh), kind="stable")
    fresh, item = fresh[order], item[order]
    low, high = starts[item], starts[item + 1]
    starts[1:] += np.cumsum(np.bincount(item, minlength=items))
    if not len(known):
        return fresh.astype(np.int32), starts
    own = within(fresh)

    def after(places: Positions, asked: Flags) -> Flags:
        return np.asarray(within(known[places].astype(np.int64)) > own[asked])

    return np.insert(known, bisect(low, high, after), fresh.astype(np.int32)), starts
