"""A chunk of districts: solve all, look at what each residual says, correct the few that need it, solve these again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.balance import Balance
from yuejingzhun.metrology.fleet.columns import EXTRA
from yuejingzhun.metrology.fleet.diagnosis import change_wanted, noise_of
from yuejingzhun.metrology.fleet.increments import Corrections
from yuejingzhun.metrology.fleet.moments import Moments
from yuejingzhun.metrology.fleet.noise import Noise
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.metrology.fleet.solve import Solution, solve
from yuejingzhun.metrology.fleet.work import Wanted, Work, batch_of, begin, excess_of, group_loss_of, residual_of

ROUNDS = 16
BLOCK = 4  # intervals whose registers are averaged where only rounding makes noise: an hour
LARGE = 0.01  # an error whose share in the loss is worth an exact look
DOUBT = 0.35  # relative standard uncertainty of the correction of a large error for its share in the loss


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
    mean_kwh: Floats  # rows: of an interval
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


def room(balance: Balance, groups: int, districts: int) -> Floats:
    """Working space of `resolve` for so many districts at a time: fresh memory would cost as much as the arithmetic."""
    rows, points = balance.registers.shape[1:]
    return np.empty((districts + 1, rows + groups + EXTRA, points - 1))


def resolve(balance: Balance, numbers: Sequence[int], groups: int, prior: Prior, space: Floats) -> list[District]:
    """The districts of these numbers, in order."""
    intervals = balance.registers.shape[2] - 1
    block = BLOCK if intervals % BLOCK == 0 and balance.points_a_day % BLOCK == 0 else 1
    white = dict(zip(numbers, space[1:], strict=False))
    first = Wanted(Corrections(), None, np.zeros(groups), block)
    waiting = [begin(balance, number, groups, first, (space[0], white[number])) for number in numbers]
    done: dict[int, District] = {}
    for turn in range(ROUNDS):
        solution = solve(batch_of(waiting), prior)
        again = []
        for place, work in enumerate(waiting):
            residual = residual_of(work, solution, place)
            fitted = noise_of(work, solution, place, residual)
            change = change_wanted(work, solution, place, residual, fitted, balance) if turn < ROUNDS - 1 else None
            if change is None:
                work = replace(work, misfit=max(fitted.variance / work.noise.variance, 1.0))
                done[work.number] = _district(work, solution, place, residual, balance)
            else:
                same = change[0] == work.corrections
                wanted = Wanted(
                    *change,
                    group_loss=group_loss_of(work, solution, place),
                    block=work.noise.block,
                    leaks=work.wanted.leaks | {work.noise.leak} if same else frozenset(),
                    is_even=same and (work.wanted.is_even or work.noise.scatter > 0),
                )
                again.append(begin(balance, work.number, groups, wanted, (space[0], white[work.number])))
        waiting = again
        if not waiting:
            break
    return [done[number] for number in numbers]


def _district(work: Work, solution: Solution, place: int, residual: Floats, balance: Balance) -> District:
    steps = work.read.steps
    rows, groups = len(steps.unit), len(steps.load_scale)
    coefficients = solution.posterior.coefficients[place]
    loss = group_loss_of(work, solution, place)
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
        excess=excess_of(work),
        skewness=_skewness(residual, work.noise.leak if work.uneven is None else 0.0),
        persistence=float(residual[1:] @ residual[:-1] / (residual @ residual)),
        residual_kwh=days.mean(axis=0) if len(days) else np.zeros(points_a_day),
        corrections=work.corrections,
        unread=work.read.unread,
        falling=work.read.falling,
        total_read=work.read.total_read,
        intervals=work.read.intervals,
        mean_kwh=np.abs(steps.unit) * work.read.mean_steps,
        total_kwh=float(steps.total_kwh.mean()),
        difference_kwh=work.read.difference_kwh,
        moments=work.moments,
        unit=steps.unit,
        load_scale=steps.load_scale,
        site=solution.posterior.site[place],
        shift=solution.posterior.shift[place],
        seen=seen,
    )


def _seen_through_loss(loss: Floats, groups: NDArray[np.signedinteger], state: Moments) -> Floats:
    """By how much the balance sees more than a meter's error: a wrong energy also makes a wrong load, and the loss is
    its square."""
    return np.asarray(1 + 2 * np.append(loss, 0.0)[groups] * state.loading / np.maximum(state.squares, 1.0))


def _with_exact_loading(work: Work, rows: NDArray[np.intp], balance: Balance) -> Moments:
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


def _skewness(residual: Floats, leak: float) -> float:
    difference = residual[1:] - leak * residual[:-1]
    centred = difference - difference.mean()
    square = centred * centred
    return float((square @ centred) / centred.size / square.mean() ** 1.5)
