from math import ceil

import pytest

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.sampling.lq_tables import LIMITING_QUALITIES, has_plan, limiting_quality_plan
from yuejingzhun.metrology.sampling.operating_characteristic import hypergeometric
from yuejingzhun.metrology.sampling.plan import SinglePlan

LOTS = (25, 50, 90, 150, 200, 280, 500, 1200, 3200, 10_000, 35_000, 150_000, 500_000, 1_000_000)


@pytest.mark.parametrize("lot", LOTS)
def test_the_consumers_risk_is_below_thirteen_percent(lot: int) -> None:
    # ISO 2859-2:1985: the probability of acceptance at the limiting quality is usually below 10 %, always below 13 %.
    for quality in LIMITING_QUALITIES:
        if not has_plan(lot, quality):
            assert lot <= 280
            continue
        plan = limiting_quality_plan(lot, quality)
        bad = ceil(quality * lot / 100)
        assert 0.005 < float(hypergeometric(plan.acceptance_number, plan.sample_size, bad, lot)) < 0.13


# The table as GeoPEC, software of Brazilian cartography (ET-CQDG after ISO 2859-2), holds it: lots up to, n and Ac for
# limiting qualities 2.00, 3.15, 5.00, 8.00, 12.5, 20.0, 31.5 (there 32).
GEOPEC = """
    500 105/0 80/0 50/0 32/0 32/1 20/1 20/3
    1200 125/0 125/1 80/1 50/1 32/1 32/3 32/5
    3200 200/1 125/1 125/3 80/3 50/3 50/5 50/10
    10000 200/1 200/3 200/5 125/5 80/5 80/10 80/18
    35000 315/3 315/5 315/10 200/10 125/10 125/18 80/18
    150000 500/5 500/10 500/18 315/18 200/18 125/18 80/18
    500000 800/10 800/18 500/18 315/18 200/18 125/18 80/18
    1000000 1250/18 800/18 500/18 315/18 200/18 125/18 80/18
    280 95/0 65/0 42/0 28/0 20/0 20/1 13/1
    150 80/0 55/0 38/0 26/0 18/0 13/0 13/1
"""


def test_plans_of_another_implementation(published: Published) -> None:
    printed, found = [], []
    for line in GEOPEC.split("\n")[1:-1]:
        lot, *cells = line.split()
        plans = [limiting_quality_plan(int(lot), quality) for quality in LIMITING_QUALITIES[3:]]
        printed += [f"{lot}: {cell}" for cell in cells]
        found += [f"{lot}: {plan.sample_size}/{plan.acceptance_number}" for plan in plans]
    published.series("ISO 2859-2 表 A", "GeoPEC（ET-CQDG，依 ISO 2859-2）", "极限质量 2.00 至 31.5", printed, found)


def test_small_lots_may_be_inspected_wholly_or_have_no_plan() -> None:
    assert limiting_quality_plan(25, "8.00") == SinglePlan(17, 0)
    assert limiting_quality_plan(16, "8.00") == SinglePlan(16, 0)
    assert not has_plan(90, "2.00")
    assert not has_plan(15, "31.5")
    assert has_plan(281, "0.50")


def test_published_plans() -> None:
    # ISO 2859-2:1985 Table A; the last from memory, to be read against the standard.
    assert limiting_quality_plan(1000, "5.00") == SinglePlan(80, 1)
    assert limiting_quality_plan(5000, "3.15") == SinglePlan(200, 3)
    assert limiting_quality_plan(600_000, "0.50") == SinglePlan(1250, 3)


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ArgumentError) as error:
        limiting_quality_plan(280, "0.50")
    assert error.value.argument == "lot_size"
    with pytest.raises(ArgumentError) as error:
        limiting_quality_plan(1000, "4.00")
    assert error.value.argument == "limiting_quality"
