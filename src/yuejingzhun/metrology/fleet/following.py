"""A batch that is followed day by day: a new day is added to yesterday's moments and the errors are restated.

Restating takes yesterday's prior at each error and yesterday's variances, which a day more can only make smaller: it
costs one Cholesky factor. What the prior comes to, the noise, the clocks and the list of meters are looked at again by
a full estimate, every few weeks or where the district's verdict may have changed.
"""

from dataclasses import dataclass, replace

import numpy as np

from yuejingzhun.metrology.arguments import ArgumentError, Floats, within
from yuejingzhun.metrology.fleet.balance import Balance
from yuejingzhun.metrology.fleet.columns import write_columns
from yuejingzhun.metrology.fleet.estimate import Estimates
from yuejingzhun.metrology.fleet.increments import Corrections, Read, increments
from yuejingzhun.metrology.fleet.marginal import Marginal, marginal
from yuejingzhun.metrology.fleet.moments import Moments, add_day
from yuejingzhun.metrology.fleet.noise import Noise
from yuejingzhun.metrology.fleet.posterior import warm_means
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.metrology.fleet.solve import Batch, equations, loss_precision
from yuejingzhun.metrology.fleet.uneven_moments import loss_of, uneven_moments
from yuejingzhun.metrology.fleet.work import unevenness_of


@dataclass(frozen=True, slots=True)
class Following:
    """State of a batch. Arrays are districts x rows."""

    moments: tuple[Moments, ...]
    corrections: tuple[Corrections, ...]
    fixed: Batch  # of the last full estimate; its products and counts are not used
    site: Floats
    shift: Floats
    seen: Floats
    cavity_precision: Floats
    variance: Floats
    prior: Prior
    noises: tuple[Noise, ...]
    group_loss: Floats  # districts x groups: kWh for each kWh^2


def follow(estimates: Estimates) -> Following:
    """Begin to follow a batch where a full estimate ends."""
    found = estimates.districts
    return Following(
        moments=tuple(each.moments for each in found),
        corrections=tuple(each.corrections for each in found),
        fixed=Batch(
            products=np.empty((0, 0, 0)),
            unit=np.array([each.unit for each in found]),
            load_scale=np.array([each.load_scale for each in found]),
            intervals=np.empty(0),
            leak=np.array([each.noise.leak for each in found]),
            variance=np.array([each.noise.variance for each in found]),
            block=np.array([float(each.noise.block) for each in found]),
            total_kwh=np.array([each.total_kwh for each in found]),
            mean_steps=np.where(estimates.measured, np.inf, 0.0),
        ),
        site=np.array([each.site for each in found]),
        shift=np.array([each.shift for each in found]),
        seen=np.array([each.seen for each in found]),
        cavity_precision=1 / np.array([each.cavity_variance for each in found]),
        variance=np.array([each.variance for each in found]),
        prior=estimates.prior,
        noises=tuple(each.noise for each in found),
        group_loss=np.array([each.group_loss for each in found]),
    )


def add(state: Following, day: Balance) -> Following:
    """The state with a day's registers (the first point is the last one that the state knows), rows as before.

    Raises ArgumentError where the batch is another. What was not read that day is left out of it.
    """
    if len(day) != len(state.moments) or day.registers.shape[1] != state.site.shape[1]:
        wanted = (len(state.moments), state.site.shape[1])
        raise ArgumentError("day", f"应为 {wanted[0]} 个台区 × {wanted[1]} 行，为 {day.registers.shape[:2]}")
    groups = state.fixed.load_scale.shape[1]
    out = np.empty((day.registers.shape[1], day.registers.shape[2] - 1))
    following = []
    for number, known in enumerate(state.moments):
        read = increments(day, number, groups, state.corrections[number], out)
        read = replace(read, steps=replace(read.steps, load_scale=state.fixed.load_scale[number]))
        if state.noises[number].scatter:
            following.append(_with_scatter(known, read, state.noises[number], state.group_loss[number]))
        else:
            following.append(add_day(known, read.steps))
    return replace(state, moments=tuple(following))


def _with_scatter(known: Moments, read: Read, noise: Noise, group_loss: Floats) -> Moments:
    """The moments with a day that counts less where the loss is large; it begins anew, with an unknown register."""
    columns = np.empty((len(known.products), read.steps.total_kwh.size))
    write_columns(read.steps, columns)
    filtered = unevenness_of(read, noise, loss_of(read.steps, columns, group_loss)).filtered
    day, _ = uneven_moments(read.steps, columns, filtered, ())
    return replace(
        known,
        products=known.products + day.products,
        squares=known.squares + day.squares,
        loading=known.loading + day.loading,
        intervals=known.intervals + day.intervals,
    )


def restate(state: Following, mpe: float = 0.02) -> Marginal:
    """What is stated of each meter, districts x rows, with the readings so far."""
    within("mpe", mpe, 1e-4, 0.5)
    batch = replace(
        state.fixed,
        products=np.array([each.products for each in state.moments]),
        intervals=np.array([float(each.intervals) for each in state.moments]),
    )
    gram, rhs, _ = equations(batch)
    coefficients = warm_means(gram, rhs, loss_precision(batch), state.site, state.shift)
    mean = coefficients[:, : state.site.shape[1]]
    cavity = mean + (state.site * mean - state.shift) / state.cavity_precision
    return marginal(state.prior, cavity / state.seen, state.variance, mpe)
