"""Lots of meters in service: may they stay in use, on the evidence of a sample?

A scheme is data with its date and source; the plan is looked up where the source prints one and computed where
it only states what has to be shown.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

import numpy as np

from yuejingzhun.metrology.arguments import ArgumentError, finite, positive, probability, whole
from yuejingzhun.metrology.sampling.attributes import zero_acceptance_sample
from yuejingzhun.metrology.sampling.lq_tables import has_plan, limiting_quality_plan
from yuejingzhun.metrology.sampling.operating_characteristic import hypergeometric
from yuejingzhun.metrology.sampling.plan import SinglePlan
from yuejingzhun.metrology.sampling.variables import VariablesPlan, constant, inspect


class Utility(Enum):
    """What the meters measure."""

    ELECTRICITY = "电能表"
    WATER = "水表"
    GAS = "燃气表"
    HEAT = "热量表"


@dataclass(frozen=True, slots=True)
class Scheme:
    """Rules for one kind of meter: what a lot must show, and how long it may then stay."""

    name: str
    source: str
    in_force: date
    worst_fraction: Decimal  # of nonconforming meters that an accepted lot may hold
    consumer_risk: Decimal  # probability of accepting a lot at that fraction, at most
    extension_years: Decimal
    unsure: str = ""  # what of these figures has no first-hand source here


@dataclass(frozen=True, slots=True)
class LotDecision:
    """The decision with its reason in Chinese."""

    accepted: bool
    plan: SinglePlan | VariablesPlan
    extension_years: Decimal
    reason: str


# MessEV of 11 December 2014, section 35: at least 95 % of the meters of the lot must conform, judged "by
# recognised statistical principles"; the law prints neither sample sizes nor a confidence. The plans of the
# administrative instruction GM-VA SPV (20 September 2019) are not published with the law.
_GERMAN_LAW = "MessEV（2014-12-11）第 35 条"
_GERMAN_UNSURE = "使用方风险 5 % 为本库所取，法规未给出数值；未收录 GM-VA SPV 的抽样表"
_BY_LAW = (date(2015, 1, 1), Decimal("0.05"), Decimal("0.05"))
# Years by which one accepted sample extends: 5 electricity, 3 water, 4 gas (German verification authorities'
# practice, as in de.wikipedia "Stichprobenprüfung für Verbrauchsmessgeräte"); heat meters: no source.
GERMAN = {
    Utility.ELECTRICITY: Scheme("德国 电能表（机电式）", _GERMAN_LAW, *_BY_LAW, Decimal(5), _GERMAN_UNSURE),
    Utility.WATER: Scheme("德国 水表", _GERMAN_LAW, *_BY_LAW, Decimal(3), _GERMAN_UNSURE),
    Utility.GAS: Scheme("德国 燃气表", _GERMAN_LAW, *_BY_LAW, Decimal(4), _GERMAN_UNSURE),
}
# GM-VA SPV of 20 September 2019: electronic meters installed from 2019 on are extended by two years (VDE FNN).
GERMAN_ELECTRONIC = Scheme(
    "德国 电子式电能表（2019 年起安装）", _GERMAN_LAW + "；GM-VA SPV 2019-09-20", date(2019, 9, 20), *_BY_LAW[1:],
    Decimal(2), _GERMAN_UNSURE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LimitingQualityScheme:
    """The Chinese practice: isolated lots by limiting quality (GB/T 2828.2-2008), the period then adjusted.

    JJF(沪)57-2018 extends electricity meters due after 8 years by 4 on such a sample. The limiting quality is the local
    specification's to fix (in percent, of GB/T 2828.2): the text was not at hand, so it has no default here.
    """

    limiting_quality: Decimal
    extension_years: Decimal = Decimal(4)
    consumer_risk: Decimal = Decimal("0.10")  # for lots that the table lacks, planned exactly

    def plan(self, lot_size: int) -> SinglePlan:
        """n and Ac for a lot: of the table, or where it has none the exact plan with Ac = 0."""
        lot = whole("lot_size", lot_size, 2)
        if has_plan(lot, self.limiting_quality):
            return limiting_quality_plan(lot, self.limiting_quality)
        return zero_acceptance_sample(float(self.limiting_quality) / 100, float(self.consumer_risk), lot)


# Arrêté du 1er août 2013 (electricity meters), annexe 7: lots below the bound; then n and Ac of the normal and of the
# reinforced inspection, which may follow a refusal.
FRENCH_ELECTRICITY_2013 = (
    (10_000, SinglePlan(56, 5), SinglePlan(206, 20)),
    (50_000, SinglePlan(106, 10), SinglePlan(306, 30)),
    (100_000, SinglePlan(206, 20), SinglePlan(406, 40)),
    (None, SinglePlan(306, 30), SinglePlan(506, 50)),
)


def french_plan(lot_size: int, reinforced: bool = False) -> SinglePlan:
    """The published French plan for electricity meters (arrêté du 1er août 2013, annexe 7)."""
    lot = whole("lot_size", lot_size, 1)
    row = next(row for row in FRENCH_ELECTRICITY_2013 if row[0] is None or lot < row[0])
    plan = row[2] if reinforced else row[1]
    if plan.sample_size > lot:
        raise ArgumentError("lot_size", f"批量 {lot} 小于样本量 {plan.sample_size}")
    return plan


def attributes_plan(scheme: Scheme, lot_size: int, acceptance_number: int = 0) -> SinglePlan:
    """The smallest sample that shows, with that many failures allowed, what the scheme asks (hypergeometric, exact).

    Raises ArgumentError where even all meters of the lot would not do: too small a lot for that acceptance number.
    """
    lot = whole("lot_size", lot_size, 2)
    allowed = whole("acceptance_number", acceptance_number)
    # "At least 95 % conform" fails from the next whole meter on.
    failing = int(scheme.worst_fraction * lot) + 1
    low, high = allowed, lot
    if failing <= allowed:
        raise ArgumentError("acceptance_number", f"批量 {lot} 至多容许 {failing - 1} 只不合格，接收数不能为 {allowed}")
    while high - low > 1:
        middle = (low + high) // 2
        kept = float(hypergeometric(allowed, middle, failing, lot)) <= float(scheme.consumer_risk)
        low, high = (low, middle) if kept else (middle, high)
    return SinglePlan(high, allowed)


def variables_plan(scheme: Scheme, sample_size: int) -> VariablesPlan:
    """k of the s method for a sample of that size from a large lot: the lot at the worst fraction passes at the risk.

    For errors that are normal within the lot, which has to be shown (GM-VA SPV asks for it, too).
    """
    probability("worst_fraction", float(scheme.worst_fraction))
    k = constant(sample_size, float(scheme.worst_fraction), float(scheme.consumer_risk))
    return VariablesPlan(sample_size, k)


def decide_by_attributes(plan: SinglePlan, nonconforming: int, extension_years: Decimal) -> LotDecision:
    """Accept the lot and extend its period, or have every meter of it replaced."""
    accepted = plan.accepts(nonconforming)
    found = f"样本 {plan.sample_size} 只中不合格 {nonconforming} 只，接收数 {plan.acceptance_number}"
    if accepted:
        return LotDecision(True, plan, extension_years, f"{found}：接收，延长使用 {extension_years} 年")
    return LotDecision(False, plan, Decimal(0), f"{found}：不接收，全批到期更换")


def decide_by_variables(plan: VariablesPlan, errors: np.ndarray, mpe: float, extension_years: Decimal) -> LotDecision:
    """Both limits -mpe and +mpe in combined control (form p*) on the errors of the sample, in the unit of `mpe`."""
    limit = float(positive("mpe", mpe))
    readings = finite("errors", errors)
    if readings.ndim != 1:
        raise ArgumentError("errors", "应为一批的误差，一维")
    verdict = inspect(readings, plan, -limit, limit)
    found = f"估计不合格率 {float(verdict.fraction):.2%}，容许 {plan.largest_fraction:.2%}"
    if bool(verdict.accepted):
        return LotDecision(True, plan, extension_years, f"{found}：接收，延长使用 {extension_years} 年")
    return LotDecision(False, plan, Decimal(0), f"{found}：不接收，全批到期更换")
