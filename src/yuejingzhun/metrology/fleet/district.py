"""A chunk of districts: solve all, look at what each residual says, correct the few that need it, solve these again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.balance import Balance
from yuejingzhun.metrology.fleet.clock_offset import FARTHEST, clock_offsets
from yuejingzhun.metrology.fleet.columns import EXTRA
from yuejingzhun.metrology.fleet.increments import Corrections, Read, increments
from yuejingzhun.metrology.fleet.moments import Moments, moments
from yuejingzhun.metrology.fleet.noise import Noise, expected_noise, fitted_noise, is_settled, rounding_variance
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.metrology.fleet.solve import Batch, Solution, solve
from yuejingzhun.metrology.fleet.unknown_groups import fits_memory, has_unknown, unknown_loss, without_unknown

ROUNDS = 8
BLOCK = 4  # intervals whose registers are averaged where only rounding makes noise: an hour
LARGE = 0.01  # an error whose share in the loss is worth an exact look
DOUBT = 0.35  # relative standard uncertainty of the correction of a large error for its share in the loss
MUCH = 1.8  # noise, as a multiple of the rounding's, that asks for a cause
FOREIGN = 0.5  # a meter that seems to register so much more than it drew is not fed from here


@dataclass(frozen=True, slots=True)
class District:
    """What was found of one district. Arrays of rows; energies kWh in an interval."""

    mean: Floats  # of the likelihood of a = e / (1 + e), given the others
    variance: Floats
    cavity_variance: Floats  # as the balance sees it, without the correction for the loss
    measured: NDArray[np.bool_]
    group_loss: Floats  # groups: kWh lost for each kWh^2 of the group's load in an interval
    fixed_loss_kwh: float
    noise: Noise
    rounding: float  # variance of the balance that is due to the registers' steps, kWh^2
    persistence: float  # correlation of what is left between an interval and the next, after the filter
    residual_kwh: Floats  # points of a day: mean of what is left, in differences
    corrections: Corrections
    unread: tuple[int, ...]
    falling: tuple[int, ...]
    total_read: float  # share of the total's intervals
    intervals: int  # that every register was read in
    total_kwh: float  # mean
    difference_kwh: float  # mean of the total less the meters
    excess: float  # noise, as a multiple of what rounding makes
    skewness: float  # of what is left, in differences
    moments: Moments
    unit: Floats  # kWh a step, with the sign
    load_scale: Floats  # groups
    site: Floats  # see posterior.py
    shift: Floats
    seen: Floats  # how much more than the error the balance sees, through the loss
    is_veiled: bool = False  # whether the loss of unknown groups was taken out (unknown_groups.py)


@dataclass(frozen=True, slots=True)
class _Work:
    """A district on its way; `white` is a view of working space that the next round may use again."""

    number: int
    corrections: Corrections
    read: Read
    moments: Moments
    white: Floats
    noise: Noise
    rounding: float
    misfit: float = 1.0  # mean square of what is left, in units of the noise
    is_veiled: bool = False  # by the loss of unknown groups, of which the noise can't be told


def room(balance: Balance, groups: int, districts: int) -> Floats:
    """Working space of `resolve` for so many districts at a time: fresh memory would cost as much as the arithmetic."""
    rows, points = balance.registers.shape[1:]
    return np.empty((districts + 1, rows + groups + EXTRA, points - 1))


def resolve(balance: Balance, numbers: Sequence[int], groups: int, prior: Prior, space: Floats) -> list[District]:
    """The districts of these numbers, in order."""
    intervals = balance.registers.shape[2] - 1
    block = BLOCK if intervals % BLOCK == 0 and balance.points_a_day % BLOCK == 0 else 1
    white = dict(zip(numbers, space[1:], strict=False))
    waiting = [
        _begin(balance, number, groups, Corrections(), None, block, (space[0], white[number])) for number in numbers
    ]
    done: dict[int, District] = {}
    for turn in range(ROUNDS):
        solution = solve(_batch(waiting), prior)
        again = []
        for place, work in enumerate(waiting):
            residual = _residual(work, solution, place)
            fitted = fitted_noise(residual, work.noise, float(solution.posterior.freedom[place]))
            change = _change(work, solution, place, residual, fitted, balance) if turn < ROUNDS - 1 else None
            if change is None:
                work = replace(work, misfit=max(fitted.variance / work.noise.variance, 1.0))
                done[work.number] = _district(work, solution, place, residual, balance)
            else:
                again.append(
                    _begin(balance, work.number, groups, *change, work.noise.block, (space[0], white[work.number]))
                )
        waiting = again
        if not waiting:
            break
    return [done[number] for number in numbers]


def _begin(
    balance: Balance,
    number: int,
    groups: int,
    corrections: Corrections,
    noise: Noise | None,
    block: int,
    space: tuple[Floats, Floats],
) -> _Work:
    read = increments(balance, number, groups, corrections, space[0][: balance.registers.shape[1]])
    rounding = rounding_variance(read.steps.unit, float(balance.total_resolution_kwh[number]))
    if noise is None or (noise.block > 1 and read.steps.read is not None):
        noise = expected_noise(rounding, 1 if read.steps.read is not None else block)
    veiled = has_unknown(read.steps) and fits_memory(read.steps, noise)
    loss = unknown_loss(read.steps, noise) if veiled else None
    state, white = moments(read.steps, noise.leak, noise.block, space)
    if loss is not None:
        state, white = without_unknown(state, white, read.steps, noise, loss)
    return _Work(number, corrections, read, state, white, noise, rounding, is_veiled=loss is not None)


def _batch(works: Sequence[_Work]) -> Batch:
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


def _residual(work: _Work, solution: Solution, place: int) -> Floats:
    weights = np.append(-solution.posterior.coefficients[place], 1.0)
    weights[: len(work.read.steps.unit)] *= -work.read.steps.unit
    return np.asarray(weights @ work.white)


def _change(
    work: _Work, solution: Solution, place: int, residual: Floats, fitted: Noise, balance: Balance
) -> tuple[Corrections, Noise | None] | None:
    """What to do differently, one thing at a time: the noise first, as everything else is judged by it."""
    if not work.is_veiled and not is_settled(fitted, work.noise):  # averages serve the noise of rounding only
        return work.corrections, fitted if work.noise.block == 1 else expected_noise(work.rounding)
    steps, corrections = work.read.steps, work.corrections
    mean, variance = solution.posterior.cavity_mean[place], solution.posterior.cavity_variance[place]
    if _excess(work) > MUCH and steps.read is None:
        late = _late(work, residual, balance)
        if late:
            return replace(corrections, late=late), None
    foreign = np.flatnonzero(solution.measured[place] & (mean - 4 * np.sqrt(variance) > FOREIGN) & (steps.unit > 0))
    if not foreign.size:
        return None
    worst = int(foreign[mean[foreign].argmax()])
    return replace(corrections, dropped=corrections.dropped | {worst}), None


def _late(work: _Work, residual: Floats, balance: Balance) -> dict[int, float]:
    """Offsets of the clocks with those newly found; empty where there are none, or none that can be believed."""
    unit, known = work.read.steps.unit, work.corrections.late
    raw = np.diff(balance.registers[work.number]) * unit[:, None]
    white = work.white[: len(unit)] * unit[:, None]
    found = clock_offsets(raw, white, residual, work.noise.leak, work.noise.variance)
    found = {row: known.get(row, 0.0) + by for row, by in found.items()}
    found = {row: by for row, by in found.items() if abs(by) <= FARTHEST}
    return {**known, **found} if found else {}


def _district(work: _Work, solution: Solution, place: int, residual: Floats, balance: Balance) -> District:
    steps = work.read.steps
    rows, groups = len(steps.unit), len(steps.load_scale)
    coefficients = solution.posterior.coefficients[place]
    loss = np.maximum(coefficients[rows : rows + groups], 0) / steps.load_scale
    cavity = solution.posterior.cavity_variance[place] * work.misfit
    mean = np.abs(solution.posterior.cavity_mean[place])
    large = np.flatnonzero(solution.measured[place] & (mean > LARGE) & (mean > 4 * np.sqrt(cavity)))
    seen = _seen_through_loss(loss, steps.groups, _with_exact_loading(work, large, balance))
    points_a_day = balance.points_a_day // work.noise.block
    days = residual[: residual.size // points_a_day * points_a_day].reshape(-1, points_a_day)
    return District(
        mean=solution.posterior.cavity_mean[place] / seen,
        variance=cavity / seen**2 + (DOUBT * (seen - 1) * solution.posterior.cavity_mean[place]) ** 2,
        cavity_variance=cavity,
        measured=solution.measured[place],
        group_loss=loss,
        fixed_loss_kwh=float(coefficients[rows + groups]),
        noise=work.noise,
        rounding=work.rounding,
        excess=_excess(work),
        skewness=_skewness(residual, work.noise.leak),
        persistence=float(residual[1:] @ residual[:-1] / (residual @ residual)),
        residual_kwh=days.mean(axis=0) if len(days) else np.zeros(points_a_day),
        corrections=work.corrections,
        unread=work.read.unread,
        falling=work.read.falling,
        total_read=work.read.total_read,
        intervals=work.read.intervals,
        total_kwh=float(steps.total_kwh.mean()),
        difference_kwh=work.read.difference_kwh,
        moments=work.moments,
        unit=steps.unit,
        load_scale=steps.load_scale,
        site=solution.posterior.site[place],
        shift=solution.posterior.shift[place],
        seen=seen,
        is_veiled=work.is_veiled,
    )


def _seen_through_loss(loss: Floats, groups: NDArray[np.signedinteger], state: Moments) -> Floats:
    """By how much the balance sees more than a meter's error: a wrong energy also makes a wrong load, and the loss is
    its square."""
    return np.asarray(1 + 2 * np.append(loss, 0.0)[groups] * state.loading / np.maximum(state.squares, 1.0))


def _with_exact_loading(work: _Work, rows: NDArray[np.intp], balance: Balance) -> Moments:
    """Moments in which the load that these meters meet is that of all intervals, not of a sample."""
    squares, loading = work.moments.squares.copy(), work.moments.loading.copy()
    groups, unit = work.read.steps.groups, work.read.steps.unit
    registers = balance.registers[work.number]
    for row in rows:
        if groups[row] < 0 or unit[row] == 0 or work.read.steps.read is not None:
            continue
        own = np.diff(registers[row]).astype(np.float64)
        load = np.diff(unit[groups == groups[row]] @ registers[groups == groups[row]])
        squares[row] = own @ own
        loading[row] = (own * load) @ own
    return replace(work.moments, squares=squares, loading=loading)


def _excess(work: _Work) -> float:
    return work.noise.variance * work.noise.block * max(work.noise.leak, 0.5) / work.rounding


def _skewness(residual: Floats, leak: float) -> float:
    difference = residual[1:] - leak * residual[:-1]
    centred = difference - difference.mean()
    square = centred * centred
    return float((square @ centred) / centred.size / square.mean() ** 1.5)
