"""The chain behind an item (VIM 2.42): from its last calibration up to items that nothing here stands behind."""

from dataclasses import dataclass

import numpy as np

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.traceability.graph import Calibrations, calibrated_by, replaced_on
from yuejingzhun.metrology.traceability.part import FOREVER, ITEM_BITS, Positions
from yuejingzhun.metrology.traceability.recall import DEEPEST


@dataclass(frozen=True, slots=True)
class Chain:
    """The places of the links that stand behind, each once, their levels (1 is next to the item), and the roots."""

    links: Positions
    level: Positions
    roots: Positions


def chain(graph: Calibrations, item: int, day: int | None = None) -> Chain:
    """What stood behind an item on a day (today where not given): calibrations that held then, and behind each of these
    what held for its upper when it was made. An item without any is its own root.

    Raises ArgumentError for an item that can't be or a graph that goes round.
    """
    if not 0 <= item < 2**ITEM_BITS:
        raise ArgumentError("item", f"应在 0 与 {2**ITEM_BITS - 1} 之间，为 {item}")
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
            for link, above, made_on in zip(held.tolist(), graph.upper(held), graph.on(held), strict=True):
                level_of.setdefault(link, level)
                behind.add((int(above), int(made_on)))
        front = behind
    links = np.array(sorted(level_of, key=lambda link: (level_of[link], link)), np.int64)
    levels = np.array([level_of[link] for link in links.tolist()], np.int64)
    return Chain(links, levels, np.array(sorted(roots), np.int64))


def held_on(graph: Calibrations, item: int, day: int) -> Positions:
    """The places of the links whose calibrations of that item held on that day, ascending."""
    own = calibrated_by(graph, item)
    begun = own[graph.on(own) <= day]
    return np.asarray(begun[replaced_on(graph, begun) > min(day, FOREVER - 1)])
