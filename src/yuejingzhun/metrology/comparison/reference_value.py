"""Key comparison reference values: what they hold, the weighted mean (Cox's Procedure A) and the linear pool.

Sections of Cox 2002 and of Koepke et al. 2017: from memory, to be read against the papers.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, matching, not_negative, probability
from yuejingzhun.metrology.comparison.participants import Mask, Participants, correlations, participants


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """Reference values of any number of comparisons; shapes (...) and, a participant each, (..., n).

    `tau` is the standard deviation between laboratories, 0 for an estimator that has none. `chi2`, `dof` and `p`
    are of one test whatever the estimator: are those included consistent with their weighted mean (Cox 2002,
    Metrologia 39 589, section 5)? So they may be compared between estimators.
    """

    value: Any  # unit of x
    u: Any  # standard uncertainty, unit of x
    weights: Floats  # sum to 1 in each comparison; 0 where not included
    included: Mask
    tau: Any  # unit of x
    chi2: Any
    dof: Any
    p: Any  # probability that consistent results give a chi2 as large

    def consistent(self, level: float = 0.05) -> Any:
        """Whether the chi-squared test passes at that significance level (Cox 2002, equation 5)."""
        return self.p >= probability("level", level)


def weighted_mean(
    x: ArrayLike, u: ArrayLike, present: ArrayLike | None = None, correlation: ArrayLike | None = None
) -> ReferenceValue:
    """Mean weighted by 1/u^2, with its chi-squared test (Cox 2002, Metrologia 39 589, Procedure A).

    x, u, present (..., n), x and u in one unit; `correlation` (n, n) of the participants' results, the same in
    every comparison, makes it the generalised least squares mean (Cox 2002, appendix; JCGM 100:2008 5.2.2).
    Procedure A holds only where `consistent()`. Raises ArgumentError for fewer than two present, u <= 0, NaN, or a
    correlation matrix that is not positive definite.
    """
    people = participants(x, u, present)
    precision = precisions(people, correlation)
    total = precision.sum(axis=-1)
    weights = precision / total[..., None]
    value = (weights * people.x).sum(axis=-1)
    return reference(people, value, 1 / np.sqrt(total), weights, np.zeros_like(total)[()], correlation)


def linear_pool(
    x: ArrayLike, u: ArrayLike, present: ArrayLike | None = None, weights: ArrayLike | None = None
) -> ReferenceValue:
    """Mean and standard deviation of the mixture of the normal distributions N(x, u^2).

    Koepke, Lafarge, Possolo and Toman 2017, Metrologia 54 S34, section on the linear opinion pool. x, u, present and
    weights (..., n); weights need not sum to 1 and are equal by default. u is the spread of the mixture, so it
    doesn't shrink as participants are added. Raises ArgumentError, also for weights that are all 0.
    """
    people = participants(x, u, present)
    shares = people.present.astype(np.float64)
    if weights is not None:
        given, shares = matching(weights=not_negative("weights", weights), x=shares)
        if given.shape != people.x.shape:
            raise ArgumentError("weights", f"形状 {given.shape} 多于参加者的 {people.x.shape}")
        shares = given * shares
    total = shares.sum(axis=-1, keepdims=True)
    if np.any(total <= 0):
        raise ArgumentError("weights", "每次比对至少一个权重应大于零")
    shares = shares / total
    value = (shares * people.x).sum(axis=-1)
    spread = people.x - value[..., None]
    variance = (shares * (people.u * people.u + spread * spread)).sum(axis=-1)
    return reference(people, value, np.sqrt(variance), shares, np.zeros_like(variance)[()])


def reference(
    people: Participants, value: Any, u: Any, weights: Floats, tau: Any, correlation: ArrayLike | None = None
) -> ReferenceValue:
    """A reference value of those present, together with the chi-squared test that all estimators report."""
    precision = precisions(people, correlation)
    mean = (precision * people.x).sum(axis=-1) / precision.sum(axis=-1)
    residual = np.where(people.present, people.x - mean[..., None], 0.0)
    if correlation is None:
        chi2 = (precision * residual * residual).sum(axis=-1)
    else:
        chi2 = (residual * _precision_times(people, residual, correlation)).sum(axis=-1)
    dof = people.count - 1
    return ReferenceValue(value, u, weights, people.present, tau, chi2, dof, special.chdtrc(dof, chi2))


def precisions(people: Participants, correlation: ArrayLike | None = None) -> Floats:
    """Inverse covariance matrix times a vector of ones: the weights of the weighted mean before they sum to 1."""
    if correlation is None:
        return np.where(people.present, 1 / (people.u * people.u), 0.0)
    return _precision_times(people, people.present.astype(np.float64), correlation)


def _precision_times(people: Participants, vector: Floats, correlation: ArrayLike) -> Floats:
    """Inverse covariance matrix of those present times a vector that is 0 for the absent."""
    matrix = correlations(people, correlation, invertible=True)
    if not people.present.all():
        both = people.present[..., :, None] & people.present[..., None, :]
        matrix = np.where(both, matrix, np.eye(matrix.shape[0]))
    solved: Floats = np.linalg.solve(matrix, (vector / people.u)[..., None])[..., 0] / people.u
    return solved
