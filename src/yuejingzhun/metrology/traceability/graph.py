"""Calibrations as arrays: who was calibrated with whom, on which day, and what replaces what.

A link says that the item `lower` was calibrated or verified with the item `upper` on the day `on`. Items are whole
numbers, days are counted from any fixed day (1970-01-01 in the platform). The `strand` tells apart what an item
consists of: a measurement standard made of a weight set and a thermometer has two strands, and a new calibration of the
thermometer doesn't replace that of the weights. All links of one item, strand and day are one calibration, made with
several uppers.

A calibration holds from its day on until, exclusive, the next day on which the same strand was calibrated again; with
no such day it holds for ever. A day is the smallest unit: on the day of a new calibration the item counts as newly
calibrated.

A graph consists of parts (see `part`), each sorted in itself. A newer part may replace what an older one has, or the
other way round, so every question is put to all of them; there are few.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.traceability.part import (
    DAY_BITS,
    FIRST_DAY,
    FOREVER,
    ITEM_BITS,
    LAST_DAY,
    STRAND_BITS,
    Ints,
    Part,
    Positions,
    day_of_key,
    follows,
    key_of_lower,
    key_of_upper,
    links_to,
    merged,
    part_of,
)

__all__ = ["FIRST_DAY", "FOREVER", "LAST_DAY", "Calibrations", "Ints", "Positions", "calibrations", "extended"]


@dataclass(frozen=True, slots=True)
class Calibrations:
    """A graph; the place of a link is its position in the parts, one after the other."""

    parts: tuple[Part, ...]

    @property
    def links(self) -> int:
        """How many."""
        return sum(part.links for part in self.parts)

    @property
    def starts(self) -> Positions:
        """The place of the first link of each part, and after the last one's end."""
        return np.cumsum([0, *(part.links for part in self.parts)], dtype=np.int64)

    def at(self, places: Positions, name: str) -> NDArray[Any]:
        """A column of the parts at ascending places."""
        if len(self.parts) == 1:
            return np.asarray(getattr(self.parts[0], name)[places])
        columns = [getattr(part, name) for part in self.parts]
        starts = self.starts
        spans = pairwise(np.searchsorted(places, starts))
        found = [column[places[a:b] - start] for column, start, (a, b) in zip(columns, starts, spans, strict=False)]
        return np.concatenate(found)

    def upper(self, places: Positions) -> Positions:
        """The uppers of links at ascending places."""
        return np.asarray(self.at(places, "upper_key") >> DAY_BITS)

    def on(self, places: Positions) -> Positions:
        """The days of links at ascending places."""
        return day_of_key(self.at(places, "upper_key"))


def calibrations(
    lower: ArrayLike,
    upper: ArrayLike,
    on: ArrayLike,
    strand: ArrayLike | None = None,
    factor: ArrayLike | None = None,
    **more: ArrayLike,
) -> Calibrations:
    """The graph of these links; `strand` is 0 and `factor` 1 where not given, NaN is a factor that nobody knows.

    `more` are `number` (0, 1, ... where not given) and `mpe`, `expanded_u`, `margin` (NaN where not given). Raises
    ArgumentError for columns of unequal length, an item, strand or day out of range, or an item calibrated with
    itself. That there is no cycle is the caller's to keep; `reached` refuses what goes round for ever.
    """
    return extended(Calibrations((part_of(_columns(0, (), (), (), None, None, {})),)), lower, upper, on, strand, factor,
                    **more)  # fmt: skip


def extended(
    graph: Calibrations,
    lower: ArrayLike,
    upper: ArrayLike,
    on: ArrayLike,
    strand: ArrayLike | None = None,
    factor: ArrayLike | None = None,
    **more: ArrayLike,
) -> Calibrations:
    """The graph with a part of further links; only these are sorted."""
    part = part_of(_columns(graph.links, lower, upper, on, strand, factor, more))
    return Calibrations((*(known for known in graph.parts if known.links), part))


def compacted(graph: Calibrations) -> Calibrations:
    """The same links as one part."""
    return Calibrations((merged(graph.parts),))


def replaced_on(graph: Calibrations, places: Positions) -> Positions:
    """For links at ascending places, the day from which their calibrations no longer hold; FOREVER if they still do."""
    end = graph.at(places, "ended").astype(np.int64)
    if len(graph.parts) == 1:
        return end
    own = key_of_lower(graph.at(places, "lower"), graph.at(places, "strand"), graph.on(places))
    bounds = np.searchsorted(places, graph.starts)
    for position, (a, b) in enumerate(pairwise(bounds)):
        for other, part in enumerate(graph.parts):
            if other != position and part.links:
                end[a:b] = np.minimum(end[a:b], _next_in(part, own[a:b]))
    return end


def made_with(graph: Calibrations, v: Positions, begin: Positions, end: Positions) -> tuple[Positions, Positions]:
    """The links made with each item in [begin, end): the ranges of their places, (items,) for one part after another.

    Days are between FIRST_DAY and FOREVER.
    """
    first, last = key_of_upper(v, begin), key_of_upper(v, end)
    if len(graph.parts) == 1:
        return graph.parts[0].upper_key.searchsorted(first), graph.parts[0].upper_key.searchsorted(last)
    sought = [
        [start + part.upper_key.searchsorted(key) for key in (first, last)]
        for part, start in zip(graph.parts, graph.starts, strict=False)
    ]
    return np.concatenate([low for low, _ in sought]), np.concatenate([high for _, high in sought])


def leading(graph: Calibrations) -> Positions:
    """The places, ascending, of the links to items with which something was made, in whichever part."""
    if len(graph.parts) == 1:
        return graph.parts[0].leading
    found = []
    for part, start in zip(graph.parts, graph.starts, strict=False):
        own = [part.leading]
        for other in graph.parts:
            if other is not part:
                more = other.uppers[~_among(other.uppers, part.uppers)]
                # The fewer are looked up among the more: a graph has a large part and small ones.
                if len(more) < part.links:
                    own.append(links_to(part.lower_key, part.by_lower, more))
                else:
                    own.append(np.flatnonzero(_among(part.lower, more)))
        joined = np.concatenate(own)
        found.append(start + (joined if len(joined) == len(part.leading) else np.unique(joined)))
    return np.concatenate(found)


def _among(values: Ints, ascending: Ints) -> NDArray[np.bool_]:
    """Which of the values are among others."""
    if not len(ascending):
        return np.zeros(len(values), np.bool_)
    return np.asarray(ascending[np.minimum(ascending.searchsorted(values), len(ascending) - 1)] == values)


def calibrated_by(graph: Calibrations, item: int) -> Positions:
    """The places of the links by which an item was ever calibrated, ascending."""
    span = np.array([item, item + 1], np.int64) << (STRAND_BITS + DAY_BITS)
    found = []
    for part, start in zip(graph.parts, graph.starts, strict=False):
        a, b = np.searchsorted(part.lower_key, span)
        found.append(start + np.sort(part.by_lower[a:b]).astype(np.int64))
    return np.concatenate(found)


def _next_in(part: Part, own: Positions) -> Positions:
    """The next day after each key on which its item and strand were calibrated by a link of that part."""
    place = np.searchsorted(part.lower_key, own, side="right")
    end = np.full(len(own), FOREVER, np.int64)
    more = place < part.links
    end[more] = follows(own[more], part.lower_key[place[more]])
    return end


def _columns(
    known: int, lower: ArrayLike, upper: ArrayLike, on: ArrayLike, strand: ArrayLike | None, factor: ArrayLike | None,
    more: dict[str, ArrayLike],
) -> dict[str, list[NDArray[Any]]]:  # fmt: skip
    count = np.size(lower)
    below, above = (
        _whole("lower", lower, count, 0, 2**ITEM_BITS - 1),
        _whole("upper", upper, count, 0, 2**ITEM_BITS - 1),
    )
    if np.any(itself := below == above):
        raise ArgumentError("lower", f"第 {int(np.argmax(itself)) + 1} 条：不能用自身校准自身")
    columns: dict[str, NDArray[Any]] = {
        "upper_key": key_of_upper(above, _whole("on", on, count, FIRST_DAY, LAST_DAY)),
        "lower": below.astype(np.int32),
        "strand": _whole("strand", 0 if strand is None else strand, count, 0, 2**STRAND_BITS - 1).astype(np.int32),
        "number": _whole("number", more.pop("number", known + np.arange(count)), count, 0, 2**63 - 1),
        "factor": _known_or_nan("factor", 1.0 if factor is None else factor, count),
    }
    for name in ("mpe", "expanded_u", "margin"):
        columns[name] = _known_or_nan(name, more.pop(name, np.nan), count)
    if more:
        raise ArgumentError(next(iter(more)), "没有这一列")
    return {name: [values] for name, values in columns.items()}


def _whole(name: str, values: ArrayLike, count: int, least: int, most: int) -> Positions:
    array = np.asarray(values)
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise ArgumentError(name, "应为整数")
    array = _broadcast(name, array, count)
    if np.any(wrong := (array < least) | (array > most)):
        first = int(np.argmax(wrong))
        raise ArgumentError(name, f"应在 {least} 与 {most} 之间，第 {first + 1} 个为 {array[first]}")
    return array.astype(np.int64)


def _known_or_nan(name: str, values: ArrayLike, count: int) -> NDArray[np.float64]:
    array = _broadcast(name, np.asarray(values, np.float64), count)
    if np.isinf(array).any():
        raise ArgumentError(name, "应为有限的数，未知时为 NaN")
    return array


def _broadcast(name: str, array: NDArray[Any], count: int) -> NDArray[Any]:
    if array.ndim > 1 or (array.ndim and len(array) != count):
        raise ArgumentError(name, f"应为 {count} 个数的一维数列，形状为 {array.shape}")
    return np.broadcast_to(array, (count,))
