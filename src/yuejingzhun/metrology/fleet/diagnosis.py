"""What a residual says of a district, and what to do differently: the noise, the clocks, the list of meters."""

from dataclasses import replace
from functools import partial

import numpy as np

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.balance import Balance
from yuejingzhun.metrology.fleet.clock_offset import FARTHEST, clock_offsets
from yuejingzhun.metrology.fleet.increments import Corrections, increments
from yuejingzhun.metrology.fleet.noise import (
    FIRST_LEAK,
    UNEVEN,
    Noise,
    expected_noise,
    fitted_noise,
    fitted_uneven,
    is_settled,
    unevenness,
)
from yuejingzhun.metrology.fleet.solve import Solution
from yuejingzhun.metrology.fleet.work import (
    Work,
    before_filter,
    excess_of,
    filtered_by,
    group_loss_of,
    loss_kwh_of,
)

SOME = 1.1  # noise, as a multiple of the rounding's, that asks for a cause
FOREIGN = 0.5  # a meter that seems to register so much more than it drew is not fed from here


def noise_of(work: Work, solution: Solution, place: int, residual: Floats) -> Noise:
    """The noise that the residual speaks for, even or with the scatter that is known."""
    if work.noise.scatter:
        return _scattered(work, solution, place, residual)
    freedom = float(solution.posterior.freedom[place])
    fitted = fitted_noise(residual, work.noise, freedom)
    if fitted.leak in work.wanted.leaks:  # a free time colours the residual, and this would go on for ever
        return replace(work.noise, variance=float(residual @ residual) / max(residual.size - freedom, 1.0))
    return fitted


def _scattered(work: Work, solution: Solution, place: int, residual: Floats) -> Noise:
    """The noise with the scatter of the loss that the residual speaks for, if any."""
    loss_kwh = loss_kwh_of(work, solution, place)
    unsure = np.zeros(residual.size) if work.uneven is None else work.uneven.unsure
    freedom = float(solution.posterior.freedom[place])
    return fitted_uneven(before_filter(work, residual), loss_kwh, unsure, work.noise, freedom)


def change_wanted(
    work: Work, solution: Solution, place: int, residual: Floats, fitted: Noise, balance: Balance
) -> tuple[Corrections, Noise | None] | None:
    """What to do differently, one thing at a time: the noise first, as everything else is judged by it; the clocks
    before a loss that scatters, which would take their part for its own."""
    noise, corrections, steps = work.noise, work.corrections, work.read.steps
    rough = not noise.scatter and unevenness(residual, loss_kwh_of(work, solution, place)) > UNEVEN
    if noise.block > 1 and rough:
        return corrections, expected_noise(work.rounding)
    if not is_settled(fitted, noise):  # averages serve the noise of rounding only
        return corrections, fitted if noise.block == 1 else expected_noise(work.rounding)
    plain = noise.leak == FIRST_LEAK and not noise.scatter and excess_of(work) < SOME and not rough
    if noise.block == 1 and (not plain or corrections.doubtful):
        clocks = _clocks(work, residual, balance)
        if clocks.late != corrections.late:  # of others one hears when the evident ones are right
            return replace(clocks, doubtful=corrections.doubtful | clocks.late.keys()), None
        may_scatter = not plain and not work.wanted.is_even and group_loss_of(work, solution, place).any()
        if may_scatter and not noise.scatter:
            return corrections, _scattered(work, solution, place, residual)
        if clocks != corrections:
            return clocks, noise
    mean, variance = solution.posterior.cavity_mean[place], solution.posterior.cavity_variance[place]
    foreign = np.flatnonzero(solution.measured[place] & (mean - 4 * np.sqrt(variance) > FOREIGN) & (steps.unit > 0))
    if not foreign.size:
        return None
    worst = int(foreign[mean[foreign].argmax()])
    return replace(corrections, dropped=corrections.dropped | {worst}), None


def _clocks(work: Work, residual: Floats, balance: Balance) -> Corrections:
    """Corrections with the clocks newly found to be wrong, or doubtful."""
    steps, known = work.read.steps, work.corrections
    raw = np.empty((len(steps.unit), balance.total.shape[1] - 1))  # the working space has another district's by now
    increments(balance, work.number, len(steps.load_scale), known, raw)
    raw *= steps.unit[:, None]
    white = work.white[: len(steps.unit)] * steps.unit[:, None]
    whole = np.zeros(residual.size, dtype=np.intp)
    stretches = whole if work.uneven is None else work.uneven.filtered.stretches
    found = clock_offsets(raw, white, residual, partial(filtered_by, work), work.noise.variance, stretches)
    late = {row: known.late.get(row, 0.0) + by for row, by in found.late.items()}
    late = {row: by for row, by in late.items() if abs(by) <= FARTHEST}
    return replace(known, late={**known.late, **late}, doubtful=known.doubtful | found.doubtful)
