from dataclasses import replace
from decimal import Decimal

import pytest

from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.record import VerificationKind
from yuejingzhun.procedures.sample import sample_parameters

PROCEDURE = procedure("JJG 577-2012")
(TEST,) = PROCEDURE.tests
ROW = {
    "meter_l": Decimal("100"),
    "standard_l": Decimal("100"),
    "meter_c": Decimal("20"),
    "standard_c": Decimal("20"),
    "meter_kpa": Decimal("101.3"),
    "standard_kpa": Decimal("101.3"),
}


@pytest.mark.parametrize(
    ("accuracy_class", "kind", "expected"),
    [
        ("1.5", VerificationKind.INITIAL, ["3", "1.5", "1.5"]),
        ("1.5", VerificationKind.IN_SERVICE, ["6", "3.0", "3.0"]),
        ("1.0", VerificationKind.SUBSEQUENT, ["2", "1", "1"]),
    ],
)
def test_mpe(accuracy_class: str, kind: VerificationKind, expected: list[str]) -> None:
    parameters = {**sample_parameters(PROCEDURE), "accuracy_class": accuracy_class}
    found = [TEST.mpe(parameters, point, kind) for point in TEST.points(parameters, kind)]
    assert [str(limit) for limit in found] == expected


def test_volume_is_reduced_to_the_meters_temperature_and_pressure() -> None:
    # 100 L at 20 degC and 101.3 kPa are 100 * 101.3 * 303.15 / (100 * 293.15) = 104.7556 L at 30 degC and 100 kPa.
    row = {**ROW, "meter_c": Decimal(30), "meter_kpa": Decimal(100), "meter_l": Decimal("104.7556")}
    assert abs(TEST.error(row, {})) < Decimal("0.0001")
    assert TEST.error({**ROW, "meter_l": Decimal("101.2")}, {}) == Decimal("1.2")


def test_a_degree_of_the_meter_is_a_third_of_a_percent() -> None:
    warmer = TEST.error({**ROW, "meter_c": Decimal(21)}, {})
    assert float(warmer) == pytest.approx(-100 / (273.15 + 21), rel=1e-3)


@pytest.mark.parametrize(
    ("volumes", "passed"), [(["100.9", "101.0"], True), (["101.1", "100.2"], False), (["101.2", "99.9"], True)]
)
def test_errors_of_one_sign_keep_a_tighter_limit(sample, volumes: list[str], passed: bool) -> None:
    record, standard = sample(PROCEDURE.code)
    keys = [("indication", "0.2q_max"), ("indication", "q_max")]
    rows = [({**ROW, "meter_l": Decimal(volume)},) * 2 for volume in volumes]
    readings = {**record.readings, **dict(zip(keys, rows, strict=True))}
    evaluation = evaluate(PROCEDURE, replace(record, readings=readings), standard)
    assert evaluation.passed == passed, evaluation.reasons


def test_validity_by_gas_and_size() -> None:
    parameters = sample_parameters(PROCEDURE)
    assert PROCEDURE.validity(parameters).months == 120
    assert PROCEDURE.validity({**parameters, "gas": "人工燃气"}).months == 72
    assert PROCEDURE.validity({**parameters, "q_max_m3_per_h": Decimal(16)}).months == 36
