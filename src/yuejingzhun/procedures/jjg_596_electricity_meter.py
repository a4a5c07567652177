"""JJG 596-2012 电子式交流电能表: electronic AC electricity meters, active energy, direct or transformer connected."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from yuejingzhun.metrology.uncertainty.bounded import Rectangular
from yuejingzhun.procedures.common import APPEARANCE, D, accuracy_class, between, humidity
from yuejingzhun.procedures.procedure import (
    Check,
    Column,
    Condition,
    Contribution,
    Number,
    Point,
    Procedure,
    Test,
    Validity,
    number,
)
from yuejingzhun.procedures.record import Parameters, VerificationKind

# Newer meters are marked A to E (GB/T 17215 series); the limits are those of the class each corresponds to.
LIMIT_CLASS = {"0.2S": "0.2S", "0.5S": "0.5S", "1": "1", "2": "2", "A": "2", "B": "1", "C": "0.5S", "D": "0.2S"}
ROUNDING = {"0.2S": D("0.02"), "0.5S": D("0.05"), "1": D("0.1"), "2": D("0.2")}  # 附录 修约间距, percent
# MPE in percent, cos phi = 1 and 0.5L: (below the boundary current, from it on); boundary as a share of Ib or In.
MPE = {
    "0.2S": ((D("0.4"), D("0.2"), D("0.05")), (D("0.5"), D("0.3"), D("0.1"))),
    "0.5S": ((D("1.0"), D("0.5"), D("0.05")), (D("1.0"), D("0.6"), D("0.1"))),
    "1": ((D("1.5"), D("1.0"), D("0.1")), (D("1.5"), D("1.0"), D("0.2"))),
    "2": ((D("2.5"), D("2.0"), D("0.1")), (D("2.5"), D("2.0"), D("0.2"))),
}
SHARES_UNITY = {"S": ("0.01", "0.05", "1"), "direct": ("0.05", "0.1", "1")}
SHARES_INDUCTIVE = {"S": ("0.02", "0.1", "1"), "direct": ("0.1", "0.2", "1")}
TEST_ENERGY_KWH = D("0.1")


def limit_class(parameters: Parameters) -> str:
    return LIMIT_CLASS[str(parameters["accuracy_class"])]


def points(parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    family = "S" if limit_class(parameters).endswith("S") else "direct"
    maximum = number(parameters, "maximum_current_a") / number(parameters, "basic_current_a")
    found = []
    for cosine, name, shares in ((D(1), "1.0", SHARES_UNITY), (D("0.5"), "0.5L", SHARES_INDUCTIVE)):
        for share in map(D, shares[family]):
            label = f"{'' if share == 1 else format(share.normalize(), 'f')}Ib，cosφ={name}"
            found.append(Point(f"{format(share.normalize(), 'f')}Ib-{name}", label, {"share": share, "cosine": cosine}))
        found.append(Point(f"Imax-{name}", f"Imax，cosφ={name}", {"share": maximum, "cosine": cosine}))
    return tuple(found)


def mpe(parameters: Parameters, point: Point, _kind: VerificationKind) -> Decimal:
    unity, inductive = MPE[limit_class(parameters)]
    below, above, boundary = unity if point.values["cosine"] == 1 else inductive
    return below if point.values["share"] < boundary else above


def error(x: Mapping[str, Any], _parameters: Mapping[str, Any]) -> Any:
    return (x["meter_kwh"] - x["standard_kwh"]) / x["standard_kwh"] * 100


def validity(parameters: Parameters) -> Validity:
    return Validity(72 if limit_class(parameters).endswith("S") else 96)


def ambient(parameters: Parameters) -> tuple[Decimal, Decimal]:
    return (D(21), D(25)) if limit_class(parameters).endswith("S") else (D(18), D(28))


def energy(key: str, label: str) -> Column:
    return Column(
        Number(key, label, "kW·h", D("0.0001"), D(1000)), lambda _p, _at: TEST_ENERGY_KWH, lambda _p: D("0.0000001")
    )


PROCEDURE = Procedure(
    code="JJG 596-2012",
    title="电子式交流电能表检定规程",
    instrument="电能表",
    quantity="有功电能",
    scope="参比频率 50 Hz 的电子式交流有功电能表",
    parameters=(
        accuracy_class(*LIMIT_CLASS),
        Number("voltage_v", "参比电压", "V", D(50), D(500)),
        Number("basic_current_a", "基本（额定）电流 Ib", "A", D("0.1"), D(100)),
        Number("maximum_current_a", "最大电流 Imax", "A", D("0.1"), D(200)),
        Number("constant_imp_per_kwh", "仪表常数", "imp/kW·h", D(1), D(100000)),
    ),
    environment=(
        Condition(Number("temperature_c", "环境温度", "°C", D(-30), D(60)), ambient),
        humidity("10", "80"),
        between("voltage_deviation_percent", "电压偏差", "%", ("-20", "20"), ("-1", "1")),
        between("frequency_hz", "频率", "Hz", ("45", "65"), ("49.75", "50.25")),
    ),
    standard_label="电能标准装置",
    standard_unit="%",
    tests=(
        Test(
            key="basic_error",
            title="基本误差",
            clause="JJG 596-2012 基本误差",
            points=points,
            columns=(energy("meter_kwh", "被检表电能"), energy("standard_kwh", "标准表电能")),
            repeats=2,
            error=error,
            unit="%",
            mpe=mpe,
            interval=lambda parameters, _point: ROUNDING[limit_class(parameters)],
            varied=("meter_kwh",),
            contributions=(
                Contribution(
                    "标准表读数分辨力",
                    "standard_kwh",
                    lambda _parameters, _point: D("0.00000005"),
                    Rectangular,
                ),
            ),
        ),
    ),
    checks=(
        APPEARANCE,
        Check(
            "insulation", "绝缘性能（交流电压试验）", "JJG 596-2012 交流电压试验", frozenset({VerificationKind.INITIAL})
        ),
        Check("no_load", "潜动试验（115 % 参比电压）", "JJG 596-2012 潜动试验"),
        Check("starting", "起动试验", "JJG 596-2012 起动试验"),
        Check("constant", "仪表常数试验", "JJG 596-2012 仪表常数试验"),
        Check(
            "clock_s_per_day",
            "时钟日计时误差（多费率表）",
            "JJG 596-2012 时钟日计时误差",
            frozenset(),
            Number("clock_s_per_day", "时钟日计时误差", "s/d", D(-1000), D(1000)),
            lambda _parameters, _kind: D("0.5"),
        ),
    ),
    validity=validity,
    sample_parameters={
        "accuracy_class": "1",
        "voltage_v": "220",
        "basic_current_a": "5",
        "maximum_current_a": "60",
        "constant_imp_per_kwh": "1200",
    },
    unsure=(
        "S 级的误差限与各级的电流点：按通行做法填写，待对照文本",
        "环境：0.2S、0.5S 为 23±2 °C，其余 23±5 °C；频率 50 Hz±0.5 %",
    ),
)
