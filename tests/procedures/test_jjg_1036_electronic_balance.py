"""JJG 1036: the limits of OIML R 76-1 table 6 for classes I and II."""

from decimal import Decimal

import pytest

from yuejingzhun.procedures.jjg_1036_electronic_balance import PROCEDURE, mpe, weighing_points
from yuejingzhun.procedures.procedure import Point
from yuejingzhun.procedures.record import VerificationKind

D = Decimal


@pytest.mark.parametrize(
    ("name", "load_in_e", "expected_in_e"),
    [
        ("I", 0, "0.5"),
        ("I", 50_000, "0.5"),
        ("I", 50_001, "1.0"),
        ("I", 200_000, "1.0"),
        ("I", 200_001, "1.5"),
        ("II", 5_000, "0.5"),
        ("II", 5_001, "1.0"),
        ("II", 20_000, "1.0"),
        ("II", 20_001, "1.5"),
    ],
)
def test_the_limit_steps_at_the_published_loads(name: str, load_in_e: int, expected_in_e: str) -> None:
    e = D("0.001")
    parameters = {"accuracy_class": name, "max_g": D(500), "e_g": e, "d_g": D("0.0001")}
    point = Point("p", "p", {"load_g": load_in_e * e})
    assert mpe(parameters, point, VerificationKind.INITIAL) == D(expected_in_e) * e
    assert mpe(parameters, point, VerificationKind.IN_SERVICE) == 2 * D(expected_in_e) * e


def test_loads_rise_to_the_maximum_and_fall_again() -> None:
    parameters = {"accuracy_class": "I", "max_g": D(200), "e_g": D("0.001"), "d_g": D("0.0001")}
    loads = [point.values["load_g"] for point in weighing_points(parameters, VerificationKind.INITIAL)]
    top = loads.index(max(loads))
    assert max(loads) == 200
    assert loads[: top + 1] == sorted(loads[: top + 1])
    assert loads[top:] == sorted(loads[top:], reverse=True)
    assert len(PROCEDURE.tests) == 3
