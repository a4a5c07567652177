from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.expected_charge import ExpectedCharge, expected_charge
from yuejingzhun.metrology.fleet.marginal import marginal
from yuejingzhun.metrology.fleet.prior import Prior, default_prior
from yuejingzhun.metrology.fleet.replacement import Action, Prices, plan_replacement

PRICES = Prices(Decimal(60), Decimal(180), (Decimal("0.5890"), Decimal("0.889125")))


def certain(*errors: float) -> ExpectedCharge:
    """Meters whose a is known."""
    a = np.array(errors)
    beyond = np.abs(a) > 0.02
    over, under = np.maximum(a, 0), np.maximum(-a, 0)
    return ExpectedCharge(over, under, over * beyond, under * beyond, beyond.astype(float))


@given(st.floats(-0.2, 0.2), st.floats(0.001, 0.1))
@settings(max_examples=25, deadline=None)
def test_expectations_are_those_of_the_posterior(mean: float, u: float) -> None:
    prior = default_prior()
    found = expected_charge(prior, [mean], [u * u])
    x = np.linspace(-2.5, 2.5, 500_001)
    density = sum(
        w * np.exp(-0.5 * ((x - c) / s) ** 2) / s
        for w, c, s in zip(prior.weights, prior.means, prior.spreads, strict=True)
    ) * np.exp(-0.5 * ((x - mean) / u) ** 2)
    density /= density.sum()
    out = (x < -0.02 / 0.98) | (x > 0.02 / 1.02)
    over, under = np.maximum(x, 0), np.maximum(-x, 0)
    expected = [over @ density, under @ density, (over * out) @ density, (under * out) @ density]
    got = [float(each[0]) for each in (found.over, found.under, found.over_found, found.under_found)]
    assert got == pytest.approx(expected, rel=2e-3, abs=2e-6)
    assert found.exceeds == pytest.approx(marginal(prior, np.array([mean]), np.array([u * u]), 0.02).exceeds)


def test_a_meter_that_may_be_fast_or_slow_is_not_one_in_order() -> None:
    prior = Prior(np.array([0.5, 0.5]), np.array([-0.05, 0.05]), np.array([0.001, 0.001]))
    found = expected_charge(prior, [0.0], [1.0])
    assert (float(found.over[0]), float(found.under[0])) == pytest.approx((0.025, 0.025), rel=1e-3)


def test_money_is_exact_to_the_last_digit() -> None:
    # 3 % of 1,234.567 kWh a year for 8 years: 296.296 kWh in whole Wh; at 0.889125 yuan: 263.444181 yuan, half up.
    plan = plan_replacement(certain(0.03), [1234.567], [1], PRICES, Decimal(200), years=8)
    assert plan.action.tolist() == [Action.REPLACE]
    assert plan.avoided.over_kwh == Decimal("296.296")
    assert plan.avoided.over_yuan == Decimal("263.444181")
    assert (plan.avoided.under_kwh, plan.cost) == (0, Decimal(180))


def test_directions_are_counted_apart_and_never_set_off() -> None:
    plan = plan_replacement(certain(0.05, -0.05), [2000.0, 2000.0], [0, 0], PRICES, Decimal(360))
    assert plan.avoided.over_kwh == plan.avoided.under_kwh == 100
    assert plan.avoided.over_yuan == plan.avoided.under_yuan == Decimal("58.9")
    assert (plan.unavoided.over_yuan, plan.unavoided.under_yuan) == (0, 0)


def test_the_weights_decide_whose_charges_come_first() -> None:
    fleet = certain(0.05, -0.06)
    both = plan_replacement(fleet, [2000.0, 2000.0], [0, 0], PRICES, Decimal(180))
    assert both.action.tolist() == [Action.KEEP, Action.REPLACE]
    customers = replace(PRICES, over_weight=Decimal(2))
    first = plan_replacement(fleet, [2000.0, 2000.0], [0, 0], customers, Decimal(180))
    assert first.action.tolist() == [Action.REPLACE, Action.KEEP]
    assert first.unavoided.under_yuan == Decimal("70.68")


def test_doubtful_meters_are_tested_and_sure_ones_replaced() -> None:
    doubtful = ExpectedCharge(*np.array([[0.012], [0.0], [0.0115], [0.0]]), np.array([0.2]))
    sure = certain(0.06)
    fleet = ExpectedCharge(
        *(
            np.concatenate([getattr(doubtful, f), getattr(sure, f)])
            for f in ("over", "under", "over_found", "under_found", "exceeds")
        )
    )
    plan = plan_replacement(fleet, [3000.0, 3000.0], [0, 0], PRICES, Decimal(276))
    assert plan.action.tolist() == [Action.TEST, Action.REPLACE]
    assert plan.cost == Decimal(276)  # 60 + 0.2 x 180, and 180
    assert plan.cost_deviation == Decimal("72.00")  # 180 x sqrt(0.2 x 0.8)
    assert plan.count(Action.TEST) == 1
    assert Action.TEST.text == "现场检验"


def test_a_new_meter_is_not_perfect() -> None:
    plan = plan_replacement(certain(0.03), [1000.0], [0], PRICES, Decimal(180), new_meter=0.001)
    assert plan.avoided.over_kwh == 29
    assert plan_replacement(certain(0.0005), [1000.0], [0], PRICES, Decimal(180), new_meter=0.001).cost == 0


@given(st.integers(0, 2**32 - 1), st.integers(0, 200_000))
@settings(max_examples=30, deadline=None)
def test_every_plan_adds_up(seed: int, budget: int) -> None:
    rng = np.random.default_rng(seed)
    mean, u = rng.normal(0, 0.02, 60), rng.uniform(0.002, 0.02, 60)
    charge = expected_charge(default_prior(), mean, u * u)
    energy = rng.lognormal(7.5, 0.8, 60)
    plan = plan_replacement(charge, energy, rng.integers(0, 2, 60), PRICES, Decimal(budget) / 100, years=6)
    assert plan.cost <= Decimal(budget) / 100
    assert plan.cost == int(plan.cost_fen.sum()) * Decimal("0.01")
    assert plan.avoided.over_yuan == int(plan.over_micro_yuan.sum()) * Decimal("0.000001")
    assert plan.avoided.under_yuan == int(plan.under_micro_yuan.sum()) * Decimal("0.000001")
    assert min(plan.unavoided.over_kwh, plan.unavoided.under_kwh) >= 0
    assert 0 <= plan.gap <= 1
    more = plan_replacement(charge, energy, np.zeros(60, int), PRICES, Decimal(10**6), years=6)
    assert more.gap == 0
    assert more.unavoided.over_yuan == 0


def test_the_plan_pays_off_in_the_truth() -> None:
    rng = np.random.default_rng(12)
    prior = default_prior()
    true = rng.normal(0, prior.spreads[rng.choice(6, 20_000, p=prior.weights)]).clip(-0.9, 0.9)
    u = rng.uniform(0.002, 0.01, true.size)
    energy = rng.lognormal(7.5, 0.8, true.size)
    charge = expected_charge(prior, true + rng.normal(0, u), u * u)
    plan = plan_replacement(charge, energy, np.zeros(true.size, int), PRICES, Decimal(20_000), years=8)
    mended = (plan.action == Action.REPLACE) | ((plan.action == Action.TEST) & (np.abs(true) > 0.02))
    avoided = 8 * float((energy * np.abs(true))[mended].sum())
    promised = float(plan.avoided.over_kwh + plan.avoided.under_kwh)
    assert avoided == pytest.approx(promised, rel=0.05)
    blind = 8 * float(np.abs(true * energy).mean()) * 20_000 / 180
    assert avoided > 5 * blind


def test_bad_input_is_named() -> None:
    with pytest.raises(ArgumentError, match=r"test：应为 0\.01 的整数倍，为 60\.005"):
        Prices(Decimal("60.005"), Decimal(180), (Decimal("0.6"),))
    with pytest.raises(ArgumentError, match=r"replacement：应为不小于零的 Decimal，为 180\.0"):
        Prices(Decimal(60), 180.0, (Decimal("0.6"),))  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="tariffs：应至少有一种电价"):
        Prices(Decimal(60), Decimal(180), ())
    with pytest.raises(ArgumentError, match="energy_kwh：不应为负"):
        plan_replacement(certain(0.03), [-1.0], [0], PRICES, Decimal(1))
    with pytest.raises(ArgumentError, match="energy_kwh：应有 1 个"):
        plan_replacement(certain(0.03), [1.0, 2.0], [0, 0], PRICES, Decimal(1))
    with pytest.raises(ArgumentError, match="组号应在 0 与 1 之间，有 2"):
        plan_replacement(certain(0.03), [1.0], [2], PRICES, Decimal(1))
