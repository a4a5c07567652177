"""The columns of averaged registers, straight from the registers: where only their rounding makes noise.

A mean of `block` registers has that much less of the rounding, and of a meter's energy, summed up as it is, it loses
next to nothing; the columns become shorter, and all that follows cheaper, by the same factor. The loss is the square of
the load of each single interval, so that the loads alone are formed at full length.

Registers are taken some at a time, which the processor's cache holds, and summed over blocks: these columns
are `block` times as large as those of the means; the filter (leaky.py) divides.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.balance import Ints
from yuejingzhun.metrology.fleet.columns import EXTRA, SAMPLED

CACHED = 40 * 96 * 30  # points that are looked at at once: not quite 1 MB


@dataclass(frozen=True, slots=True)
class Whole:
    """Registers of one district that say all by themselves if none is missing or falls; the rest as in columns.py."""

    registers: Ints  # rows x points
    total_kwh: Floats  # intervals
    unit: Floats  # rows
    groups: NDArray[np.signedinteger]  # rows
    load_scale: Floats  # groups
    is_rising: bool = False  # whether it is known that no register is missing anywhere, or falls


@dataclass(frozen=True, slots=True)
class Averaged:
    """What comes with the columns."""

    ahead: Floats  # columns: `block` times the register at the end less the sum over the last block
    squares: Floats  # rows: square of the meter's energy in steps, summed over a sample of intervals
    loading: Floats  # rows: the same, times the load of the meter's group, kWh
    loads: Floats  # groups x points of the blocks: load of the interval that ends there, kWh


@dataclass(frozen=True, slots=True)
class Panel:
    """Working space for the registers that are in the processor's cache."""

    steps: Ints
    floats: Floats
    fallen: NDArray[np.bool_]


def panel_of(registers: Ints) -> Panel:
    """Working space for registers (any number x points) like these."""
    size = max(CACHED, registers.shape[-1])
    return Panel(np.empty(size, dtype=registers.dtype), np.empty(size), np.empty(size, dtype=bool))


def write_averaged(whole: Whole, block: int, ahead: Floats | None, panel: Panel, out: Floats) -> Averaged | None:
    """Columns before the filter into `out` (rows as in columns.py, as many as the points have whole blocks).

    `ahead` is what an earlier call returned: the first point is then the last one of before, and the others are whole
    blocks. Without, points that are too many at the begin are left out, and as nothing stands before the first block,
    the first column is zero. None where a register falls or is missing: then nothing comes of these columns.
    """
    rows, count = len(whole.unit), len(whole.load_scale)
    points = out.shape[1] * block
    begin = np.zeros(len(out)) if ahead is None else ahead
    after = np.zeros(len(out))
    net = np.zeros((count + 1, points + 1))  # registers, from the point before on, of meters of no group and of each
    order = np.argsort(whole.groups, kind="stable")
    order = order[whole.unit[order] != 0]
    groups = whole.groups[order]
    energy = np.empty((len(order), (points - 1) // SAMPLED))
    at_once = max(CACHED // whole.registers.shape[1], 1)
    for start in range(0, len(order), at_once):
        members = order[start : start + at_once]
        taken = _taken(whole, members, panel, points)
        if taken is None:
            return None
        own, before = taken
        for group, first, end in _runs(groups, start, start + at_once):
            # A vector a group: one product with a narrow matrix for all of them takes thrice as long.
            unit = whole.unit[members[first:end]]
            net[group + 1, 0] += unit @ before[first:end]
            net[group + 1, 1:] += unit @ own[first:end]
        some = energy[start : start + at_once]
        np.subtract(own[:, SAMPLED::SAMPLED], own[:, SAMPLED - 1 : -1 : SAMPLED], out=some)
        out[members], after[members] = _increments(own, before, begin[members], block)
    out[:rows][whole.unit == 0] = 0.0
    loads = np.diff(net)
    out[rows:], after[rows:] = _of_the_rest(whole, loads, begin[rows:], block)
    if ahead is None:
        out[:, 0] = 0.0
    squares, loading = np.zeros((2, rows))
    known = loads[:, SAMPLED::SAMPLED].copy()
    known[0] = 0.0
    np.square(energy, out=energy)
    squares[order] = energy.sum(axis=1)
    loading[order] = np.einsum("ij,ij->i", energy, known[groups + 1])
    return Averaged(after, squares, loading, loads[1:])


def block_sums(registers: Floats, block: int) -> Floats:
    """Sums over blocks of neighbours, rows x blocks; `registers` are in C order and have whole blocks."""
    while block % 4 == 0:  # two neighbours as one complex number: an addition for both, of what is far apart
        pairs = registers.view(np.complex128)
        registers = (pairs[:, ::2] + pairs[:, 1::2]).view(np.float64)
        block //= 2
    sums = registers[:, ::block].copy()
    for place in range(1, block):
        sums += registers[:, place::block]
    return sums


def _runs(groups: NDArray[np.signedinteger], start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Places, from `start` on, of each group among those places of the ascending `groups`: group, begin, end."""
    some = groups[start:end].tolist()
    begin = 0
    while begin < len(some):
        stop = bisect_right(some, some[begin])
        yield some[begin], begin, stop
        begin = stop


def _taken(whole: Whole, members: NDArray[np.intp], panel: Panel, points: int) -> tuple[Floats, Floats] | None:
    """Registers at the last `points` points, and at the one before, or at the first, if nothing is before; None where
    one falls or is missing."""
    count, every = len(members), whole.registers.shape[1]
    steps = panel.steps[: count * every].reshape(count, every)
    np.take(whole.registers, members, axis=0, out=steps, mode="clip")  # with "raise", numpy would copy once more
    if not whole.is_rising and (steps[:, 0].min() < 0 or _falls(steps, panel)):
        return None
    own = panel.floats[: count * points].reshape(count, points)
    own[:] = steps[:, every - points :]
    return own, steps[:, max(every - points - 1, 0)].astype(np.float64)


def _falls(steps: Ints, panel: Panel) -> bool:
    # A point that is missing later shows as a fall.
    fallen = panel.fallen[: steps.size - len(steps)].reshape(len(steps), -1)
    return bool(np.less(steps[:, 1:], steps[:, :-1], out=fallen).any())


def _of_the_rest(whole: Whole, loads: Floats, begin: Floats, block: int) -> tuple[Floats, Floats]:
    """Columns of the losses, the fixed loss, the start (none yet) and the balance; and what comes ahead."""
    count, points = len(whole.load_scale), loads.shape[1]
    steps = np.zeros((count + EXTRA, points))
    np.square(loads[1:], out=steps[:count])
    steps[:count] /= whole.load_scale[:, None]
    steps[count] = 1.0
    known = whole.total_kwh[-points:]  # one less than the points where nothing is before them
    np.subtract(known, loads[:, points - known.size :].sum(axis=0), out=steps[-1, points - known.size :])
    # An interval counts once for each register from its end on: what is not in its own block's sum is in the next's.
    weights = np.column_stack([np.arange(block, 0.0, -1), np.arange(0.0, block)])
    sums = (steps.reshape(-1, block) @ weights).reshape(len(steps), -1, 2)
    found = sums[:, :, 0].copy()
    found[:, 0] += begin
    found[:, 1:] += sums[:, :-1, 1]
    return found, sums[:, -1, 1]


def _increments(own: Floats, before: Floats, begin: Floats, block: int) -> tuple[Floats, Floats]:
    """Of the sums over blocks, and what comes ahead of the next block."""
    sums = block_sums(own, block)
    steps = np.empty_like(sums)
    np.subtract(sums[:, 1:], sums[:, :-1], out=steps[:, 1:])
    steps[:, 0] = sums[:, 0] - block * before + begin
    return steps, block * own[:, -1] - sums[:, -1]
