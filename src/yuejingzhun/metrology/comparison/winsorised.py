"""The iteration of Algorithm A on a block of rounds (ISO 13528:2022 C.3.1).

`deviations` (participants, rounds) are the results about the round's median in units of its starting scale, ascending,
absent ones last as +inf; `counts` (rounds,) says how many there are. x* starts at 0, s* at 1. Each walk gives x*, s*
and whether the round has come to its end.
"""

import numpy as np

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.comparison.rounds import Booleans, Integers

WINSOR_LIMIT, WINSOR_FACTOR = 1.5, 1.134  # as printed, formulae (C.7) and (C.10)
_RELATIVE_STEP = 1e-13  # of s*: below it a plain iteration has converged as far as float64 can tell


def to_limit(deviations: Floats, counts: Integers, steps: int) -> tuple[Floats, Floats, Booleans]:
    """Where the iteration leads. While the same results are winsorised its limit has a closed form; a round is done as
    soon as the iteration has kept to one such set and the closed form lies in it. Jumping there sooner could end at
    another fixed point: with many outliers there are several, and the standard means the one it walks to."""
    location, scale, ended = np.zeros(len(counts)), np.ones(len(counts)), np.zeros(len(counts), dtype=bool)
    active, x, s = np.arange(len(counts)), location, scale
    before = np.full((2, len(counts)), -1.0)
    for _ in range(steps):
        sums = _winsorised(deviations, counts, x, s)
        settled = (sums[0] == before[0]) & (sums[1] == before[1])
        closed_x, closed_s, solved = _solve(*sums, counts)
        done = settled & solved & _keeps(deviations, counts, sums[0], sums[1], closed_x, closed_s)
        next_x, next_s = _update(*sums, counts, x, s)
        still = np.maximum(np.abs(next_x - x), np.abs(next_s - s)) <= _RELATIVE_STEP * next_s
        x, s = np.where(done, closed_x, next_x), np.where(done, closed_s, next_s)
        done |= still
        location[active], scale[active], ended[active] = x, s, done
        left = ~done
        before = np.stack([sums[0][left], sums[1][left]])
        if done.any():
            deviations, counts, active, x, s = deviations[:, left], counts[left], active[left], x[left], s[left]
        if not len(active):
            break
    return location, scale, ended


def to_third_figure(
    deviations: Floats, counts: Integers, centre: Floats, unit: Floats, steps: int
) -> tuple[Floats, Floats, Booleans]:
    """Until an update leaves three significant figures of `centre` + `unit` x* and of `unit` s* as they were (C.3.1).

    The starting values are no update, so at the earliest after the second.
    """
    x, s, ended = np.zeros(len(counts)), np.ones(len(counts)), np.zeros(len(counts), dtype=bool)
    before = np.full((2, len(counts)), np.nan)
    for _ in range(steps):
        next_x, next_s = _update(*_winsorised(deviations, counts, x, s), counts, x, s)
        x, s = np.where(ended, x, next_x), np.where(ended, s, next_s)
        figures = third_figure_of(np.stack([centre + unit * x, unit * s]))
        ended |= np.all(figures == before, axis=0)
        before = figures
        if ended.all():
            break
    return x, s, ended


def by_steps(deviations: Floats, counts: Integers, steps: int) -> tuple[Floats, Floats, Booleans]:
    """After exactly so many updates."""
    x, s = np.zeros(len(counts)), np.ones(len(counts))
    for _ in range(steps):
        x, s = _update(*_winsorised(deviations, counts, x, s), counts, x, s)
    return x, s, np.ones(len(counts), dtype=bool)


def third_figure_of(values: Floats) -> Floats:
    """The values to three significant figures."""
    size = np.abs(values)
    unit = 10.0 ** (np.floor(np.log10(np.where(size > 0, size, 1.0))) - 2)
    return np.asarray(np.round(values / unit) * unit)


def _winsorised(deviations: Floats, counts: Integers, x: Floats, s: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """How many results lie below and above x* -+ 1.5 s*, and the sum and sum of squares of those between."""
    low, high = x - WINSOR_LIMIT * s, x + WINSOR_LIMIT * s
    beyond = deviations > high
    below = deviations < low
    between = np.where(beyond | below, 0.0, deviations)
    absent = len(deviations) - counts  # these stand at +inf
    return (
        _count(below),
        _count(beyond) - absent,
        np.add.reduce(between, axis=0),
        np.einsum("ij,ij->j", between, between),
    )


def _count(mask: Booleans) -> Floats:
    # A byte is wide enough for most rounds, and sixteen times faster to add up than an index.
    wide = np.uint8 if len(mask) < 256 else np.int64
    return np.asarray(np.add.reduce(mask.view(np.uint8), axis=0, dtype=wide), dtype=np.float64)


def _update(
    low: Floats, high: Floats, total: Floats, squares: Floats, counts: Integers, x: Floats, s: Floats
) -> tuple[Floats, Floats]:
    """One iteration, formulae (C.8) to (C.10)."""
    bottom, top = x - WINSOR_LIMIT * s, x + WINSOR_LIMIT * s
    mean = (total + low * bottom + high * top) / counts
    between = counts - low - high
    spread = squares - 2 * mean * total + between * mean**2 + low * (bottom - mean) ** 2 + high * (top - mean) ** 2
    return mean, WINSOR_FACTOR * np.sqrt(np.maximum(spread, 0.0) / (counts - 1))


def _solve(
    low: Floats, high: Floats, total: Floats, squares: Floats, counts: Integers
) -> tuple[Floats, Floats, Booleans]:
    """The x* and s* that reproduce themselves while `low` and `high` results are winsorised, and whether they exist.

    (C.9) gives x* = m + 1.5 s* (high - low)/k with m the mean of the k results between; put into (C.10) it leaves
    one equation for s*.
    """
    between = counts - low - high
    known = np.maximum(between, 1.0)
    middle = total / known
    tail = low + high + (high - low) ** 2 / known
    remains = (counts - 1) / WINSOR_FACTOR**2 - WINSOR_LIMIT**2 * tail
    solved = (between > 0) & (remains > 0)
    scale = np.sqrt(np.maximum(squares - total * middle, 0.0) / np.where(solved, remains, 1.0))
    return middle + WINSOR_LIMIT * scale * (high - low) / known, scale, solved


def _keeps(deviations: Floats, counts: Integers, low: Floats, high: Floats, x: Floats, s: Floats) -> Booleans:
    """Whether x -+ 1.5 s winsorises exactly `low` and `high` results: the neighbours of the two cuts tell."""
    bottom, top = x - WINSOR_LIMIT * s, x + WINSOR_LIMIT * s
    first, after = low.astype(np.int64), counts - high.astype(np.int64)
    column, last = np.arange(len(counts)), len(deviations) - 1
    inside = (deviations[np.minimum(first, last), column] >= bottom) & (deviations[after - 1, column] <= top)
    clear_below = (first == 0) | (deviations[first - 1, column] < bottom)
    clear_above = (after == counts) | (deviations[np.minimum(after, last), column] > top)
    return np.asarray(inside & clear_below & clear_above)
