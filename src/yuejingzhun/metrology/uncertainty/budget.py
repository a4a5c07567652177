"""Uncertainty budgets (JCGM 100:2008): inputs, combination, effective degrees of freedom, coverage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, correlation_matrix, not_negative, within
from yuejingzhun.metrology.uncertainty.bounded import Rectangular
from yuejingzhun.metrology.uncertainty.distribution import Shape
from yuejingzhun.metrology.uncertainty.dual import Input, Number, Uncertain, Values, of, plain
from yuejingzhun.metrology.uncertainty.effective_dof import effective_dof

Correlations: TypeAlias = Mapping[frozenset[Input], float]


@dataclass(frozen=True, slots=True)
class Budget:
    """A result with what each input contributes; all in the unit of the result."""

    value: Values
    u: Values
    contributions: Mapping[Input, Values]  # |sensitivity coefficient x standard uncertainty|
    dof: Values

    def coverage_factor(self, probability: float = 0.95) -> Values:
        """k from t for the effective degrees of freedom, cut to an integer (JCGM 100:2008 G.4.1)."""
        # The tolerance keeps a computed 17.999999999 at 18, where the exact sum would be.
        whole = np.maximum(np.floor(np.asarray(self.dof) * (1 + 1e-9)), 1.0)
        return coverage_factor(probability, whole)

    def expanded(self, probability: float = 0.95) -> Values:
        """U = k u (JCGM 100:2008 6.2.1)."""
        return self.u * self.coverage_factor(probability)


def given(name: str, value: Number, u: Number, dof: float = np.inf) -> Uncertain:
    """An input whose standard uncertainty is known, from a certificate or an earlier evaluation."""
    return of(Input(name, plain(value), plain(u), dof))


def type_a(name: str, readings: ArrayLike) -> Uncertain:
    """Mean of the readings along the last axis, u = s / sqrt(n), n - 1 degrees of freedom (4.2.3).

    Raises ValueError for fewer than two readings.
    """
    rows = np.asarray(readings, dtype=np.float64)
    n = _count(rows)
    return of(Input(name, rows.mean(axis=-1), rows.std(axis=-1, ddof=1) / np.sqrt(n), n - 1, "A 类"))


def type_b(
    name: str,
    value: Number,
    half_width: Number,
    distribution: type[Shape] = Rectangular,
    dof: float = np.inf,
) -> Uncertain:
    """An input known to lie within value +- half_width (JCGM 100:2008 4.3.5, 4.3.7, 4.3.9).

    `distribution` is a class: Normal, Rectangular, Triangular or ArcSine; raises ArgumentError for another one.
    """
    if not isinstance(distribution, type) or not hasattr(distribution, "divisor"):
        raise ArgumentError("distribution", "应为 Normal、Rectangular、Triangular、ArcSine 之一（类本身，不是实例）")
    u = plain(half_width) / distribution.divisor
    return of(Input(name, plain(value), u, dof, f"B 类，{distribution.term}"))


def trapezoidal(name: str, value: Number, half_width: Number, top: float, dof: float = np.inf) -> Uncertain:
    """An input within value +- half_width whose density is level over +- top * half_width (JCGM 100:2008 4.3.9).

    u = half_width sqrt((1 + top^2) / 6): triangular for top = 0, rectangular for 1. Raises ArgumentError for a
    top outside [0, 1] or a negative half width.
    """
    ratio = float(within("top", top, 0.0, 1.0))
    u = not_negative("half_width", plain(half_width)) * float(np.sqrt((1 + ratio * ratio) / 6))
    return of(Input(name, plain(value), float(u) if u.ndim == 0 else u, dof, "B 类，梯形"))


def given_relative(name: str, value: Number, relative_u: float, dof: float = np.inf) -> Uncertain:
    """An input whose u is a fraction of its own value: u = relative_u |value|, in each row anew (5.1.6 NOTE)."""
    size = plain(value)
    return of(Input(name, size, np.abs(size) * float(not_negative("relative_u", relative_u)), dof))


def type_b_relative(
    name: str,
    value: Number,
    relative_half_width: float,
    distribution: type[Shape] = Rectangular,
    dof: float = np.inf,
) -> Uncertain:
    """An input within value (1 +- relative_half_width), of the row's own value (JCGM 100:2008 4.3.7)."""
    fraction = float(not_negative("relative_half_width", relative_half_width))
    return type_b(name, value, np.abs(plain(value)) * fraction, distribution, dof)


def simultaneous(names: Sequence[str], readings: ArrayLike) -> tuple[list[Uncertain], Correlations]:
    """Inputs read together, one row of `readings` each, with the correlations of their means (5.2.3)."""
    rows = np.asarray(readings, dtype=np.float64)
    _count(rows)
    inputs = [type_a(name, row) for name, row in zip(names, rows, strict=True)]
    keys = [next(iter(x.derivatives)) for x in inputs]
    spread = rows - rows.mean(axis=-1, keepdims=True)
    sizes = np.sqrt((spread * spread).sum(axis=-1))
    sizes[sizes == 0] = 1.0  # readings that never vary covary with nothing
    r = (spread @ spread.T) / np.outer(sizes, sizes)
    pairs = ((i, j) for i in range(len(keys)) for j in range(i))
    return inputs, {frozenset((keys[i], keys[j])): float(r[i, j]) for i, j in pairs}


def covariance(a: Uncertain, b: Uncertain, correlations: Correlations | None = None) -> Values:
    """Covariance of two results that may share or correlate inputs (JCGM 100:2008 H.2.3, equation H.9)."""
    total: Values = 0.0
    for key in a.derivatives.keys() & b.derivatives.keys():
        total = total + a.derivatives[key] * b.derivatives[key] * (key.u * key.u)
    for (x, y), r in _pairs(correlations):
        for i, j in ((x, y), (y, x)):
            if i in a.derivatives and j in b.derivatives:
                total = total + r * (a.derivatives[i] * i.u) * (b.derivatives[j] * j.u)
    return total


def correlation(a: Uncertain, b: Uncertain, correlations: Correlations | None = None) -> Values:
    """Correlation coefficient of two results (JCGM 100:2008 5.2.2)."""
    variances = covariance(a, a, correlations) * covariance(b, b, correlations)
    return covariance(a, b, correlations) / np.sqrt(variances)


def budget(result: Uncertain, correlations: Correlations | None = None) -> Budget:
    """Combined standard uncertainty and effective degrees of freedom (JCGM 100:2008 5.1.2, 5.2.2, G.4.1).

    Correlated inputs count as one component of the Welch-Satterthwaite formula; see `effective_dof`.
    """
    parts: dict[Input, Values] = {key: d * key.u for key, d in result.derivatives.items()}
    u = standard_uncertainty(result, correlations)
    dof = effective_dof(u, parts, list(_pairs(correlations)))
    return Budget(result.value, u, {key: np.abs(part) for key, part in parts.items()}, dof)


def standard_uncertainty(result: Uncertain, correlations: Correlations | None = None) -> Values:
    """Combined standard uncertainty alone, in the unit of the result (JCGM 100:2008 5.1.2, 5.2.2)."""
    variance: Values = 0.0
    for key, d in result.derivatives.items():
        part = d * key.u
        # In place: over long arrays, memory and not arithmetic is what takes the time.
        part *= part
        variance = variance + part
    if not correlations:
        return np.sqrt(variance)
    for (x, y), r in _pairs(correlations):
        if x in result.derivatives and y in result.derivatives:
            covariance_of_pair = r * (result.derivatives[x] * x.u) * (result.derivatives[y] * y.u)
            variance = variance + 2 * covariance_of_pair
    # Full negative correlation can leave a variance of a rounding error below zero.
    return np.sqrt(np.maximum(variance, 0.0))


def coverage_factor(probability: float, dof: Values = np.inf) -> Values:
    """k for a two-sided coverage probability from Student's t (JCGM 100:2008 G.3.2); normal for dof = inf.

    Raises ValueError for a probability outside (0, 1) or less than one degree of freedom.
    """
    if not 0 < probability < 1 or np.any(np.asarray(dof) < 1):
        raise ValueError(f"need 0 < probability < 1 and dof >= 1, found {probability} and {dof}")
    quantile = (1 + probability) / 2
    normal = special.ndtri(quantile)
    finite = np.isfinite(dof)
    k = np.where(finite, special.stdtrit(np.where(finite, dof, 1.0), quantile), normal)
    return float(k) if k.ndim == 0 else k


def check_correlations(correlations: Correlations) -> None:
    """Refuse correlations that no inputs could have: the matrix of all pairs must be positive semi-definite.

    Each r alone within [-1, 1] is not enough from three inputs on (JCGM 101:2008 6.4.8.1 NOTE 3). Raises
    ArgumentError.
    """
    for pair, r in correlations.items():
        if len(pair) != 2 or not -1 <= r <= 1:
            reason = f"a correlation joins two inputs by -1 <= r <= 1, found {len(pair)} inputs, r = {r}"
            raise ArgumentError("correlations", reason)
    if len(correlations) < 2:
        return
    place = {key: k for k, key in enumerate(dict.fromkeys(key for pair in correlations for key in pair))}
    matrix = np.eye(len(place))
    for pair, r in correlations.items():
        i, j = (place[key] for key in pair)
        matrix[i, j] = matrix[j, i] = r
    correlation_matrix("correlations", matrix, len(place))


def _pairs(correlations: Correlations | None) -> Iterator[tuple[tuple[Input, Input], float]]:
    if not correlations:
        return
    check_correlations(correlations)
    for pair, r in correlations.items():
        x, y = pair
        yield (x, y), r


def _count(rows: NDArray[np.float64]) -> int:
    n = rows.shape[-1] if rows.ndim else 0
    if n < 2:
        raise ValueError(f"a type A evaluation needs at least two readings, found {n}")
    return n
