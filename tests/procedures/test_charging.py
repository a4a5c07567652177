from dataclasses import replace
from decimal import Decimal

import pytest

from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.record import VerificationKind

CODES = ["JJG 1148-2022", "JJG 1149-2022"]


def with_class(sample, code: str, accuracy_class: str):
    record, standard = sample(code)
    parameters = {**record.parameters, "accuracy_class": accuracy_class}
    return replace(record, parameters=parameters), replace(standard, expanded_uncertainty=Decimal("0.1"))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    ("accuracy_class", "percent", "rounded", "passed"),
    [
        ("1", "1.05", "1.0", True),
        ("1", "1.06", "1.1", False),
        ("2", "2.1", "2.0", True),  # a tenth of class 2 is 0.2: a tie between 2.0 and 2.2
        ("2", "-2.11", "-2.2", False),
    ],
)
def test_working_error_is_rounded_to_a_tenth_of_the_class(
    code: str, accuracy_class: str, percent: str, rounded: str, passed: bool, sample
) -> None:
    record, standard = with_class(sample, code, accuracy_class)
    key = next(iter(record.readings))
    row = {"charger_kwh": 1 + Decimal(percent) / 100, "standard_kwh": Decimal(1)}
    readings = {**record.readings, key: (row, row)}
    evaluation = evaluate(procedure(code), replace(record, readings=readings), standard)
    assert (str(evaluation.points[0].rounded), evaluation.points[0].passed) == (rounded, passed)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    ("kind", "seconds", "passed"),
    [
        (VerificationKind.INITIAL, "5", True),
        (VerificationKind.INITIAL, "-5.1", False),
        (VerificationKind.IN_SERVICE, "180", True),
        (VerificationKind.IN_SERVICE, "181", False),
    ],
)
def test_clock(code: str, kind: VerificationKind, seconds: str, passed: bool, sample) -> None:
    record, standard = sample(code)
    changed = replace(record, kind=kind, checks={**record.checks, "clock_s": Decimal(seconds)})
    assert evaluate(procedure(code), changed, standard).passed == passed


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("paid", "passed"), [("6.01", True), ("6.02", False)])
def test_amount_within_the_smallest_coin(code: str, paid: str, passed: bool, sample) -> None:
    record, standard = sample(code)
    row = {"price_yuan": Decimal("1.2"), "energy_kwh": Decimal("5"), "paid_yuan": Decimal(paid)}
    changed = replace(record, readings={**record.readings, ("amount", "paid"): (row,)})
    assert evaluate(procedure(code), changed, standard).passed == passed
