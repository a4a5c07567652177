"""From a seed to those who are drawn: exact, without bias, and the same on every machine."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yuejingzhun.evidence.draw.plan import Plan


class Stream:
    """Whole numbers out of a seed and a label: blocks SHA-256(seed || length || label || counter)."""

    def __init__(self, seed: bytes, label: str) -> None:
        name = label.encode()
        self._start = seed + len(name).to_bytes(8, "big") + name
        self._counter = 0

    def below(self, bound: int) -> int:
        """A number from 0 to before `bound`, each equally likely: blocks that would favour small ones are skipped."""
        limit = 2**256 - 2**256 % bound
        while True:
            block = hashlib.sha256(self._start + self._counter.to_bytes(8, "big")).digest()
            self._counter += 1
            value = int.from_bytes(block, "big")
            if value < limit:
                return value % bound


@dataclass(frozen=True, slots=True)
class Visit:
    """One that was drawn, and who visits."""

    stratum: str
    candidate: str
    inspectors: tuple[str, ...]


def choose(plan: Plan, seed: bytes) -> tuple[Visit, ...]:
    """All visits of a plan in the order in which they were drawn."""
    drawn = (
        (stratum.name, candidate)
        for number, stratum in enumerate(plan.strata)
        for candidate in draw_weighted(stratum.weights, stratum.take, Stream(seed, f"stratum {number}"))
    )
    return tuple(Visit(name, candidate, _inspectors(plan, candidate, seed)) for name, candidate in drawn)


def draw_weighted(weights: Mapping[str, int], take: int, stream: Stream) -> list[str]:
    """So many different candidates, one after the other, each time in proportion to the weights that are left."""
    names = sorted(weights)
    tree = _Sums([weights[name] for name in names])
    drawn = []
    for _ in range(take):
        position = tree.find(stream.below(tree.total))
        tree.remove(position, weights[names[position]])
        drawn.append(names[position])
    return drawn


def shuffle(values: Sequence[str], stream: Stream) -> list[str]:
    """All values in a random order (Fisher-Yates)."""
    mixed = list(values)
    for last in range(len(mixed) - 1, 0, -1):
        other = stream.below(last + 1)
        mixed[last], mixed[other] = mixed[other], mixed[last]
    return mixed


def _inspectors(plan: Plan, candidate: str, seed: bytes) -> tuple[str, ...]:
    mixed = shuffle(sorted(plan.inspectors), Stream(seed, f"inspectors {candidate}"))
    able = [inspector for inspector in mixed if (inspector, candidate) not in plan.avoid]
    return tuple(able[: plan.per_visit])


class _Sums:
    """Running sums of weights (a Fenwick tree), so that a draw costs the logarithm of the population."""

    def __init__(self, weights: Sequence[int]) -> None:
        self.total = sum(weights)
        self._tree = [0, *weights]
        for index in range(1, len(self._tree)):
            parent = index + (index & -index)
            if parent < len(self._tree):
                self._tree[parent] += self._tree[index]

    def find(self, value: int) -> int:
        """The first position whose running sum exceeds the value."""
        position, step = 0, 1 << len(self._tree).bit_length()
        while step:
            if position + step < len(self._tree) and self._tree[position + step] <= value:
                position += step
                value -= self._tree[position]
            step >>= 1
        return position

    def remove(self, position: int, weight: int) -> None:
        """Take a weight out."""
        self.total -= weight
        index = position + 1
        while index < len(self._tree):
            self._tree[index] -= weight
            index += index & -index
