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
from yuejingzhun.metrology.traceability.graph import FOREVER, Calibrations, Flags, Positions, bisect, replaced_on

DEEPEST = 1000
"""Levels after which a graph counts as going round; a hierarchy of measurement standards has fewer than twenty."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Which links are affected (m,), by how much (m,) in the unit of each lower item, and in how many levels."""

    affected: Flags
    error: Floats
    levels: int

    @property
    def links(self) -> Positions:
        """The affected links, in the order of the graph."""
        return np.flatnonzero(self.affected)


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
    hierarchy is one pass over arrays. Raises ArgumentError for an unknown item, an empty period or a graph that goes
    round.
    """
    v, begin, end, delta = _declared(graph, sources, from_day, to_day, error)
    affected, errors = np.zeros(graph.links, np.bool_), np.zeros(graph.links)
    is_upper = np.diff(graph.upper_start) > 0
    levels = 0
    while len(v):
        links, sizes = _made_with(graph, v, begin, end)
        if not len(links):
            break
        levels += 1
        if levels > DEEPEST:
            raise ArgumentError("graph", f"溯源超过 {DEEPEST} 级，说明有环")
        arriving = np.repeat(delta, sizes) * graph.factor[links]
        affected[links] = True
        np.add.at(errors, links, arriving)
        onward = is_upper[graph.lower[links]]
        links, arriving = _summed(links[onward], arriving[onward])
        v, begin = graph.lower[links].astype(np.int64), graph.on[links].astype(np.int64)
        end, delta = replaced_on(graph, links), arriving
    return Reached(affected, errors, levels)


def affected_periods(graph: Calibrations, links: ArrayLike) -> Periods:
    """The periods in which items are affected through these links; those that touch or overlap are one."""
    chosen = np.asarray(links, np.int64)
    item, begin = graph.lower[chosen].astype(np.int64), graph.on[chosen].astype(np.int64)
    end = replaced_on(graph, chosen)
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
    graph: Calibrations, sources: ArrayLike, from_day: ArrayLike, to_day: ArrayLike | None, error: ArrayLike | None
) -> tuple[Positions, Positions, Positions, Floats]:
    given = matching(
        sources=np.atleast_1d(np.asarray(sources, float)),
        from_day=np.asarray(from_day, float),
        to_day=np.asarray(FOREVER if to_day is None else to_day, float),
        error=np.asarray(np.nan if error is None else error, float),
    )
    v, begin, end = (np.asarray(values).astype(np.int64) for values in given[:3])
    if np.any((v < 0) | (v >= graph.items)):
        raise ArgumentError("sources", f"应在 0 与 {graph.items - 1} 之间，为 {v.tolist()}")
    if np.any(end <= begin):
        raise ArgumentError("to_day", "应晚于 from_day")
    return v, begin, end, np.asarray(given[3])


def _made_with(graph: Calibrations, v: Positions, begin: Positions, end: Positions) -> tuple[Positions, Positions]:
    """The links made with each item in [begin, end), one after the other, and how many of each."""
    low, high = graph.upper_start[v], graph.upper_start[v + 1]

    def not_before(day: Positions, places: Positions, asked: Flags) -> Flags:
        return np.asarray(graph.on[graph.by_upper[places]] >= day[asked])

    first = bisect(low, high, lambda places, asked: not_before(begin, places, asked))
    last = bisect(first, high, lambda places, asked: not_before(end, places, asked))
    sizes = last - first
    offsets = np.cumsum(sizes) - sizes
    places = np.arange(int(sizes.sum())) + np.repeat(first - offsets, sizes)
    return graph.by_upper[places].astype(np.int64), sizes


def _summed(links: Positions, arriving: Floats) -> tuple[Positions, Floats]:
    unique, place = np.unique(links, return_inverse=True)
    return unique, np.asarray(np.bincount(place, arriving, len(unique)), np.float64)
