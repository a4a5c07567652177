"""A district on its way to its estimate: what is known of it, its columns, and what they leave over."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.balance import Balance
from yuejingzhun.metrology.fleet.columns import write_columns
from yuejingzhun.metrology.fleet.increments import Corrections, Read, increments
from yuejingzhun.metrology.fleet.leaky import integrate
from yuejingzhun.metrology.fleet.moments import Moments, moments
from yuejingzhun.metrology.fleet.noise import LEAST_LEAK, Noise, expected_noise, rounding_variance
from yuejingzhun.metrology.fleet.solve import Batch, Solution
from yuejingzhun.metrology.fleet.uneven import Uneven, merged, uneven
from yuejingzhun.metrology.fleet.uneven_moments import loss_of, uneven_moments


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of a district before its columns are made."""

    corrections: Corrections
    noise: Noise | None
    group_loss: Floats  # groups: kWh for each kWh^2
    block: int  # intervals that are averaged, if that can be
    leaks: frozenset[float] = frozenset()  # that were tried with these corrections, and left
    is_even: bool = False  # a scatter of the loss was tried with these corrections


@dataclass(frozen=True, slots=True)
class Unevenness:
    """The filter of uneven noise and what it was made of; arrays of the intervals that remain."""

    filtered: Uneven
    unsure: Floats  # variance, kWh^2


@dataclass(frozen=True, slots=True)
class Work:
    """A district on its way; `white` is a view of working space that the next round may use again."""

    number: int
    corrections: Corrections
    read: Read
    moments: Moments
    white: Floats
    noise: Noise
    rounding: float
    uneven: Unevenness | None  # None: even noise, and nothing missing
    wanted: Wanted
    misfit: float = 1.0  # mean square of what is left, in units of the noise


def begin(
    balance: Balance,
    number: int,
    groups: int,
    wanted: Wanted,
    space: tuple[Floats, Floats],
) -> Work:
    corrections, noise = wanted.corrections, wanted.noise
    read = increments(balance, number, groups, corrections, space[0][: balance.registers.shape[1]])
    rounding = rounding_variance(read.steps.unit, float(balance.total_resolution_kwh[number]))
    is_even = read.unsure is None and not corrections.doubtful
    if noise is None or (noise.block > 1 and not is_even):
        noise = expected_noise(rounding, wanted.block if is_even else 1)
    if is_even and not noise.scatter:
        state, white = moments(read.steps, noise.leak, noise.block, space)
        return Work(number, corrections, read, state, white, noise, rounding, None, wanted)
    write_columns(read.steps, space[0])
    uneven = unevenness_of(read, noise, loss_of(read.steps, space[0], wanted.group_loss))
    state, white = uneven_moments(read.steps, space[0], uneven.filtered, corrections.doubtful)
    return Work(number, corrections, read, state, white, noise, rounding, uneven, wanted)


def unevenness_of(read: Read, noise: Noise, loss_kwh: Floats) -> Unevenness:
    kept = read.steps.read
    unsure = np.zeros(loss_kwh.size) if read.unsure is None else merged(read.unsure, kept)
    scatter = merged(np.square(noise.scatter * loss_kwh), kept)
    return Unevenness(uneven(max(noise.leak, LEAST_LEAK), (unsure + scatter) / noise.rounding, kept), unsure)


def batch_of(works: Sequence[Work]) -> Batch:
    return Batch(
        products=np.array([work.moments.products for work in works]),
        unit=np.array([work.read.steps.unit for work in works]),
        load_scale=np.array([work.read.steps.load_scale for work in works]),
        intervals=np.array([float(work.moments.intervals) for work in works]),
        leak=np.array([work.noise.leak for work in works]),
        variance=np.array([work.noise.variance for work in works]),
        block=np.array([float(work.noise.block) for work in works]),
        total_kwh=np.array([work.read.steps.total_kwh.mean() for work in works]),
        mean_steps=np.array([work.read.mean_steps for work in works]),
    )


def residual_of(work: Work, solution: Solution, place: int) -> Floats:
    weights = np.append(-solution.posterior.coefficients[place], 1.0)
    weights[: len(work.read.steps.unit)] *= -work.read.steps.unit
    return np.asarray(weights @ work.white)


def group_loss_of(work: Work, solution: Solution, place: int) -> Floats:
    """Groups: kWh for each kWh^2."""
    rows, scale = len(work.read.steps.unit), work.read.steps.load_scale
    return np.asarray(np.maximum(solution.posterior.coefficients[place][rows : rows + len(scale)], 0) / scale)


def loss_kwh_of(work: Work, solution: Solution, place: int) -> Floats:
    """Root of the sum of the squares of the losses of each interval's parts, which scatter one by one."""
    loss = group_loss_of(work, solution, place) * work.read.steps.load_scale
    rows = len(work.read.steps.unit)
    energy = before_filter(work, loss @ work.white[rows : rows + loss.size])
    return energy if work.uneven is None else energy / np.sqrt(work.uneven.filtered.lengths)


def before_filter(work: Work, white: Floats) -> Floats:
    if work.uneven is not None:
        return work.uneven.filtered.undone(white)
    difference = white.copy()
    difference[1:] -= work.noise.leak * white[:-1]
    return difference


def filtered_by(work: Work, columns: Floats) -> Floats:
    return integrate(columns, work.noise.leak) if work.uneven is None else work.uneven.filtered(columns)


def excess_of(work: Work) -> float:
    return work.noise.variance * work.noise.block * max(work.noise.leak, 0.5) / work.rounding
