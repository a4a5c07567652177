from decimal import Decimal
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.lots import ALL, form_lots, plan_lots
from yuejingzhun.metrology.sampling.aql_tables import single_plan
from yuejingzhun.metrology.sampling.attributes import RiskPoints
from yuejingzhun.metrology.sampling.in_service import GERMAN, LimitingQualityScheme, Utility, attributes_plan
from yuejingzhun.metrology.sampling.lq_tables import limiting_quality_plan
from yuejingzhun.metrology.sampling.variables import smallest_plan

METERS = st.lists(st.tuples(*[st.integers(0, 2)] * 4), min_size=1, max_size=80)


@given(METERS, st.integers(1, 30))
def test_lots_are_of_one_maker_and_model_and_as_pure_as_they_can_be(
    meters: list[tuple[int, int, int, int]], least: int
) -> None:
    keys = np.array(meters)
    lots = form_lots(*keys.T, least=least)
    assert (lots.size == np.bincount(lots.lot, minlength=len(lots.size))).all()
    for number, key in enumerate(lots.key):
        mine = keys[lots.lot == number]
        fixed = key != ALL
        assert (mine[:, fixed] == key[fixed]).all()
        assert fixed[:2].all()
        # What was put together was too small by itself.
        for column in (3, 2):
            if not fixed[column]:
                parts = np.unique(mine[:, : column + 1], axis=0, return_counts=True)[1]
                assert (parts < least).all()
        if fixed.all():
            assert lots.size[number] >= least or least == 1


def test_small_regions_are_put_together_then_small_years() -> None:
    year = [2015] * 50 + [2015] * 3 + [2015] * 4 + [2016] * 2 + [2017] * 5
    region = [1] * 50 + [2] * 3 + [3] * 4 + [1] * 2 + [1] * 5
    one = [0] * 64
    lots = form_lots(one, one, year, region, least=7)
    found = {tuple(key): int(size) for key, size in zip(lots.key.tolist(), lots.size, strict=True)}
    assert found == {(0, 0, 2015, 1): 50, (0, 0, 2015, ALL): 7, (0, 0, ALL, ALL): 7}


def test_every_lot_has_the_plan_of_its_scheme() -> None:
    size = np.repeat(np.arange(4), [5000, 200, 20, 3])
    lots = form_lots(size, size * 0, size * 0, size * 0)
    chinese = plan_lots(lots, LimitingQualityScheme(Decimal("5.00")).plan)
    assert chinese[0].plan == limiting_quality_plan(5000, "5.00")
    assert chinese[3].plan is None
    assert chinese[3].text == "批量 3：样本量不小于批量，全数检验"
    german = plan_lots(lots, partial(attributes_plan, GERMAN[Utility.ELECTRICITY]))
    assert german[0].plan == attributes_plan(GERMAN[Utility.ELECTRICITY], 5000)
    by_aql = plan_lots(lots, lambda lot: single_plan(lot, "1.0").plan)
    assert by_aql[0].plan == single_plan(5000, "1.0").plan
    by_variables = plan_lots(lots, lambda lot: smallest_plan(RiskPoints(0.01, 0.05, 0.06, 0.10)))
    assert by_variables[0].text.startswith("批量 5000：抽 ")
    assert "计量型" in by_variables[0].text


def test_a_scheme_without_a_plan_means_all_meters() -> None:
    lots = form_lots([0] * 30, [0] * 30, [0] * 30, [0] * 30)
    assert plan_lots(lots, partial(limiting_quality_plan, limiting_quality="2.00"))[0].text.startswith(
        "批量 30：全数检验（"
    )


def test_large_codes_and_bad_input() -> None:
    huge = np.array([2**60, 2**60, 5])
    assert form_lots(huge, huge, huge, huge).size.tolist() == [1, 2]
    with pytest.raises(ArgumentError, match="year：不应为负，有 -1"):
        form_lots([0], [0], [-1], [0])
    with pytest.raises(ArgumentError, match="model：应为一维整数"):
        form_lots([0], [0.5], [1], [0])
    with pytest.raises(ArgumentError, match="长度应相同"):
        form_lots([0], [0, 1], [1], [0])
