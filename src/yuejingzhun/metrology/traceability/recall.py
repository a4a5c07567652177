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
from yuejingzhun.metrology.traceability.graph import Calibrations, leading, made_with, replaced_on
from yuejingzhun.metrology.traceability.part import FIRST_DAY, FOREVER, ITEM_BITS, Positions, ranges

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
    hierarchy is one step over the few links that lead on; all the others lie in ranges, which are written out once at
    the end. Raises ArgumentError for an item that can't be, an empty period or a graph that goes round.
    """
    v, begin, end, delta = _declared(sources, from_day, to_day, error)
    lead = leading(graph)
    found: list[tuple[Positions, Positions, Floats]] = []
    while len(v):
        first, last = made_with(graph, v, begin, end)
        if len(graph.parts) > 1:
            delta = np.tile(delta, len(graph.parts))
        if not (last > first).any():
            break
        found.append((first, last, delta))
        if len(found) > DEEPEST:
            raise ArgumentError("graph", f"溯源超过 {DEEPEST} 级，说明有环")
        which, arriving = _written_out(lead.searchsorted(first), lead.searchsorted(last), delta)
        if not len(which):
            break
        places = lead[which]
        v, begin, end = graph.at(places, "lower").astype(np.int64), graph.on(places), replaced_on(graph, places)
        delta = arriving * graph.at(places, "factor")
    if not found:
        return Reached(np.empty(0, np.int64), np.empty(0), 0)
    columns = found[0] if len(found) == 1 else [np.concatenate(column) for column in zip(*found, strict=True)]
    places, arriving = _written_out(*columns)
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
    given = tuple(
        np.array(values, np.float64, ndmin=1)
        for values in (sources, from_day, FOREVER if to_day is None else to_day, np.nan if error is None else error)
    )
    if any(one.shape != given[0].shape for one in given):
        given = matching(sources=given[0], from_day=given[1], to_day=given[2], error=given[3])
    v, begin, end = (values.astype(np.int64) for values in given[:3])
    if ((v < 0) | (v >= 2**ITEM_BITS)).any():
        raise ArgumentError("sources", f"应在 0 与 {2**ITEM_BITS - 1} 之间，为 {v.tolist()}")
    if (end <= begin).any():
        raise ArgumentError("to_day", "应晚于 from_day")
    begin, end = (np.minimum(np.maximum(days, FIRST_DAY), FOREVER) for days in (begin, end))
    return v, begin, end, given[3]


def _written_out(first: Positions, last: Positions, arriving: Floats) -> tuple[Positions, Floats]:
    """The places in ranges [first, last), each once and ascending, and the sum of what arrives at each."""
    sizes = last - first
    if len(first) > 1:
        order = first.argsort(kind="stable")
        first, last, sizes, arriving = first[order], last[order], sizes[order], arriving[order]
    places, arriving = ranges(first, sizes), arriving.repeat(sizes)
    if (first[1:] >= last[:-1]).all():
        return places, arriving
    order = np.argsort(places, kind="stable")
    places, arriving = places[order], arriving[order]
    first = np.ones(len(places), np.bool_)
    first[1:] = places[1:] != places[:-1]
    return places[first], np.add.reduceat(arriving, np.flatnonzero(first))
