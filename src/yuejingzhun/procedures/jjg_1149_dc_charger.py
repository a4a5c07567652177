"""JJG 1149-2022 电动汽车非车载充电机: off-board DC chargers."""

from yuejingzhun.procedures.charging import amount_error, clock, working_error
from yuejingzhun.procedures.common import APPEARANCE, D, accuracy_class, humidity, temperature
from yuejingzhun.procedures.procedure import Number, Point, Procedure, Validity, number
from yuejingzhun.procedures.record import Parameters, VerificationKind

CODE = "JJG 1149-2022"
SHARES_OF_MAXIMUM = (D("0.2"), D("0.5"), D("1.0"))


def points(parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    i_max, volts = number(parameters, "max_current_a"), number(parameters, "voltage_v")
    return tuple(
        Point(
            f"{share}Imax", f"{volts.normalize():f} V，{share} Imax", {"voltage_v": volts, "current_a": share * i_max}
        )
        for share in SHARES_OF_MAXIMUM
    )


PROCEDURE = Procedure(
    code=CODE,
    title="电动汽车非车载充电机检定规程",
    instrument="电动汽车非车载充电机",
    quantity="充电电能",
    scope="对电动汽车直流充电并作贸易结算的非车载充电机",
    parameters=(
        accuracy_class("1", "2"),
        Number("voltage_v", "检定电压", "V", D(100), D(1500)),
        Number("max_current_a", "最大电流 Imax", "A", D(1), D(800)),
    ),
    environment=(temperature("-20", "50"), humidity("0", "95")),
    standard_label="非车载充电机检定装置",
    standard_unit="%",
    tests=(working_error(points, f"{CODE} 工作误差"), amount_error(f"{CODE} 付费金额误差")),
    checks=(APPEARANCE, clock(CODE)),
    validity=lambda _parameters: Validity(36),
    sample_parameters={"accuracy_class": "1", "voltage_v": "500", "max_current_a": "250"},
    unsure=("检定点取一个检定电压下的 0.2、0.5、1.0 Imax", "每点两次读数取平均", "后续检定的时钟限值取 3 min"),
)
