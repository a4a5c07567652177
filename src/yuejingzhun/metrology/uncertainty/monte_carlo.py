"""Propagation of distributions by the Monte Carlo method (JCGM 101:2008 clauses 5.9 and 7).

The model is a function over float arrays, one an input, that acts value by value. Written with operators, or
with functions that take both kinds of numbers, the same function serves the first-order budget.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats, whole
from yuejingzhun.metrology.arguments import probability as checked_probability
from yuejingzhun.metrology.uncertainty.adaptive import Adaptive, stable_values
from yuejingzhun.metrology.uncertainty.control_variates import controlled_u
from yuejingzhun.metrology.uncertainty.copula import Copula
from yuejingzhun.metrology.uncertainty.distribution import Distribution, Student
from yuejingzhun.metrology.uncertainty.draws import Model, Points, RandomStart, Sampler, only_output, random_start
from yuejingzhun.metrology.uncertainty.simulation import Simulation, joined, numerical_tolerance, only_row, summary

TRIALS = 1_000_000  # JCGM 101:2008 7.2.2: often enough for 95 % to one or two digits
VALUES_AT_ONCE = 2**23  # held in memory for the rows of a batch
STEP = 1e-3  # of a standard uncertainty, to see whether the result responds to an input
NO_RESPONSE = 1e-5  # first-order u, relative to the u found, up to which it is a rounding error
ROUNDING = 1e-12  # u relative to the values, up to which it is a rounding error


def simulate(
    model: Model,
    inputs: Sequence[Distribution],
    generator: Generator,
    trials: int | Adaptive = TRIALS,
    probability: float = 0.95,
    copula: Copula | None = None,
    points: Points = Points.PSEUDO_RANDOM,
) -> Simulation:
    """Mean, standard uncertainty and coverage intervals of model(*inputs) (JCGM 101:2008 7.2 to 7.7, 7.9).

    The model gets one array an input, of shape (trials,), or (rows, trials) for an input whose parameters are
    arrays, and returns one array. Rows share the draws, so that each has the result it would have alone. The
    number of Sobol points is a power of two; their u is found with control variates where the inputs are independent
    and have standard deviations. Raises ArgumentError naming the argument: for a model with several
    outputs or values that are not finite, a matrix that is no correlation matrix, rows that differ in number,
    too few trials.
    """
    sampler, start = Sampler(inputs, copula, points), random_start(generator)
    p = checked_probability("probability", probability)
    if isinstance(trials, Adaptive):
        batch, warnings = _until_stable(model, sampler, generator, start, trials, p)
    else:
        batch, warnings = _at_once(model, sampler, generator, start, whole("trials", trials, 2), p)
    warnings += _warnings(model, sampler, batch)
    return replace(batch if sampler.rows() else only_row(batch), warnings=tuple(warnings))


def _at_once(
    model: Model, sampler: Sampler, generator: Generator, start: RandomStart, trials: int, p: float
) -> tuple[Simulation, list[str]]:
    parts = []
    for rows in _cuts(sampler, max(1, VALUES_AT_ONCE // trials)):
        again = start.generator()
        values = only_output(rows.values(model, again, trials))
        part = summary(values, p, sampler.points, start)
        u = controlled_u(values, rows, start)
        parts.append(part if u is None else replace(part, u=u))
        generator.bit_generator.state = again.bit_generator.state
    few = trials < 100 / (1 - p) - 1e-6  # JCGM 101:2008 7.9.4 b
    return joined(parts), ["试验次数少于 100/(1-p)，包含区间的端点不可靠"] if few else []


def _until_stable(
    model: Model, sampler: Sampler, generator: Generator, start: RandomStart, rule: Adaptive, p: float
) -> tuple[Simulation, list[str]]:
    parts, stable, most = [], [], 0
    for row in _cuts(sampler, 1):
        again = start.generator()
        values, enough = stable_values(model, row, again, rule, p)
        parts.append(summary(values, p, sampler.points, start))
        stable.append(enough)
        if values.shape[-1] > most:  # the caller's generator goes on after the last number used
            most, generator.bit_generator.state = values.shape[-1], again.bit_generator.state
    return joined(parts), _said("试验次数已达上限，结果尚未稳定到所要求的位数", ~np.array(stable))


def _cuts(sampler: Sampler, size: int) -> Iterator[Sampler]:
    if not sampler.rows():
        yield sampler
    else:
        for first in range(0, sampler.rows()[0], size):
            yield sampler.cut(slice(first, first + size))


def _warnings(model: Model, sampler: Sampler, found: Simulation) -> list[str]:
    without = [str(i + 1) for i, x in enumerate(sampler.inputs) if not np.all(np.isfinite(x.sd))]
    said = [f"输入量 {'、'.join(without)} 的标准差不存在，u 不可靠，只有包含区间有意义"] if without else []
    u, size = np.asarray(found.u), np.abs(found.mean) + np.asarray(found.u)
    first = np.concatenate([_first_order_u(model, cut) for cut in _cuts(sampler, VALUES_AT_ONCE)])
    first = np.broadcast_to(first, u.shape)
    said += _said("模型在输入量的估计值处不可微，一阶传播不适用", ~np.isfinite(first))
    real = u > ROUNDING * size
    sentence = "一阶标准不确定度为零：结果在估计值处对各输入量都不敏感，不能用一阶传播"
    said += _said(sentence, (first <= NO_RESPONSE * u) & real)
    loose = (np.asarray(found.play) > 2 * np.asarray(numerical_tolerance(u))) & real
    if loose.any():
        share = np.max(np.asarray(found.play)[loose] / u[loose])
        said += _said(
            f"最短包含区间的位置不确定：平移至多 {share:.2g} u，长度几乎不变；其长度和概率对称区间可靠", loose
        )
    return said


def _said(sentence: str, where: NDArray[np.bool_]) -> list[str]:
    """The sentence, if it applies anywhere, and for a batch to which rows."""
    rows = np.flatnonzero(where) + 1
    if not rows.size or len(where) == 1:
        return [sentence] if rows.size else []
    more = f" 等 {rows.size} 行" if rows.size > 5 else " 行"
    return [f"第 {'、'.join(map(str, rows[:5]))}{more}：{sentence}"]


def _first_order_u(model: Model, sampler: Sampler) -> Floats:
    """First-order u of each row by central differences: precise enough to see whether there is any."""
    inputs = sampler.inputs
    rows = (sampler.rows() or (1,))[0]
    estimates = [np.broadcast_to(x.mean, rows)[:, None] for x in inputs]
    # Where no standard deviation exists, the scale of a t distribution still says how far the input may be.
    steps = [STEP * np.broadcast_to(x.scale if isinstance(x, Student) else x.sd, rows)[:, None] for x in inputs]

    def moved(position: int, step: Floats) -> Floats:
        values = [x + step if i == position else x + 0.0 * step for i, x in enumerate(estimates)]
        return np.broadcast_to(np.asarray(model(*values), dtype=np.float64), (rows, 1))[:, 0]

    changes = np.zeros((len(inputs), rows))
    correlation = np.eye(len(inputs))
    if sampler.copula:
        linked = sampler.copula.positions(len(inputs))
        correlation[np.ix_(linked, linked)] = sampler.copula.correlation
    with np.errstate(all="ignore"):  # what is not finite is told as a warning
        for i, step in enumerate(steps):
            if np.all(np.isfinite(step)):
                changes[i] = (moved(i, step) - moved(i, -step)) / (2 * STEP)
        variance = np.einsum("ir,ij,jr->r", changes, correlation, changes)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)))
