"""Pieces that more than one regulation declares alike."""

from decimal import Decimal

from yuejingzhun.procedures.procedure import Check, Choice, Condition, Number, Point, PointResult, RequirementResult
from yuejingzhun.procedures.record import Parameters

D = Decimal


def accuracy_class(*options: str) -> Choice:
    """The choice of the accuracy class marked on the instrument."""
    return Choice("accuracy_class", "准确度等级", options)


def between(key: str, label: str, unit: str, possible: tuple[str, str], allowed: tuple[str, str]) -> Condition:
    """An environmental condition whose allowed limits are the same for every class."""
    limits = (D(allowed[0]), D(allowed[1]))
    return Condition(Number(key, label, unit, D(possible[0]), D(possible[1])), lambda _parameters: limits)


def temperature(low: str, high: str) -> Condition:
    """Ambient temperature in degrees Celsius."""
    return between("temperature_c", "环境温度", "°C", ("-30", "60"), (low, high))


def humidity(low: str, high: str) -> Condition:
    """Relative humidity in percent."""
    return between("humidity_percent", "相对湿度", "%", ("0", "100"), (low, high))


APPEARANCE = Check("appearance", "外观与标志", "通用技术要求")


def same_sign_needs_half(label: str, results: tuple[PointResult, ...]) -> tuple[RequirementResult, ...]:
    """If all errors have one sign, at least one must be within half of its MPE (JJG 162-2019; OIML R 49-1 4.2.5)."""
    signs = {(result.rounded > 0) - (result.rounded < 0) for result in results}
    if len(signs) != 1 or 0 in signs:
        return (RequirementResult(label, "各点误差符号不全相同", "符号相同时至少一点不超过 MPE 的一半", True),)
    passed = any(2 * abs(result.rounded) <= result.mpe for result in results)
    found = "符号相同，且有一点不超过 MPE 的一半" if passed else "符号相同，且各点都超过 MPE 的一半"
    return (RequirementResult(label, found, "符号相同时至少一点不超过 MPE 的一半", passed),)


def one_point(key: str, label: str, **values: Decimal) -> Point:
    """A point with its known values as keywords."""
    return Point(key, label, values)


def as_entered(parameters: Parameters, key: str) -> str:
    """A parameter as the text it was entered with, for labels."""
    value = parameters[key]
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value
