"""The decision rules of ILAC-G8:09/2019 as data, and the statements of conformity that follow.

Guard band w = r U with U for a coverage probability of 95 %, k = 2 (ILAC-G8:09/2019 clause 4 and table 1).
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError


class Statement(Enum):
    """What is said of the item; the value is the term on the screen."""

    PASSED = "合格"
    CONDITIONALLY_PASSED = "有条件合格"
    CONDITIONALLY_FAILED = "有条件不合格"
    FAILED = "不合格"


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """A rule: guard band factor r, binary or with the conditional statements in between (4.2)."""

    name: str
    factor: Decimal
    binary: bool
    source: str

    @property
    def specific_risk(self) -> float:
        """Largest probability that an accepted item fails at its one limit, normal error and U = 2 u (table 1)."""
        return float(special.ndtr(-2 * float(self.factor)))


# ILAC-G8:09/2019 4.2.1 to 4.2.3 and table 1. The table's risks (< 1 ppm, < 0.16 %, < 2.5 %, < 5 %, < 50 %) are
# what `specific_risk` computes, rounded up there.
SIMPLE_ACCEPTANCE = DecisionRule("简单接受", Decimal(0), True, "ILAC-G8:09/2019 4.2.1")
GUARDED_ACCEPTANCE = DecisionRule("保护带 w = U", Decimal(1), True, "ILAC-G8:09/2019 4.2.2")
NON_BINARY = DecisionRule("保护带 w = U，非二元", Decimal(1), False, "ILAC-G8:09/2019 4.2.3")
SIX_SIGMA = DecisionRule("6 sigma", Decimal(3), True, "ILAC-G8:09/2019 表 1")
THREE_SIGMA = DecisionRule("3 sigma", Decimal("1.5"), True, "ILAC-G8:09/2019 表 1")
ISO_14253_1 = DecisionRule("ISO 14253-1:2017", Decimal("0.83"), True, "ILAC-G8:09/2019 表 1")
UNCRITICAL = DecisionRule("非关键 w = -U", Decimal(-1), True, "ILAC-G8:09/2019 表 1")
RULES = (
    SIX_SIGMA,
    THREE_SIGMA,
    GUARDED_ACCEPTANCE,
    NON_BINARY,
    ISO_14253_1,
    SIMPLE_ACCEPTANCE,
    UNCRITICAL,
)


def decide(
    value: Decimal,
    expanded_u: Decimal,
    rule: DecisionRule,
    lower: Decimal | None = None,
    upper: Decimal | None = None,
) -> Statement:
    """The statement on a value with these tolerance limits, each included; all in one unit, compared exactly.

    Binary: pass within the acceptance limits. Otherwise a value between acceptance and tolerance limit passes
    conditionally and one outside by no more than w fails conditionally (4.2.3). Raises ArgumentError for no limit,
    limits that cross, or a guard band that leaves no value to accept.
    """
    size = _exact("value", value)
    u = _exact("expanded_u", expanded_u)
    if u < 0:
        raise ArgumentError("expanded_u", "不应为负")
    width = Fraction(rule.factor) * u
    if lower is None and upper is None:
        raise ArgumentError("lower、upper", "至少应有一个限值")
    # How far inside the nearer limit the value lies; negative is outside.
    margins = []
    if lower is not None:
        margins.append(size - _exact("lower", lower))
    if upper is not None:
        margins.append(_exact("upper", upper) - size)
    if lower is not None and upper is not None and sum(margins) < max(2 * width, Fraction(0)):
        raise ArgumentError("upper", "上限小于下限，或保护带不留可接受的值")
    margin = min(margins)
    if margin >= width:
        return Statement.PASSED
    if rule.binary:
        return Statement.FAILED
    if margin >= 0:
        return Statement.CONDITIONALLY_PASSED
    return Statement.CONDITIONALLY_FAILED if margin >= -width else Statement.FAILED


def custom(factor: Decimal, binary: bool = True) -> DecisionRule:
    """A rule with a factor that the customer names (table 1, last row)."""
    if not factor.is_finite():
        raise ArgumentError("factor", "应为有限的数")
    return DecisionRule(f"约定 w = {factor} U", factor, binary, "ILAC-G8:09/2019 表 1")


def _exact(name: str, number: Decimal) -> Fraction:
    if not number.is_finite():
        raise ArgumentError(name, "应为有限的数")
    return Fraction(number)
