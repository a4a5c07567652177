"""JJG 1036: the loads at which a balance is tested."""

from decimal import Decimal

from yuejingzhun.procedures.jjg_1036_electronic_balance import PROCEDURE, weighing_points
from yuejingzhun.procedures.record import VerificationKind

D = Decimal


def test_loads_rise_to_the_maximum_and_fall_again() -> None:
    parameters = {"accuracy_class": "I", "max_g": D(200), "e_g": D("0.001"), "d_g": D("0.0001")}
    loads = [point.values["load_g"] for point in weighing_points(parameters, VerificationKind.INITIAL)]
    top = loads.index(max(loads))
    assert max(loads) == 200
    assert loads[: top + 1] == sorted(loads[: top + 1])
    assert loads[top:] == sorted(loads[top:], reverse=True)
    assert len(PROCEDURE.tests) == 3
