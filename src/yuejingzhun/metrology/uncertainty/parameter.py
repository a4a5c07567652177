"""Parameters of a distribution: one number, or one for each calibration that shares the draws."""

from typing import Protocol, TypeAlias

import numpy as np

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, matching, positive

Parameter: TypeAlias = float | Floats


class Limited(Protocol):
    """A distribution between two limits."""

    @property
    def low(self) -> Parameter: ...
    @property
    def high(self) -> Parameter: ...


def keep(distribution: object, **parameters: Floats | float) -> None:
    """Set fields of a frozen distribution: a single number as float, an array as it is."""
    for name, value in parameters.items():
        if np.ndim(value) > 1:
            raise ArgumentError(name, f"应为一个数或一维数组，形状为 {np.shape(value)}")
        object.__setattr__(distribution, name, np.array(value) if np.ndim(value) else float(value))


def keep_limits(distribution: Limited) -> None:
    """Set `low` and `high` as `keep` does; raises ArgumentError unless low < high."""
    lower, upper = finite("low", distribution.low), finite("high", distribution.high)
    if np.any(np.less_equal(*matching(high=upper, low=lower))):
        raise ArgumentError("high", "上限应大于下限 low")
    keep(distribution, low=lower, high=upper)


def single(name: str, value: float) -> float:
    """A shape parameter: one positive number, since rows that share draws share their shape."""
    if np.ndim(value):
        raise ArgumentError(name, "应为单个数：共用抽样的各行须有相同的分布形状")
    return float(positive(name, value))


def column(parameter: Parameter) -> Parameter:
    """The parameter, to broadcast against draws along the last axis."""
    return parameter[:, None] if isinstance(parameter, np.ndarray) else parameter


def shifted(variates: Floats, location: Parameter, scale: Parameter) -> Floats:
    """location + scale x variates."""
    values: Floats = np.asarray(variates * column(scale))
    if np.ndim(location):
        return values + column(location)
    values += location  # in place: over long arrays, fetching memory is what takes the time
    return values


def middle(low: Parameter, high: Parameter) -> Parameter:
    """Middle of two limits."""
    return low + (high - low) / 2


def root(square: Parameter) -> Parameter:
    """Square root: of a float, a float."""
    found = np.sqrt(square)
    return found if isinstance(found, np.ndarray) else float(found)
