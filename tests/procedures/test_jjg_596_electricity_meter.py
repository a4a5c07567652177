from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.record import Record, ReferenceStandard, VerificationKind

PROCEDURE = procedure("JJG 596-2012")
AT_IB = ("basic_error", "1Ib-1.0")


def with_error(record: Record, percent: str, point: tuple[str, str] = AT_IB) -> Record:
    meter = Decimal("0.1") * (1 + Decimal(percent) / 100)
    row = {"meter_kwh": meter, "standard_kwh": Decimal("0.1")}
    return replace(record, readings={**record.readings, point: (row, row)})


@pytest.mark.parametrize(
    ("percent", "rounded", "passed"),
    [
        ("1.0", "1.0", True),
        ("1.0499", "1.0", True),  # the rounded error is what is compared
        ("1.05", "1.0", True),  # a tie goes to the even multiple
        ("1.0501", "1.1", False),
        ("-1.05", "-1.0", True),
        ("-1.15", "-1.2", False),
    ],
)
def test_the_rounded_error_decides(
    percent: str, rounded: str, passed: bool, sample: Callable[..., tuple[Record, ReferenceStandard]]
) -> None:
    record, standard = sample(PROCEDURE.code)
    evaluation = evaluate(PROCEDURE, with_error(record, percent), standard)
    (result,) = (result for result in evaluation.points if result.point.key == AT_IB[1])
    assert (str(result.rounded), result.passed, evaluation.passed) == (rounded, passed, passed)


@pytest.mark.parametrize(
    ("accuracy_class", "expected", "interval", "months"),
    [
        ("1", ["1.5", "1.0", "1.0", "1.0", "1.5", "1.0", "1.0", "1.0"], "0.1", 96),
        ("2", ["2.5", "2.0", "2.0", "2.0", "2.5", "2.0", "2.0", "2.0"], "0.2", 96),
        ("0.5S", ["1.0", "0.5", "0.5", "0.5", "1.0", "0.6", "0.6", "0.6"], "0.05", 72),
        ("0.2S", ["0.4", "0.2", "0.2", "0.2", "0.5", "0.3", "0.3", "0.3"], "0.02", 72),
        ("B", ["1.5", "1.0", "1.0", "1.0", "1.5", "1.0", "1.0", "1.0"], "0.1", 96),
    ],
)
def test_limits_rounding_and_validity_by_class(
    accuracy_class: str, expected: list[str], interval: str, months: int
) -> None:
    parameters = {
        "accuracy_class": accuracy_class,
        "voltage_v": Decimal(220),
        "basic_current_a": Decimal(5),
        "maximum_current_a": Decimal(60),
        "constant_imp_per_kwh": Decimal(1200),
    }
    (test,) = PROCEDURE.tests
    points = test.points(parameters, VerificationKind.INITIAL)
    assert [str(test.mpe(parameters, point, VerificationKind.INITIAL)) for point in points] == expected
    assert test.interval(parameters, points[0]) == Decimal(interval)
    assert PROCEDURE.validity(parameters).months == months


def test_a_failed_requirement_fails_the_meter(sample: Callable[..., tuple[Record, ReferenceStandard]]) -> None:
    record, standard = sample(PROCEDURE.code)
    checks = {**record.checks, "no_load": False, "clock_s_per_day": Decimal("-0.51")}
    evaluation = evaluate(PROCEDURE, replace(record, checks=checks), standard)
    assert evaluation.reasons == (
        "潜动试验（115 % 参比电压）：不合格，要求合格",
        "时钟日计时误差（多费率表）：-0.51 s/d，要求不超过 ±0.5 s/d",
    )
