"""The coverage of mandatory verification by measurement standards 强检项目建标覆盖率: pure counting.

An item, an entry of the catalogue that asks for mandatory verification, is established in a region by an institute
that is authorised for it there (its reach contains the region, or lies in it) and holds, that day, a measurement
standard in date for a regulation of the item. It is served where such a reach contains the whole region. The share
of the province's established items is indicator 8 of the plan 2022-2035.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from yuejingzhun.platform.foundation.parties.divisions import is_within
from yuejingzhun.platform.registry.catalogue.rules import Entry, series
from yuejingzhun.platform.registry.qualifications.rules import LEVELS, Scope


@dataclass(frozen=True, slots=True)
class Capability:
    """One authorised scope of an institute, with the level of the authorisation: "province", "city" or "county"."""

    institute_id: int
    level: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of a region: codes of items; `by_level` those established by institutes of each level."""

    region: str
    items: tuple[Entry, ...]
    established: frozenset[str]
    served: frozenset[str]
    by_level: Mapping[str, frozenset[str]]

    @property
    def gaps(self) -> tuple[Entry, ...]:
        """The items for which no institute has a standard there, in the order of the catalogue."""
        return tuple(entry for entry in self.items if entry.code not in self.established)

    @property
    def unserved(self) -> tuple[Entry, ...]:
        """The items that no institute verifies in the whole region."""
        return tuple(entry for entry in self.items if entry.code not in self.served)

    def share(self, covered: frozenset[str]) -> Fraction | None:
        """The covered part of the items, exact; None where there are no items."""
        return Fraction(len(covered), len(self.items)) if self.items else None


Supply = dict[str, set[tuple[str, str]]]


def supply(items: Sequence[Entry], capabilities: Iterable[Capability], standards: Iterable[tuple[int, str]]) -> Supply:
    """By item the level and reach of every institute that is authorised for it and holds a standard for it."""
    held: dict[int, set[str]] = defaultdict(set)
    for owner_id, regulation in standards:
        held[owner_id].add(series(regulation))
    found: Supply = {entry.code: set() for entry in items}
    allowed: dict[tuple[str, str], list[tuple[str, frozenset[str]]]] = {}
    for capability in capabilities:
        scope = capability.scope
        # Thousands of scopes name the same few items: what an item allows is looked up once.
        key = scope.item, scope.regulation
        if key not in allowed:
            allowed[key] = [(entry.code, _allowed(scope, entry)) for entry in items]
        for code, regulations in allowed[key]:
            if not regulations.isdisjoint(held[capability.institute_id]):
                found[code].add((capability.level, scope.region))
    return found


def _allowed(scope: Scope, entry: Entry) -> frozenset[str]:
    return frozenset(name for name in entry.regulations if scope.answers(entry.code, (name,)))


def coverage(items: Sequence[Entry], supplied: Supply, region: str) -> Coverage:
    """The coverage of a division, from what `supply` found."""
    by_level: dict[str, set[str]] = {level: set() for level in LEVELS}
    served: set[str] = set()
    for entry in items:
        for level, reach in supplied[entry.code]:
            whole = is_within(region, reach)
            if whole or is_within(reach, region):
                by_level[level].add(entry.code)
            if whole:
                served.add(entry.code)
    return Coverage(
        region=region,
        items=tuple(items),
        established=frozenset().union(*by_level.values()),
        served=frozenset(served),
        by_level={level: frozenset(codes) for level, codes in by_level.items()},
    )
