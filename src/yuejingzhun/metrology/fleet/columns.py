"""The energy balance of one district as a linear model with white noise.

    total[t] - sum of s[i] y[i, t]  =  - sum of s[i] y[i, t] a[i]  +  fixed  +  sum of r[g] load[g, t]^2  +  noise

with y the energy that meter i registered, s its sign, load the net energy of a group and a = e / (1 + e) for a relative
error e of indication (the energy is y / (1 + e)). All columns pass the leaky integrator (leaky.py), which makes the
rounding of the registers white. Rows of the result: one a meter, one a group, the fixed loss, the unknown register at
the start, and last the left side.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.leaky import integrate

SAMPLED = 19  # of so many intervals one tells which load a meter meets; shares no factor with the points of a day
EXTRA = 3  # rows after meters and groups: fixed loss, start, left side


@dataclass(frozen=True, slots=True)
class Steps:
    """Increments of one district's registers, in steps, and what turns them into kWh."""

    meters: Floats  # rows x intervals
    total_kwh: Floats  # intervals
    unit: Floats  # rows: kWh a step, with the sign
    groups: NDArray[np.signedinteger]  # rows
    load_scale: Floats  # groups: kWh^2 that count as 1 in the loss column
    read: NDArray[np.bool_] | None = None  # intervals that every register was read in; None: all


def write_columns(steps: Steps, into: Floats) -> Floats:
    """The model's columns before the filter, rows as the module says; returns the loads of the groups, kWh, sampled.

    Meters stay in steps (their unit is applied to the moments, where it costs nothing) and may already be in place.
    """
    rows, count = len(steps.unit), len(steps.load_scale)
    if not np.may_share_memory(into, steps.meters):
        into[:rows] = steps.meters
    member = np.zeros((count + 1, rows))
    listed = np.flatnonzero(steps.groups >= 0)
    member[steps.groups[listed], listed] = steps.unit[listed]
    member[count] = steps.unit
    loads = into[rows : rows + count + 1]
    np.matmul(member, into[:rows], out=loads)
    np.subtract(steps.total_kwh, loads[count], out=into[-1])
    sample = loads[:count, ::SAMPLED].copy()
    np.square(loads[:count], out=loads[:count])
    loads[:count] /= steps.load_scale[:, None]
    into[rows + count] = 1.0
    into[rows + count + 1] = 0.0
    return sample


def without_gaps(columns: Floats, read: NDArray[np.bool_] | None) -> Floats:
    """Columns of the intervals that every register was read in.

    The sum over a gap is known, but not the square of the load in it: kept, it would bias all that follows.
    """
    return columns if read is None else np.ascontiguousarray(columns[:, read])


def whiten(columns: Floats, leak: float, out: Floats | None = None) -> Floats:
    """Columns with white noise; `columns` is lost. The start row becomes the fading of a register unknown at first."""
    white = integrate(columns, leak, out)
    white[-2] = float(leak) ** np.arange(white.shape[1])
    return white


def without_starts(white: Floats, read: NDArray[np.bool_], leak: float) -> Floats:
    """White columns, in place, without what depends on the registers at the end of each gap, which nobody read.

    After a gap that unknown fades as the filter's memory does, so its shape is known and is projected out.
    """
    kept = np.flatnonzero(read)
    begins = np.flatnonzero(np.diff(kept) > 1) + 1
    for begin, end in zip(begins, [*begins, kept.size][1:], strict=True):
        fading = float(leak) ** np.arange(end - begin)
        fading /= np.sqrt(fading @ fading)
        part = white[:, begin:end]
        part -= np.outer(part @ fading, fading)
    return white
