"""Several results of one measurement and their whole covariance matrix, for arrays of measurements at once.

JCGM 100:2008 H.2 and JCGM 102:2011 6.2: U_y = C U_x C^T, with each input counted once however often it occurs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import (
    EIGENVALUE_TOLERANCE,
    ArgumentError,
    Floats,
    at_least,
    correlation_matrix,
    finite,
)
from yuejingzhun.metrology.uncertainty.dual import Input, Uncertain, Values, of

ROWS_PER_BLOCK = 8_000


@dataclass(frozen=True, slots=True)
class JointResult:
    """Values (..., m) of m results and their covariance matrix (..., m, m), in products of their units."""

    values: Floats
    covariance: Floats

    @property
    def u(self) -> Floats:
        """Standard uncertainties (..., m)."""
        # Full negative correlation can leave a variance of a rounding error below zero.
        return np.sqrt(np.maximum(np.diagonal(self.covariance, axis1=-2, axis2=-1), 0.0))

    @property
    def correlation(self) -> Floats:
        """Correlation matrix (..., m, m); raises ArgumentError where a result has no uncertainty."""
        u = self.u
        if np.any(u == 0):
            raise ArgumentError("covariance", "有结果的不确定度为零，相关系数没有定义")
        return self.covariance / (u[..., :, None] * u[..., None, :])


def read_together(names: Sequence[str], readings: ArrayLike) -> tuple[list[Input], Floats]:
    """Inputs read together, with the correlation matrix of their means (JCGM 100:2008 4.2.3, 5.2.3).

    `readings` is (inputs, n) or (rows, inputs, n); the matrix has the shape (inputs, inputs) or (rows, inputs,
    inputs). A quantity whose readings never vary is correlated with nothing. Raises ArgumentError for fewer than
    two readings or another number of names than inputs.
    """
    array = at_least("readings", finite("readings", readings), 2, "次读数")
    if array.ndim not in (2, 3) or array.shape[-2] != len(names):
        raise ArgumentError("readings", f"应为（行、）量、读数的数组，量为 {len(names)} 个，形状为 {array.shape}")
    n = array.shape[-1]
    means = array.mean(axis=-1)
    spread = array - means[..., None]
    products = spread @ np.swapaxes(spread, -1, -2)
    squares = np.diagonal(products, axis1=-2, axis2=-1)
    size = np.sqrt(np.where(squares > 0, squares, 1.0))
    r = products / (size[..., :, None] * size[..., None, :])
    index = np.arange(len(names))
    r[..., index, index] = 1.0
    u = np.sqrt(squares / (n * (n - 1)))
    inputs = [Input(name, _own(means[..., k]), _own(u[..., k]), n - 1, "A 类") for k, name in enumerate(names)]
    return inputs, r


def propagate_together(
    model: Callable[..., Sequence[Uncertain]],
    inputs: Sequence[Input],
    correlation: ArrayLike | None = None,
    rows_per_block: int = ROWS_PER_BLOCK,
) -> JointResult:
    """All results of model(*inputs) with their covariance matrix (JCGM 100:2008 H.2.3, JCGM 102:2011 6.2).

    `value` and `u` of an input are floats or arrays of one length; `correlation` is a matrix (n, n) for all
    rows or (rows, n, n), None for independent inputs. Raises ArgumentError for lengths that differ or a matrix
    that is not positive semi-definite.
    """
    try:
        rows = np.broadcast_shapes(*(np.shape(part) for x in inputs for part in (x.value, x.u)))
    except ValueError as error:
        raise ArgumentError("inputs", "各输入量的长度不一致") from error
    if len(rows) > 1:
        raise ArgumentError("inputs", f"应为数或一维数组，形状为 {rows}")
    r = _correlations(correlation, len(inputs), rows)
    if not rows:
        values, covariance = _joint(_results(model, inputs), inputs, r, ())
        return JointResult(values, covariance)
    # Rows last while it is computed, each step then runs along memory; the caller sees them first.
    blocks = []
    for start in range(0, rows[0], rows_per_block):
        block = slice(start, start + rows_per_block)
        cut = [replace(x, value=_rows(x.value, block), u=_rows(x.u, block)) for x in inputs]
        here = r if r is None or r.ndim == 2 else _rows_last(r[block], start)
        length = (min(rows_per_block, rows[0] - start),)
        blocks.append(_joint(_results(model, cut), cut, here, length))
    values = np.concatenate([block[0] for block in blocks], axis=-1)
    covariance = np.concatenate([block[1] for block in blocks], axis=-1)
    return JointResult(np.moveaxis(values, -1, 0), np.moveaxis(covariance, -1, 0))


def _results(model: Callable[..., Sequence[Uncertain]], inputs: Sequence[Input]) -> Sequence[Uncertain]:
    results = model(*map(of, inputs))
    if not results or not all(isinstance(result, Uncertain) for result in results):
        raise ArgumentError("model", "应给出一列带不确定度的结果")
    return results


def _joint(
    results: Sequence[Uncertain], inputs: Sequence[Input], r: Floats | None, shape: tuple[int, ...]
) -> tuple[Floats, Floats]:
    """Values (m, rows) and covariance (m, m, rows)."""
    m = len(results)
    scaled: list[list[Values | None]] = [
        [result.derivatives[x] * x.u if x in result.derivatives else None for x in inputs] for result in results
    ]
    covariance = np.zeros((m, m, *shape))
    for a in range(m):
        weighted = scaled[a] if r is None else [_weighted(scaled[a], r, j) for j in range(len(inputs))]
        for b in range(a, m):
            for left, right in zip(weighted, scaled[b], strict=True):
                if left is not None and right is not None:
                    covariance[a, b] += left * right
            covariance[b, a] = covariance[a, b]
    values = np.empty((m, *shape))
    for a, result in enumerate(results):
        values[a] = result.value
    return values, covariance


def _weighted(parts: Sequence[Values | None], r: Floats, j: int) -> Values | None:
    """Sum over the inputs i of their parts times r_ij."""
    total = parts[j]
    for i, part in enumerate(parts):
        if part is not None and i != j:
            total = part * r[i, j] if total is None else total + part * r[i, j]
    return total


def _correlations(correlation: ArrayLike | None, n: int, rows: tuple[int, ...]) -> Floats | None:
    if correlation is None:
        return None
    array = finite("correlation", correlation)
    if array.ndim != 3:
        return correlation_matrix("correlation", array, n)
    if array.shape != (*rows, n, n):
        raise ArgumentError("correlation", f"应为 {(*rows, n, n)} 的矩阵，形状为 {array.shape}")
    return array


def _rows_last(matrices: Floats, start: int) -> Floats:
    """The matrices of a block as (n, n, rows); refuses the block if one is no correlation matrix."""
    turned = np.ascontiguousarray(np.moveaxis(matrices, 0, -1))
    n = len(turned)
    for i in range(n):
        for j in range(i):
            if np.abs(turned[i, j] - turned[j, i]).max() > EIGENVALUE_TOLERANCE:
                raise ArgumentError("correlation", "矩阵应对称")
        if np.abs(turned[i, i] - 1).max() > EIGENVALUE_TOLERANCE:
            raise ArgumentError("correlation", "相关系数矩阵的对角线应为 1")
    _refuse_indefinite(turned, start)
    return turned


def _refuse_indefinite(matrices: Floats, start: int) -> None:
    """Elimination of all matrices at once: one is positive definite just if all its pivots are positive."""
    n = len(matrices)
    left = {(i, j): matrices[i, j] for i in range(n) for j in range(i + 1)}
    for k in range(n):
        # The tolerance on the diagonal lets full correlation, which is only semi-definite, pass.
        pivot = left[k, k] + EIGENVALUE_TOLERANCE
        smallest = int(np.argmin(pivot))
        if pivot[smallest] <= 0:
            raise ArgumentError("correlation", f"矩阵应半正定，第 {start + smallest + 1} 行的不是")
        for i in range(k + 1, n):
            factor = left[i, k] / pivot
            for j in range(k + 1, i + 1):
                left[i, j] = left[i, j] - factor * left[j, k]


def _own(column: Floats) -> Values:
    return np.ascontiguousarray(column) if column.ndim else float(column)


def _rows(part: Values, block: slice) -> Values:
    return part[block] if isinstance(part, np.ndarray) and part.ndim else part
