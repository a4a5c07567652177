"""A batch that is followed day by day: a new day is added to yesterday's state and the errors are restated.

What a day adds to the equations is the products of few columns, a block of intervals each, so that the posterior is
conditioned on them (a step of the Kalman filter: Anderson & Moore, Optimal Filtering, 1979, 3.1): no factor, no sums
over the days before. The prior at each error stays what the last full estimate found it to come to. That, the noise,
the clocks and the list of meters are looked at again by a full estimate, every few weeks.

Only districts whose registers were averaged are followed: all read, never falling, with the noise of rounding alone.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas

from yuejingzhun.metrology.arguments import ArgumentError, Floats, within
from yuejingzhun.metrology.fleet.averages import panel_of
from yuejingzhun.metrology.fleet.balance import Balance
from yuejingzhun.metrology.fleet.district import with_doubt
from yuejingzhun.metrology.fleet.estimate import Estimates
from yuejingzhun.metrology.fleet.increments import Corrections, whole
from yuejingzhun.metrology.fleet.marginal import Marginal, marginal
from yuejingzhun.metrology.fleet.moments import Ends, add_day
from yuejingzhun.metrology.fleet.posterior import cavity, inverses
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.metrology.fleet.solve import Batch, equations, in_noise, loss_precision, own_rounding


@dataclass(frozen=True, slots=True)
class Following:
    """State of districts of one shape. Arrays are districts x rows, or x columns without that of the balance."""

    covariance: Floats  # districts x columns x columns: posterior, with the prior as it was found to be
    coefficients: Floats
    last: Floats  # and the balance, as in moments.Ends
    ahead: Floats
    # What the last full estimate found, and no day changes:
    factor: Floats  # districts x columns and the balance: units of the noise a step
    load_scale: Floats  # districts x groups
    leak: Floats  # districts
    block: int
    own: Floats  # what a block of intervals adds to a meter's square, and to its product, by rounding
    unit: Floats  # kWh a step, with the sign; 0 for what is left out
    measured: NDArray[np.bool_]
    site: Floats
    shift: Floats
    seen: Floats
    misfit: Floats  # by how much the variances are larger than by the noise alone


def can_follow(estimates: Estimates) -> NDArray[np.intp]:
    """Districts of a batch that can be followed: supported, by averaged registers; the moments were kept."""
    each = zip(estimates.verdicts, estimates.districts, strict=True)
    return np.flatnonzero([v.is_supported and d.moments is not None and d.moments.ends is not None for v, d in each])


def follow(estimates: Estimates, numbers: NDArray[np.intp]) -> Following:
    """Begin to follow these districts of a batch (`can_follow`) where a full estimate ends.

    Raises ArgumentError for others.
    """
    found = [estimates.districts[number] for number in numbers]
    states = [each.moments for each in found if each.moments is not None]
    ends = [state.ends for state in states if state.ends is not None]
    blocks = {each.block for each in ends}
    if len(ends) < len(found) or len(blocks) != 1:
        raise ArgumentError("numbers", "只能逐日更新已保留乘积和、按小时平均的台区")
    measured = estimates.measured[numbers]
    batch = Batch(
        products=[state.products for state in states],
        unit=np.array([each.unit for each in found]),
        load_scale=np.array([each.load_scale for each in found]),
        intervals=np.array([float(state.intervals) for state in states]),
        leak=np.array([each.leak for each in ends]),
        variance=np.array([each.noise.variance for each in found]),
        block=np.array([float(each.block) for each in ends]),
        total_kwh=np.array([each.total_kwh for each in found]),
        mean_steps=np.where(measured, np.inf, 0.0),
    )
    site, shift = np.array([each.site for each in found]), np.array([each.shift for each in found])
    gram, rhs, _ = equations(batch)
    covariance = inverses(gram, loss_precision(batch), site)
    rhs[:, : site.shape[1]] += shift
    factor = in_noise(batch)
    factor[:, : site.shape[1]] *= measured
    coefficients = np.matmul(covariance, rhs[..., None])[..., 0]
    _, variance = cavity(*_of_meters(covariance, coefficients, site), site, shift)
    return Following(
        covariance=covariance,
        coefficients=coefficients,
        last=np.array([each.last for each in ends]),
        ahead=np.array([each.ahead for each in ends]),
        factor=factor,
        load_scale=batch.load_scale,
        leak=batch.leak,
        block=blocks.pop(),
        own=own_rounding(batch) * measured,
        unit=batch.unit,
        measured=measured,
        site=site,
        shift=shift,
        seen=np.array([each.seen for each in found]),
        misfit=np.array([each.cavity_variance for each in found]) / variance,
    )


def add(state: Following, day: Balance) -> tuple[Following, NDArray[np.bool_]]:
    """The state with a day's registers (the first point is the last one that the state knows), rows as before, and
    which districts' days were usable; the others stay where they were. The state that is given is used up.

    Raises ArgumentError where the batch is another.
    """
    if len(day) != len(state.unit) or day.registers.shape[1] != state.unit.shape[1]:
        wanted = state.unit.shape
        raise ArgumentError("day", f"应为 {wanted[0]} 个台区 × {wanted[1]} 行，为 {day.registers.shape[:2]}")
    panel = panel_of(day.registers)
    white = np.zeros((*state.last.shape, (day.registers.shape[2] - 1) // state.block))
    usable = np.zeros(len(day), dtype=bool)
    for number in range(len(day)):
        read = whole(day, number, state.load_scale.shape[1], Corrections(_left_out(state, day, number)))
        if read is None or (read.steps.unit != state.unit[number]).any():
            continue
        ends = Ends(state.last[number], state.ahead[number], float(state.leak[number]), state.block)
        steps = replace(read.steps, load_scale=state.load_scale[number])
        found = add_day(ends, steps, panel)
        if found is None:
            continue
        white[number], after = found
        state.last[number], state.ahead[number], usable[number] = after.last, after.ahead, True
    white *= state.factor[..., None]
    return _conditioned(state, white, usable), usable


def restate(state: Following, prior: Prior, mpe: float = 0.02) -> Marginal:
    """What is stated of each meter, districts x rows, with the readings so far."""
    within("mpe", mpe, 1e-4, 0.5)
    mean, variance = cavity(*_of_meters(state.covariance, state.coefficients, state.site), state.site, state.shift)
    return marginal(prior, *with_doubt(mean, variance * state.misfit, state.seen), mpe)


def _of_meters(covariance: Floats, coefficients: Floats, site: Floats) -> tuple[Floats, Floats]:
    meters = site.shape[1]
    return coefficients[:, :meters], np.diagonal(covariance, axis1=1, axis2=2)[:, :meters]


def _left_out(state: Following, day: Balance, number: int) -> frozenset[int]:
    return frozenset(np.flatnonzero((state.unit[number] == 0) & (day.signs[number] != 0)).tolist())


def _conditioned(state: Following, white: Floats, usable: NDArray[np.bool_]) -> Following:
    """The posterior given further white columns, in units of the noise; zeros change nothing."""
    columns, balance = white[:, :-1], white[:, -1:]
    rows, blocks = state.unit.shape[1], np.where(usable, float(white.shape[2]), 0.0)
    left = balance - np.matmul(state.coefficients[:, None, :], columns)
    pull = np.matmul(columns, left.transpose(0, 2, 1))[..., 0]
    pull[:, :rows] -= state.own * blocks[:, None] * (1 - state.coefficients[:, :rows])
    reach = np.matmul(state.covariance, columns)
    inner = np.matmul(columns.transpose(0, 2, 1), reach)
    inner[:, np.arange(white.shape[2]), np.arange(white.shape[2])] += 1.0
    # A half of the update by each side: the root keeps what is left symmetric and positive.
    root = np.linalg.inv(np.linalg.cholesky(inner))
    half = np.matmul(reach, root.transpose(0, 2, 1))
    for one, by in zip(state.covariance, half, strict=True):
        # In place: the transposes are in the order of BLAS.
        blas.dgemm(-1.0, by.T, by.T, beta=1.0, c=one.T, trans_a=1, overwrite_c=1)
    coefficients = state.coefficients + np.matmul(state.covariance, pull[..., None])[..., 0]
    return replace(state, coefficients=coefficients)
