from math import ceil

import pytest

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.sampling.lq_tables import LIMITING_QUALITIES, limiting_quality_plan
from yuejingzhun.metrology.sampling.operating_characteristic import hypergeometric
from yuejingzhun.metrology.sampling.plan import SinglePlan

LOTS = (500, 1200, 3200, 10_000, 35_000, 150_000, 500_000, 1_000_000)


@pytest.mark.parametrize("lot", LOTS)
def test_the_consumers_risk_is_below_thirteen_percent(lot: int) -> None:
    # ISO 2859-2:1985: the probability of acceptance at the limiting quality is usually below 10 %, always below 13 %.
    for quality in LIMITING_QUALITIES:
        plan = limiting_quality_plan(lot, quality)
        bad = ceil(quality * lot / 100)
        assert 0.005 < float(hypergeometric(plan.acceptance_number, plan.sample_size, bad, lot)) < 0.13


def test_published_plans() -> None:
    # ISO 2859-2:1985 Table A.
    assert limiting_quality_plan(1000, "5.00") == SinglePlan(80, 1)
    assert limiting_quality_plan(5000, "3.15") == SinglePlan(200, 3)
    assert limiting_quality_plan(600_000, "0.50") == SinglePlan(1250, 3)


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ArgumentError) as error:
        limiting_quality_plan(280, "5.00")
    assert error.value.argument == "lot_size"
    with pytest.raises(ArgumentError) as error:
        limiting_quality_plan(1000, "4.00")
    assert error.value.argument == "limiting_quality"
