"""Explanations say what the regulations say."""

import pytest

from yuejingzhun.procedures.catalogue import procedure, procedures
from yuejingzhun.procedures.explain import explain


def test_the_limits_of_a_water_meter_are_those_of_the_regulation() -> None:
    """JJG 162-2019: class 2 has 5 % below Q2 and 2 % above (water up to 30 °C), twice that in service."""
    (error,) = explain(procedure("JJG 162-2019")).tests
    initial, in_service = error.limits
    assert (initial.kinds, in_service.kinds) == ("首次检定、后续检定", "使用中检查")
    assert dict(initial.rows)["Q1"] == ("±3 %", "±5 %")
    assert dict(initial.rows)["Q2"] == ("±1 %", "±2 %")
    assert dict(in_service.rows)["Q2"] == ("±2 %", "±4 %")


def test_a_balance_has_the_three_steps_of_r_76() -> None:
    weighing = explain(procedure("JJG 1036-2022")).tests[0]
    limits = dict(weighing.limits[0].rows)
    assert limits["加载 50 g"][0] == "±0.0005 g"
    assert limits["加载 200 g"] == ("±0.001 g", "±0.0015 g")


@pytest.mark.parametrize("code", procedures())
def test_every_regulation_can_be_explained(code: str) -> None:
    found = explain(procedure(code))
    assert found.tests
    assert found.environment
    assert found.months > 0
    for test in found.tests:
        assert test.readings
        assert test.limits
        for limits in test.limits:
            assert all(len(cells) == len(found.classes or ("",)) for _, cells in limits.rows)
            assert any("±" in cell for _, cells in limits.rows for cell in cells)
