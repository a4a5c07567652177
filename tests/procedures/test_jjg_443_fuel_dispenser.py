from dataclasses import replace
from decimal import Decimal

import pytest

from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.sample import sample_parameters

PROCEDURE = procedure("JJG 443-2015")
INDICATION = PROCEDURE.find("indication")
ROW = {
    "dispenser_l": Decimal("20.00"),
    "vessel_l": Decimal("20.00"),
    "dispenser_c": Decimal("20"),
    "vessel_c": Decimal("20"),
}


@pytest.mark.parametrize(
    ("oil", "vessel", "dispenser_c", "vessel_c", "true_l"),
    [
        ("汽油", "不锈钢", "20", "20", "20"),
        # 20 [1 + 0.0012 * (30 - 28) + 0.00005 * (28 - 20)] = 20.056
        ("汽油", "不锈钢", "30", "28", "20.056"),
        # 20 [1 + 0.0009 * (10 - 12) + 0.000033 * (12 - 20)] = 19.95872
        ("柴油", "碳钢", "10", "12", "19.95872"),
    ],
)
def test_volume_of_the_measure_is_corrected_for_oil_and_vessel(
    oil: str, vessel: str, dispenser_c: str, vessel_c: str, true_l: str
) -> None:
    parameters = {**sample_parameters(PROCEDURE), "oil": oil, "vessel": vessel}
    row = {**ROW, "dispenser_c": Decimal(dispenser_c), "vessel_c": Decimal(vessel_c), "dispenser_l": Decimal(true_l)}
    assert INDICATION.error(row, parameters) == 0


def with_readings(record, litres: list[str]):
    rows = tuple({**ROW, "dispenser_l": Decimal(text)} for text in litres)
    return replace(record, readings={**record.readings, ("indication", "high"): rows})


@pytest.mark.parametrize(
    ("litres", "spread", "passed"),
    [
        (["20.05", "20.05", "20.05"], "0.00 %", True),
        (["20.00", "20.03", "20.03"], "0.09 %", True),  # 0.15 % / 1.69 = 0.0888 %
        (["20.00", "20.04", "20.02"], "0.12 %", False),  # 0.20 % / 1.69 = 0.1183 %
    ],
)
def test_repeatability_is_the_range_over_1_69(sample, litres: list[str], spread: str, passed: bool) -> None:
    record, standard = sample(PROCEDURE.code)
    evaluation = evaluate(PROCEDURE, with_readings(record, litres), standard)
    (found,) = (r for r in evaluation.requirements if r.label == "重复性 大流量")
    assert (found.found, found.passed) == (spread, passed)


@pytest.mark.parametrize(("litre", "passed"), [("20.06", True), ("20.07", False), ("19.94", True), ("19.93", False)])
def test_limit_of_0_30_percent(sample, litre: str, passed: bool) -> None:
    record, standard = sample(PROCEDURE.code)
    evaluation = evaluate(PROCEDURE, with_readings(record, [litre] * 3), standard)
    (result,) = (r for r in evaluation.points if r.point.key == "high")
    assert result.passed == passed


@pytest.mark.parametrize(("paid", "passed"), [("150.00", True), ("150.01", False)])
def test_amount_must_be_price_times_volume(sample, paid: str, passed: bool) -> None:
    record, standard = sample(PROCEDURE.code)
    row = {"price_yuan": Decimal("7.50"), "volume_l": Decimal("20.00"), "paid_yuan": Decimal(paid)}
    evaluation = evaluate(PROCEDURE, replace(record, readings={**record.readings, ("price", "paid"): (row,)}), standard)
    assert evaluation.passed == passed


def test_uncertainty_of_temperatures_reaches_the_error(sample) -> None:
    # One degree of the dispenser's thermometer is beta_Y = 0.12 %; +-0.2 degC rectangular gives u = 0.0139 %.
    record, standard = sample(PROCEDURE.code)
    exact = replace(standard, expanded_uncertainty=Decimal("0.000001"))
    evaluation = evaluate(PROCEDURE, with_readings(record, ["20.00"] * 3), exact)
    (result,) = (r for r in evaluation.points if r.point.key == "high")
    u_c = (0.12 * 0.2 / 3**0.5) ** 2 + ((0.12 - 0.005) * 0.2 / 3**0.5) ** 2 + (0.005 / 20 * 100 / 3**0.5) ** 2
    assert float(result.expanded_uncertainty) == pytest.approx(1.96 * u_c**0.5, rel=0.02)
