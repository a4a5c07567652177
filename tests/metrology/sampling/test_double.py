from dataclasses import replace

import pytest

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.sampling.attributes import RiskPoints, smallest_plan
from yuejingzhun.metrology.sampling.double import cheapest_double_plan
from yuejingzhun.metrology.sampling.operating_characteristic import (
    Law,
    average_sample_number,
    probability_of_acceptance,
)

RISKS = RiskPoints(0.01, 0.05, 0.06, 0.10)


@pytest.mark.parametrize(("law", "lot"), [(Law.BINOMIAL, None), (Law.POISSON, None), (Law.HYPERGEOMETRIC, 600)])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_both_risks_are_kept_for_fewer_items_than_the_single_plan(law: Law, lot: int | None, ratio: float) -> None:
    plan = cheapest_double_plan(RISKS, law, lot, ratio)
    assert plan.second_size == round(plan.first_size * ratio)
    assert probability_of_acceptance(plan, RISKS.good, law, lot) >= 0.95
    assert probability_of_acceptance(plan, RISKS.bad, law, lot) <= 0.10
    single = smallest_plan(RISKS, law, lot)
    assert average_sample_number(plan, RISKS.good, law, lot) < single.sample_size


def test_one_item_fewer_breaks_the_consumers_risk() -> None:
    plan = cheapest_double_plan(RISKS)
    smaller = replace(plan, first_size=plan.first_size - 1, second_size=plan.second_size - 1)
    assert probability_of_acceptance(smaller, RISKS.bad) > RISKS.beta


def test_a_bad_ratio_is_named() -> None:
    with pytest.raises(ArgumentError) as error:
        cheapest_double_plan(RISKS, ratio=0.0)
    assert error.value.argument == "ratio"
