from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from yuejingzhun.procedures.catalogue import procedures
from yuejingzhun.procedures.evaluate import evaluate, last_valid_day
from yuejingzhun.procedures.record import Record, RecordError, ReferenceStandard

Sample = Callable[..., tuple[Record, ReferenceStandard]]
CODES = list(procedures())
METER = "JJG 596-2012"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("code", CODES)
def test_a_good_sample_passes_and_a_bad_one_fails_with_a_reason(code: str, seed: int, sample: Sample) -> None:
    good = evaluate(procedures()[code], *sample(code, True, seed))
    assert good.passed, good.reasons
    assert good.valid_until is not None
    bad = evaluate(procedures()[code], *sample(code, False, seed))
    assert not bad.passed
    assert bad.valid_until is None
    assert any("最大允许误差" in reason for reason in bad.reasons)


@pytest.mark.parametrize("code", CODES)
def test_every_u_covers_at_least_the_standard_and_stays_below_the_mpe(code: str, sample: Sample) -> None:
    record, standard = sample(code)
    procedure = procedures()[code]
    for result in evaluate(procedure, record, standard).points:
        share = procedure.find(result.test).from_standard
        if share:
            least = share(standard.expanded_uncertainty, record.parameters, result.point) * Decimal("0.95")
            assert least <= result.expanded_uncertainty < result.mpe


@pytest.mark.parametrize(
    ("tested_on", "months", "expected"),
    [
        (date(2026, 11, 24), 96, date(2034, 11, 23)),
        (date(2026, 8, 31), 6, date(2027, 2, 27)),
        (date(2024, 2, 29), 12, date(2025, 2, 27)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
    ],
)
def test_last_valid_day(tested_on: date, months: int, expected: date) -> None:
    assert last_valid_day(tested_on, months) == expected


def refusal(record: Record, standard: ReferenceStandard) -> dict[tuple[str | int, ...], str]:
    with pytest.raises(RecordError) as caught:
        evaluate(procedures()[METER], record, standard)
    return {problem.path: problem.message for problem in caught.value.problems}


def test_all_problems_are_named_at_once(sample: Sample) -> None:
    record, standard = sample(METER)
    first, second, *_ = record.readings
    readings = dict(record.readings)
    del readings[first]
    readings[second] = ({**readings[second][0], "standard_kwh": Decimal(-1)}, readings[second][1])
    broken = replace(
        record,
        readings=readings,
        environment={**record.environment, "temperature_c": Decimal(35)},
        checks={"appearance": True, "starting": True, "constant": True, "odd": True},
    )
    found = refusal(broken, replace(standard, valid_until=date(2026, 11, 23)))
    assert set(found) == {
        ("environment", "temperature_c"),
        ("readings", *first),
        ("readings", *second, 0, "standard_kwh"),
        ("checks", "odd"),
        ("checks", "no_load"),
        ("standard", "valid_until"),
    }
    assert "为 35 °C，不满足检定条件，应为 18～28 °C" in found["environment", "temperature_c"]
    assert "有 0 次读数，应为 2 次" in found["readings", *first]
    assert "为 -1，超出可能的范围" in found["readings", *second, 0, "standard_kwh"]
    assert "已过期" in found["standard", "valid_until"]


def test_unknown_classes_and_parameters_are_named_before_the_points(sample: Sample) -> None:
    record, standard = sample(METER)
    parameters = {**record.parameters, "accuracy_class": "3", "basic_current_a": Decimal("NaN"), "colour": "red"}
    found = refusal(replace(record, parameters=parameters), standard)
    assert set(found) == {("parameters", key) for key in ("accuracy_class", "basic_current_a", "colour")}
    assert "应为 0.2S、0.5S、1、2" in found["parameters", "accuracy_class"]


def test_a_standard_above_a_third_of_the_mpe_is_refused(sample: Sample) -> None:
    record, standard = sample(METER)
    third = Decimal(1) / 3
    assert evaluate(procedures()[METER], record, replace(standard, expanded_uncertainty=Decimal("0.3333"))).passed
    found = refusal(record, replace(standard, expanded_uncertainty=third.quantize(Decimal("0.0001"), "ROUND_UP")))
    assert "三分之一" in found["standard", "expanded_uncertainty"]


def test_a_point_that_the_parameters_do_not_have_is_named(sample: Sample) -> None:
    record, standard = sample(METER)
    extra = {**record.readings, ("basic_error", "7Ib-1.0"): next(iter(record.readings.values()))}
    assert set(refusal(replace(record, readings=extra), standard)) == {("readings", "basic_error", "7Ib-1.0")}
