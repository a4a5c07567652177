"""The chain behind an item (VIM 2.42): from its last calibration up to items that nothing here stands behind."""

from dataclasses import dataclass

import numpy as np

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.traceability.graph import FOREVER, Calibrations, Positions, replaced_on
from yuejingzhun.metrology.traceability.recall import DEEPEST


@dataclass(frozen=True, slots=True)
class Chain:
    """The links that stand behind, each once, with its `level` (1 is next to the item), and the `roots`."""

    links: Positions
    level: Positions
    roots: Positions


def chain(graph: Calibrations, item: int, day: int | None = None) -> Chain:
    """What stood behind an item on a day (today where not given): calibrations that held then, and behind each of these
    what held for its upper when it was made. An item without any is its own root.

    Raises ArgumentError for an unknown item or a graph that goes round.
    """
    if not 0 <= item < graph.items:
        raise ArgumentError("item", f"应在 0 与 {graph.items - 1} 之间，为 {item}")
    level_of: dict[int, int] = {}
    roots: set[int] = set()
    front = {(item, FOREVER if day is None else day)}
    level = 0
    while front:
        level += 1
        if level > DEEPEST:
            raise ArgumentError("graph", f"溯源超过 {DEEPEST} 级，说明有环")
        behind: set[tuple[int, int]] = set()
        for upper, on in front:
            held = held_on(graph, upper, on)
            if not len(held):
                roots.add(upper)
            for link in held.tolist():
                level_of.setdefault(link, level)
                behind.add((int(graph.upper[link]), int(graph.on[link])))
        front = behind
    links = np.array(sorted(level_of, key=lambda link: (level_of[link], link)), np.int64)
    levels = np.array([level_of[link] for link in links.tolist()], np.int64)
    return Chain(links, levels, np.array(sorted(roots), np.int64))


def held_on(graph: Calibrations, item: int, day: int) -> Positions:
    """The links whose calibrations of that item held on that day."""
    own = graph.by_lower[graph.lower_start[item] : graph.lower_start[item + 1]].astype(np.int64)
    begun = own[graph.on[own] <= day]
    return np.asarray(begun[replaced_on(graph, begun) > min(day, FOREVER - 1)])
