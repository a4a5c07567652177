"""Rounds of a comparison as rows of sorted numbers, taken in blocks that stay in the cache."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
# Doubles in a block of rounds: 256 KiB, so that the few arrays of one step share a level-2 cache.
BLOCK = 1 << 15


@dataclass(frozen=True, slots=True)
class Rounds:
    """Rounds one below another: `rows` (rounds, participants) ascending, absent ones last as +inf."""

    rows: Floats
    counts: Integers
    shape: tuple[int, ...]


def sorted_rounds(rounds: ArrayLike, present: ArrayLike | None, least: int) -> Rounds:
    """Results (..., participants) sorted within each round; `present`, of that shape, is false where there is none.

    Raises ArgumentError for a result that is no finite number, a mask of another shape, a round of fewer than
    `least` participants, or one whose results are all equal: its dispersion can't be estimated.
    """
    values = masked("rounds", rounds, present)
    width = values.shape[-1] if values.ndim else 1
    rows = np.sort(values.reshape(math.prod(values.shape[:-1]), width), axis=-1)
    if present is None:
        counts = np.full(len(rows), width, dtype=np.int64)
    else:
        counts = np.count_nonzero(np.isfinite(rows), axis=-1).astype(np.int64)
    refuse_rounds("rounds", counts < least, f"至少需要 {least} 个参加者")
    if len(rows):
        last = np.take_along_axis(rows, counts[:, None] - 1, axis=-1)[:, 0]
        refuse_rounds("rounds", rows[:, 0] == last, "结果全部相等，无法估计离散程度")
    return Rounds(rows, counts, values.shape[:-1])


def masked(name: str, values: ArrayLike, present: ArrayLike | None) -> Floats:
    """The values with +inf where absent; what stands in an absent place is never looked at."""
    if present is None:
        return finite(name, values)
    mask = mask_of("present", present, np.shape(values))
    return np.where(mask, finite(name, np.where(mask, values, 0.0)), np.inf)


def mask_of(name: str, present: ArrayLike, shape: tuple[int, ...]) -> Booleans:
    """A boolean mask of that very shape."""
    mask = np.asarray(present)
    if mask.dtype != np.bool_:
        raise ArgumentError(name, "应为布尔数组")
    if mask.shape != shape:
        raise ArgumentError(name, f"形状不一致：{mask.shape}，应为 {shape}")
    return mask


def refuse_rounds(name: str, wrong: Booleans, reason: str) -> None:
    """Raise ArgumentError that names the first round for which `wrong` holds; counted from 1 in C order."""
    if wrong.any():
        raise ArgumentError(name, f"第 {int(np.argmax(wrong)) + 1} 轮：{reason}")


def median_of(rows: Floats, counts: Integers) -> Floats:
    """Median of each ascending row, of which the first `counts` are results."""
    low = np.take_along_axis(rows, (counts[:, None] - 1) // 2, axis=-1)
    high = np.take_along_axis(rows, counts[:, None] // 2, axis=-1)
    return (low[:, 0] + high[:, 0]) / 2


def pair_differences(rows: Floats) -> Floats:
    """Differences of every pair in each ascending row, unsorted; +inf where one of the two is absent."""
    width = rows.shape[1]
    pairs = np.empty((len(rows), width * (width - 1) // 2))
    minuend, subtrahend = rows, np.where(np.isfinite(rows), rows, 0.0)
    start = 0
    for lag in range(1, width):
        np.subtract(minuend[:, lag:], subtrahend[:, :-lag], out=pairs[:, start : start + width - lag])
        start += width - lag
    return pairs


def blocks(rows: int, width: int) -> Iterator[slice]:
    """Runs of rounds that fit a block where each takes `width` numbers."""
    step = max(1, BLOCK // max(width, 1))
    return (slice(start, start + step) for start in range(0, rows, step))
