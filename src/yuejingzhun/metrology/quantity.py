"""A value with its unit: what is added, compared or converted must be of one dimension (JCGM 200:2012 1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.uncertainty.dual import Uncertain
from yuejingzhun.metrology.units.legal import parse_symbol
from yuejingzhun.metrology.units.unit import Unit, UnitError, convert, dimension_symbol

Amount: TypeAlias = "Decimal | Fraction | float | NDArray[np.float64] | Uncertain"


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """A value in a unit. Exact where the value is (Decimal, Fraction); on arrays, element by element; an `Uncertain`
    keeps its inputs. `symbol` is how the unit is shown and empty for one that was calculated.

    Operations raise UnitError where the dimensions don't fit, and for products of degrees Celsius.
    """

    value: Amount
    unit: Unit
    symbol: str = ""

    def to(self, symbol: str) -> Quantity:
        """The same quantity in a legal unit, by its symbol; raises UnitError."""
        unit = parse_symbol(symbol)
        return Quantity(_converted(self.value, self.unit, unit), unit, symbol)

    def __add__(self, other: Quantity) -> Quantity:
        return self._like(self.value + self._ours(other))  # type: ignore[operator]

    def __sub__(self, other: Quantity) -> Quantity:
        """The difference; that of two temperatures in degrees Celsius is in kelvin."""
        difference = self.value - self._ours(other)  # type: ignore[operator]
        if self.unit.offset:
            return Quantity(difference, self.unit.ratio(), "K")
        return self._like(difference)

    def __neg__(self) -> Quantity:
        return self._like(-self.value)

    def __mul__(self, other: Quantity | Decimal | Fraction | float) -> Quantity:
        if isinstance(other, Quantity):
            return Quantity(self.value * other.value, self.unit * other.unit)  # type: ignore[operator]
        return self._scaled(self.value * other)  # type: ignore[operator]

    __rmul__ = __mul__

    def __truediv__(self, other: Quantity | Decimal | Fraction | float) -> Quantity:
        if isinstance(other, Quantity):
            return Quantity(self.value / other.value, self.unit / other.unit)  # type: ignore[operator]
        return self._scaled(self.value / other)  # type: ignore[operator]

    def __pow__(self, exponent: int) -> Quantity:
        return Quantity(self.value**exponent, self.unit**exponent)

    def __eq__(self, other: object) -> Any:
        return isinstance(other, Quantity) and self.unit.fits(other.unit) and self.value == self._ours(other)

    def __lt__(self, other: Quantity) -> Any:
        return self.value < self._ours(other)  # type: ignore[operator]

    def __le__(self, other: Quantity) -> Any:
        return self.value <= self._ours(other)  # type: ignore[operator]

    __hash__ = None  # type: ignore[assignment]  # equal quantities may have different values

    def __str__(self) -> str:
        shown = self.symbol or dimension_symbol(self.unit)
        space = "" if shown in ("°", "′", "″") else " "
        return f"{self.value}{space}{shown}".rstrip()

    def _ours(self, other: Quantity) -> Amount:
        """The other's value in our unit."""
        return other.value if other.unit == self.unit else _converted(other.value, other.unit, self.unit)

    def _like(self, value: Amount) -> Quantity:
        return Quantity(value, self.unit, self.symbol)

    def _scaled(self, value: Amount) -> Quantity:
        if self.unit.offset:
            raise UnitError("摄氏度有零点偏移，不能乘以倍数；请先换算为开尔文")
        return self._like(value)


def quantity(value: Amount, symbol: str) -> Quantity:
    """A value in a legal unit, by its symbol; raises UnitError."""
    return Quantity(value, parse_symbol(symbol), symbol)


def _converted(value: Amount, source: Unit, target: Unit) -> Amount:
    if not isinstance(value, Uncertain):
        return convert(value, source, target)
    # A linear change of scale: 0 and 1 give its shift and its factor.
    shift = convert(0.0, source, target)
    return value * (convert(1.0, source.ratio(), target.ratio())) + shift
