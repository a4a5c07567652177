"""Validation of a first-order result against the Monte Carlo method (JCGM 101:2008 clause 8)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import finite, matching, not_negative
from yuejingzhun.metrology.uncertainty.adaptive import Adaptive
from yuejingzhun.metrology.uncertainty.budget import Budget, Correlations, budget
from yuejingzhun.metrology.uncertainty.copula import Copula
from yuejingzhun.metrology.uncertainty.coverage_interval import Interval
from yuejingzhun.metrology.uncertainty.distribution import Distribution, first_order
from yuejingzhun.metrology.uncertainty.draws import Points
from yuejingzhun.metrology.uncertainty.dual import Input, Uncertain, Values, of
from yuejingzhun.metrology.uncertainty.monte_carlo import simulate
from yuejingzhun.metrology.uncertainty.simulation import Kind, Simulation, numerical_tolerance

STRICTER = 0.2  # the Monte Carlo result itself has to be stable to a fifth of the tolerance (JCGM 101:2008 8.2)


@dataclass(frozen=True, eq=False, slots=True)
class Agreement:
    """How far the ends of both intervals are apart, and whether no more than the tolerance; one a row of a batch."""

    interval: Interval  # y +- U of the first-order result
    delta: Values
    d_low: Values
    d_high: Values
    is_valid: bool | NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Validation:
    """Both results of one model, and how they agree."""

    budget: Budget
    simulation: Simulation
    agreement: Agreement


def compare(
    value: ArrayLike,
    expanded_uncertainty: ArrayLike,
    simulation: Simulation,
    digits: int = 2,
    kind: Kind = Kind.SYMMETRIC,
) -> Agreement:
    """y +- U against the Monte Carlo interval for the same probability (JCGM 101:2008 8.1).

    The tolerance is half a unit in the last of `digits` significant digits of the Monte Carlo u (7.9.2). Raises
    ArgumentError for values that are not finite, U < 0, or shapes that don't match the simulation's rows.
    """
    y, expanded, u = matching(
        value=finite("value", value),
        expanded_uncertainty=not_negative("expanded_uncertainty", expanded_uncertainty),
        simulation=np.asarray(simulation.u),
    )
    found, delta = simulation.interval(kind), numerical_tolerance(u, digits)
    low, high = y - expanded, y + expanded
    d_low, d_high = np.abs(low - found.low), np.abs(high - found.high)
    is_valid = (d_low <= delta) & (d_high <= delta)
    if y.ndim:
        return Agreement(Interval(low, high), delta, d_low, d_high, is_valid)
    return Agreement(Interval(float(low), float(high)), delta, float(d_low), float(d_high), bool(is_valid))


def validate(
    model: Callable[..., Any],
    inputs: Sequence[Distribution],
    generator: Generator,
    digits: int = 2,
    probability: float = 0.95,
    copula: Copula | None = None,
    trials: int | Adaptive | None = None,
    kind: Kind = Kind.SYMMETRIC,
    points: Points = Points.PSEUDO_RANDOM,
) -> Validation:
    """Both ways through one model that takes arrays as well as `Uncertain` (JCGM 101:2008 8.2).

    First order: u and, for t inputs, degrees of freedom of the distributions, U = k u with k from t. Monte Carlo:
    `trials`, or adaptively to a fifth of the tolerance. Raises ArgumentError as `simulate` does, and for an input
    without a standard deviation.
    """
    keys = [first_order(f"x{i + 1}", x) for i, x in enumerate(inputs)]
    result = model(*map(of, keys))
    found = budget(result if isinstance(result, Uncertain) else Uncertain(result, {}), _correlations(keys, copula))
    rule = Adaptive(digits, STRICTER, kind) if trials is None else trials
    simulation = simulate(model, inputs, generator, rule, probability, copula, points)
    return Validation(found, simulation, compare(found.value, found.expanded(probability), simulation, digits, kind))


def _correlations(keys: Sequence[Input], copula: Copula | None) -> Correlations:
    if copula is None:
        return {}
    members = copula.positions(len(keys))
    pairs = combinations(range(len(members)), 2)
    return {frozenset((keys[members[i]], keys[members[j]])): float(copula.correlation[i, j]) for i, j in pairs}
