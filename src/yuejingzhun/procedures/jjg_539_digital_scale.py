"""JJG 539-2016 数字指示秤: digital indicating scales, classes III and IIII (as OIML R 76)."""

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

MINIMUM_IN_E = {"III": 20, "IIII": 10}


def interval_g(parameters: Parameters) -> Decimal:
    return number(parameters, "e_g")


def maximum_g(parameters: Parameters) -> Decimal:
    return number(parameters, "max_kg") * 1000


def loads(parameters: Parameters) -> list[Decimal]:
    e, maximum = interval_g(parameters), maximum_g(parameters)
    name = str(parameters["accuracy_class"])
    candidates = [MINIMUM_IN_E[name] * e, *(step * e for step in BOUNDARIES[name]), maximum / 2, maximum]
    return sorted({in_steps_of_e(load, parameters) for load in candidates if load <= maximum})


def weighing_points(parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    rising = [
        Point(f"up-{load.normalize():f}", f"加载 {label_of(load)}", {"load_g": load}) for load in loads(parameters)
    ]
    falling = [
        Point(f"down-{load.normalize():f}", f"卸载 {label_of(load)}", {"load_g": load})
        for load in reversed(loads(parameters)[:-1])
    ]
    return (*rising, *falling)


def corner_points(parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    load = in_steps_of_e(maximum_g(parameters) / 3, parameters)
    return tuple(Point(f"corner-{n}", f"第 {n} 角 {label_of(load)}", {"load_g": load}) for n in range(1, 5))


def repeat_points(parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    chosen = (("half", "约 1/2 最大秤量", D("0.5")), ("max", "接近最大秤量", D("0.9")))
    maximum = maximum_g(parameters)
    return tuple(
        Point(key, name, {"load_g": in_steps_of_e(maximum * share, parameters)}) for key, name, share in chosen
    )


def zero_points(_parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    return (Point("zero", "零点", {"load_g": D(0)}),)


def error(x: Mapping[str, Any], parameters: Mapping[str, Any]) -> Any:
    """E = I + 0.5 e - dL - L: the indication before rounding, by the small weights that turn it (R 76-1 A.4.4.3)."""
    return x["indication_g"] + parameters["e_g"] / 2 - x["small_weights_g"] - x["load_g"]


def half_step(parameters: Parameters, _point: Point) -> Decimal:
    return interval_g(parameters) / 20


COLUMNS = (
    Column(
        Number("indication_g", "示值 I", "g", D(-(10**6)), D(10**9)), lambda _p, at: at.values["load_g"], interval_g
    ),
    Column(
        Number("small_weights_g", "附加小砝码 ΔL", "g", D(0), D(10**6)),
        lambda parameters, _at: interval_g(parameters) / 2,
        lambda parameters: interval_g(parameters) / 10,
    ),
)
CONTRIBUTIONS = (Contribution("闪变点确定", "small_weights_g", half_step),)


def fine(parameters: Parameters, _point: Point) -> Decimal:
    return interval_g(parameters) / 10


def weighing(key: str, title: str, points: Any, repeats: int = 1, **more: Any) -> Test:
    return Test(
        key=key,
        title=title,
        clause=f"JJG 539-2016 {title}",
        points=points,
        columns=COLUMNS,
        repeats=repeats,
        error=error,
        unit="g",
        interval=fine,
        varied=("small_weights_g",),
        contributions=CONTRIBUTIONS,
        from_standard=of_load,
        **{"mpe": load_mpe, **more},
    )


PROCEDURE = Procedure(
    code="JJG 539-2016",
    title="数字指示秤检定规程",
    instrument="数字指示秤",
    quantity="质量",
    scope="中准确度级和普通准确度级的数字指示秤（实际分度值等于检定分度值）",
    parameters=(
        accuracy_class("III", "IIII"),
        Number("max_kg", "最大秤量 Max", "kg", D("0.1"), D(200000)),
        Number("e_g", "检定分度值 e", "g", D("0.01"), D(50000)),
    ),
    environment=(temperature("-10", "40"), humidity("0", "85")),
    standard_label="标准砝码",
    standard_unit="%",
    tests=(
        weighing("zero", "置零准确度", zero_points, mpe=lambda parameters, _at, _kind: interval_g(parameters) / 4),
        weighing("weighing", "称量", weighing_points, zero="zero"),
        weighing("eccentricity", "偏载", corner_points, zero="zero"),
        weighing("repeatability", "重复性", repeat_points, repeats=3, criteria=(repeatability,), zero="zero"),
    ),
    checks=(
        APPEARANCE,
        Check("tare", "去皮称量", "JJG 539-2016 去皮"),
        Check("discrimination", "鉴别阈（1.4 d）", "JJG 539-2016 鉴别阈"),
        Check("seal", "封印与防作弊", "JJG 539-2016 封印"),
    ),
    validity=lambda _parameters: Validity(12),
    sample_parameters={"accuracy_class": "III", "max_kg": "15", "e_g": "5"},
    unsure=("去皮称量与鉴别阈以合格、不合格记录", "修约间隔取 0.1 e"),
)
