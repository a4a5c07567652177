"""JJG 443-2015 燃油加油机: fuel dispensers, one nozzle a record."""

from collections.abc import Mapping
from typing import Any

from yuejingzhun.metrology.rounding import round_to_interval
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

OIL_EXPANSION = {"汽油": D("0.0012"), "柴油": D("0.0009"), "煤油": D("0.0009")}  # 1/degC
VESSEL_EXPANSION = {"不锈钢": D("0.00005"), "碳钢": D("0.000033")}  # 1/degC
MPE_PERCENT, REPEATABILITY_PERCENT = D("0.30"), D("0.10")
RANGE_COEFFICIENT = D("1.69")  # d_n for n = 3: repeatability is the range divided by it
MONEY_STEP_YUAN = D("0.01")


def points(parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    return (
        Point("high", "大流量", {"nominal_l": number(parameters, "vessel_l_nominal")}),
        Point("low", "小流量", {"nominal_l": number(parameters, "vessel_l_nominal")}),
    )


def error(x: Mapping[str, Any], parameters: Mapping[str, Any]) -> Any:
    """(V_J - V_Bt) / V_Bt, V_Bt = V_B [1 + beta_Y (t_J - t_B) + beta_B (t_B - 20)], in percent."""
    oil, vessel = OIL_EXPANSION[parameters["oil"]], VESSEL_EXPANSION[parameters["vessel"]]
    correction = (x["dispenser_c"] - x["vessel_c"]) * oil + (x["vessel_c"] - 20) * vessel
    true_l = x["vessel_l"] * (correction + 1)
    return (x["dispenser_l"] - true_l) / true_l * 100


def repeatability(
    _parameters: Parameters, _kind: VerificationKind, results: tuple[PointResult, ...]
) -> tuple[RequirementResult, ...]:
    found = []
    for result in results:
        spread = round_to_interval((max(result.errors) - min(result.errors)) / RANGE_COEFFICIENT, D("0.01"))
        passed = spread <= REPEATABILITY_PERCENT
        label = f"重复性 {result.point.label}"
        found.append(RequirementResult(label, f"{spread} %", f"不超过 {REPEATABILITY_PERCENT} %", passed))
    return tuple(found)


def paid_error(x: Mapping[str, Any], _parameters: Mapping[str, Any]) -> Any:
    return x["paid_yuan"] - x["price_yuan"] * x["volume_l"]


def reading(key: str, label: str, unit: str, possible: tuple[str, str], nominal: str, step: str) -> Column:
    limits = Number(key, label, unit, D(possible[0]), D(possible[1]))
    return Column(limits, lambda _p, _at: D(nominal), lambda _p: D(step))


def volume(key: str, label: str) -> Column:
    limits = Number(key, label, "L", D(1), D(1000))
    return Column(limits, lambda _p, at: at.values["nominal_l"], lambda _p: D("0.01"))


PROCEDURE = Procedure(
    code="JJG 443-2015",
    title="燃油加油机检定规程",
    instrument="燃油加油机",
    quantity="燃油体积",
    scope="汽油、柴油、煤油加油机；一条油枪一份记录",
    parameters=(
        accuracy_class("0.3"),
        Number("nozzle", "油枪编号", "", D(1), D(99)),
        Choice("oil", "油品", tuple(OIL_EXPANSION)),
        Choice("vessel", "标准金属量器材质", tuple(VESSEL_EXPANSION)),
        Number("vessel_l_nominal", "标准金属量器容量", "L", D(5), D(200)),
    ),
    environment=(temperature("-25", "55"), humidity("0", "95")),
    standard_label="标准金属量器",
    standard_unit="%",
    tests=(
        Test(
            key="indication",
            title="示值误差",
            clause="JJG 443-2015 示值误差",
            points=points,
            columns=(
                volume("dispenser_l", "加油机示值 V_J"),
                volume("vessel_l", "量器示值 V_B"),
                reading("dispenser_c", "加油机内油温 t_J", "°C", ("-40", "60"), "25.0", "0.1"),
                reading("vessel_c", "量器内油温 t_B", "°C", ("-40", "60"), "25.0", "0.1"),
            ),
            repeats=3,
            error=error,
            unit="%",
            mpe=lambda _parameters, _point, _kind: MPE_PERCENT,
            interval=lambda _parameters, _point: D("0.01"),
            varied=("dispenser_l",),
            contributions=(
                Contribution("加油机分辨力", "dispenser_l", lambda _p, _at: D("0.005")),
                Contribution("加油机内温度计", "dispenser_c", lambda _p, _at: D("0.2")),
                Contribution("量器内温度计", "vessel_c", lambda _p, _at: D("0.2")),
            ),
            criteria=(repeatability,),
        ),
        Test(
            key="price",
            title="付费金额误差",
            clause="JJG 443-2015 付费金额",
            points=lambda _parameters, _kind: (Point("paid", "一次加油"),),
            columns=(
                reading("price_yuan", "单价", "元/L", ("0.01", "100"), "7.50", "0.01"),
                reading("volume_l", "显示体积", "L", ("0.01", "1000"), "20.00", "0.01"),
                reading("paid_yuan", "显示金额", "元", ("0.01", "100000"), "150.00", "0.01"),
            ),
            repeats=1,
            error=paid_error,
            unit="元",
            mpe=lambda _parameters, _point, _kind: MONEY_STEP_YUAN / 2,
            interval=lambda _parameters, _point: D("0.0001"),
            varied=("paid_yuan",),
            from_standard=None,
        ),
    ),
    checks=(
        APPEARANCE,
        Check("microprocessor", "微处理器与存储器识别", "JJG 443-2015 防欺骗功能"),
        Check("seal", "计控主板、编码器封印", "JJG 443-2015 封印"),
        Check("self_lock", "自锁功能", "JJG 443-2015 自锁功能"),
        Check("totaliser", "累计示值（检前、检后）", "JJG 443-2015 累计示值"),
    ),
    validity=lambda _parameters: Validity(6),
    sample_parameters={
        "accuracy_class": "0.3",
        "nozzle": "1",
        "oil": "汽油",
        "vessel": "不锈钢",
        "vessel_l_nominal": "20",
    },
    unsure=(
        "重复性取极差除以 1.69（n=3）；有的版本取极差本身",
        "最小被测量（±0.50 %、0.17 %）未作为检定点",
        "误差修约间隔 0.01 %",
    ),
)
