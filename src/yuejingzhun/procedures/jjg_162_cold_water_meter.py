"""JJG 162-2019 饮用冷水水表: cold potable water meters."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from yuejingzhun.procedures.common import (
    APPEARANCE,
    D,
    accuracy_class,
    between,
    humidity,
    same_sign_needs_half,
    temperature,
)
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

COOL, WARM = "不超过 30 °C", "超过 30 °C"
# MPE in percent: lower zone Q1 <= Q < Q2, upper zone up to 30 degC, upper zone above 30 degC.
MPE = {"1": (D(3), D(1), D(2)), "2": (D(5), D(2), D(3))}


def flows(parameters: Parameters) -> dict[str, Decimal]:
    """Q1 = Q3 / ratio, Q2 = 1.6 Q1 (JJG 162-2019; OIML R 49-1 4.1.4), in m3/h."""
    q3 = number(parameters, "q3_m3_per_h")
    q1 = q3 / number(parameters, "ratio")
    return {"Q1": q1, "Q2": q1 * D("1.6"), "Q3": q3}


def points(parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    return tuple(Point(name, name, {"flow_m3_per_h": flow}) for name, flow in flows(parameters).items())


def kept_flow(parameters: Parameters, point: Point) -> tuple[Decimal, Decimal]:
    flow = point.values["flow_m3_per_h"]
    return (flow * D("0.9"), flow) if point.key == "Q3" else (flow, flow * D("1.1"))


def nominal_flow(parameters: Parameters, point: Point) -> Decimal:
    low, high = kept_flow(parameters, point)
    return (low + high) / 2


def mpe(parameters: Parameters, point: Point, kind: VerificationKind) -> Decimal:
    lower, cool, warm = MPE[str(parameters["accuracy_class"])]
    upper = warm if parameters["water"] == WARM else cool
    limit = lower if point.key == "Q1" else upper
    return 2 * limit if kind is VerificationKind.IN_SERVICE else limit


def error(x: Mapping[str, Any], _parameters: Mapping[str, Any]) -> Any:
    return (x["end_l"] - x["start_l"] - x["standard_l"]) / x["standard_l"] * 100


def one_sign(
    _parameters: Parameters, _kind: VerificationKind, results: tuple[PointResult, ...]
) -> tuple[RequirementResult, ...]:
    return same_sign_needs_half("误差符号", results)


def validity(parameters: Parameters) -> Validity:
    size = number(parameters, "dn_mm")
    if size > 50:
        return Validity(24)
    return Validity(72 if size <= 25 else 48, "只作首次强制检定，限期使用，到期轮换")


def volume(key: str, label: str, nominal: Decimal, step: str) -> Column:
    return Column(Number(key, label, "L", D(0), D(10**8)), lambda _p, _at: nominal, lambda _p: D(step))


def half_division(parameters: Parameters, _point: Point) -> Decimal:
    return number(parameters, "division_l") / 2


PROCEDURE = Procedure(
    code="JJG 162-2019",
    title="饮用冷水水表检定规程",
    instrument="水表",
    quantity="水的体积",
    scope="公称通径不超过 DN 2000 的饮用冷水水表",
    parameters=(
        accuracy_class("1", "2"),
        Number("dn_mm", "公称通径 DN", "mm", D(8), D(2000)),
        Number("q3_m3_per_h", "常用流量 Q3", "m³/h", D("0.1"), D(10000)),
        Number("ratio", "量程比 Q3/Q1", "", D(10), D(1000)),
        Number("division_l", "检定分格值", "L", D("0.0001"), D(1000)),
        Choice("water", "检定用水温度", (COOL, WARM)),
    ),
    environment=(
        temperature("5", "40"),
        humidity("10", "93"),
        between("water_c", "水温", "°C", ("0", "60"), ("0", "50")),
    ),
    standard_label="水流量标准装置",
    standard_unit="%",
    tests=(
        Test(
            key="indication",
            title="示值误差",
            clause="JJG 162-2019 示值误差",
            points=points,
            columns=(
                Column(
                    Number("flow_kept_m3_per_h", "实际流量", "m³/h", D("0.0001"), D(20000)),
                    nominal_flow,
                    lambda _p: D("0.00001"),
                    kept_flow,
                ),
                volume("start_l", "水表起始示值", D(0), "0.01"),
                volume("end_l", "水表终止示值", D(100), "0.01"),
                volume("standard_l", "标准体积", D(100), "0.01"),
            ),
            repeats=1,
            error=error,
            unit="%",
            mpe=mpe,
            interval=lambda _parameters, _point: D("0.1"),
            varied=("end_l",),
            contributions=(
                Contribution("水表起始读数", "start_l", half_division),
                Contribution("水表终止读数", "end_l", half_division),
            ),
            criteria=(one_sign,),
        ),
    ),
    checks=(
        APPEARANCE,
        Check("tightness", "密封性（耐压）", "JJG 162-2019 密封性"),
        Check("electronics", "电子装置功能（带电子装置的水表）", "JJG 162-2019 电子装置", frozenset()),
    ),
    validity=validity,
    sample_parameters={
        "accuracy_class": "2",
        "dn_mm": "20",
        "q3_m3_per_h": "4",
        "ratio": "100",
        "division_l": "0.05",
        "water": COOL,
    },
    unsure=("误差修约间隔 0.1 %", "首次读数接近限值时须作第二、三次测量：本声明取一次"),
)
