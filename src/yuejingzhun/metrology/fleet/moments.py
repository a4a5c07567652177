"""What a district's readings come to: the sums of squares and products of its columns; and a day more of them."""

from dataclasses import dataclass

import numpy as np

from yuejingzhun.metrology.arguments import ArgumentError, Floats
from yuejingzhun.metrology.fleet.averages import Panel, Whole, write_averaged
from yuejingzhun.metrology.fleet.columns import (
    EXTRA,
    SAMPLED,
    Steps,
    whiten,
    without_gaps,
    without_starts,
    write_columns,
)
from yuejingzhun.metrology.fleet.leaky import integrate


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the next day goes on, of averaged registers."""

    last: Floats  # columns: white values of the last block
    ahead: Floats  # columns: what the next block starts with (averages.py)
    leak: float
    block: int


@dataclass(frozen=True, slots=True)
class Moments:
    """Of one district. `products` are those of the white columns, meters in steps (columns.py names the rows)."""

    products: Floats  # columns x columns
    squares: Floats  # rows: square of the meter's energy, summed over a sample of intervals
    loading: Floats  # rows: the same, times the load of the meter's group, kWh
    intervals: int  # blocks of them, where registers are averaged
    ends: Ends | None = None  # of averaged registers


@dataclass(frozen=True, slots=True)
class Space:
    """Working space for one district's averaged columns: fresh memory would cost as much as the arithmetic."""

    panel: Panel
    columns: Floats  # columns x blocks
    white: Floats  # columns x blocks
    products: Floats  # columns x columns


def moments(steps: Steps, leak: float) -> tuple[Moments, Floats]:
    """Moments of all intervals, and the white columns they come from."""
    rows, intervals = steps.meters.shape
    size = rows + len(steps.load_scale) + EXTRA
    raw = np.empty((size, intervals))
    loads = write_columns(steps, raw)
    squares, loading = loadings(steps, loads)
    white = whiten(without_gaps(raw, steps.read), leak)
    if steps.read is not None:
        without_starts(white, steps.read, leak)
    return Moments(white @ white.T, squares, loading, white.shape[1]), white


def averaged_moments(whole: Whole, leak: float, block: int, space: Space) -> tuple[Moments, Floats, Floats] | None:
    """Moments, white columns and the groups' loads (kWh) of registers averaged over blocks of so many points.

    `products` and the white columns are in `space`, which says how many blocks there are. None where a register falls.
    """
    found = write_averaged(whole, block, None, space.panel, space.columns)
    if found is None:
        return None
    white = integrate(space.columns, leak, space.white, 1 / block)
    white[-2, 1:] = float(leak) ** np.arange(white.shape[1] - 1)
    products = np.matmul(white, white.T, out=space.products)
    ends = Ends(white[:, -1].copy(), found.ahead, leak, block)
    return Moments(products, found.squares, found.loading, white.shape[1] - 1, ends), white, found.loads


def add_day(ends: Ends, whole: Whole, panel: Panel) -> tuple[Floats, Ends] | None:
    """White columns of further points, whose first is the last one before, and where the next day goes on; None where a
    register falls.

    Raises ArgumentError where the registers are of another number of meters or groups, or no whole number of blocks.
    """
    rows, points = whole.registers.shape
    size = rows + len(whole.load_scale) + EXTRA
    if size != len(ends.last):
        raise ArgumentError("whole", f"表与线路组应共 {len(ends.last) - EXTRA} 个，为 {size - EXTRA}")
    if (points - 1) % ends.block or points == 1:
        raise ArgumentError("whole", f"时段数应为 {ends.block} 的整倍数，为 {points - 1}")
    columns = np.empty((size, (points - 1) // ends.block))
    found = write_averaged(whole, ends.block, ends.ahead, panel, columns)
    if found is None:
        return None
    columns[:, 0] += ends.block * ends.leak * ends.last
    white = integrate(columns, ends.leak, gain=1 / ends.block)
    white[-2] = ends.last[-2] * float(ends.leak) ** np.arange(1, white.shape[1] + 1)
    return white, Ends(white[:, -1].copy(), found.ahead, ends.leak, ends.block)


def loadings(steps: Steps, loads: Floats) -> tuple[Floats, Floats]:
    """`squares` and `loading` of the moments, from the sampled loads of the groups."""
    squares = steps.meters[:, ::SAMPLED] ** 2
    known = np.vstack([loads, np.zeros(squares.shape[1])])  # the last for meters of no group
    every = squares @ known.T
    return squares.sum(axis=1), every[np.arange(len(every)), steps.groups]
