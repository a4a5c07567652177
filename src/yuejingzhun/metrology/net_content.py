"""Prepackages of constant nominal quantity: JJF 1070-2023 (办法 2023, Annex 3) and OIML R 87.

All is exact: quantities are decimals, and the mean criterion, which holds a square root, is decided by squares of
fractions. Quantities are in one unit throughout: g or mL for mass and volume, m for length, any unit for area.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal
from enum import Enum
from fractions import Fraction

from yuejingzhun.metrology.arguments import ArgumentError, whole

_DIGITS = Context(prec=40, rounding=ROUND_HALF_EVEN)


class Kind(Enum):
    """What the label states; the value is the term on the screen."""

    MASS_OR_VOLUME = "质量或体积"
    LENGTH = "长度"
    AREA = "面积"
    COUNT = "计数"


class Rule(Enum):
    """Whose rules: they differ in the rounding of the tolerable deficiency."""

    JJF_1070 = "JJF 1070-2023"
    OIML_R87 = "OIML R 87"


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """Packages to take, the factor of s in the mean criterion (None: no mean test), packages allowed past T1."""

    sample_size: int
    correction_factor: Decimal | None
    beyond_t1: int


@dataclass(frozen=True, slots=True)
class PrepackageVerdict:
    """The result for a lot; quantities in the unit of the nominal one, rounded to 40 digits where irrational."""

    conforms: bool
    reasons: tuple[str, ...]  # in Chinese: each criterion with its figures
    plan: SamplePlan
    tolerable_deficiency: Decimal
    mean: Decimal
    standard_deviation: Decimal
    corrected_mean: Decimal | None
    beyond_t1: int
    beyond_t2: int


# Tolerable deficiency (办法 2023 Annex 3 = OIML R 87 Table 1): nominal quantity up to, percent or g/mL. Neighbouring
# rows agree where they meet. As in 办法 2005 Annex 3 (public copies) and New Zealand's Weights and Measures Regulations
# 1999, schedule 7A; that the annex of 2023 keeps figures and number: from memory, to be read against the standard.
_DEFICIENCIES: tuple[tuple[int, str, bool], ...] = (
    (50, "9", True),
    (100, "4.5", False),
    (200, "4.5", True),
    (300, "9", False),
    (500, "3", True),
    (1000, "15", False),
    (10_000, "1.5", True),
    (15_000, "150", False),
    (50_000, "1", True),
)

# JJF 1070, plan: lots up to, sample, factor, allowed past T1. The factor is t(0.995, n - 1) / sqrt(n). As in 办法 2005
# Annex 4 (public copies), which the 办法 of 2023 dropped in favour of JJF 1070. JJF 1070-2023 is said to have improved
# the plan, at a confidence of 99.5 %, that of these factors; its table: from memory, to be read against the standard.
_PLANS: tuple[tuple[int | None, int, str, int], ...] = (
    (50, 10, "1.028", 0),
    (99, 13, "0.848", 1),
    (500, 50, "0.379", 3),
    (3200, 80, "0.295", 5),
    (None, 125, "0.234", 7),
)
WHOLE_LOT = 10  # lots up to this are inspected wholly, without the mean test
# OIML R 87:2004 Table 2 has the same rows from 100 packages on; whether the 2016 edition keeps every figure was not
# seen, and its plans for smaller lots were not at hand.
_SMALLEST_OIML_LOT = 100


def tolerable_deficiency(
    nominal: Decimal | int | str, kind: Kind = Kind.MASS_OR_VOLUME, rule: Rule = Rule.JJF_1070
) -> Decimal:
    """T, in the unit of the nominal quantity (办法 2023 Annex 3 with its notes; OIML R 87 Table 1).

    Mass and volume: rounded to 0.1 up to 1000 g or mL, to 1 above; half to even in China (GB/T 8170), upwards in OIML.
    Length: none to 5 m, then 2 %; area 3 %; count: none to 50, then 1 % rounded up to the next whole number. Raises
    ArgumentError for a quantity not positive, above 50 kg or 50 L, or a count that is not whole.
    """
    quantity = _positive("nominal", nominal)
    if kind is Kind.LENGTH:
        return Decimal(0) if quantity <= 5 else _exact(Fraction(quantity) * 2 / 100)
    if kind is Kind.AREA:
        return _exact(Fraction(quantity) * 3 / 100)
    if kind is Kind.COUNT:
        if quantity != quantity.to_integral_value():
            raise ArgumentError("nominal", f"计数商品的标注净含量应为整数，为 {quantity}")
        return Decimal(0) if quantity <= 50 else _rounded(Fraction(quantity) / 100, Decimal(1), ROUND_CEILING)
    row = next((row for row in _DEFICIENCIES if quantity <= row[0]), None)
    if row is None:
        raise ArgumentError("nominal", f"允许短缺量表到 50000 g（mL），为 {quantity}")
    amount = Fraction(row[1]) * (Fraction(quantity) / 100 if row[2] else 1)
    step = Decimal("0.1") if quantity <= 1000 else Decimal(1)
    return _rounded(amount, step, ROUND_HALF_EVEN if rule is Rule.JJF_1070 else ROUND_CEILING)


def sample_plan(lot_size: int, rule: Rule = Rule.JJF_1070) -> SamplePlan:
    """Sample size, correction factor, and packages allowed past T1 (JJF 1070; OIML R 87 Table 2)."""
    lot = whole("lot_size", lot_size, 1)
    if rule is Rule.OIML_R87 and lot < _SMALLEST_OIML_LOT:
        raise ArgumentError("lot_size", f"OIML R 87 的抽样表自 {_SMALLEST_OIML_LOT} 件起，为 {lot}")
    if lot <= WHOLE_LOT:
        return SamplePlan(lot, None, 0)
    row = next(row for row in _PLANS if row[0] is None or lot <= row[0])
    return SamplePlan(row[1], Decimal(row[2]), row[3])


def judge(
    contents: Sequence[Decimal | int | str],
    nominal: Decimal | int | str,
    lot_size: int,
    kind: Kind = Kind.MASS_OR_VOLUME,
    rule: Rule = Rule.JJF_1070,
) -> PrepackageVerdict:
    """The verdict on a lot from the actual contents of its sample (JJF 1070-2023 6; OIML R 87 4.3).

    Three criteria: mean + factor x s >= nominal; packages short by more than T no more than the plan allows; none short
    by more than 2 T (where T is zero: none short at all). Raises ArgumentError for a sample of another size than
    the plan's, a content that is negative or no decimal number (floats are refused: say which decimal is meant).
    """
    quantity, plan = _positive("nominal", nominal), sample_plan(lot_size, rule)
    deficiency = tolerable_deficiency(quantity, kind, rule)
    values = [Fraction(_decimal("contents", value)) for value in contents]
    if len(values) != plan.sample_size:
        raise ArgumentError("contents", f"批量 {lot_size} 应抽 {plan.sample_size} 件，为 {len(values)} 件")
    if any(value < 0 for value in values):
        raise ArgumentError("contents", "实际含量不应为负")
    target, limit = Fraction(quantity), Fraction(deficiency)
    shortfalls = [target - value for value in values]
    beyond_t1 = sum(shortfall > limit for shortfall in shortfalls)
    beyond_t2 = sum(shortfall > 2 * limit for shortfall in shortfalls)
    mean = sum(values, Fraction(0)) / len(values)
    squares = sum(((value - mean) ** 2 for value in values), Fraction(0))
    variance = squares / (len(values) - 1) if len(values) > 1 else Fraction(0)
    deviation = _root(variance)
    corrected, good_mean, mean_reason = _mean_criterion(mean, variance, deviation, target, plan)
    reasons = [mean_reason] if mean_reason else []
    good_t1, reason_t1 = _count_criterion("T", deficiency, beyond_t1, plan.beyond_t1)
    good_t2, reason_t2 = _count_criterion("2T", 2 * deficiency, beyond_t2, 0)
    reasons += [reason_t1, reason_t2]
    return PrepackageVerdict(
        good_mean and good_t1 and good_t2,
        tuple(reasons),
        plan,
        deficiency,
        _exact(mean),
        deviation,
        corrected,
        beyond_t1,
        beyond_t2,
    )


def _mean_criterion(
    mean: Fraction, variance: Fraction, deviation: Decimal, target: Fraction, plan: SamplePlan
) -> tuple[Decimal | None, bool, str]:
    if plan.correction_factor is None:
        return None, True, ""
    factor = plan.correction_factor
    # mean + factor s >= target, without taking the root: the verdict does not hang on its last digit.
    good = mean >= target or Fraction(factor) ** 2 * variance >= (target - mean) ** 2
    corrected = _DIGITS.add(_exact(mean), _DIGITS.multiply(factor, deviation))
    sign = "≥" if good else "<"
    reason = f"修正平均实际含量 {_shown(corrected)} {sign} 标注净含量 {_shown(_exact(target))}：{_outcome(good)}"
    return corrected, good, reason


def _count_criterion(name: str, limit: Decimal, found: int, allowed: int) -> tuple[bool, str]:
    good = found <= allowed
    return good, f"短缺量大于 {name} = {_shown(limit)} 的 {found} 件，允许 {allowed} 件：{_outcome(good)}"


def volume(
    mass: Decimal | int | str,
    density: Decimal | int | str,
    air_density: Decimal | int | str = "0.0012",
    weights_density: Decimal | int | str = "8.0",
) -> Decimal:
    """Volume in mL from the net mass in g that the balance shows and the density in g/mL (density method).

    V = m (1 - air / weights) / (density - air), the correction for buoyancy of OIML R 87 and JJF 1070; the volume is
    at the temperature for which the density is given (20 degC). Air density zero leaves m / density. To 40 digits.
    """
    net, rho = Fraction(_not_negative("mass", mass)), Fraction(_positive("density", density))
    air = Fraction(_not_negative("air_density", air_density))
    weights = Fraction(_positive("weights_density", weights_density))
    if air >= rho or air >= weights:
        raise ArgumentError("air_density", "应小于样品与砝码的密度")
    return _exact(net * (1 - air / weights) / (rho - air))


def net(gross: Decimal | int | str, tare: Decimal | int | str) -> Decimal:
    """Gross less tare, exact; also drained mass, with the sieve as tare (OIML R 87 Annex C; JJF 1070 drained products).

    Raises ArgumentError where the tare is more than the gross.
    """
    result = Fraction(_not_negative("gross", gross)) - Fraction(_not_negative("tare", tare))
    if result < 0:
        raise ArgumentError("tare", f"皮重 {tare} 大于毛重 {gross}")
    return _exact(result)


class TareMethod(Enum):
    """How packaging enters (OIML R 87 Annex B; JJF 1070)."""

    MEAN_OF_TEN = "取不少于 10 件皮重的平均值"
    MEAN_OF_TWENTY_FIVE = "取不少于 25 件皮重的平均值"
    EACH = "逐件称皮重"
    MORE = "应增加到 25 件皮重再判断"


@dataclass(frozen=True, slots=True)
class Tare:
    """`mean` is None where each package needs its own tare, or more tares have to be weighed."""

    method: TareMethod
    mean: Decimal | None


def average_tare(
    tares: Sequence[Decimal | int | str], nominal: Decimal | int | str, deficiency: Decimal | int | str
) -> Tare:
    """Whether one mean tare may stand for all (OIML R 87 Annex B; JJF 1070, tare).

    Mean up to 10 % of the nominal quantity: ten tares do. Above: 25, if their standard deviation is at most a quarter
    of the tolerable deficiency; otherwise each package's own. Raises ArgumentError for fewer than ten.
    """
    values = [Fraction(_not_negative("tares", value)) for value in tares]
    if len(values) < 10:
        raise ArgumentError("tares", f"至少需要 10 件皮重，只有 {len(values)}")
    quantity, limit = Fraction(_positive("nominal", nominal)), Fraction(_not_negative("deficiency", deficiency))
    mean = sum(values, Fraction(0)) / len(values)
    if mean <= quantity / 10:
        return Tare(TareMethod.MEAN_OF_TEN, _exact(mean))
    if len(values) < 25:
        return Tare(TareMethod.MORE, None)
    variance = sum(((value - mean) ** 2 for value in values), Fraction(0)) / (len(values) - 1)
    if variance <= (limit / 4) ** 2:
        return Tare(TareMethod.MEAN_OF_TWENTY_FIVE, _exact(mean))
    return Tare(TareMethod.EACH, None)


def _decimal(name: str, value: Decimal | int | str) -> Decimal:
    if isinstance(value, float | bool):
        raise ArgumentError(name, f"不接受浮点数 {value!r}：请用十进制数或字符串")
    try:
        number = Decimal(value)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise ArgumentError(name, f"应为十进制数，为 {value!r}") from error
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ArgumentError(name, f"应为大小合理的有限数，为 {value}")
    return number


def _positive(name: str, value: Decimal | int | str) -> Decimal:
    number = _decimal(name, value)
    if number <= 0:
        raise ArgumentError(name, f"应大于零，为 {value}")
    return number


def _not_negative(name: str, value: Decimal | int | str) -> Decimal:
    number = _decimal(name, value)
    if number < 0:
        raise ArgumentError(name, f"不应为负，为 {value}")
    return number


def _exact(value: Fraction) -> Decimal:
    """As a decimal: exact where it has one of 40 digits, else rounded there."""
    return _DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))


def _rounded(value: Fraction, step: Decimal, rounding: str) -> Decimal:
    """To a multiple of the step; from the fraction itself, so that nothing is rounded twice."""
    steps = value / Fraction(step)
    if rounding == ROUND_CEILING:
        multiple = -(-steps.numerator // steps.denominator)
    else:
        multiple = round(steps)  # half to even
    return _DIGITS.multiply(Decimal(multiple), step)


def _root(value: Fraction) -> Decimal:
    return _DIGITS.sqrt(_exact(value))


def _shown(value: Decimal) -> str:
    """To six decimals at most, without trailing zeros."""
    text = f"{value:.6f}"
    return text.rstrip("0").rstrip(".")


def _outcome(good: bool) -> str:
    return "符合" if good else "不符合"
