from dataclasses import replace
from decimal import Decimal

import pytest

from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.procedure import Point
from yuejingzhun.procedures.record import VerificationKind
from yuejingzhun.procedures.sample import sample_parameters

PROCEDURE = procedure("JJG 539-2016")
WEIGHING = PROCEDURE.find("weighing")


@pytest.mark.parametrize(
    ("accuracy_class", "load_in_e", "share"),
    [
        ("III", 500, "0.5"),
        ("III", 501, "1.0"),
        ("III", 2000, "1.0"),
        ("III", 2001, "1.5"),
        ("IIII", 50, "0.5"),
        ("IIII", 51, "1.0"),
        ("IIII", 201, "1.5"),
    ],
)
def test_mpe_by_load(accuracy_class: str, load_in_e: int, share: str) -> None:
    parameters = {**sample_parameters(PROCEDURE), "accuracy_class": accuracy_class}
    point = Point("", "", {"load_g": load_in_e * Decimal(5)})
    assert WEIGHING.mpe(parameters, point, VerificationKind.INITIAL) == Decimal(share) * 5
    assert WEIGHING.mpe(parameters, point, VerificationKind.IN_SERVICE) == Decimal(share) * 10


def test_weighing_goes_up_and_down_through_the_boundaries() -> None:
    points = WEIGHING.points(sample_parameters(PROCEDURE), VerificationKind.INITIAL)
    loads = [int(point.values["load_g"]) for point in points]
    assert loads == [100, 2500, 7500, 10000, 15000, 10000, 7500, 2500, 100]


def test_error_before_rounding_and_zero_correction(sample) -> None:
    # OIML R 76-1 A.4.4.3: I = 1000 g, e = 5 g, dL = 1.5 g gives P = 1001 g; E0 = +0.5 g, so E_c = 1001 - 1000 - 0.5.
    record, standard = sample(PROCEDURE.code)
    readings = {
        **record.readings,
        ("zero", "zero"): ({"indication_g": Decimal(0), "small_weights_g": Decimal("2.0")},),
        ("weighing", "up-2500"): ({"indication_g": Decimal(2500), "small_weights_g": Decimal("1.5")},),
    }
    evaluation = evaluate(PROCEDURE, replace(record, readings=readings), standard)
    found = {(r.test, r.point.key): r.error for r in evaluation.points}
    assert found["zero", "zero"] == Decimal("0.5")
    assert found["weighing", "up-2500"] == Decimal("0.5")


def test_repeatability_is_the_range_against_the_mpe(sample) -> None:
    record, standard = sample(PROCEDURE.code)
    rows = tuple({"indication_g": Decimal(7500), "small_weights_g": Decimal(text)} for text in ("0", "2.5", "5.5"))
    readings = {**record.readings, ("repeatability", "half"): rows}
    evaluation = evaluate(PROCEDURE, replace(record, readings=readings), standard)
    assert "重复性 约 1/2 最大秤量：5.5 g，要求不超过 5.0 g" in evaluation.reasons
