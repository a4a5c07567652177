"""What rests on a standard that is found wrong, when, and by how much (ISO/IEC 17025:2017 7.10, JJF 1033-2016).

A recall declares that an item's values were wrong by `error` on every day in [from_day, to_day). Then

- a link is affected if on its day its upper was declared wrong, or if a calibration of its upper that held on that day
  (see `graph`) was made by an affected link;
- an affected link's item is affected from that day until the day its strand is calibrated again; by an affected link
  again, and the next period joins this one;
- the error of a link is its factor times the sum of the declared error of its upper on that day and of the errors of
  all affected links that held for its upper then. It is one error that arrives by several ways: it adds with its sign.

So the calibration of an item made on a day when the standard was still right is not affected, nor what was made with
the item before its next calibration; and a calibration with another, good standard ends the effect. What was declared
is taken as declared: a new calibration of the declared item itself doesn't end it, the `to_day` does.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, matching
from yuejingzhun.metrology.traceability.graph import Calibrations, made_with, replaced_on
from yuejingzhun.metrology.traceability.part import FIRST_DAY, FOREVER, ITEM_BITS, Positions

DEEPEST = 100
"""Levels after which a graph counts as going round; a hierarchy of measurement standards has fewer than twenty."""


@dataclass(frozen=True, slots=True)
class Reached:
    """The places of the affected links, ascending, the error of each in the unit of its lower item, and the levels."""

    places: Positions
    error: Floats
    levels: int


@dataclass(frozen=True, slots=True)
class Periods:
    """Affected periods by item and day: the first day, and the day after the last (FOREVER where it lasts)."""

    item: Positions
    begin: Positions
    end: Positions


def reached(
    graph: Calibrations,
    sources: ArrayLike,
    from_day: ArrayLike,
    to_day: ArrayLike | None = None,
    error: ArrayLike | None = None,
) -> Reached:
    """The links affected by `sources` (items) being wrong in [from_day, to_day) by `error`, in the unit of each.

    The four broadcast; without `to_day` it lasts, without `error` (or NaN) the errors are NaN. Each level of the
    hierarchy is one pass over what it reaches; what isn't reached costs nothing. Raises ArgumentError for an item that
    can't be, an empty period or a graph that goes round.
    """
    v, begin, end, delta = _declared(sources, from_day, to_day, error)
    uppers = np.concatenate([part.uppers for part in graph.parts])
    found: list[tuple[Positions, Floats]] = []
    while len(v):
        places, arriving = _made_with(graph, v, begin, end, delta)
        if not len(places):
            break
        found.append((places, arriving))
        if len(found) > DEEPEST:
            raise ArgumentError("graph", f"溯源超过 {DEEPEST} 级，说明有环")
        onward = np.isin(graph.at(places, "lower"), uppers)
        places, arriving = places[onward], arriving[onward]
        v, begin, end = graph.at(places, "lower").astype(np.int64), graph.on(places), replaced_on(graph, places)
        delta = arriving * graph.at(places, "factor")
    empty = (np.empty(0, np.int64), np.empty(0))
    places, arriving = _summed(*(np.concatenate(column) for column in zip(empty, *found, strict=True)))
    return Reached(places, arriving * graph.at(places, "factor"), len(found))


def affected_periods(graph: Calibrations, places: Positions) -> Periods:
    """The periods in which items are affected through links at ascending places: what touches or overlaps is one."""
    item, begin = graph.at(places, "lower").astype(np.int64), graph.on(places)
    end = replaced_on(graph, places)
    order = np.lexsort((begin, item))
    item, begin, end = item[order], begin[order], end[order]
    # Items follow one another on one axis of days, so that the latest end so far needs no loop.
    width = 4 * FOREVER
    latest = np.maximum.accumulate(item * width + end)
    first = np.ones(len(item), np.bool_)
    first[1:] = item[1:] * width + begin[1:] > latest[:-1]
    last = np.append(first[1:], True)[: len(item)]
    return Periods(item[first], begin[first], latest[last] - item[last] * width)


def _declared(
    sources: ArrayLike, from_day: ArrayLike, to_day: ArrayLike | None, error: ArrayLike | None
) -> tuple[Positions, Positions, Positions, Floats]:
    given = matching(
        sources=np.atleast_1d(np.asarray(sources, float)),
        from_day=np.asarray(from_day, float),
        to_day=np.asarray(FOREVER if to_day is None else to_day, float),
        error=np.asarray(np.nan if error is None else error, float),
    )
    v, begin, end = (np.asarray(values).astype(np.int64) for values in given[:3])
    if np.any((v < 0) | (v >= 2**ITEM_BITS)):
        raise ArgumentError("sources", f"应在 0 与 {2**ITEM_BITS - 1} 之间，为 {v.tolist()}")
    if np.any(end <= begin):
        raise ArgumentError("to_day", "应晚于 from_day")
    return v, begin.clip(FIRST_DAY, FOREVER), end.clip(FIRST_DAY, FOREVER), np.asarray(given[3])


def _made_with(
    graph: Calibrations, v: Positions, begin: Positions, end: Positions, delta: Floats
) -> tuple[Positions, Floats]:
    """The places of the links made with items in [begin, end), each once, and the sum of what arrives at each."""
    first, last = made_with(graph, v, begin, end)
    order = np.argsort(first, kind="stable")
    first, sizes = first[order], (last - first)[order]
    offsets = np.cumsum(sizes) - sizes
    places = np.arange(int(sizes.sum())) + np.repeat(first - offsets, sizes)
    return _summed(places, np.repeat(np.tile(delta, len(graph.parts))[order], sizes))


def _summed(places: Positions, arriving: Floats) -> tuple[Positions, Floats]:
    """In ascending order with each place once; nothing but a look where they are so already."""
    if (places[1:] > places[:-1]).all():
        return places, arriving
    order = np.argsort(places, kind="stable")
    places, arriving = places[order], arriving[order]
    first = np.ones(len(places), np.bool_)
    first[1:] = places[1:] != places[:-1]
    return places[first], np.add.reduceat(arriving, np.flatnonzero(first))
