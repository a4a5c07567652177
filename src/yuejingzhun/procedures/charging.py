"""What the regulations of AC and DC chargers declare alike: energy, amount paid and clock."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from yuejingzhun.procedures.common import D
from yuejingzhun.procedures.procedure import Check, Column, Contribution, Number, Point, Test
from yuejingzhun.procedures.record import Parameters, VerificationKind

MONEY_STEP_YUAN = D("0.01")
CLOCK_S = {VerificationKind.INITIAL: D(5), VerificationKind.SUBSEQUENT: D(180), VerificationKind.IN_SERVICE: D(180)}


def working_error(points: Callable[[Parameters, VerificationKind], tuple[Point, ...]], clause: str) -> Test:
    """Working error of the energy, mean of two readings, rounded to a tenth of the class."""
    return Test(
        key="working_error",
        title="工作误差",
        clause=clause,
        points=points,
        columns=(_energy("charger_kwh", "充电桩示值"), _energy("standard_kwh", "标准表电能")),
        repeats=2,
        error=_relative_error,
        unit="%",
        mpe=lambda parameters, _point, _kind: D(str(parameters["accuracy_class"])),
        interval=lambda parameters, _point: D(str(parameters["accuracy_class"])) / 10,
        varied=("charger_kwh",),
        contributions=(Contribution("充电桩示值分辨力", "charger_kwh", lambda _p, _at: D("0.0005")),),
    )


def amount_error(clause: str) -> Test:
    """Amount shown against price times energy: at most the smallest unit of money."""
    return Test(
        key="amount",
        title="付费金额误差",
        clause=clause,
        points=lambda _parameters, _kind: (Point("paid", "一次充电"),),
        columns=(
            _reading("price_yuan", "单价", "元/(kW·h)", ("0.0001", "100"), "1.2000", "0.0001"),
            _reading("energy_kwh", "显示电能", "kW·h", ("0.001", "10000"), "5.000", "0.001"),
            _reading("paid_yuan", "显示金额", "元", ("0", "100000"), "6.00", "0.01"),
        ),
        repeats=1,
        error=_amount_difference,
        unit="元",
        mpe=lambda _parameters, _point, _kind: MONEY_STEP_YUAN,
        interval=lambda _parameters, _point: D("0.0001"),
        varied=("paid_yuan",),
        from_standard=None,
    )


def clock(code: str) -> Check:
    """Clock indication error: 5 s at first verification, 3 min afterwards."""
    seconds = Number("clock_s", "时钟示值误差", "s", D(-86400), D(86400))
    return Check(
        "clock_s", "时钟示值误差", f"{code} 时钟示值误差", number=seconds, limit=lambda _p, kind: CLOCK_S[kind]
    )


def _relative_error(x: Mapping[str, Any], _parameters: Mapping[str, Any]) -> Any:
    return (x["charger_kwh"] - x["standard_kwh"]) / x["standard_kwh"] * 100


def _amount_difference(x: Mapping[str, Any], _parameters: Mapping[str, Any]) -> Any:
    return x["paid_yuan"] - x["price_yuan"] * x["energy_kwh"]


def _energy(key: str, label: str) -> Column:
    step: Decimal = D("0.0001")
    return Column(Number(key, label, "kW·h", D("0.001"), D(1000)), lambda _p, _at: D(1), lambda _p: step)


def _reading(key: str, label: str, unit: str, possible: tuple[str, str], nominal: str, step: str) -> Column:
    limits = Number(key, label, unit, D(possible[0]), D(possible[1]))
    return Column(limits, lambda _p, _at: D(nominal), lambda _p: D(step))
