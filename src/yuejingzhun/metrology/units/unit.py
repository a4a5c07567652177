"""A unit as an exact factor, an offset and seven exponents (SI Brochure, 9th edition, 2.3)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import isqrt, pi
from typing import overload

import numpy as np
from numpy.typing import NDArray

Exponents = tuple[Fraction, Fraction, Fraction, Fraction, Fraction, Fraction, Fraction]
"""Of metre, kilogram, second, ampere, kelvin, mole and candela."""

NO_DIMENSION: Exponents = (Fraction(0),) * 7
BASE_SYMBOLS = ("m", "kg", "s", "A", "K", "mol", "cd")
_DIGITS = 34  # of a converted Decimal that has no finite expansion: those of IEEE 754 decimal128


class UnitError(ValueError):
    """Units that don't fit together or that can't be expressed exactly; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A value in SI is `value * factor * pi**pi_power + offset`.

    Units outside every system of quantities (bel, yuan) are carried by name in `others` and convert only to themselves.
    """

    factor: Fraction = Fraction(1)
    dimension: Exponents = NO_DIMENSION
    pi_power: Fraction = Fraction(0)
    offset: Fraction = Fraction(0)
    others: frozenset[tuple[str, Fraction]] = field(default=frozenset())

    def __mul__(self, other: "Unit") -> "Unit":
        self._must_be_a_ratio()
        other._must_be_a_ratio()
        return Unit(
            self.factor * other.factor,
            _added(self.dimension, other.dimension),
            self.pi_power + other.pi_power,
            others=_merged((*self.others, *other.others)),
        )

    def __truediv__(self, other: "Unit") -> "Unit":
        return self * other**-1

    def __pow__(self, exponent: int | Fraction) -> "Unit":
        if exponent == 1:
            return self
        self._must_be_a_ratio()
        power = Fraction(exponent)
        return Unit(
            _rational_power(self.factor, power),
            _scaled(self.dimension, power),
            self.pi_power * power,
            others=_merged((name, value * power) for name, value in self.others),
        )

    def fits(self, other: "Unit") -> bool:
        """Whether a value in one can be expressed in the other."""
        return self.dimension == other.dimension and self.others == other.others

    def ratio(self) -> "Unit":
        """The unit of differences: degree Celsius becomes kelvin."""
        return Unit(self.factor, self.dimension, self.pi_power, others=self.others)

    def _must_be_a_ratio(self) -> None:
        # 20 °C/m has no meaning: whoever means a difference says kelvin, or takes the unit of differences.
        if self.offset:
            raise UnitError("摄氏度有零点偏移，不能与其他单位相乘除；温度差请用开尔文")


ONE = Unit()


def base_unit(position: int) -> Unit:
    """The unit of one SI base quantity, in the order of BASE_SYMBOLS."""
    return Unit(dimension=tuple(Fraction(place == position) for place in range(7)))  # type: ignore[arg-type]


def named_unit(name: str) -> Unit:
    """A unit outside every system of quantities, known by its name alone."""
    return Unit(others=frozenset({(name, Fraction(1))}))


@overload
def convert(value: Decimal, source: Unit, target: Unit) -> Decimal: ...
@overload
def convert(value: Fraction, source: Unit, target: Unit) -> Fraction: ...
@overload
def convert(value: float, source: Unit, target: Unit) -> float: ...
@overload
def convert(value: NDArray[np.float64], source: Unit, target: Unit) -> NDArray[np.float64]: ...
def convert(
    value: Decimal | Fraction | float | NDArray[np.float64], source: Unit, target: Unit
) -> Decimal | Fraction | float | NDArray[np.float64]:
    """A value in `source` expressed in `target`; exact for Fraction, and for Decimal where the result is finite.

    A Decimal without finite expansion has 34 significant digits. Raises UnitError where the dimensions differ, or where
    an exact value would need a power of pi.
    """
    if not source.fits(target):
        raise UnitError(f"量纲不同，不能换算：{dimension_symbol(source)} 与 {dimension_symbol(target)}")
    scale, turns = source.factor / target.factor, source.pi_power - target.pi_power
    shift = (source.offset - target.offset) / target.factor
    if isinstance(value, Decimal | Fraction):
        if turns:
            raise UnitError("换算含有 π，没有准确的有理数值；请用浮点数")
        exact = Fraction(value) * scale + shift
        return exact if isinstance(value, Fraction) else _decimal(exact)
    converted: float | NDArray[np.float64] = value * (float(scale) * pi ** float(turns)) + float(shift)
    return converted


def dimension_symbol(unit: Unit) -> str:
    """The dimension in base units, as in m·kg·s⁻²; "1" for none."""
    named = sorted(unit.others)
    parts = [*zip(BASE_SYMBOLS, unit.dimension, strict=True), *named]
    return "·".join(f"{name}{superscript(power)}" for name, power in parts if power) or "1"


def superscript(power: Fraction) -> str:
    """An exponent as it stands above the line; nothing for 1."""
    return "" if power == 1 else str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _added(first: Exponents, second: Exponents) -> Exponents:
    return tuple(a + b for a, b in zip(first, second, strict=True))  # type: ignore[return-value]


def _scaled(exponents: Exponents, power: Fraction) -> Exponents:
    return tuple(exponent * power for exponent in exponents)  # type: ignore[return-value]


def _merged(pairs: Iterable[tuple[str, Fraction]]) -> frozenset[tuple[str, Fraction]]:
    total: dict[str, Fraction] = {}
    for name, power in pairs:
        total[name] = total.get(name, Fraction(0)) + power
    return frozenset((name, power) for name, power in total.items() if power)


def _rational_power(factor: Fraction, power: Fraction) -> Fraction:
    if power.denominator == 1:
        return factor**power.numerator
    if power.denominator == 2:
        root = Fraction(isqrt(factor.numerator), isqrt(factor.denominator))
        if root * root == factor:
            return root**power.numerator
    raise UnitError(f"单位的 {power} 次方没有有理数因子")


def _decimal(value: Fraction) -> Decimal:
    """Exact where the denominator has no other primes than 2 and 5, else to 34 significant digits."""
    denominator, twos, fives = value.denominator, 0, 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    if denominator == 1:
        places = max(twos, fives)
        digits = value.numerator * 10**places // value.denominator
        return Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), -places))
    whole = len(str(abs(value.numerator))) - len(str(value.denominator))
    places = _DIGITS - whole
    rounded = round(value * Fraction(10) ** places)
    return Decimal((int(rounded < 0), tuple(map(int, str(abs(rounded)))), -places))
