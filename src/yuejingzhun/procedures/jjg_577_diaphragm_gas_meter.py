"""JJG 577-2012 膜式燃气表: diaphragm gas meters."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from yuejingzhun.procedures.common import APPEARANCE, D, accuracy_class, humidity, temperature
from yuejingzhun.procedures.procedure import (
    Check,
    Choice,
    Column,
    Contribution,
    Number,
    Point,
    PointResult,
    Procedure,
    RequirementResult,
    Test,
    Validity,
    number,
)
from yuejingzhun.procedures.record import Parameters, VerificationKind

NATURAL, MANUFACTURED = "天然气", "人工燃气"
MPE = {"1.0": (D(2), D(1)), "1.5": (D(3), D("1.5"))}  # percent, below and from q_t = 0.1 q_max on
SAME_SIGN_LIMIT = {"1.0": D("0.5"), "1.5": D("1.0")}  # percent, all errors from q_t on of one sign
ZERO_CELSIUS = D("273.15")  # K


def points(parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    q_max = number(parameters, "q_max_m3_per_h")
    return (
        Point("q_min", "q_min", {"flow_m3_per_h": number(parameters, "q_min_m3_per_h")}),
        Point("0.2q_max", "0.2 q_max", {"flow_m3_per_h": q_max * D("0.2")}),
        Point("q_max", "q_max", {"flow_m3_per_h": q_max}),
    )


def below_transition(parameters: Parameters, point: Point) -> bool:
    return 10 * point.values["flow_m3_per_h"] < number(parameters, "q_max_m3_per_h")


def mpe(parameters: Parameters, point: Point, kind: VerificationKind) -> Decimal:
    below, above = MPE[str(parameters["accuracy_class"])]
    limit = below if below_transition(parameters, point) else above
    return 2 * limit if kind is VerificationKind.IN_SERVICE else limit


def error(x: Mapping[str, Any], _parameters: Mapping[str, Any]) -> Any:
    """(V_m - V_s') / V_s' with V_s' = V_s (p_s T_m) / (p_m T_s), pressures absolute, in percent."""
    at_meter = (x["standard_c"] + ZERO_CELSIUS) * x["meter_kpa"]
    reduced = x["standard_l"] * x["standard_kpa"] * (x["meter_c"] + ZERO_CELSIUS) / at_meter
    return (x["meter_l"] - reduced) / reduced * 100


def same_sign(
    parameters: Parameters, kind: VerificationKind, results: tuple[PointResult, ...]
) -> tuple[RequirementResult, ...]:
    upper = [result for result in results if not below_transition(parameters, result.point)]
    if kind is VerificationKind.IN_SERVICE or len({result.rounded > 0 for result in upper}) > 1:
        return ()
    limit = SAME_SIGN_LIMIT[str(parameters["accuracy_class"])]
    largest = max(abs(result.rounded) for result in upper)
    text = f"q_t 至 q_max 误差同号时不超过 ±{limit} %"
    return (RequirementResult("误差符号", f"最大 {largest} %", text, largest <= limit),)


def validity(parameters: Parameters) -> Validity:
    if number(parameters, "q_max_m3_per_h") > 10:
        return Validity(36)
    return Validity(120 if parameters["gas"] == NATURAL else 72, "只作首次强制检定，限期使用，到期轮换")


def reading(key: str, label: str, unit: str, possible: tuple[str, str], nominal: str, step: str) -> Column:
    number_ = Number(key, label, unit, D(possible[0]), D(possible[1]))
    return Column(number_, lambda _p, _at: D(nominal), lambda _p: D(step))


PROCEDURE = Procedure(
    code="JJG 577-2012",
    title="膜式燃气表检定规程",
    instrument="膜式燃气表",
    quantity="气体体积",
    scope="最大流量不超过 160 m³/h 的膜式燃气表",
    parameters=(
        accuracy_class("1.0", "1.5"),
        Number("q_max_m3_per_h", "最大流量 q_max", "m³/h", D("0.5"), D(160)),
        Number("q_min_m3_per_h", "最小流量 q_min", "m³/h", D("0.001"), D(10)),
        Choice("gas", "使用气体", (NATURAL, MANUFACTURED)),
    ),
    environment=(temperature("18", "22"), humidity("30", "85")),
    standard_label="气体流量标准装置",
    standard_unit="%",
    tests=(
        Test(
            key="indication",
            title="示值误差",
            clause="JJG 577-2012 示值误差",
            points=points,
            columns=(
                reading("meter_l", "燃气表示值体积", "L", ("0.01", "1000000"), "100", "0.01"),
                reading("standard_l", "标准器体积", "L", ("0.01", "1000000"), "100", "0.01"),
                reading("meter_c", "燃气表处温度", "°C", ("-30", "60"), "20.0", "0.1"),
                reading("standard_c", "标准器处温度", "°C", ("-30", "60"), "20.0", "0.1"),
                reading("meter_kpa", "燃气表处绝对压力", "kPa", ("50", "200"), "101.3", "0.01"),
                reading("standard_kpa", "标准器处绝对压力", "kPa", ("50", "200"), "101.3", "0.01"),
            ),
            repeats=2,
            error=error,
            unit="%",
            mpe=mpe,
            interval=lambda _parameters, _point: D("0.1"),
            varied=("meter_l",),
            contributions=(
                Contribution("燃气表处温度计", "meter_c", lambda _p, _at: D("0.2")),
                Contribution("标准器处温度计", "standard_c", lambda _p, _at: D("0.2")),
                Contribution("燃气表处压力计", "meter_kpa", lambda _p, _at: D("0.02")),
                Contribution("标准器处压力计", "standard_kpa", lambda _p, _at: D("0.02")),
            ),
            criteria=(same_sign,),
        ),
    ),
    checks=(
        APPEARANCE,
        Check("tightness", "密封性", "JJG 577-2012 密封性"),
        Check("pressure_loss", "压力损失", "JJG 577-2012 压力损失"),
    ),
    validity=validity,
    sample_parameters={"accuracy_class": "1.5", "q_max_m3_per_h": "4", "q_min_m3_per_h": "0.025", "gas": NATURAL},
    unsure=("误差同号时的限值：1.5 级 1.0 %；1.0 级取 0.5 %", "q_min 点的重复次数取 2", "误差修约间隔 0.1 %"),
)
