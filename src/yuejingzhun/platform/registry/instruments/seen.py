"""Which instruments a file has named before: found again without keeping 6 million texts in memory.

A key is known by 64 bits of Python's keyed hash. In a file of 6 million rows two different keys look alike with a
chance of about 1 in a million; such a row is reported as a repetition, with its number, and never silently lost.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


class Seen:
    """Keys with the row that named each first, as sorted arrays of which each is at least twice the next."""

    def __init__(self) -> None:
        self._levels: list[tuple[Numbers, Numbers]] = []

    def repetitions(self, keys: Sequence[tuple[str, ...]], rows: Sequence[int]) -> dict[int, int]:
        """Position in `keys` -> the row that named it first, for those that were named before; then all are known."""
        if not keys:
            return {}
        hashes = np.fromiter((hash(key) for key in keys), np.int64, len(keys))
        numbers = np.asarray(rows, np.int64)
        order = np.argsort(hashes, kind="stable")
        hashes, numbers = hashes[order], numbers[order]
        new = np.r_[True, hashes[1:] != hashes[:-1]]
        first = numbers[np.maximum.accumulate(np.where(new, np.arange(len(hashes)), 0))]
        for known, their in self._levels:
            places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
            hit = known[places] == hashes
            first[hit] = their[places[hit]]
        self._add(hashes[new & (first == numbers)], numbers[new & (first == numbers)])
        return {int(order[place]): int(first[place]) for place in np.flatnonzero(first != numbers)}

    def _add(self, hashes: Numbers, rows: Numbers) -> None:
        if not len(hashes):
            return
        self._levels.append((hashes, rows))
        while len(self._levels) > 1 and len(self._levels[-2][0]) < 2 * len(self._levels[-1][0]):
            one, other = self._levels.pop(), self._levels.pop()
            joined = np.concatenate([other[0], one[0]])
            order = np.argsort(joined, kind="stable")
            self._levels.append((joined[order], np.concatenate([other[1], one[1]])[order]))
