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
    Procedure,
    Test,
    Validity,
    number,
)
from yuejingzhun.procedures.record import Parameters, VerificationKind
from yuejingzhun.procedures.weighing import BOUNDARIES, in_steps_of_e, label_of, load_mpe, of_load, repeatability


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


def division(parameters: Parameters, _point: Point | None = None) -> Decimal:
    return number(parameters, "d_g")


def half_division(parameters: Parameters, _point: Point) -> Decimal:
    return number(parameters, "d_g") / 2


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
        mpe=load_mpe,
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
        weighing("repeatability", "重复性", repeat_points, repeats=6, criteria=(repeatability,)),
    ),
    checks=(APPEARANCE, Check("tare", "去皮装置", "JJG 1036-2022 去皮")),
    validity=lambda _parameters: Validity(12),
    sample_parameters={"accuracy_class": "I", "max_g": "200", "e_g": "0.001", "d_g": "0.0001"},
    unsure=("环境条件按常用范围，未按天平说明书逐台规定", "去皮以合格、不合格记录"),
)
