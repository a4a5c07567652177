"""JJG 52-2013 弹性元件式一般压力表: general pressure gauges with elastic element."""

from collections.abc import Iterator, Mapping
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

# Percent of the span: up to 90 % of the upper limit, and beyond.
MPE = {"1.0": (D("1.0"), D("1.0")), "1.6": (D("1.6"), D("2.5")), "2.5": (D("2.5"), D(4)), "4.0": (D(4), D(4))}


def marks(parameters: Parameters) -> list[Decimal]:
    """The numbered marks above zero, in MPa."""
    span, step = number(parameters, "span_mpa"), number(parameters, "mark_mpa")
    return [step * n for n in range(1, int(span / step) + 1)]


def points(parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    def at(way: str, title: str, mark: Decimal) -> Point:
        text = f"{mark.normalize():f}"
        return Point(f"{way}-{text}", f"{title} {text} MPa", {"pressure_mpa": mark})

    rising = [at("up", "升压", mark) for mark in marks(parameters)]
    return (*rising, *(at("down", "降压", mark) for mark in reversed(marks(parameters))))


def mpe(parameters: Parameters, point: Point, _kind: VerificationKind) -> Decimal:
    span = number(parameters, "span_mpa")
    below, beyond = MPE[str(parameters["accuracy_class"])]
    percent = below if point.values["pressure_mpa"] <= span * D("0.9") else beyond
    return span * percent / 100


def error(x: Mapping[str, Any], _parameters: Mapping[str, Any]) -> Any:
    return x["tapped_mpa"] - x["pressure_mpa"]


def fifth_of_division(parameters: Parameters, _point: Point | None = None) -> Decimal:
    return number(parameters, "division_mpa") / 5


def hysteresis(
    parameters: Parameters, kind: VerificationKind, results: tuple[PointResult, ...]
) -> tuple[RequirementResult, ...]:
    def pairs() -> Iterator[RequirementResult]:
        rising = {r.point.values["pressure_mpa"]: r for r in results if r.point.key.startswith("up-")}
        falling = {r.point.values["pressure_mpa"]: r for r in results if r.point.key.startswith("down-")}
        for pressure, up in rising.items():
            width = abs(up.rounded - falling[pressure].rounded)
            limit = mpe(parameters, up.point, kind)
            label = f"回程误差 {pressure.normalize():f} MPa"
            yield RequirementResult(label, f"{width} MPa", f"不超过 {limit.normalize():f} MPa", width <= limit)

    return tuple(pairs())


def tapping(
    parameters: Parameters, kind: VerificationKind, results: tuple[PointResult, ...]
) -> tuple[RequirementResult, ...]:
    def moves() -> Iterator[RequirementResult]:
        for result in results:
            (row,) = result.readings
            width, limit = abs(row["tapped_mpa"] - row["read_mpa"]), mpe(parameters, result.point, kind) / 2
            label = f"轻敲位移 {result.point.label}"
            yield RequirementResult(label, f"{width} MPa", f"不超过 {limit.normalize():f} MPa", width <= limit)

    return tuple(moves())


def pressure(key: str, label: str) -> Column:
    limits = Number(key, label, "MPa", D(-1), D(1500))
    return Column(limits, lambda _p, at: at.values["pressure_mpa"], fifth_of_division)


PROCEDURE = Procedure(
    code="JJG 52-2013",
    title="弹性元件式一般压力表、压力真空表和真空表检定规程",
    instrument="一般压力表",
    quantity="压力",
    scope="测量下限为零的弹性元件式一般压力表",
    parameters=(
        accuracy_class(*MPE),
        Number("span_mpa", "测量上限", "MPa", D("0.01"), D(1000)),
        Number("mark_mpa", "数字标度间隔", "MPa", D("0.001"), D(1000)),
        Number("division_mpa", "分度值", "MPa", D("0.0001"), D(100)),
    ),
    environment=(temperature("15", "25"), humidity("0", "85")),
    standard_label="压力标准器",
    standard_unit="MPa",
    tests=(
        Test(
            key="indication",
            title="示值误差",
            clause="JJG 52-2013 示值误差",
            points=points,
            columns=(pressure("read_mpa", "轻敲前示值"), pressure("tapped_mpa", "轻敲后示值")),
            repeats=1,
            error=error,
            unit="MPa",
            mpe=mpe,
            interval=fifth_of_division,
            varied=("tapped_mpa", "read_mpa"),
            contributions=(Contribution("读数估读", "tapped_mpa", lambda p, _at: fifth_of_division(p) / 2),),
            criteria=(hysteresis, tapping),
        ),
    ),
    checks=(
        APPEARANCE,
        Check("zero", "零位", "JJG 52-2013 零位"),
        Check("pointer", "指针偏转平稳性", "JJG 52-2013 指针偏转平稳性"),
    ),
    validity=lambda _parameters: Validity(6),
    sample_parameters={"accuracy_class": "1.6", "span_mpa": "1", "mark_mpa": "0.2", "division_mpa": "0.02"},
    unsure=("1.6 级上限 90 % 以上 ±2.5 %；2.5 级 ±4 %", "压力真空表与真空表未声明"),
)
