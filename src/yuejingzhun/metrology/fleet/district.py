"""A chunk of districts: solve all, look at what each residual says, correct the few that need it, solve these again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.averages import Whole, panel_of
from yuejingzhun.metrology.fleet.balance import Balance
from yuejingzhun.metrology.fleet.clock_offset import FARTHEST, clock_offsets
from yuejingzhun.metrology.fleet.columns import EXTRA, Steps, write_columns
from yuejingzhun.metrology.fleet.increments import Corrections, Read, increments, whole
from yuejingzhun.metrology.fleet.leaky import integrate
from yuejingzhun.metrology.fleet.moments import Moments, Space, averaged_moments, moments
from yuejingzhun.metrology.fleet.noise import (
    FIRST_LEAK,
    LEAST_LEAK,
    UNEVEN,
    Noise,
    expected_noise,
    fitted_noise,
    fitted_uneven,
    is_settled,
    rounding_variance,
    unevenness,
)
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.metrology.fleet.solve import Batch, Solution, solve
from yuejingzhun.metrology.fleet.uneven import Uneven, merged, uneven
from yuejingzhun.metrology.fleet.uneven_moments import loss_of, uneven_moments
from yuejingzhun.metrology.fleet.unknown_groups import fits_memory, unveiled

ROUNDS = 16
BLOCK = 4  # intervals whose registers are averaged where only rounding makes noise: an hour
LARGE = 0.01  # an error whose share in the loss is worth an exact look
DOUBT = 0.35  # relative standard uncertainty of the correction of a large error for its share in the loss
SOME = 1.1  # noise, as a multiple of the rounding's, that asks for a cause
MORE = 1.4  # noise, as a multiple of the rounding's, up to which averages still serve
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
    mean_kwh: Floats  # rows: of an interval
    total_kwh: float  # mean
    difference_kwh: float  # mean of the total less the meters
    excess: float  # noise, as a multiple of what rounding makes
    skewness: float  # of what is left, in differences
    moments: Moments | None  # where they were asked for: 0.4 MB
    unit: Floats  # kWh a step, with the sign
    load_scale: Floats  # groups
    site: Floats  # see posterior.py
    shift: Floats
    seen: Floats  # how much more than the error the balance sees, through the loss
    is_veiled: bool = False  # whether the loss of unknown groups was taken out (unknown_groups.py)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How to go about a district: what is known of it so far."""

    corrections: Corrections
    noise: Noise | None
    group_loss: Floats
    block: int
    leaks: frozenset[float] = frozenset()  # that were tried with these corrections, and left
    is_even: bool = False  # a scatter of the loss was tried with these corrections


@dataclass(frozen=True, slots=True)
class Unevenness:
    """The filter of uneven noise and what it was made of; arrays of the intervals that remain."""

    filtered: Uneven
    unsure: Floats  # variance, kWh^2


@dataclass(frozen=True, slots=True)
class _Work:
    """A district on its way; `white` is a view of working space that the next round may use again."""

    number: int
    corrections: Corrections
    read: Read[Steps] | Read[Whole]
    moments: Moments
    white: Floats
    loads: Floats | None  # groups x points, of averaged registers
    noise: Noise
    rounding: float
    uneven: Unevenness | None  # None: even noise, and nothing missing
    wanted: _Wanted
    misfit: float = 1.0  # mean square of what is left, in units of the noise
    is_veiled: bool = False  # by the loss of unknown groups, of which the noise can't be told


def room(balance: Balance, groups: int, districts: int) -> list[Space]:
    """Working space of `resolve` for so many districts at a time."""
    rows, points = balance.registers.shape[1:]
    size, blocks = rows + groups + EXTRA, points // BLOCK
    panel, columns = panel_of(balance.registers), np.empty((size, blocks))
    white, products = np.empty((districts, size, blocks)), np.empty((districts, size, size))
    return [Space(panel, columns, *own) for own in zip(white, products, strict=True)]


def resolve(
    balance: Balance, numbers: Sequence[int], groups: int, prior: Prior, spaces: Sequence[Space], keep: bool = False
) -> list[District]:
    """The districts of these numbers, in order, with their moments if they are to be kept."""
    block = BLOCK if balance.points_a_day % BLOCK == 0 and balance.total.shape[1] >= 2 * BLOCK else 1
    space = dict(zip(numbers, spaces, strict=False))
    first = _Wanted(Corrections(), None, np.zeros(groups), block)
    waiting = [_begin(balance, number, groups, first, space[number]) for number in numbers]
    done: dict[int, District] = {}
    for turn in range(ROUNDS):
        solution = solve(_batch(waiting), prior)
        again = []
        for place, work in enumerate(waiting):
            residual = _residual(work, solution, place)
            fitted = _fitted(work, solution, place, residual)
            change = _change(work, solution, place, residual, fitted, balance) if turn < ROUNDS - 1 else None
            if change is None:
                work = replace(work, misfit=max(fitted.variance / work.noise.variance, 1.0))
                done[work.number] = _district(work, solution, place, residual, balance, keep)
            else:
                same = change[0] == work.corrections
                wanted = _Wanted(
                    *change,
                    group_loss=_group_loss(work, solution, place),
                    block=work.noise.block,
                    leaks=work.wanted.leaks | {work.noise.leak} if same else frozenset(),
                    is_even=same and (work.wanted.is_even or work.noise.scatter > 0),
                )
                if same and _serves(change[1], work):
                    again.append(replace(work, noise=change[1], wanted=wanted))
                else:
                    again.append(_begin(balance, work.number, groups, wanted, space[work.number]))
        waiting = again
        if not waiting:
            break
    return [done[number] for number in numbers]


def _begin(balance: Balance, number: int, groups: int, wanted: _Wanted, space: Space) -> _Work:
    corrections, noise = wanted.corrections, wanted.noise
    if ((balance.groups[number] < 0) & (balance.signs[number] != 0)).any():
        veiled = _begin_veiled(balance, number, groups, wanted)
        if veiled is not None:
            return veiled
    if wanted.block > 1 and (noise is None or noise.block > 1):
        averaged = _begin_averaged(balance, number, groups, wanted, space)
        if averaged is not None:
            return averaged
    out = np.empty((balance.registers.shape[1], balance.registers.shape[2] - 1))
    read = increments(balance, number, groups, corrections, out)
    rounding = rounding_variance(read.steps.unit, float(balance.total_resolution_kwh[number]))
    if noise is None or noise.block > 1:
        noise = expected_noise(rounding)
    if read.unsure is None and not corrections.doubtful and not noise.scatter:
        state, white = moments(read.steps, noise.leak)
        return _Work(number, corrections, read, state, white, None, noise, rounding, None, wanted)
    columns = np.empty((len(out) + groups + EXTRA, out.shape[1]))
    write_columns(read.steps, columns)
    uneven = _unevenness(read, noise, loss_of(read.steps, columns, wanted.group_loss))
    state, white = uneven_moments(read.steps, columns, uneven.filtered, corrections.doubtful)
    return _Work(number, corrections, read, state, white, None, noise, rounding, uneven, wanted)


def _begin_averaged(balance: Balance, number: int, groups: int, wanted: _Wanted, space: Space) -> _Work | None:
    """None where the registers have gaps, fall, or are to be corrected."""
    read = whole(balance, number, groups, wanted.corrections)
    if read is None:
        return None
    rounding = rounding_variance(read.steps.unit, float(balance.total_resolution_kwh[number]))
    noise = wanted.noise or expected_noise(rounding, wanted.block)
    found = averaged_moments(read.steps, noise.leak, noise.block, space)
    if found is None:
        return None
    state, white, loads = found
    return _Work(number, wanted.corrections, read, state, white, loads, noise, rounding, None, wanted)


def _begin_veiled(balance: Balance, number: int, groups: int, wanted: _Wanted) -> _Work | None:
    """A district with meters of unknown group. None where there are gaps or too many intervals for that."""
    rows, points = balance.registers.shape[1:]
    read = increments(balance, number, groups, wanted.corrections, np.empty((rows, points - 1)))
    rounding = rounding_variance(read.steps.unit, float(balance.total_resolution_kwh[number]))
    noise = expected_noise(rounding, BLOCK if (points - 1) % BLOCK == 0 and balance.points_a_day % BLOCK == 0 else 1)
    if read.unsure is not None or read.steps.read is not None or not fits_memory(read.steps, noise):
        return None
    state, white = unveiled(read.steps, noise)
    return _Work(number, wanted.corrections, read, state, white, None, noise, rounding, None, wanted, is_veiled=True)


def _serves(noise: Noise | None, work: _Work) -> TypeGuard[Noise]:
    """Whether the columns are the same with that noise: they don't depend on its variance."""
    return (
        noise is not None
        and work.uneven is None
        and not noise.scatter
        and (noise.leak, noise.block) == (work.noise.leak, work.noise.block)
    )


def _unevenness(read: Read[Steps], noise: Noise, loss_kwh: Floats) -> Unevenness:
    kept = read.steps.read
    unsure = np.zeros(loss_kwh.size) if read.unsure is None else merged(read.unsure, kept)
    scatter = merged(np.square(noise.scatter * loss_kwh), kept)
    return Unevenness(uneven(max(noise.leak, LEAST_LEAK), (unsure + scatter) / noise.rounding, kept), unsure)


def _batch(works: Sequence[_Work]) -> Batch:
    return Batch(
        products=[work.moments.products for work in works],
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
    # A meter that is not measured has no part in the equations, and its error, the prior's mean, none in what is left.
    weights[: len(work.read.steps.unit)] *= np.where(solution.measured[place], -work.read.steps.unit, 0.0)
    return np.asarray(weights @ work.white)


def _fitted(work: _Work, solution: Solution, place: int, residual: Floats) -> Noise:
    """The noise that the residual speaks for, even or with the scatter that is known."""
    if work.noise.scatter:
        return _scattered(work, solution, place, residual)
    freedom = float(solution.posterior.freedom[place])
    fitted = fitted_noise(residual, work.noise, freedom)
    if (
        fitted.leak in work.wanted.leaks
    ):  # what a free time takes out of the residual colours it: this would go on for ever
        return replace(work.noise, variance=float(residual @ residual) / max(residual.size - freedom, 1.0))
    return fitted


def _scattered(work: _Work, solution: Solution, place: int, residual: Floats) -> Noise:
    """The noise with the scatter of the loss that the residual speaks for, if any."""
    loss_kwh = _loss_kwh(work, solution, place)
    unsure = np.zeros(residual.size) if work.uneven is None else work.uneven.unsure
    freedom = float(solution.posterior.freedom[place])
    return fitted_uneven(_before_filter(work, residual), loss_kwh, unsure, work.noise, freedom)


def _loss_kwh(work: _Work, solution: Solution, place: int) -> Floats:
    """Root of the sum of the squares of the losses of each interval's parts, which scatter one by one."""
    loss = _group_loss(work, solution, place) * work.read.steps.load_scale
    rows = len(work.read.steps.unit)
    energy = _before_filter(work, loss @ work.white[rows : rows + loss.size])
    return energy if work.uneven is None else energy / np.sqrt(work.uneven.filtered.lengths)


def _before_filter(work: _Work, white: Floats) -> Floats:
    if work.uneven is not None:
        return work.uneven.filtered.undone(white)
    difference = white.copy()
    difference[1:] -= work.noise.leak * white[:-1]
    return difference


def _change(
    work: _Work, solution: Solution, place: int, residual: Floats, fitted: Noise, balance: Balance
) -> tuple[Corrections, Noise | None] | None:
    """What to do differently, one thing at a time: the noise first, as everything else is judged by it."""
    other = None if work.is_veiled else _other_noise(work, solution, place, residual, fitted, balance)
    if other is not None:
        return other
    corrections, steps = work.corrections, work.read.steps
    mean, variance = solution.posterior.cavity_mean[place], solution.posterior.cavity_variance[place]
    foreign = np.flatnonzero(solution.measured[place] & (mean - 4 * np.sqrt(variance) > FOREIGN) & (steps.unit > 0))
    if not foreign.size:
        return None
    worst = int(foreign[mean[foreign].argmax()])
    return replace(corrections, dropped=corrections.dropped | {worst}), None


def _other_noise(
    work: _Work, solution: Solution, place: int, residual: Floats, fitted: Noise, balance: Balance
) -> tuple[Corrections, Noise | None] | None:
    """Another noise, or other clocks; these before a loss that scatters, which would take their part for its own."""
    noise, corrections = work.noise, work.corrections
    rough = not noise.scatter and unevenness(residual, _loss_kwh(work, solution, place)) > UNEVEN
    if noise.block > 1 and rough:
        return corrections, expected_noise(work.rounding)
    if not is_settled(fitted, noise):  # averages serve the noise of rounding only
        little_more = fitted.leak == noise.leak and fitted.variance < MORE * noise.variance
        return corrections, fitted if noise.block == 1 or little_more else expected_noise(work.rounding)
    plain = noise.leak == FIRST_LEAK and not noise.scatter and _excess(work) < SOME and not rough
    if noise.block == 1 and (not plain or corrections.doubtful):
        clocks = _clocks(work, residual, balance)
        if clocks.late != corrections.late:  # of others one hears when the evident ones are right
            return replace(clocks, doubtful=corrections.doubtful | clocks.late.keys()), None
        may_scatter = not plain and not work.wanted.is_even and _group_loss(work, solution, place).any()
        if may_scatter and not noise.scatter:
            return corrections, _scattered(work, solution, place, residual)
        if clocks != corrections:
            return clocks, noise
    return None


def _clocks(work: _Work, residual: Floats, balance: Balance) -> Corrections:
    """Corrections with the clocks newly found to be wrong, or doubtful."""
    steps, known = work.read.steps, work.corrections
    raw = np.empty((len(steps.unit), balance.total.shape[1] - 1))  # the working space has another district's by now
    increments(balance, work.number, len(steps.load_scale), known, raw)
    raw *= steps.unit[:, None]
    white = work.white[: len(steps.unit)] * steps.unit[:, None]
    whole = np.zeros(residual.size, dtype=np.intp)
    stretches = whole if work.uneven is None else work.uneven.filtered.stretches
    found = clock_offsets(raw, white, residual, partial(_filtered, work), work.noise.variance, stretches)
    late = {row: known.late.get(row, 0.0) + by for row, by in found.late.items()}
    late = {row: by for row, by in late.items() if abs(by) <= FARTHEST}
    return replace(known, late={**known.late, **late}, doubtful=known.doubtful | found.doubtful)


def _filtered(work: _Work, columns: Floats) -> Floats:
    return integrate(columns, work.noise.leak) if work.uneven is None else work.uneven.filtered(columns)


def _district(work: _Work, solution: Solution, place: int, residual: Floats, balance: Balance, keep: bool) -> District:
    steps = work.read.steps
    rows, groups = len(steps.unit), len(steps.load_scale)
    coefficients = solution.posterior.coefficients[place]
    loss = _group_loss(work, solution, place)
    cavity = solution.posterior.cavity_variance[place] * work.misfit
    mean = np.abs(solution.posterior.cavity_mean[place])
    large = np.flatnonzero(solution.measured[place] & (mean > LARGE) & (mean > 4 * np.sqrt(cavity)))
    seen = _seen_through_loss(loss, steps.groups, _with_exact_loading(work, large, balance))
    points_a_day = balance.points_a_day // work.noise.block
    days = residual[: residual.size // points_a_day * points_a_day].reshape(-1, points_a_day)
    stated, variance = with_doubt(solution.posterior.cavity_mean[place], cavity, seen)
    return District(
        mean=stated,
        variance=variance,
        cavity_variance=cavity,
        measured=solution.measured[place],
        group_loss=loss,
        fixed_loss_kwh=float(coefficients[rows + groups]),
        noise=work.noise,
        rounding=work.rounding,
        excess=_excess(work),
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
        moments=replace(work.moments, products=work.moments.products.copy()) if keep else None,
        unit=steps.unit,
        load_scale=steps.load_scale,
        site=solution.posterior.site[place],
        shift=solution.posterior.shift[place],
        seen=seen,
        is_veiled=work.is_veiled,
    )


def with_doubt(mean: Floats, variance: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of errors, from those that the balance sees."""
    return mean / seen, variance / seen**2 + (DOUBT * (seen - 1) * mean) ** 2


def _group_loss(work: _Work, solution: Solution, place: int) -> Floats:
    """Groups: kWh for each kWh^2."""
    rows, scale = len(work.read.steps.unit), work.read.steps.load_scale
    return np.asarray(np.maximum(solution.posterior.coefficients[place][rows : rows + len(scale)], 0) / scale)


def _seen_through_loss(loss: Floats, groups: NDArray[np.signedinteger], state: Moments) -> Floats:
    """By how much the balance sees more than a meter's error: a wrong energy also makes a wrong load, and the loss is
    its square."""
    return np.asarray(1 + 2 * np.append(loss, 0.0)[groups] * state.loading / np.maximum(state.squares, 1.0))


def _with_exact_loading(work: _Work, rows: NDArray[np.intp], balance: Balance) -> Moments:
    """Moments in which the load that these meters meet is that of all intervals, not of a sample."""
    squares, loading = work.moments.squares.copy(), work.moments.loading.copy()
    for row in rows:
        load = _load(work, int(work.read.steps.groups[row]), balance)
        if load is not None and work.read.steps.unit[row]:
            own = np.diff(balance.registers[work.number, row, -load.size - 1 :]).astype(np.float64)
            squares[row] = own @ own
            loading[row] = (own * load) @ own
    return replace(work.moments, squares=squares, loading=loading)


def _load(work: _Work, group: int, balance: Balance) -> Floats | None:
    """Of a group, kWh in each of the last intervals; None where it is not known in all of them."""
    steps = work.read.steps
    if group < 0 or (isinstance(steps, Steps) and steps.read is not None):
        return None
    if work.loads is not None:
        return np.asarray(work.loads[group, 1:], dtype=np.float64)
    members = np.flatnonzero(steps.groups == group)
    return np.asarray(np.diff(steps.unit[members] @ balance.registers[work.number][members]))


def _excess(work: _Work) -> float:
    return work.noise.variance * work.noise.block * max(work.noise.leak, 0.5) / work.rounding


def _skewness(residual: Floats, leak: float) -> float:
    difference = residual[1:] - leak * residual[:-1]
    centred = difference - difference.mean()
    square = centred * centred
    return float((square @ centred) / centred.size / square.mean() ** 1.5)
