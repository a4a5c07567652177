"""What is kept of a district's readings: the sums of squares and products of its columns, to which a day is added."""

from dataclasses import dataclass, replace

import numpy as np

from yuejingzhun.metrology.arguments import ArgumentError, Floats
from yuejingzhun.metrology.fleet.columns import (
    EXTRA,
    SAMPLED,
    Steps,
    averaged,
    whiten,
    without_gaps,
    without_starts,
    write_columns,
)


@dataclass(frozen=True, slots=True)
class Moments:
    """Of one district. `products` are those of the white columns, meters in steps (columns.py names the rows)."""

    products: Floats  # columns x columns
    last: Floats  # columns: white values of the last interval, where the next day goes on
    ahead: Floats  # columns: what the next block starts with (see columns.averaged)
    squares: Floats  # rows: square of the meter's energy, summed over a sample of intervals
    loading: Floats  # rows: the same, times the load of the meter's group, kWh
    intervals: int  # blocks of them, where registers are averaged
    leak: float
    block: int


def moments(
    steps: Steps, leak: float, block: int = 1, work: tuple[Floats, Floats] | None = None
) -> tuple[Moments, Floats]:
    """Moments and the white columns they come from; `work` holds two arrays of columns x intervals to use again.

    Blocks above one ask for a whole number of them, and for steps without gaps.
    """
    rows, intervals = steps.meters.shape
    shape = (rows + len(steps.load_scale) + EXTRA, intervals)
    raw, space = (np.empty(shape), np.empty(shape)) if work is None else work
    nothing = np.zeros(shape[0])
    empty = Moments(np.zeros((shape[0], shape[0])), nothing, nothing, nothing[:rows], nothing[:rows], 0, leak, block)
    return _with(empty, steps, raw, space)


def add_day(state: Moments, steps: Steps) -> Moments:
    """The state with further intervals, right after its own, at the cost of these alone.

    Raises ArgumentError where the steps are of another number of meters or groups, or no whole number of blocks.
    """
    rows, intervals = steps.meters.shape
    size = rows + len(steps.load_scale) + EXTRA
    if size != len(state.products):
        raise ArgumentError("steps", f"表与线路组应共 {len(state.products) - EXTRA} 个，为 {size - EXTRA}")
    if intervals % state.block:
        raise ArgumentError("steps", f"时段数应为 {state.block} 的整倍数，为 {intervals}")
    if state.block > 1 and steps.read is not None:
        return state  # a day with a gap; the next one begins as if this had not been
    return _with(state, steps, *np.empty((2, size, intervals)))[0]


def _with(state: Moments, steps: Steps, raw: Floats, space: Floats) -> tuple[Moments, Floats]:
    loads = write_columns(steps, raw)
    squares, loading = _loading(steps, loads)
    ahead = state.ahead
    if state.block > 1:
        size, short = len(raw), raw.shape[1] // state.block
        flat = space.reshape(-1)
        columns, space = (flat[part * size * short :][: size * short].reshape(size, short) for part in (0, 1))
        ahead = averaged(raw, state.block, ahead, columns)
    else:
        columns = without_gaps(raw, steps.read)
    columns[:, 0] += state.leak * state.last
    white = whiten(columns, state.leak, space if space.shape == columns.shape else None)
    if state.intervals:
        white[-2] *= state.leak * state.last[-2]
    last = white[:, -1].copy()
    if steps.read is not None:
        without_starts(white, steps.read, state.leak)
    known = replace(
        state,
        products=state.products + white @ white.T,
        last=last,
        ahead=ahead,
        squares=state.squares + squares,
        loading=state.loading + loading,
        intervals=state.intervals + white.shape[1],
    )
    return known, white


def _loading(steps: Steps, loads: Floats) -> tuple[Floats, Floats]:
    squares = steps.meters[:, ::SAMPLED] ** 2
    known = np.vstack([loads, np.zeros(squares.shape[1])])  # the last for meters of no group
    every = squares @ known.T
    return squares.sum(axis=1), every[np.arange(len(every)), steps.groups]
