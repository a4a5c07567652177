"""Numbers and arrays that carry their derivatives by each input (forward-mode differentiation).

An input keeps its identity through every operation, so x - x has no uncertainty and x + x has twice that
of x (JCGM 100:2008 5.1.2 with each input counted once). Values are floats or float64 arrays that broadcast
together: an array is that many measurements evaluated at once. A derivative that is the same in all of them
stays a float. The functions at the end take plain numbers and arrays as well, so that one model serves the law
of propagation and a Monte Carlo; and a value may itself be an Uncertain, which gives derivatives of higher
order exactly (second_order.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import ArgumentError

Values: TypeAlias = float | NDArray[np.float64]
Number: TypeAlias = "int | float | Decimal | Fraction | NDArray[Any]"


@dataclass(frozen=True, eq=False, slots=True)
class Input:
    """One input quantity of a measurement model; two inputs are the same only if they are one object.

    `value` and `u` (standard uncertainty) are in the same unit, `dof` are the degrees of freedom of u,
    `evaluation` says for the reader of a budget how u was found (type and distribution).
    """

    name: str
    value: Values
    u: Values
    dof: float = np.inf
    evaluation: str = ""

    def __post_init__(self) -> None:
        # Written so that NaN fails too. A float is asked without NumPy, whose calls take longer than a short block.
        u = self.u
        usable = 0 <= u < np.inf if isinstance(u, float) else bool(np.all((np.asarray(u) >= 0) & np.isfinite(u)))
        if not (usable and self.dof > 0):
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

    def __pow__(self, exponent: Uncertain | int | float | Decimal | Fraction | NDArray[Any]) -> Uncertain:
        if isinstance(exponent, Uncertain):
            _refuse_where(_core(self) <= 0, "base", "底数应大于零，指数才可带不确定度")
            return _power(self, exponent)
        power = plain(exponent)
        # A whole power stays differentiable at zero, where the general slope would divide by it.
        if isinstance(power, float) and power == 1:
            return self
        if isinstance(power, float) and power == 0:
            return self * 0.0 + 1.0
        slope = power * self.value ** (power - 1)
        return Uncertain(self.value**power, _scaled(self.derivatives, slope))

    def __rpow__(self, base: Number) -> Uncertain:
        number = plain(base)
        _refuse_where(np.asarray(number) <= 0, "base", "底数应大于零，指数才可带不确定度")
        value = number**self.value
        return Uncertain(value, _scaled(self.derivatives, value * np.log(number)))

    def __abs__(self) -> Uncertain:
        return absolute(self)


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


def _power(base: Uncertain, exponent: Uncertain) -> Uncertain:
    value = base.value**exponent.value
    by_base = _scaled(base.derivatives, exponent.value * base.value ** (exponent.value - 1))
    return Uncertain(value, _sum(by_base, _scaled(exponent.derivatives, value * log(base.value))))


def _core(number: Uncertain | Values) -> NDArray[np.float64]:
    """The plain value below however many levels of derivatives."""
    while isinstance(number, Uncertain):
        number = number.value
    return np.asarray(number, dtype=np.float64)


def _refuse_where(wrong: Any, argument: str, reason: str) -> None:
    if np.any(wrong):
        raise ArgumentError(argument, reason)


class Elementary(Protocol):
    """A function of one variable, of an uncertain number or of plain ones."""

    @overload
    def __call__(self, x: Uncertain, /) -> Uncertain: ...
    @overload
    def __call__(self, x: Values, /) -> Any: ...


def _function(f: Callable[[Any], Any], slope: Callable[[Any, Any], Any]) -> Elementary:
    def apply(x: Any) -> Any:
        if not isinstance(x, Uncertain):
            return f(x)
        value = apply(x.value)
        return Uncertain(value, _scaled(x.derivatives, slope(x.value, value)))

    return apply


def _sign(x: Any, _y: Any) -> Any:
    core = _core(x)
    _refuse_where(core == 0, "x", "绝对值在零点不可微")
    return np.sign(core)


sqrt: Elementary = _function(np.sqrt, lambda _x, y: 0.5 / y)
exp = _function(np.exp, lambda _x, y: y)
log = _function(np.log, lambda x, _y: 1 / x)
log10 = _function(np.log10, lambda x, _y: 1 / (x * float(np.log(10))))
sin: Elementary = _function(np.sin, lambda x, _y: cos(x))
cos: Elementary = _function(np.cos, lambda x, _y: -sin(x))
tan = _function(np.tan, lambda _x, y: 1 + y * y)
arcsin = _function(np.arcsin, lambda x, _y: 1 / sqrt(1 - x * x))
arccos = _function(np.arccos, lambda x, _y: -1 / sqrt(1 - x * x))
arctan = _function(np.arctan, lambda x, _y: 1 / (1 + x * x))
sinh = _function(np.sinh, lambda x, _y: cosh(x))
cosh: Elementary = _function(np.cosh, lambda x, _y: sinh(x))
tanh = _function(np.tanh, lambda _x, y: 1 - y * y)
absolute = _function(np.abs, _sign)


@overload
def arctan2(y: Uncertain, x: Uncertain | Number) -> Uncertain: ...
@overload
def arctan2(y: Number, x: Uncertain) -> Uncertain: ...
@overload
def arctan2(y: Number, x: Number) -> Any: ...
def arctan2(y: Any, x: Any) -> Any:
    """Angle of the point (x, y) in radians, in (-pi, pi]; raises ArgumentError at the origin."""
    if not isinstance(y, Uncertain) and not isinstance(x, Uncertain):
        return np.arctan2(y, x)
    up, along = (part if isinstance(part, Uncertain) else Uncertain(plain(part), {}) for part in (y, x))
    _refuse_where((_core(up) == 0) & (_core(along) == 0), "x、y", "原点的幅角没有定义")
    square: Any = up.value * up.value + along.value * along.value
    by_y = _scaled(up.derivatives, along.value / square)
    by_x = _scaled(along.derivatives, -up.value / square)
    return Uncertain(arctan2(up.value, along.value), _sum(by_y, by_x))
