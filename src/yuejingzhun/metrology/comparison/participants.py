"""What the participants of comparisons report, checked and brought to one shape."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import (
    ArgumentError,
    Floats,
    correlation_matrix,
    finite,
    matching,
    positive,
)

Mask = NDArray[np.bool_]
# Of a correlation matrix that is to be inverted; below it the weights are made of rounding errors.
SMALLEST_EIGENVALUE = 1e-10


@dataclass(frozen=True, slots=True)
class Participants:
    """Results of n participants in any number of comparisons, each array of shape (..., n).

    Where a participant is absent `x` is 0 and `u` is 1, so that sums need only the mask.
    """

    x: Floats
    u: Floats
    present: Mask

    @property
    def count(self) -> Any:
        """How many are present in each comparison, shape (...)."""
        return self.present.sum(axis=-1)

    def only(self, present: Mask) -> "Participants":
        """The same comparisons with those participants alone."""
        return replace(self, present=present)


def participants(x: ArrayLike, u: ArrayLike, present: ArrayLike | None = None, least: int = 2) -> Participants:
    """Checked results: finite x, positive u, at least `least` present in each comparison.

    x and u (..., n) in one unit; `present` is boolean, and what stands where it is False is never read, NaN
    included. Raises ArgumentError.
    """
    if present is None:
        values, sizes = matching(x=finite("x", x), u=positive("u", u))
        mask = np.ones(values.shape, dtype=np.bool_)
    else:
        values, sizes, mask = _masked(x, u, present)
    if values.ndim == 0:
        raise ArgumentError("x", f"至少需要 {least} 个参加者，只有一个数")
    squares = sizes * sizes
    if not np.all(np.isfinite(squares) & (squares > 0)):
        raise ArgumentError("u", "过大或过小，其平方超出浮点数的范围")
    fewest = int(mask.sum(axis=-1).min(initial=least))
    if fewest < least:
        raise ArgumentError("x" if present is None else "present", f"至少需要 {least} 个参加者，只有 {fewest}")
    return Participants(values, sizes, mask)


def _masked(x: ArrayLike, u: ArrayLike, present: ArrayLike) -> tuple[Floats, Floats, Mask]:
    mask = np.asarray(present)
    if mask.dtype != np.bool_:
        raise ArgumentError("present", f"应为布尔数组，为 {mask.dtype}")
    try:
        values, sizes = np.asarray(x, dtype=np.float64), np.asarray(u, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError("x、u", "应为数，或等长的数列") from error
    matching(x=values, u=sizes, present=np.zeros(mask.shape))
    values, sizes, mask = np.broadcast_arrays(values, sizes, mask)
    return finite("x", np.where(mask, values, 0.0)), positive("u", np.where(mask, sizes, 1.0)), mask


def correlations(people: Participants, correlation: ArrayLike, invertible: bool = False) -> Floats:
    """The checked (n, n) correlation matrix; with `invertible`, positive definite too. Raises ArgumentError."""
    matrix = correlation_matrix("correlation", correlation, people.x.shape[-1])
    if invertible and float(np.linalg.eigvalsh(matrix)[0]) < SMALLEST_EIGENVALUE:
        raise ArgumentError("correlation", "相关系数矩阵应正定，否则权重不定")
    return matrix


def covariance_with(people: Participants, weights: Floats, correlation: ArrayLike | None = None) -> Floats:
    """Covariance of each participant's x with the sum of weights times x, shape (..., n), from the stated u.

    `weights` (..., n) are 0 for those that don't enter the sum (JCGM 100:2008 H.2.3, equation H.9).
    """
    if correlation is None:
        return weights * (people.u * people.u)
    product: Floats = people.u * ((weights * people.u) @ correlations(people, correlation))
    return product
