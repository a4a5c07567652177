from datetime import date
from decimal import Decimal
from math import comb

import numpy as np
import pytest

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.sampling.in_service import (
    GERMAN,
    GERMAN_ELECTRONIC,
    LimitingQualityScheme,
    Utility,
    attributes_plan,
    decide_by_attributes,
    decide_by_variables,
    french_plan,
    variables_plan,
)
from yuejingzhun.metrology.sampling.plan import SinglePlan

WATER = GERMAN[Utility.WATER]


@pytest.mark.parametrize(("lot", "allowed"), [(300, 0), (300, 1), (5000, 0), (5000, 3)])
def test_german_plans_show_that_95_percent_conform_and_are_the_smallest(lot: int, allowed: int) -> None:
    plan = attributes_plan(WATER, lot, allowed)
    failing = lot // 20 + 1  # the first count with which fewer than 95 % conform

    def accepted(n: int) -> float:
        return sum(comb(failing, k) * comb(lot - failing, n - k) for k in range(allowed + 1)) / comb(lot, n)

    assert accepted(plan.sample_size) <= 0.05 < accepted(plan.sample_size - 1)


def test_german_extensions() -> None:
    # de.wikipedia: five years electricity, three water, four gas; VDE FNN: two for electronic meters.
    years = [GERMAN[u].extension_years for u in (Utility.ELECTRICITY, Utility.WATER, Utility.GAS)]
    assert years == [5, 3, 4]
    assert GERMAN_ELECTRONIC.extension_years == 2
    assert WATER.in_force == date(2015, 1, 1)


def test_by_attributes_the_reason_is_given() -> None:
    plan = attributes_plan(WATER, 5000, 2)
    accepted = decide_by_attributes(plan, 2, WATER.extension_years)
    assert accepted.accepted
    assert accepted.extension_years == 3
    assert "延长使用 3 年" in accepted.reason
    refused = decide_by_attributes(plan, 3, WATER.extension_years)
    assert not refused.accepted
    assert refused.extension_years == 0
    assert "不合格 3 只" in refused.reason


def test_by_variables_needs_fewer_meters_and_sees_a_shift(published: Published) -> None:
    plan = variables_plan(GERMAN_ELECTRONIC, 50)
    published("ISO 16269-6", "ISO 16269-6:2014", "在用表计量方案，n = 50，95 %/95 % 的 k", "2.065", plan.k)
    errors = np.random.default_rng(5).normal(0.1, 0.3, 50)
    good = decide_by_variables(plan, errors, 1.0, Decimal(2))
    assert good.accepted
    assert good.extension_years == 2
    assert not decide_by_variables(plan, errors + 0.5, 1.0, Decimal(2)).accepted
    assert not decide_by_variables(plan, errors * 3, 1.0, Decimal(2)).accepted
    assert decide_by_variables(plan, errors * 1000, 1000.0, Decimal(2)).accepted


def test_chinese_plans_by_limiting_quality() -> None:
    scheme = LimitingQualityScheme(Decimal("5.00"))
    assert scheme.plan(1000) == SinglePlan(80, 1)  # GB/T 2828.2-2008 Table A
    assert scheme.extension_years == 4
    small = scheme.plan(200)
    assert small.acceptance_number == 0
    failing = 10
    chance = comb(200 - failing, small.sample_size) / comb(200, small.sample_size)
    assert chance <= 0.10


@pytest.mark.parametrize(
    ("lot", "normal", "reinforced"),
    # Arrêté du 1er août 2013, annexe 7.
    [(9_999, (56, 5), (206, 20)), (10_000, (106, 10), (306, 30)), (50_000, (206, 20), (406, 40)),
     (10**6, (306, 30), (506, 50))],
)  # fmt: skip
def test_french_plans(lot: int, normal: tuple[int, int], reinforced: tuple[int, int], published: Published) -> None:
    assert french_plan(lot) == SinglePlan(*normal)
    assert french_plan(lot, reinforced=True) == SinglePlan(*reinforced)
    for case, printed in (("正常", normal), ("加严", reinforced)):
        found = french_plan(lot, reinforced=printed is reinforced)
        text = f"{found.sample_size}，{found.acceptance_number}"
        source = "法国 2013 年 8 月 1 日法令 附件 7"
        published("法国在用表抽样", source, f"{lot} 只，{case}：n，c", f"{printed[0]}，{printed[1]}", text)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("acceptance_number", lambda: attributes_plan(WATER, 20, 3)),
        ("lot_size", lambda: french_plan(50)),
        ("lot_size", lambda: LimitingQualityScheme(Decimal("5.00")).plan(1)),
        ("mpe", lambda: decide_by_variables(variables_plan(WATER, 20), np.ones(20), 0.0, Decimal(3))),
        ("readings", lambda: decide_by_variables(variables_plan(WATER, 20), np.ones(20), 1.0, Decimal(3))),
        ("errors", lambda: decide_by_variables(variables_plan(WATER, 20), np.ones((2, 20)), 1.0, Decimal(3))),
    ],
)
def test_bad_arguments_are_named(argument: str, call: object) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == argument
