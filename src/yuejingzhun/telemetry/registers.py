"""Rules of registers on arrays: a register passes its last digit and begins again, and otherwise it never falls.

Arrays are rows x points of whole steps; `present` says which points arrived.
"""

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

USUAL_DIGITS = (5, 6)
"""Digits before the point: six by DL/T 645-2007 (energy as XXXXXX.XX kWh), five on older counters."""
NEAR = 0.01  # of the capacity: how near its end a register is before, and its start after, it rolls over
MOST_IN_A_ROW = 0.5  # of the capacity: what a register may advance in a row; more means a wrong reading, not a rollover


def usual_capacity(largest: Ints, scaler: NDArray[np.integer]) -> Ints:
    """Steps at which registers return to zero where their source does not say: the least usual number of digits that
    the largest reading fits in; 0 where it fits in none."""
    capacity = np.zeros(len(largest), dtype=np.int64)
    for digits in reversed(USUAL_DIGITS):
        steps = 10 ** np.clip(digits - scaler.astype(np.int64), 0, 18)
        capacity = np.where(largest < steps, steps, capacity)
    return capacity


def unroll(registers: Ints, present: Bools, capacity: Ints) -> tuple[Ints, Bools]:
    """Registers made continuous by adding the capacity (rows; 0 for unknown) after each rollover; where it was added.

    A fall is a rollover if the register was within `NEAR` of its end, is within `NEAR` of its start, and the row does
    not advance by more than half the capacity in all.
    """
    before, known = _before(registers, present)
    rows = capacity[:, None]
    safe = np.maximum(rows, 1)
    fell = present & known & (registers < before) & (rows > 0)
    fell &= (before % safe >= (1 - NEAR) * safe) & (registers % safe <= NEAR * safe)
    if not fell.any():
        return registers, np.zeros_like(present)
    added = np.cumsum(fell, axis=1)
    unrolled = registers + added * rows
    low = np.where(present, unrolled, np.iinfo(np.int64).max).min(axis=1)
    high = np.where(present, unrolled, -1).max(axis=1)
    believed = (high - low <= MOST_IN_A_ROW * capacity)[:, None]
    rolled = (added > 0) & present & believed
    return np.where(rolled, unrolled, registers), rolled


def set_aside(registers: Ints, present: Bools) -> Bools:
    """The fewest points of each row without which the others never fall."""
    before, known = _before(registers, present)
    falls = (present & known & (registers < before)).any(axis=1)
    aside = np.zeros_like(present)
    for row in np.flatnonzero(falls):  # few: a meter in order has none
        points = np.flatnonzero(present[row])
        kept = points[_longest_rise(registers[row, points].tolist())]
        aside[row, points] = True
        aside[row, kept] = False
    return aside


def _before(registers: Ints, present: Bools) -> tuple[Ints, Bools]:
    """The last register that arrived before each point, and whether there is one."""
    place = np.where(present, np.arange(registers.shape[1]), -1)
    last = np.maximum.accumulate(place, axis=1)
    last = np.concatenate([np.full((len(registers), 1), -1), last[:, :-1]], axis=1)
    return np.take_along_axis(registers, np.maximum(last, 0), axis=1), last >= 0


def _longest_rise(values: list[int]) -> list[int]:
    """Places of a longest subsequence that never falls (patience sorting)."""
    ends: list[int] = []  # the least value that a rise of each length can end with
    places: list[int] = []  # where that value stands
    previous = [-1] * len(values)
    for place, value in enumerate(values):
        length = bisect_right(ends, value)
        previous[place] = places[length - 1] if length else -1
        ends[length : length + 1] = [value]
        places[length : length + 1] = [place]
    rise = []
    place = places[-1] if places else -1
    while place >= 0:
        rise.append(place)
        place = previous[place]
    return rise[::-1]
