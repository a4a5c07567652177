"""Which meters to test and which to replace first, within a budget: the plan that avoids the most wrong charges.

To replace a meter ends all that it charges wrongly. To test it costs less and ends what is beyond the MPE, as the meter
is replaced where the test fails. Energy is exact in Wh, money in fen and, for charges, in millionths of a yuan.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats, not_negative, within
from yuejingzhun.metrology.fleet.expected_charge import ExpectedCharge
from yuejingzhun.metrology.fleet.group_share import group_numbers
from yuejingzhun.metrology.fleet.knapsack import LARGEST, Whole, choose, exact_sum

FEN = Decimal("0.01")
MICRO = Decimal("0.000001")


class Action(IntEnum):
    """What the plan does with a meter."""

    KEEP = 0
    TEST = 1
    REPLACE = 2

    @property
    def text(self) -> str:
        return ("继续使用", "现场检验", "更换")[self]


@dataclass(frozen=True, slots=True)
class Prices:
    """In yuan. The weights say how much one yuan overcharged to a customer, or undercharged, counts."""

    test: Decimal
    replacement: Decimal
    tariffs: tuple[Decimal, ...]  # yuan a kWh, one for each class of customer
    over_weight: Decimal = Decimal(1)
    under_weight: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        _whole("test", self.test, FEN)
        if _whole("replacement", self.replacement, FEN) == 0:
            raise ArgumentError("replacement", "更换费用应大于零")
        if not self.tariffs:
            raise ArgumentError("tariffs", "应至少有一种电价")
        for tariff in self.tariffs:
            _whole("tariffs", tariff, MICRO)
        _whole("over_weight", self.over_weight, FEN)
        _whole("under_weight", self.under_weight, FEN)


@dataclass(frozen=True, slots=True)
class Charge:
    """What is avoided over the years that were asked for, an expectation; the two directions are never set off."""

    over_kwh: Decimal
    under_kwh: Decimal
    over_yuan: Decimal
    under_yuan: Decimal


@dataclass(frozen=True, slots=True)
class ReplacementPlan:
    """Actions and, of each meter, expected cost and charges avoided; totals; how far the plan may be from the best."""

    action: NDArray[np.int8]
    cost_fen: Whole
    over_micro_yuan: Whole
    under_micro_yuan: Whole
    avoided: Charge
    unavoided: Charge  # what replacing every meter would avoid besides
    cost: Decimal  # expected, yuan
    cost_deviation: Decimal  # standard deviation: how many tests fail is not known beforehand
    gap: float  # no plan within the budget avoids more (weighted) than this share above the plan

    def count(self, action: Action) -> int:
        return int((self.action == action).sum())


def plan_replacement(
    charge: ExpectedCharge,
    energy_kwh: ArrayLike,
    tariff: ArrayLike,
    prices: Prices,
    budget: Decimal,
    years: float = 1.0,
    new_meter: float = 0.0,
) -> ReplacementPlan:
    """`energy_kwh` registered a year and `tariff` (number of the class), one a meter; the budget in yuan holds for the
    expected cost. `years` is how long the meters would stay otherwise; `new_meter` is E(a+) = E(a-) of a new meter.
    Raises ArgumentError for arrays of other lengths, negative energy, an unknown class, money finer than a fen.
    """
    energy = not_negative("energy_kwh", energy_kwh)
    if energy.shape != charge.over.shape:
        raise ArgumentError("energy_kwh", f"应有 {charge.over.size} 个，形状为 {energy.shape}")
    numbers, _ = group_numbers(tariff, energy.size, len(prices.tariffs))
    span = float(within("years", years, 0, 100)) * 1000 * energy
    left = float(within("new_meter", new_meter, 0, 0.1))
    lost = charge.exceeds * left
    over_wh = _watt_hours(span, charge.over_found - lost, charge.over - left)
    under_wh = _watt_hours(span, charge.under_found - lost, charge.under - left)
    price = np.array([_whole("tariffs", each, MICRO) for each in prices.tariffs], dtype=np.int64)[numbers]
    over, under = _money(over_wh, price), _money(under_wh, price)
    costs = _costs(charge.exceeds, prices)
    value = over * _whole("over_weight", prices.over_weight, FEN)
    value += under * _whole("under_weight", prices.under_weight, FEN)
    chosen = choose(costs, value, _whole("budget", budget, FEN))
    picked = [_picked(each, chosen.option) for each in (costs, over, under, over_wh, under_wh)]
    tested = charge.exceeds[chosen.option == Action.TEST]
    deviation = float(prices.replacement) * float(np.sqrt((tested * (1 - tested)).sum()))
    avoided = _total(picked[3], picked[4], picked[1], picked[2])
    return ReplacementPlan(
        chosen.option.astype(np.int8), picked[0], picked[1], picked[2], avoided,
        _rest(_total(over_wh[:, 1], under_wh[:, 1], over[:, 1], under[:, 1]), avoided), chosen.cost * FEN,
        Decimal(f"{deviation:.2f}"), float(chosen.gap),
    )  # fmt: skip


def _rest(most: Charge, avoided: Charge) -> Charge:
    return Charge(
        most.over_kwh - avoided.over_kwh, most.under_kwh - avoided.under_kwh,
        most.over_yuan - avoided.over_yuan, most.under_yuan - avoided.under_yuan,
    )  # fmt: skip


def _whole(name: str, amount: Decimal, unit: Decimal) -> int:
    """How many of the unit; raises ArgumentError for a negative amount or a fraction of the unit."""
    if not isinstance(amount, Decimal) or not amount.is_finite() or amount < 0:
        raise ArgumentError(name, f"应为不小于零的 Decimal，为 {amount!r}")
    number = amount / unit
    if number != number.to_integral_value():
        raise ArgumentError(name, f"应为 {unit} 的整数倍，为 {amount}")
    return int(number)


def _watt_hours(span: Floats, test: Floats, replace: Floats) -> Whole:
    relative = np.maximum(np.stack([np.minimum(test, replace), replace], axis=1), 0.0)
    return np.asarray(np.rint(relative * span[:, None]), dtype=np.int64)


def _money(watt_hours: Whole, price: Whole) -> Whole:
    """Millionths of a yuan, half up: Wh times millionths a kWh."""
    if int(watt_hours.max(initial=0)) * int(price.max(initial=0)) >= LARGEST * 512:
        raise ArgumentError("energy_kwh", "电量与电价之积过大")
    return np.asarray((watt_hours * price[:, None] + 500) // 1000)


def _costs(exceeds: Floats, prices: Prices) -> Whole:
    test, new = _whole("test", prices.test, FEN), _whole("replacement", prices.replacement, FEN)
    # Rounded up: the plan's cost is never understated.
    expected: Whole = test + np.ceil(exceeds * new).astype(np.int64)
    return np.stack([expected, np.full(exceeds.shape, new, dtype=np.int64)], axis=1)


def _picked(options: Whole, option: Whole) -> Whole:
    rows = np.arange(option.size)
    return np.asarray(np.where(option > 0, options[rows, np.maximum(option, 1) - 1], 0))


def _total(over_wh: Whole, under_wh: Whole, over: Whole, under: Whole) -> Charge:
    return Charge(
        exact_sum(over_wh) * Decimal("0.001"), exact_sum(under_wh) * Decimal("0.001"),
        exact_sum(over) * MICRO, exact_sum(under) * MICRO,
    )  # fmt: skip
