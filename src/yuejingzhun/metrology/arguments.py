"""What a function of the science asks of its arguments, with an exception that names the argument and the reason."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
# What rounding of a correlation matrix in a table, to six digits, can push an eigenvalue below zero.
EIGENVALUE_TOLERANCE = 1e-6


class ArgumentError(ValueError):
    """An argument that can't be used: `argument` is its name in code, the message says why, in Chinese."""

    def __init__(self, argument: str, reason: str) -> None:
        super().__init__(f"{argument}：{reason}")
        self.argument, self.reason = argument, reason


def finite(name: str, values: ArrayLike) -> Floats:
    """The values as float64, any shape; raises ArgumentError for one that is no finite number."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(name, "应为数，或等长的数列") from error
    _refuse(name, array, ~np.isfinite(array), "应为有限的数")
    return array


def positive(name: str, values: ArrayLike) -> Floats:
    """As `finite`, each above zero."""
    array = finite(name, values)
    _refuse(name, array, array <= 0, "应大于零")
    return array


def not_negative(name: str, values: ArrayLike) -> Floats:
    """As `finite`, none below zero."""
    array = finite(name, values)
    _refuse(name, array, array < 0, "不应为负")
    return array


def within(name: str, values: ArrayLike, low: float, high: float) -> Floats:
    """As `finite`, each in the closed interval."""
    array = finite(name, values)
    _refuse(name, array, (array < low) | (array > high), f"应在 {low:g} 与 {high:g} 之间")
    return array


def probability(name: str, value: float) -> float:
    """One number strictly between 0 and 1."""
    number = float(finite(name, value))
    if not 0 < number < 1:
        raise ArgumentError(name, f"应在 0 与 1 之间（不含两端），为 {number:g}")
    return number


def whole(name: str, value: int, least: int = 0) -> int:
    """One integer, not below `least`; an integral float counts."""
    number = float(finite(name, value))
    if number != int(number) or number < least:
        raise ArgumentError(name, f"应为不小于 {least} 的整数，为 {number:g}")
    return int(number)


def at_least(name: str, array: Floats, count: int, what: str) -> Floats:
    """Refuse fewer than `count` along the last axis; `what` is counted, in Chinese ("个参加者")."""
    found = array.shape[-1] if array.ndim else 1
    if found < count:
        raise ArgumentError(name, f"至少需要 {count} {what}，只有 {found}")
    return array


def matching(**arrays: Floats) -> tuple[Floats, ...]:
    """The arrays broadcast to one shape; raises ArgumentError naming all of them where that can't be."""
    try:
        return tuple(np.broadcast_arrays(*arrays.values()))
    except ValueError as error:
        shapes = "、".join(str(array.shape) for array in arrays.values())
        raise ArgumentError("、".join(arrays), f"形状不一致：{shapes}") from error


def correlation_matrix(name: str, matrix: ArrayLike, size: int) -> Floats:
    """A correlation matrix of that size: symmetric, ones on the diagonal, positive semi-definite."""
    array = _square(name, matrix, size)
    if not np.allclose(np.diagonal(array), 1.0):
        raise ArgumentError(name, "相关系数矩阵的对角线应为 1")
    if np.any(np.abs(array) > 1 + EIGENVALUE_TOLERANCE):
        raise ArgumentError(name, "相关系数应在 -1 与 1 之间")
    return _semi_definite(name, array)


def covariance_matrix(name: str, matrix: ArrayLike, size: int) -> Floats:
    """A covariance matrix of that size: symmetric, positive semi-definite."""
    return _semi_definite(name, _square(name, matrix, size))


def _square(name: str, matrix: ArrayLike, size: int) -> Floats:
    array = finite(name, matrix)
    if array.shape != (size, size):
        raise ArgumentError(name, f"应为 {size} × {size} 的矩阵，形状为 {array.shape}")
    if not np.allclose(array, array.T, rtol=1e-9, atol=1e-12 * max(1.0, float(np.abs(array).max(initial=0.0)))):
        raise ArgumentError(name, "矩阵应对称")
    return array


def _semi_definite(name: str, array: Floats) -> Floats:
    scale = np.sqrt(np.abs(np.diagonal(array)))
    scale[scale == 0] = 1.0
    smallest = float(np.linalg.eigvalsh(array / np.outer(scale, scale)).min(initial=0.0))
    if smallest < -EIGENVALUE_TOLERANCE:
        raise ArgumentError(name, f"矩阵应半正定，最小特征值为 {smallest:.3g}")
    return array


def _refuse(name: str, array: Floats, wrong: NDArray[np.bool_], reason: str) -> None:
    if not wrong.any():
        return
    where: Sequence[int] = np.argwhere(wrong)[0].tolist()
    found = array[tuple(where)]
    place = f"第 {'、'.join(str(i + 1) for i in where)} 个" if where else ""
    raise ArgumentError(name, f"{reason}，{place}为 {found:g}")
