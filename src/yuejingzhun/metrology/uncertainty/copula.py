"""Correlated inputs: a Gaussian or Student copula joins their distributions (JCGM 101:2008 6.4.8; JCGM 102:2011 6.5).

A copula leaves the distribution of every input as it is and says how they go together. Between normal inputs
the Gaussian copula is the multivariate normal distribution exactly, and between t inputs with its degrees of
freedom the Student copula is the multivariate t.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, correlation_matrix, finite, positive
from yuejingzhun.metrology.uncertainty.distribution import Distribution, Normal, Student

NODES, ORDERS = 100, 60  # of the Gauss-Hermite rule, and of the series of a quantile function in Hermite polynomials
SAME_SHAPE = 1e-9  # relative difference of the series of two rows that are one shape


class Of(Enum):
    """What the given correlation coefficients are of."""

    INPUTS = "输入量"  # r(x_i, x_j) of JCGM 100:2008 5.2.2
    SCORES = "得分"  # the copula's own: of the normal (or t) variables behind the inputs


@dataclass(frozen=True, eq=False, slots=True)
class Copula:
    """Correlation of the inputs at positions `members` (all of them where None), as a square matrix.

    A finite `dof` (> 2 where `of` is INPUTS) makes it a Student copula, whose members depend on each other even
    where the correlation is zero. For a Student copula the coefficients are those of the scores, which are
    those of the inputs where all members are t with its degrees of freedom. Raises ArgumentError for a matrix
    that is not symmetric, positive semi-definite, with ones on the diagonal, or doesn't fit the members.
    """

    correlation: Floats
    members: Sequence[int] | None = None
    dof: float = np.inf
    of: Of = Of.INPUTS

    def __post_init__(self) -> None:
        matrix = finite("correlation", self.correlation)
        if matrix.ndim != 2 or len(matrix) < 2:
            raise ArgumentError("correlation", f"应为至少 2 × 2 的矩阵，形状为 {matrix.shape}")
        size = len(matrix) if self.members is None else len(self.members)
        object.__setattr__(self, "correlation", correlation_matrix("correlation", matrix, size))
        if self.members is not None and (len(set(self.members)) < size or min(self.members) < 0):
            raise ArgumentError("members", "应为互不相同的输入量序号，自 0 起")
        if self.dof != np.inf:
            positive("dof", self.dof)

    def positions(self, count: int) -> tuple[int, ...]:
        """Positions of the members among `count` inputs; raises ArgumentError where they don't fit."""
        if self.members is None and len(self.correlation) != count:
            raise ArgumentError("correlation", f"应为 {count} × {count} 的矩阵，形状为 {self.correlation.shape}")
        found = tuple(range(count)) if self.members is None else tuple(self.members)
        if max(found) >= count:
            raise ArgumentError("members", f"输入量只有 {count} 个，序号 {max(found)} 超出范围")
        return found

    def is_own(self, distribution: Distribution) -> bool:
        """Whether scores are standardised values of that distribution, so that none of its quantiles is needed."""
        if np.isinf(self.dof):
            return isinstance(distribution, Normal)
        return isinstance(distribution, Student) and distribution.dof == self.dof

    def factor(self, distributions: Sequence[Distribution]) -> Floats:
        """Matrix that makes correlated scores of independent ones, for the members' distributions."""
        matrix = self.correlation
        if self.of is Of.INPUTS and np.isinf(self.dof):
            matrix = score_correlation(matrix, distributions)
        values, vectors = np.linalg.eigh(matrix)
        # A rounding error for an eigenvalue of zero would leave full correlation a little short of full.
        values[values < 1e-12 * len(matrix)] = 0.0
        factor = vectors * np.sqrt(values)
        return np.asarray(factor / np.sqrt((factor * factor).sum(axis=1, keepdims=True)))

    def scores(self, factor: Floats, normals: Floats, chi_squared: Floats | None) -> Floats:
        """Correlated scores, shape (members, trials), from independent normal ones (and chi-squared for t)."""
        scores = factor @ normals
        return scores if chi_squared is None else scores / np.sqrt(chi_squared / self.dof)

    def probabilities(self, scores: Floats) -> Floats:
        """Where the scores stand in their distribution, kept strictly between 0 and 1."""
        found = special.ndtr(scores) if np.isinf(self.dof) else special.stdtr(self.dof, scores)
        return _inside(np.asarray(found, dtype=np.float64))


def score_correlation(correlation: ArrayLike, distributions: Sequence[Distribution]) -> Floats:
    """Correlation of normal scores that gives the inputs the correlation asked for.

    With the quantile functions x(z) = sum a_k He_k(z), the covariance of two inputs is sum k! a_k b_k r^k
    (Mehler), which rises with r. Between two rectangular inputs it gives r = 2 sin(pi R / 6). Raises
    ArgumentError for a correlation that two such distributions can't have, or for a result that is not positive
    semi-definite.
    """
    matrix = correlation_matrix("correlation", correlation, len(distributions))
    series = [None if isinstance(x, Normal) else _hermite_series(x) for x in distributions]
    result = matrix.copy()
    for i, j in zip(*np.triu_indices(len(matrix), 1), strict=True):
        if matrix[i, j] and not (series[i] is None and series[j] is None):
            result[i, j] = result[j, i] = _score(float(matrix[i, j]), series[i], series[j], f"{i + 1} 与 {j + 1}")
    try:
        return correlation_matrix("correlation", result, len(result))
    except ArgumentError as error:
        raise ArgumentError("correlation", f"这些分布不能有这样的相关系数矩阵（{error.reason}）") from error


def _score(wanted: float, left: Floats | None, right: Floats | None, pair: str) -> float:
    normal = np.zeros(ORDERS)
    normal[0] = 1.0
    products = (normal if left is None else left) * (normal if right is None else right)

    def excess(r: float) -> float:
        return float(r * np.polynomial.polynomial.polyval(r, products)) - wanted

    low, high = excess(-1.0), excess(1.0)
    # What the series leaves out at full correlation is no reason to refuse it.
    if low > 1e-3 or high < -1e-3:
        reach = f"{low + wanted:.4f} 至 {high + wanted:.4f}"
        raise ArgumentError("correlation", f"输入量 {pair} 的相关系数 {wanted:g} 达不到，其分布允许 {reach}")
    if low >= 0 or high <= 0:
        return -1.0 if low >= 0 else 1.0
    from scipy.optimize import brentq

    return float(brentq(excess, -1.0, 1.0, xtol=1e-14))


def _hermite_series(distribution: Distribution) -> Floats:
    """a_k sqrt(k!) / standard deviation for k = 1, 2, ...: so that their squares add up to one."""
    nodes, weights = _rule()
    values = np.atleast_2d(distribution.quantile(_inside(np.asarray(special.ndtr(nodes), dtype=np.float64))))
    lower, current, series = np.zeros(NODES), np.ones(NODES), []
    for k in range(1, ORDERS + 1):
        # Normalised polynomials: He_k / sqrt(k!) from the two before it.
        lower, current = current, (nodes * current - np.sqrt(k - 1) * lower) / np.sqrt(k)
        series.append((values * weights * current).sum(axis=-1))
    found = np.stack(series, axis=-1)
    found /= np.sqrt((found * found).sum(axis=-1, keepdims=True))
    if np.any(np.abs(found - found[0]) > SAME_SHAPE):
        raise ArgumentError("correlation", "相关的输入量在各行的分布形状应相同；或以 Of.SCORES 给出相关系数")
    return np.asarray(found[0], dtype=np.float64)


@cache
def _rule() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return nodes, weights / weights.sum()


def _inside(probabilities: Floats) -> Floats:
    # Far scores have a probability that rounds to 1, where a quantile may be infinite.
    return np.clip(probabilities, np.finfo(float).tiny, 1 - np.finfo(float).epsneg)
