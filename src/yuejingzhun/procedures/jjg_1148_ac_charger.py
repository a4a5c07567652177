"""JJG 1148-2022 电动汽车交流充电桩: AC charging piles."""

from yuejingzhun.procedures.charging import amount_error, clock, working_error
from yuejingzhun.procedures.common import APPEARANCE, D, accuracy_class, humidity, temperature
from yuejingzhun.procedures.procedure import Number, Point, Procedure, Validity, number
from yuejingzhun.procedures.record import Parameters, VerificationKind

CODE = "JJG 1148-2022"


def points(parameters: Parameters, _kind: VerificationKind) -> tuple[Point, ...]:
    i_max = number(parameters, "max_current_a")
    return (
        Point("Imax", "Imax", {"current_a": i_max}),
        Point("0.5Imax", "0.5 Imax", {"current_a": i_max / 2}),
        Point("Imin", "Imin", {"current_a": number(parameters, "min_current_a")}),
    )


PROCEDURE = Procedure(
    code=CODE,
    title="电动汽车交流充电桩检定规程",
    instrument="电动汽车交流充电桩",
    quantity="充电电能",
    scope="对电动汽车交流充电并作贸易结算的充电桩",
    parameters=(
        accuracy_class("1", "2"),
        Number("voltage_v", "额定电压", "V", D(100), D(500)),
        Number("max_current_a", "最大电流 Imax", "A", D(1), D(250)),
        Number("min_current_a", "最小电流 Imin", "A", D("0.1"), D(100)),
    ),
    environment=(temperature("-20", "50"), humidity("0", "95")),
    standard_label="交流充电桩检定装置",
    standard_unit="%",
    tests=(working_error(points, f"{CODE} 工作误差"), amount_error(f"{CODE} 付费金额误差")),
    checks=(APPEARANCE, clock(CODE)),
    validity=lambda _parameters: Validity(36),
    sample_parameters={"accuracy_class": "2", "voltage_v": "220", "max_current_a": "32", "min_current_a": "6"},
    unsure=("检定点取 Imax、0.5 Imax、Imin", "每点两次读数取平均", "后续检定的时钟限值取 3 min"),
)
