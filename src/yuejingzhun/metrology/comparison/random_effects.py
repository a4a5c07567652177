"""Reference values under the random laboratory effects model x = mu + effect + error.

The effects have a common unknown standard deviation tau, the errors the stated uncertainties. The three estimators
differ in how they find tau; mean and uncertainty follow from it in one way (Rukhin 2009, Metrologia 46 323).
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats
from yuejingzhun.metrology.comparison.participants import Participants, participants
from yuejingzhun.metrology.comparison.reference_value import ReferenceValue, reference

ITERATIONS = 200  # Newton's method needs fewer than 20; bisection 60
GRID = 80  # values of tau at which the restricted likelihood is looked at, so that no maximum is missed


def dersimonian_laird(x: ArrayLike, u: ArrayLike, present: ArrayLike | None = None) -> ReferenceValue:
    """Mean with tau by the method of moments (DerSimonian and Laird 1986, Control. Clin. Trials 7 177, equation 8).

    x, u, present (..., n), x and u in one unit. Raises ArgumentError for fewer than two present, u <= 0, NaN.
    """
    people = participants(x, u, present)
    w, _, q, _ = _at(people, np.zeros(people.x.shape[:-1]))
    return _mean(people, np.maximum(q - (people.count - 1), 0.0) / _trace(w))


def paule_mandel(x: ArrayLike, u: ArrayLike, present: ArrayLike | None = None) -> ReferenceValue:
    """Mean with the tau that brings chi-squared to n - 1 (Paule and Mandel 1982, J. Res. NBS 87 377).

    Also called Mandel-Paule. x, u, present (..., n), x and u in one unit. Raises ArgumentError as above.
    """
    people = participants(x, u, present)
    return _mean(people, paule_mandel_variance(people))


def reml(x: ArrayLike, u: ArrayLike, present: ArrayLike | None = None) -> ReferenceValue:
    """Mean with the tau of the greatest restricted likelihood (Viechtbauer 2005, J. Educ. Behav. Stat. 30 261).

    The likelihood may have several maxima; this is the highest. x, u, present (..., n), x and u in one unit.
    Raises ArgumentError as above.
    """
    people = participants(x, u, present)
    return _mean(people, _reml_variance(people))


def paule_mandel_variance(people: Participants) -> Floats:
    """tau^2 of Paule and Mandel, shape (...); 0 where the results are consistent without it."""
    dof = people.count - 1
    tau2: Floats = np.zeros(people.x.shape[:-1])
    for _ in range(ITERATIONS):
        _, _, q, slope = _at(people, tau2)
        # Newton's method on 1/q, which is concave in tau^2 (a harmonic mean of straight lines): from 0 it comes to
        # the root from below, whatever the data, and with equal u in one step.
        excess = np.maximum(q - dof, 0.0)
        step = np.divide(q * excess, dof * slope, out=np.zeros_like(tau2), where=excess > 0)
        tau2 = tau2 + step
        if np.all(step <= 1e-15 * tau2):
            return tau2
    raise ArgumentError("x", f"Paule-Mandel 迭代 {ITERATIONS} 次未收敛")


def _reml_variance(people: Participants) -> Floats:
    variances = np.where(people.present, people.u * people.u, np.inf).min(axis=-1)
    mean = (people.x * people.present).sum(axis=-1) / people.count
    spread = np.where(people.present, people.x - mean[..., None], 0.0)
    # No maximum lies above the sum of squares, nor do maxima lie closer than the smallest variance.
    low = 1e-3 * variances
    high = np.maximum((spread * spread).sum(axis=-1), low)
    steps = np.linspace(0, 1, GRID)
    grid = [np.zeros_like(low), *(low * (high / low) ** step for step in steps)]
    likelihoods = np.stack([_restricted_likelihood(people, tau2) for tau2 in grid])
    best = likelihoods.argmax(axis=0)
    points = np.stack(grid)
    left = np.take_along_axis(points, np.maximum(best - 1, 0)[None], axis=0)[0]
    right = np.take_along_axis(points, np.minimum(best + 1, GRID)[None], axis=0)[0]
    # Where the likelihood falls from 0 on, the maximum is at the edge, and there is nothing to halve.
    right = np.where((best == 0) & (_score(people, points[0]) <= 0), 0.0, right)
    for _ in range(ITERATIONS):
        if np.all(right - left <= 1e-15 * right):
            break
        middle = (left + right) / 2
        rising = _score(people, middle) > 0
        left, right = np.where(rising, middle, left), np.where(rising, right, middle)
    found: Floats = (left + right) / 2
    return found


def _restricted_likelihood(people: Participants, tau2: Floats) -> Floats:
    """Twice the logarithm of the restricted likelihood, but for a constant."""
    w, _, q, _ = _at(people, tau2)
    logarithms = np.where(people.present, np.log(people.u * people.u + tau2[..., None]), 0.0).sum(axis=-1)
    result: Floats = -logarithms - np.log(w.sum(axis=-1)) - q
    return result


def _score(people: Participants, tau2: Floats) -> Floats:
    """Derivative of twice the logarithm of the restricted likelihood by tau^2."""
    w, _, _, slope = _at(people, tau2)
    return slope - _trace(w)


def _at(people: Participants, tau2: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """For one tau^2 a comparison: weights (..., n), mean, chi-squared about it, and minus its derivative by tau^2."""
    w = np.where(people.present, 1 / (people.u * people.u + tau2[..., None]), 0.0)
    mean = (w * people.x).sum(axis=-1) / w.sum(axis=-1)
    residual = people.x - mean[..., None]
    pull = w * residual
    return w, mean, (pull * residual).sum(axis=-1), (pull * pull).sum(axis=-1)


def _trace(w: Floats) -> Floats:
    """Sum of w less sum of w^2 over sum of w, from products of pairs: no cancellation where one weight rules."""
    result: Floats = 2 * (w[..., 1:] * w.cumsum(axis=-1)[..., :-1]).sum(axis=-1) / w.sum(axis=-1)
    return result


def _mean(people: Participants, tau2: Any) -> ReferenceValue:
    w, mean, _, _ = _at(people, np.asarray(tau2))
    total = w.sum(axis=-1)
    return reference(people, mean, 1 / np.sqrt(total), w / total[..., None], np.sqrt(tau2)[()])
