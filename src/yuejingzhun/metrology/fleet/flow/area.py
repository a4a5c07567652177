"""A chunk of areas: solve all, look at what each residual says, correct the few that need it, solve these again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.flow.columns import Columns, Equations, columns, equations, rounding
from yuejingzhun.metrology.fleet.flow.late_clock import FARTHEST, late_clocks
from yuejingzhun.metrology.fleet.flow.readings import Corrections, Read, read
from yuejingzhun.metrology.fleet.flow.register_noise import Noise, fitted_noise, is_settled
from yuejingzhun.metrology.fleet.flow.supply import Supply
from yuejingzhun.metrology.fleet.posterior import Posterior, posterior
from yuejingzhun.metrology.fleet.prior import Prior

ROUNDS = 12
FIRST_RATIO = 0.1  # of the flow's variance to that of rounding, before any residual is known
FOREIGN = 0.5  # a meter that seems to register so much more than it passed is not fed from here
ROUGH_DAY = 4.0  # mean square of a day's residual, of the median day's, with which the day does not count
# Of the variance of an error, over what the fitted noise says: the rounding of registers that rest is not white, and a
# meter's error is not quite one within a zone. From simulated areas, with which intervals of 95 % then cover 95 %.
MISFIT = 1.2


@dataclass(frozen=True, slots=True)
class Area:
    """What was found of one area. Columns are zones of meters, as `columns.zoned` names them."""

    mean: Floats  # of the likelihood of a = e / (1 + e), in the scale of the main zone
    variance: Floats
    measured: np.ndarray
    columns: Columns
    terms: Floats  # coefficients
    levels: Floats  # days: changes of the leak's level, m3 in an interval
    leak_m3: Floats  # intervals: the steady leak and its levels
    noise: Noise
    rounding: float
    residual_m3: Floats  # intervals
    readings: Read
    corrections: Corrections


@dataclass(frozen=True, slots=True)
class _Work:
    number: int
    corrections: Corrections
    readings: Read
    columns: Columns
    noise: Noise
    rounding: float
    equations: Equations


def resolve(supply: Supply, numbers: Sequence[int], prior: Prior) -> list[Area]:
    """The areas of these numbers, in order."""
    waiting = [_begin(supply, number, Corrections(), None) for number in numbers]
    done: dict[int, Area] = {}
    for turn in range(ROUNDS):
        solution = _solved(waiting, prior)
        again = []
        for place, work in enumerate(waiting):
            weights = _weights(work, solution, place)
            residual = weights @ work.columns.raw
            fitted = fitted_noise(residual, work.readings.extra, work.noise, float(solution.freedom[place]))
            change = _change(supply, work, solution, place, residual, fitted) if turn < ROUNDS - 1 else None
            if change is None:
                done[work.number] = _area(supply, work, solution, place, residual)
            else:
                again.append(_begin(supply, work.number, *change, before=work))
        waiting = again
        if not waiting:
            break
    return [done[number] for number in numbers]


def _begin(
    supply: Supply, number: int, corrections: Corrections, noise: Noise | None, before: _Work | None = None
) -> _Work:
    if before is not None and before.corrections == corrections:
        readings, found = before.readings, before.columns
    else:
        readings = read(supply, number, corrections)
        found = columns(supply, number, readings)
    steps = rounding(supply, number, found)
    noise = noise or Noise(steps, FIRST_RATIO * steps)
    return _Work(number, corrections, readings, found, noise, steps, equations(found, noise, readings.extra))


def _solved(works: Sequence[_Work], prior: Prior) -> Posterior:
    """All at once; areas with fewer columns of meters are filled up with columns that say nothing."""
    counts = [len(work.columns.scale) for work in works]
    most, others = max(max(counts), 1), len(works[0].columns.precision)
    gram = np.zeros((len(works), most + others, most + others))
    rhs, precision = np.zeros(gram.shape[:2]), np.zeros(gram.shape[:2])
    for place, (work, count) in enumerate(zip(works, counts, strict=True)):
        where = _places(count, most, others)
        gram[place][np.ix_(where, where)] = work.equations.gram
        rhs[place, where] = work.equations.rhs
        precision[place, most:] = work.columns.precision
    return posterior(gram, rhs, precision, most, prior)


def _places(count: int, most: int, others: int) -> np.ndarray:
    return np.concatenate([np.arange(count), np.arange(most, most + others)])


def _weights(work: _Work, solution: Posterior, place: int) -> Floats:
    count, others = len(work.columns.scale), len(work.columns.precision)
    coefficients = solution.coefficients[place][_places(count, solution.coefficients.shape[1] - others, others)].copy()
    coefficients[:count] *= work.equations.measured
    return np.append(-coefficients, 1.0)


def _change(
    supply: Supply, work: _Work, solution: Posterior, place: int, residual: Floats, fitted: Noise
) -> tuple[Corrections, Noise | None] | None:
    """What to do differently, one thing at a time: the noise first, as everything else is judged by it."""
    if not is_settled(fitted, work.noise):
        return work.corrections, fitted
    corrections, noise = work.corrections, work.noise
    rough = _rough_days(work, residual, supply.points_a_day) - corrections.disturbed
    if rough:
        return replace(corrections, disturbed=corrections.disturbed | rough), noise
    late = _late(supply, work, solution, place, residual)
    if late:
        return replace(corrections, late=late), noise
    parts, count = work.columns.zoned, len(work.columns.scale)
    mean, variance = solution.cavity_mean[place][:count], solution.cavity_variance[place][:count]
    main = work.columns.scale == 1
    foreign = np.flatnonzero(work.equations.measured & main & (mean - 4 * np.sqrt(variance) > FOREIGN))
    if foreign.size:
        worst = int(parts.row[foreign[mean[foreign].argmax()]])
        return replace(corrections, dropped=corrections.dropped | {worst}), noise
    return None


def _late(supply: Supply, work: _Work, solution: Posterior, place: int, residual: Floats) -> dict[int, float]:
    """Offsets of the clocks with those newly found; empty where there are none, or none that can be believed."""
    factor = supply.factor[work.number][supply.site[work.number]]
    parts, count = work.columns.zoned, len(work.columns.scale)
    largest = np.zeros(len(factor))
    accounted = solution.coefficients[place][:count] * work.equations.measured * work.columns.scale
    share = np.ones(len(factor))
    for row, part, by in zip(parts.row, parts.part, accounted, strict=True):
        if part > largest[row]:
            largest[row], share[row] = part, 1 - by
    known = work.corrections.late
    found = late_clocks(work.readings.volumes * factor, share, residual, work.equations.filter)
    found = {row: known.get(row, 0.0) + by for row, by in found.items()}
    found = {row: by for row, by in found.items() if abs(by) <= FARTHEST}
    return {**known, **found} if found else {}


def _rough_days(work: _Work, residual: Floats, points_a_day: int) -> frozenset[int]:
    """Days that fit much worse than the others, such as that on which a pipe broke."""
    white = work.equations.filter.white(residual[None, :])[0]
    days = white.size // points_a_day
    square = (white[: days * points_a_day] ** 2).reshape(days, points_a_day).mean(axis=1)
    return frozenset(np.flatnonzero(square > ROUGH_DAY * float(np.median(square))).tolist())


def _area(supply: Supply, work: _Work, solution: Posterior, place: int, residual: Floats) -> Area:
    count, terms = len(work.columns.scale), supply.terms.shape[1]
    coefficients = -_weights(work, solution, place)[:-1]
    raw = work.columns.raw
    levels, leaks = coefficients[count + terms :], slice(count, count + supply.leaks)
    return Area(
        mean=solution.cavity_mean[place][:count],
        variance=MISFIT * solution.cavity_variance[place][:count],
        measured=work.equations.measured,
        columns=work.columns,
        terms=coefficients[count : count + terms],
        levels=levels,
        leak_m3=coefficients[leaks] @ raw[leaks] + levels @ raw[count + terms : -1],
        noise=work.noise,
        rounding=work.rounding,
        residual_m3=residual,
        readings=work.readings,
        corrections=work.corrections,
    )
