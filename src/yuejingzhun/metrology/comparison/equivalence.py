"""Degrees of equivalence with a reference value and between participants (CIPM MRA, Technical supplement T.3).

Sections and steps of Cox 2002: from memory, to be read against the paper.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, not_negative, positive
from yuejingzhun.metrology.comparison.participants import (
    Mask,
    Participants,
    correlations,
    covariance_with,
    participants,
)
from yuejingzhun.metrology.comparison.reference_value import ReferenceValue

COVERAGE_FACTOR = 2.0  # CIPM MRA, T.3: at a level of confidence of 95 %


@dataclass(frozen=True, slots=True)
class DegreesOfEquivalence:
    """Differences and their standard uncertainties, (..., n) or, between participants, (..., n, n).

    Both NaN where a participant is not present, and there alone. Unit of x.
    """

    difference: Floats
    u: Floats

    def expanded(self, k: float = COVERAGE_FACTOR) -> Floats:
        """U = k u, unit of x."""
        return float(positive("k", k)) * self.u

    def en(self, k: float = COVERAGE_FACTOR) -> Floats:
        """E_n = difference / U; 0 for a participant and itself (ISO 13528:2022, 9.7).

        Raises ArgumentError where two differ although their difference has no uncertainty.
        """
        expanded = self.expanded(k)
        if np.any((expanded == 0) & (self.difference != 0)):
            raise ArgumentError("u", "差值不为零而其不确定度为零，En 无定义")
        return np.divide(self.difference, expanded, out=np.zeros_like(expanded), where=expanded != 0)


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """For each participant: the reference value of the others, and the degree of equivalence with it, (..., n)."""

    value: Floats
    u: Floats
    equivalence: DegreesOfEquivalence


def degrees_of_equivalence(
    x: ArrayLike,
    u: ArrayLike,
    reference: ReferenceValue,
    present: ArrayLike | None = None,
    correlation: ArrayLike | None = None,
    include_tau: bool = False,
) -> DegreesOfEquivalence:
    """Unilateral degrees d = x - reference, u(d)^2 = u^2 + u(ref)^2 - 2 cov(x, ref) (Cox 2002, section 5, step 4).

    x, u, present (..., n), x and u in one unit. The covariance is that of x with the weighted sum: w u^2 where
    results are independent, 0 for those not included, whose u(d)^2 is then the plain sum; for the weighted mean it
    gives u^2 - u(ref)^2, for the power-moderated mean (1 - 2w) u^2 + u(ref)^2 as CCRI(II) reports it. With
    `include_tau` x is taken as a draw from a population of laboratories: its variance is u^2 + tau^2 throughout.
    Without, d is a laboratory's own deviation, with its own stated uncertainty. Raises ArgumentError.
    """
    people = participants(x, u, present, least=1)
    if reference.weights.shape != people.x.shape:
        raise ArgumentError("reference", f"权重形状 {reference.weights.shape} 与 x 的形状 {people.x.shape} 不一致")
    covariance = covariance_with(people, reference.weights, correlation)
    own = people.u * people.u
    if include_tau:
        tau2 = np.square(np.asarray(reference.tau))[..., None]
        own, covariance = own + tau2, covariance + reference.weights * tau2
    value, u_value = np.asarray(reference.value)[..., None], np.asarray(reference.u)[..., None]
    # A participant who is the reference value alone leaves a rounding error, perhaps below zero.
    variance = np.maximum(own + u_value * u_value - 2 * covariance, 0.0)
    return _degrees(people.x - value, variance, people.present)


def bilateral_degrees(
    x: ArrayLike,
    u: ArrayLike,
    present: ArrayLike | None = None,
    correlation: ArrayLike | None = None,
    tau: ArrayLike = 0.0,
) -> DegreesOfEquivalence:
    """Bilateral degrees: row i, column j holds x_i - x_j; u^2 = u_i^2 + u_j^2 - 2 r u_i u_j (CIPM MRA, T.3).

    x, u, present (..., n), x and u in one unit; the result (..., n, n), 0 on the diagonal. The reference value
    drops out of a difference. `tau` (...), unit of x, adds 2 tau^2 where laboratories are taken as draws from a
    population. Raises ArgumentError.
    """
    people = participants(x, u, present)
    n = people.x.shape[-1]
    variance = people.u * people.u + np.square(not_negative("tau", tau))[..., None]
    total = variance[..., :, None] + variance[..., None, :]
    if correlation is not None:
        total -= 2 * correlations(people, correlation) * people.u[..., :, None] * people.u[..., None, :]
        np.maximum(total, 0.0, out=total)  # likewise where two are fully correlated
    total[..., np.arange(n), np.arange(n)] = 0.0
    both = people.present
    if not both.all():
        both = both[..., :, None] & both[..., None, :]
    return _degrees(people.x[..., :, None] - people.x[..., None, :], total, both)


def leave_one_out(
    x: ArrayLike,
    u: ArrayLike,
    estimator: Callable[[Floats, Floats, Mask], ReferenceValue],
    present: ArrayLike | None = None,
    correlation: ArrayLike | None = None,
    include_tau: bool = False,
) -> LeaveOneOut:
    """Each participant against the reference value of the others (Koepke et al. 2017, Metrologia 54 S34).

    x, u, present (..., n), x and u in one unit; `estimator(x, u, present)` is a function of `reference_value` and
    its neighbours, called once for all. It shows whether a participant drew the reference value to itself. Raises
    ArgumentError for fewer than three present.
    """
    people = participants(x, u, present, least=3)
    n = people.x.shape[-1]
    shape = (*people.x.shape, n)
    every = Participants(
        np.broadcast_to(people.x[..., None, :], shape),
        np.broadcast_to(people.u[..., None, :], shape),
        np.broadcast_to(people.present[..., None, :], shape),
    )
    others = estimator(every.x, every.u, every.present & ~np.eye(n, dtype=np.bool_))
    full = degrees_of_equivalence(every.x, every.u, others, every.present, correlation, include_tau)
    own = np.arange(n)
    equivalence = DegreesOfEquivalence(full.difference[..., own, own], full.u[..., own, own])
    value, size = (np.where(people.present, part, np.nan) for part in (others.value, others.u))
    return LeaveOneOut(value, size, equivalence)


def _degrees(difference: Floats, variance: Floats, where: Any) -> DegreesOfEquivalence:
    u = np.sqrt(variance, out=variance)  # in place: over many pairs, memory and not arithmetic takes the time
    if not where.all():
        difference, u = np.where(where, difference, np.nan), np.where(where, u, np.nan)
    return DegreesOfEquivalence(difference, u)
