"""The limits of OIML R 76-1 table 6 for all four classes."""

from decimal import Decimal

import pytest

from yuejingzhun.procedures.procedure import Point
from yuejingzhun.procedures.record import VerificationKind
from yuejingzhun.procedures.weighing import load_mpe

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
        ("III", 500, "0.5"),
        ("III", 501, "1.0"),
        ("III", 2_001, "1.5"),
        ("IIII", 50, "0.5"),
        ("IIII", 200, "1.0"),
        ("IIII", 201, "1.5"),
    ],
)
def test_the_limit_steps_at_the_published_loads(name: str, load_in_e: int, expected_in_e: str) -> None:
    e = D("0.001")
    parameters = {"accuracy_class": name, "max_g": D(500), "e_g": e, "d_g": D("0.0001")}
    point = Point("p", "p", {"load_g": load_in_e * e})
    assert load_mpe(parameters, point, VerificationKind.INITIAL) == D(expected_in_e) * e
    assert load_mpe(parameters, point, VerificationKind.IN_SERVICE) == 2 * D(expected_in_e) * e
