from dataclasses import replace
from decimal import Decimal

import pytest

from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.record import RecordError, VerificationKind
from yuejingzhun.procedures.sample import sample_parameters

PROCEDURE = procedure("JJG 162-2019")
(TEST,) = PROCEDURE.tests


@pytest.mark.parametrize(
    ("accuracy_class", "water", "kind", "expected"),
    [
        ("2", "不超过 30 °C", VerificationKind.INITIAL, [5, 2, 2]),
        ("2", "超过 30 °C", VerificationKind.INITIAL, [5, 3, 3]),
        ("1", "不超过 30 °C", VerificationKind.SUBSEQUENT, [3, 1, 1]),
        ("1", "超过 30 °C", VerificationKind.IN_SERVICE, [6, 4, 4]),
    ],
)
def test_mpe(accuracy_class: str, water: str, kind: VerificationKind, expected: list[int]) -> None:
    parameters = {**sample_parameters(PROCEDURE), "accuracy_class": accuracy_class, "water": water}
    points = TEST.points(parameters, kind)
    assert [point.values["flow_m3_per_h"] for point in points] == [Decimal(q) for q in ("0.04", "0.064", "4")]
    assert [TEST.mpe(parameters, point, kind) for point in points] == expected


@pytest.mark.parametrize(("dn", "months"), [(15, 72), (25, 72), (32, 48), (50, 48), (80, 24)])
def test_validity_by_size(dn: int, months: int) -> None:
    assert PROCEDURE.validity({**sample_parameters(PROCEDURE), "dn_mm": Decimal(dn)}).months == months


def with_volumes(record, volumes):
    def row(old, end):
        return {**old, "start_l": Decimal("7.5"), "end_l": Decimal(end) + Decimal("7.5"), "standard_l": Decimal(100)}

    pairs = zip(record.readings.items(), volumes, strict=True)
    return replace(record, readings={key: (row(rows[0], end),) for (key, rows), end in pairs})


def test_error_is_indicated_minus_actual_volume(sample) -> None:
    record, standard = sample(PROCEDURE.code)
    evaluation = evaluate(PROCEDURE, with_volumes(record, ["102.5", "99.1", "98.05"]), standard)
    assert [str(result.rounded) for result in evaluation.points] == ["2.5", "-0.9", "-2.0"]
    assert evaluation.passed


def test_errors_of_one_sign_need_one_within_half_the_mpe(sample) -> None:
    record, standard = sample(PROCEDURE.code)
    assert evaluate(PROCEDURE, with_volumes(record, ["104", "101.9", "101.0"]), standard).passed
    failed = evaluate(PROCEDURE, with_volumes(record, ["104", "101.9", "101.1"]), standard)
    assert not failed.passed
    assert all(result.passed for result in failed.points)


def test_a_flow_outside_its_limits_is_no_record(sample) -> None:
    record, standard = sample(PROCEDURE.code)
    (row,) = record.readings["indication", "Q3"]
    wrong = {**record.readings, ("indication", "Q3"): ({**row, "flow_kept_m3_per_h": Decimal("3.5")},)}
    with pytest.raises(RecordError, match=r"应为 3\.6～4 m³/h"):
        evaluate(PROCEDURE, replace(record, readings=wrong), standard)
