"""What the regulations of weighing instruments share: limits by the load in verification intervals (OIML R 76-1)."""

from decimal import Decimal

from yuejingzhun.procedures.common import D
from yuejingzhun.procedures.procedure import Point, PointResult, RequirementResult, number
from yuejingzhun.procedures.record import Parameters, VerificationKind

# Loads in verification intervals e up to which the MPE is 0.5 e and 1.0 e; beyond, 1.5 e (OIML R 76-1 3.5.1 table 6).
BOUNDARIES = {"I": (50_000, 200_000), "II": (5_000, 20_000), "III": (500, 2_000), "IIII": (50, 200)}


def load_mpe(parameters: Parameters, point: Point, kind: VerificationKind) -> Decimal:
    """The MPE of a load, twice that in service (OIML R 76-1 3.5.1 and 3.5.2); in g, as `e_g` and `load_g`."""
    e = number(parameters, "e_g")
    first, second = BOUNDARIES[str(parameters["accuracy_class"])]
    load = point.values["load_g"]
    share = D("0.5") if load <= first * e else D("1.0") if load <= second * e else D("1.5")
    return share * e * (2 if kind is VerificationKind.IN_SERVICE else 1)


def in_steps_of_e(load: Decimal, parameters: Parameters) -> Decimal:
    """The load of whole verification intervals nearest to this one."""
    e = number(parameters, "e_g")
    return (load / e).to_integral_value() * e


def label_of(load: Decimal) -> str:
    """A load as it stands in labels."""
    return f"{load.normalize():f} g"


def repeatability(
    parameters: Parameters, kind: VerificationKind, results: tuple[PointResult, ...]
) -> tuple[RequirementResult, ...]:
    """The results of one load differ by no more than its MPE (OIML R 76-1 3.6.1)."""
    found = []
    for result in results:
        width, limit = max(result.errors) - min(result.errors), load_mpe(parameters, result.point, kind)
        label = f"重复性 {result.point.label}"
        found.append(RequirementResult(label, label_of(width), f"不超过 {limit} g", width <= limit))
    return tuple(found)


def of_load(u_percent: Decimal, _parameters: Parameters, point: Point) -> Decimal:
    """The uncertainty of weights that is stated in percent, at the load of a point."""
    return u_percent * point.values["load_g"] / 100
