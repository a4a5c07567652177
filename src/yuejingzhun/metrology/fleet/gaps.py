"""Filling in what was not read: the register after a gap tells its energy, the meter's mean day its shape."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.balance import Ints

Flags = NDArray[np.bool_]
LEAST_READ = 0.5  # share of its intervals below which a meter's days are not known well enough to fill in the others


@dataclass(frozen=True, slots=True)
class Filled:
    """Increments of one register, whether each was read, and whether the register fell somewhere: a changed meter, or
    one that went over to zero."""

    increments: Floats
    read: Flags
    fell: bool
    unsure: Floats  # variance of each increment: 0 where read, inf where not even the sum over the gap is known


def filled(register: Ints, points_a_day: int) -> Filled | None:
    """None where too little was read. Negative registers are missing; a fall leaves its interval unknown."""
    steps = np.diff(register).astype(np.float64)
    read = (register[1:] >= 0) & (register[:-1] >= 0)
    fell = bool((steps[read] < 0).any())
    read &= steps >= 0
    if read.mean() < LEAST_READ:
        return None
    of_day = np.arange(steps.size) % points_a_day
    count = np.bincount(of_day, read, points_a_day)
    mean = np.bincount(of_day, np.where(read, steps, 0.0), points_a_day) / np.maximum(count, 1)
    usual = np.where(count > 0, mean, steps[read].mean())[of_day]
    result = np.where(read, steps, usual)
    spread = float(np.square(steps - usual)[read].mean())
    unsure = np.where(read, 0.0, np.inf)
    for begin, end in runs(~read):
        if register[begin] >= 0 and end < register.size and register[end] >= register[begin]:
            energy, guess = float(register[end] - register[begin]), result[begin:end].sum()
            share = energy / guess if guess > 0 else 0.0
            result[begin:end] *= share
            unsure[begin:end] = spread * share**2
    return Filled(result, read, fell, unsure)


def filled_total(total: Ints, step_kwh: float, net_kwh: Floats, may_fall: bool) -> Filled:
    """Energy of the total meter, kWh: a gap takes the shape of the meters' net energy, and the sum that the register
    tells."""
    result = np.diff(total) * step_kwh
    read = (total[1:] >= 0) & (total[:-1] >= 0)
    if not may_fall:
        read &= result >= 0
    excess = float((result - net_kwh)[read].mean()) if read.any() else 0.0
    unsure = np.where(read, 0.0, np.inf)
    for begin, end in runs(~read):
        result[begin:end] = net_kwh[begin:end] + excess
        if total[begin] >= 0 and end < total.size and total[end] >= 0 and (may_fall or total[end] >= total[begin]):
            result[begin:end] += ((total[end] - total[begin]) * step_kwh - result[begin:end].sum()) / (end - begin)
            unsure[begin:end] = 0.0  # the meters tell the loss in the gap
    arrived = (total[1:] >= 0) & (total[:-1] >= 0)
    return Filled(result, read, bool((arrived & ~read).any()), unsure)


def runs(marked: Flags) -> list[tuple[int, int]]:
    """Begin and end (exclusive) of each run of marked places."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def shifted(increments: Floats, late: float) -> Floats:
    """Increments of a meter whose clock is `late` intervals behind, moved to where they belong; ends keep the mean."""
    register = np.concatenate([[0.0], np.cumsum(increments)])
    points = np.arange(register.size) + late
    mean = register[-1] / increments.size
    moved = np.interp(points, np.arange(register.size), register)
    moved += mean * (np.minimum(points, 0) + np.maximum(points - increments.size, 0))
    return np.diff(moved)
