from dataclasses import replace
from decimal import Decimal

import pytest

from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.record import VerificationKind
from yuejingzhun.procedures.sample import sample_parameters

PROCEDURE = procedure("JJG 52-2013")
(TEST,) = PROCEDURE.tests


@pytest.mark.parametrize(
    ("accuracy_class", "expected"),
    [
        ("1.0", ["0.010", "0.010"]),
        ("1.6", ["0.016", "0.025"]),
        ("2.5", ["0.025", "0.04"]),
        ("4.0", ["0.04", "0.04"]),
    ],
)
def test_mpe_is_a_share_of_the_span_and_wider_at_its_end(accuracy_class: str, expected: list[str]) -> None:
    parameters = {**sample_parameters(PROCEDURE), "accuracy_class": accuracy_class}
    points = TEST.points(parameters, VerificationKind.SUBSEQUENT)
    limits = [TEST.mpe(parameters, point, VerificationKind.SUBSEQUENT) for point in points]
    assert [point.values["pressure_mpa"] for point in points[:5]] == [Decimal(n) / 5 for n in range(1, 6)]
    assert [limits[0], limits[4]] == [Decimal(limit) for limit in expected]
    assert limits[5:] == limits[4::-1]


def with_rows(record, **rows: tuple[str, str]):
    given = {
        ("indication", key.replace("_", "-") + text): ({"read_mpa": Decimal(read), "tapped_mpa": Decimal(tapped)},)
        for key, (text, read, tapped) in rows.items()
    }
    return replace(record, readings={**record.readings, **given})


def test_hysteresis_and_tapping_have_their_own_limits(sample) -> None:
    record, standard = sample(PROCEDURE.code)
    good = with_rows(record, up_=("0.4", "0.408", "0.412"), down_=("0.4", "0.404", "0.400"))
    assert evaluate(PROCEDURE, good, standard).passed
    apart = with_rows(record, up_=("0.4", "0.412", "0.412"), down_=("0.4", "0.392", "0.392"))
    assert evaluate(PROCEDURE, apart, standard).reasons == ("回程误差 0.4 MPa：0.020 MPa，要求不超过 0.016 MPa",)
    tapped = with_rows(record, up_=("0.4", "0.396", "0.408"), down_=("0.4", "0.404", "0.400"))
    assert evaluate(PROCEDURE, tapped, standard).reasons == ("轻敲位移 升压 0.4 MPa：0.012 MPa，要求不超过 0.008 MPa",)
