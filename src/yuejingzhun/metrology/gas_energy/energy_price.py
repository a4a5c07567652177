"""Price of gas by energy (天然气能量计价), exact to the last fen: decimals and fractions, never floats."""

from decimal import Decimal
from enum import Enum
from fractions import Fraction

from yuejingzhun.metrology.arguments import ArgumentError

FEN = Decimal("0.01")


class EnergyUnit(Enum):
    """Units of energy; the value is in MJ, exactly."""

    MJ = Fraction(1)
    GJ = Fraction(1000)
    KWH = Fraction(36, 10)
    MWH = Fraction(3600)
    MMBTU = Fraction("1055.05585262")  # 10^6 international-table British thermal units


def convert(energy: Decimal, unit: EnergyUnit, target: EnergyUnit) -> Fraction:
    """The energy in another unit, exactly. Raises ArgumentError for one that isn't a finite Decimal."""
    return _exact("energy", energy) * unit.value / target.value


def charge(
    energy: Decimal, unit: EnergyUnit, unit_price: Decimal, price_unit: EnergyUnit, interval: Decimal = FEN
) -> Decimal:
    """Energy times price per `price_unit`, rounded once, at the end, half to even (GB/T 8170-2008 3.2).

    Raises ArgumentError for a float, a number that isn't finite, a negative price or an interval not above zero.
    """
    price = _exact("unit_price", unit_price)
    if price < 0:
        raise ArgumentError("unit_price", f"不应为负，为 {unit_price}")
    return _rounded(convert(energy, unit, price_unit) * price, interval)


def energy_price(
    volume_price: Decimal, gross_mj_m3: Decimal, price_unit: EnergyUnit, interval: Decimal = Decimal("0.0001")
) -> Decimal:
    """Price per unit of energy equal to a price per cubic metre of gas with that superior calorific value.

    For the change from volume to energy. Raises ArgumentError as `charge` does, and for a calorific value not
    above zero.
    """
    gross, price = _exact("gross_mj_m3", gross_mj_m3), _exact("volume_price", volume_price)
    if gross <= 0:
        raise ArgumentError("gross_mj_m3", f"应大于零，为 {gross_mj_m3}")
    if price < 0:
        raise ArgumentError("volume_price", f"不应为负，为 {volume_price}")
    return _rounded(price * price_unit.value / gross, interval)


def _rounded(number: Fraction, interval: Decimal) -> Decimal:
    step = _exact("interval", interval)
    if step <= 0:
        raise ArgumentError("interval", f"应大于零，为 {interval}")
    # round() of a Fraction is half to even and exact; the product with the interval has its decimals.
    sign, digits, exponent = interval.as_tuple()
    steps = round(number / step) * int("".join(map(str, digits)))
    if not isinstance(exponent, int) or sign:
        raise ArgumentError("interval", f"应为有限的正数，为 {interval}")
    return Decimal(f"{steps}E{exponent}")


def _exact(name: str, number: Decimal) -> Fraction:
    if not isinstance(number, Decimal) or not number.is_finite():
        raise ArgumentError(name, f"应为有限的十进制数（Decimal），为 {number!r}")
    return Fraction(number)
