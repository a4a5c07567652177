"""Numbers and arrays that carry their derivatives by each input (forward-mode differentiation).

An input keeps its identity through every operation, so x - x has no uncertainty and x + x has twice that
of x (JCGM 100:2008 5.1.2 with each input counted once). Values are floats or float64 arrays that broadcast
together: an array is that many measurements evaluated at once. A derivative that is the same in all of them
stays a float.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = float | NDArray[np.float64]
Number: TypeAlias = "int | float | Decimal | Fraction | NDArray[Any]"


@dataclass(frozen=True, eq=False, slots=True)
class Input:
    """One input quantity of a measurement model; two inputs are the same only if they are one object.

    `value` and `u` (standard uncertainty) are in the same unit, `dof` are the degrees of freedom of u.
    """

    name: str
    value: Values
    u: Values
    dof: float = np.inf

    def __post_init__(self) -> None:
        # Written so that NaN fails too.
        if not (np.all(np.asarray(self.u) >= 0) and np.all(np.isfinite(self.u)) and self.dof > 0):
            raise ValueError(f"input {self.name!r} needs finite u >= 0 and dof > 0")


@dataclass(frozen=True, eq=False, slots=True)
class Uncertain:
    """A value with its derivative by each input it depends on."""

    value: Values
    derivatives: Mapping[Input, Values]

    # NumPy then leaves array * Uncertain to __rmul__ instead of making an array of objects.
    __array_ufunc__ = None

    def __add__(self, other: Uncertain | Number) -> Uncertain:
        if not isinstance(other, Uncertain):
            return Uncertain(self.value + plain(other), self.derivatives)
        return Uncertain(self.value + other.value, _sum(self.derivatives, other.derivatives))

    __radd__ = __add__

    def __neg__(self) -> Uncertain:
        return Uncertain(-self.value, {key: -d for key, d in self.derivatives.items()})

    def __sub__(self, other: Uncertain | Number) -> Uncertain:
        if not isinstance(other, Uncertain):
            return Uncertain(self.value - plain(other), self.derivatives)
        return Uncertain(self.value - other.value, _difference(self.derivatives, other.derivatives))

    def __rsub__(self, other: Number) -> Uncertain:
        return -self + other

    def __mul__(self, other: Uncertain | Number) -> Uncertain:
        if not isinstance(other, Uncertain):
            factor = plain(other)
            return Uncertain(self.value * factor, _scaled(self.derivatives, factor))
        left, right = _scaled(self.derivatives, other.value), _scaled(other.derivatives, self.value)
        return Uncertain(self.value * other.value, _sum(left, right))

    __rmul__ = __mul__

    def __truediv__(self, other: Uncertain | Number) -> Uncertain:
        return self * (1 / plain(other)) if not isinstance(other, Uncertain) else self * _reciprocal(other)

    def __rtruediv__(self, other: Number) -> Uncertain:
        return _reciprocal(self) * other

    def __pow__(self, exponent: int | float | Decimal | Fraction) -> Uncertain:
        power = float(exponent)
        slope = power * self.value ** (power - 1)
        return Uncertain(self.value**power, _scaled(self.derivatives, slope))


def of(quantity: Input) -> Uncertain:
    """The input as a number to calculate with."""
    return Uncertain(quantity.value, {quantity: 1.0})


def plain(number: Number) -> Values:
    """A number of any kind as float64."""
    return np.asarray(number, dtype=np.float64) if isinstance(number, np.ndarray) else float(number)


def _scaled(derivatives: Mapping[Input, Values], factor: Values) -> dict[Input, Values]:
    # A fresh input's derivative is the float 1.0: multiplying by it would only copy a long array.
    return {key: factor if type(d) is float and d == 1.0 else d * factor for key, d in derivatives.items()}


def _sum(left: Mapping[Input, Values], right: Mapping[Input, Values]) -> dict[Input, Values]:
    total = dict(left)
    for key, d in right.items():
        total[key] = total[key] + d if key in total else d
    return total


def _difference(left: Mapping[Input, Values], right: Mapping[Input, Values]) -> dict[Input, Values]:
    total = dict(left)
    for key, d in right.items():
        total[key] = total[key] - d if key in total else -d
    return total


def _reciprocal(x: Uncertain) -> Uncertain:
    inverse = 1 / x.value
    return Uncertain(inverse, _scaled(x.derivatives, -inverse * inverse))


def _function(f: Callable[[Any], Any], slope: Callable[[Any, Any], Any]) -> Callable[[Uncertain], Uncertain]:
    def apply(x: Uncertain) -> Uncertain:
        value = f(x.value)
        return Uncertain(value, _scaled(x.derivatives, slope(x.value, value)))

    return apply


sqrt = _function(np.sqrt, lambda _x, y: 0.5 / y)
exp = _function(np.exp, lambda _x, y: y)
log = _function(np.log, lambda x, _y: 1 / x)
sin = _function(np.sin, lambda x, _y: np.cos(x))
cos = _function(np.cos, lambda x, _y: -np.sin(x))
tan = _function(np.tan, lambda _x, y: 1 + y * y)
arcsin = _function(np.arcsin, lambda x, _y: 1 / np.sqrt(1 - x * x))
arccos = _function(np.arccos, lambda x, _y: -1 / np.sqrt(1 - x * x))
arctan = _function(np.arctan, lambda x, _y: 1 / (1 + x * x))
