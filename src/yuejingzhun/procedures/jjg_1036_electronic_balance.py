"""JJG 1036-2022 电子天平: electronic balances, classes I and II, whose d is finer than e (as OIML R 76)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from yuejingzhun.procedures.common import APPEARANCE, D, accuracy_class, humidity, temperature
from yuejingzhun.procedures.procedure import (
    Check,
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

# Loads in verification intervals e up to which the MPE is 0.5 e and 1.0 e; beyond, 1.5 e (OIML R 76-1 3.5.1).
BOUNDARIES = {"I": (50_000, 200_000), "II": (5_000, 20_000)}


def mpe(parameters: Parameters, point: Point, kind: VerificationKind) -> Decimal:
    e = number(parameters, "e_g")
    first, second = BOUNDARIES[str(parameters["accuracy_class"])]
    load = point.values["load_g"]
    share = D("0.5") if load <= first * e else D("1.0") if load <= second * e else D("1.5")
    return share * e * (2 if kind is VerificationKind.IN_SERVICE else 1)


def in_steps_of_e(load: Decimal, parameters: Parameters) -> Decimal:
    e = number(parameters, "e_g")
    return (load / e).to_integral_value() * e


def label_of(load: Decimal) -> str:
    return f"{load.normalize():f} g"


def weighing_points(parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    e, maximum = number(parameters, "e_g"), number(parameters, "max_g")
    boundaries = (step * e for step in BOUNDARIES[str(parameters["accuracy_class"])])
    loads = sorted({in_steps_of_e(load, parameters) for load in (*boundaries, maximum / 2, maximum) if load <= maximum})
    rising = [Point(f"up-{load.normalize():f}", f"加载 {label_of(load)}", {"load_g": load}) for load in loads]
    falling = [
        Point(f"down-{p.values['load_g'].normalize():f}", p.label.replace("加", "卸", 1), p.values) for p in rising
    ]
    return (*rising, *reversed(falling[:-1]))


def pan_points(parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    load = in_steps_of_e(number(parameters, "max_g") / 3, parameters)
    return tuple(Point(f"pan-{n}", f"位置 {n} {label_of(load)}", {"load_g": load}) for n in range(1, 6))


def repeat_points(parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    load = in_steps_of_e(number(parameters, "max_g") * D("0.8"), parameters)
    return (Point("repeat", f"约 80 % 最大秤量 {label_of(load)}", {"load_g": load}),)


def error(x: Mapping[str, Any], _parameters: Mapping[str, Any]) -> Any:
    return x["indication_g"] - x["load_g"]


def spread(
    parameters: Parameters, kind: VerificationKind, results: tuple[PointResult, ...]
) -> tuple[RequirementResult, ...]:
    (result,) = results
    width, limit = max(result.errors) - min(result.errors), mpe(parameters, result.point, kind)
    return (RequirementResult("重复性", f"{width.normalize():f} g", f"不超过 {limit.normalize():f} g", width <= limit),)


def division(parameters: Parameters, _point: Point | None = None) -> Decimal:
    return number(parameters, "d_g")


def half_division(parameters: Parameters, _point: Point) -> Decimal:
    return number(parameters, "d_g") / 2


def of_load(u_percent: Decimal, _parameters: Parameters, point: Point) -> Decimal:
    return u_percent * point.values["load_g"] / 100


INDICATION = Column(
    Number("indication_g", "示值 I", "g", D(-1000), D(10**6)), lambda _p, at: at.values["load_g"], division
)


def weighing(key: str, title: str, points: Any, repeats: int = 1, **more: Any) -> Test:
    return Test(
        key=key,
        title=title,
        clause=f"JJG 1036-2022 {title}",
        points=points,
        columns=(INDICATION,),
        repeats=repeats,
        error=error,
        unit="g",
        mpe=mpe,
        interval=division,
        varied=("indication_g",),
        contributions=(Contribution("分度值", "indication_g", half_division),),
        from_standard=of_load,
        **more,
    )


PROCEDURE = Procedure(
    code="JJG 1036-2022",
    title="电子天平检定规程",
    instrument="电子天平",
    quantity="质量",
    scope="特种准确度级和高准确度级的电子天平（实际分度值小于检定分度值）",
    parameters=(
        accuracy_class("I", "II"),
        Number("max_g", "最大秤量 Max", "g", D("1"), D(100_000)),
        Number("e_g", "检定分度值 e", "g", D("0.0001"), D(10)),
        Number("d_g", "实际分度值 d", "g", D("0.000001"), D(10)),
    ),
    environment=(temperature("10", "30"), humidity("0", "80")),
    standard_label="标准砝码",
    standard_unit="%",
    tests=(
        weighing("weighing", "示值误差", weighing_points),
        weighing("eccentricity", "偏载误差", pan_points),
        weighing("repeatability", "重复性", repeat_points, repeats=6, criteria=(spread,)),
    ),
    checks=(APPEARANCE, Check("tare", "去皮装置", "JJG 1036-2022 去皮")),
    validity=lambda _parameters: Validity(12),
    sample_parameters={"accuracy_class": "I", "max_g": "200", "e_g": "0.001", "d_g": "0.0001"},
    unsure=("环境条件按常用范围，未按天平说明书逐台规定", "去皮以合格、不合格记录"),
)
