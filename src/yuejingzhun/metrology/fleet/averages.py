"""The columns of averaged registers, straight from the registers: where only their rounding makes noise.

A mean of `block` registers has that much less of the rounding, and of a meter's energy, summed up as it is, it loses
next to nothing; the columns become shorter, and all that follows cheaper, by the same factor. The loss is the square of
the load of each single interval, so that the loads alone are formed at full length.

Registers are taken some of a group at a time, which the processor's cache holds, and summed over blocks: these columns
are `block` times as large as those of the means; the filter (leaky.py) divides.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.balance import Ints
from yuejingzhun.metrology.fleet.columns import EXTRA, SAMPLED

ROWS_AT_ONCE = 40  # not quite 1 MB of a month's quarter hours


@dataclass(frozen=True, slots=True)
class Whole:
    """Registers of one district that were all read and never fall; the rest as in columns.Steps."""

    registers: Ints  # rows x points
    total_kwh: Floats  # intervals
    unit: Floats  # rows
    groups: NDArray[np.signedinteger]  # rows
    load_scale: Floats  # groups


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


def panel_of(registers: Ints) -> Panel:
    """Working space for registers (any number x points) like these."""
    size = ROWS_AT_ONCE * registers.shape[-1]
    return Panel(np.empty(size, dtype=registers.dtype), np.empty(size))


def write_averaged(steps: Whole, block: int, ahead: Floats | None, panel: Panel, out: Floats) -> Averaged:
    """Columns before the filter into `out` (rows as in columns.py, as many as the points have whole blocks).

    `ahead` is what an earlier call returned: the first point is then the last one of before, and the others are whole
    blocks. Without, points that are too many at the begin are left out, and as nothing stands before the first block,
    the first column is zero.
    """
    rows, count = len(steps.unit), len(steps.load_scale)
    points = out.shape[1] * block
    begin = np.zeros(len(out)) if ahead is None else ahead
    after = np.zeros(len(out))
    net = np.zeros((count + 1, points + 1))  # registers of the groups from the point before on; last, those of none
    sampled = np.zeros((rows, (points - 1) // SAMPLED))
    out[:rows][steps.unit == 0] = 0.0
    for group, members in _panels(steps, ROWS_AT_ONCE):
        own, before = _taken(steps, members, panel, points)
        net[group, 0] += steps.unit[members] @ before
        net[group, 1:] += steps.unit[members] @ own
        sampled[members] = own[:, SAMPLED::SAMPLED] - own[:, SAMPLED - 1 : -1 : SAMPLED]
        out[members], after[members] = _increments(own, before, begin[members], block)
    loads = np.diff(net)
    others = _others(steps, loads)
    out[rows:], after[rows:] = _increments(others, np.zeros(len(others)), begin[rows:], block)
    if ahead is None:
        out[:, 0] = 0.0
    squares = np.square(sampled, out=sampled)
    known = loads[:, SAMPLED::SAMPLED]
    known[count] = 0.0
    loading = (squares @ known.T)[np.arange(rows), steps.groups]
    return Averaged(after, squares.sum(axis=1), loading, loads[:count])


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


def _panels(steps: Whole, most: int) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Rows that count, group by group (-1: of no group), `most` at a time."""
    order = np.argsort(steps.groups, kind="stable")
    order = order[steps.unit[order] != 0]
    groups = steps.groups[order]
    for group in range(-1, len(steps.load_scale)):
        begin, end = np.searchsorted(groups, (group, group + 1)).tolist()
        for start in range(begin, end, most):
            yield group, order[start : min(start + most, end)]


def _taken(steps: Whole, members: NDArray[np.intp], panel: Panel, points: int) -> tuple[Floats, Floats]:
    """Registers at the last `points` points, and at the one before, or at the first, if nothing is before."""
    count, every = len(members), steps.registers.shape[1]
    whole = panel.steps[: count * every].reshape(count, every)
    np.take(steps.registers, members, axis=0, out=whole, mode="clip")  # with "raise", numpy would copy once more
    own = panel.floats[: count * points].reshape(count, points)
    own[:] = whole[:, every - points :]
    return own, whole[:, max(every - points - 1, 0)].astype(np.float64)


def _others(steps: Whole, loads: Floats) -> Floats:
    """Registers, from the point before on, of the losses, the fixed loss, the start (none yet) and the balance."""
    count, points = len(steps.load_scale), loads.shape[1]
    found = np.zeros((count + EXTRA, points))
    np.cumsum(np.square(loads[:count]) / steps.load_scale[:, None], axis=1, out=found[:count])
    found[count] = np.arange(1, points + 1)
    total_kwh = steps.total_kwh[-points:]
    balance = found[-1][points - len(total_kwh) :]
    np.cumsum(total_kwh - loads[:, points - len(total_kwh) :].sum(axis=0), out=balance)
    return found


def _increments(own: Floats, before: Floats, begin: Floats, block: int) -> tuple[Floats, Floats]:
    """Of the sums over blocks, and what comes ahead of the next block."""
    sums = block_sums(own, block)
    steps = np.empty_like(sums)
    np.subtract(sums[:, 1:], sums[:, :-1], out=steps[:, 1:])
    steps[:, 0] = sums[:, 0] - block * before + begin
    return steps, block * own[:, -1] - sums[:, -1]
