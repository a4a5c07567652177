import pytest

from yuejingzhun.procedures.catalogue import UnknownRegulationError, procedure, procedures
from yuejingzhun.procedures.procedure import Procedure
from yuejingzhun.procedures.record import VerificationKind
from yuejingzhun.procedures.sample import sample_parameters

FIRST_EIGHT = {
    "JJG 52-2013",
    "JJG 162-2019",
    "JJG 443-2015",
    "JJG 539-2016",
    "JJG 577-2012",
    "JJG 596-2012",
    "JJG 1148-2022",
    "JJG 1149-2022",
}


def test_the_first_eight_regulations_are_found() -> None:
    assert set(procedures()) >= FIRST_EIGHT


def test_an_unknown_code_is_refused_with_what_there_is() -> None:
    with pytest.raises(UnknownRegulationError, match="JJG 596-2012"):
        procedure("JJG 1-1999")


@pytest.mark.parametrize("declared", procedures().values(), ids=lambda declared: declared.code)
def test_a_declaration_is_consistent(declared: Procedure) -> None:
    parameters = sample_parameters(declared)
    keys = [field.key for field in declared.parameters] + [c.number.key for c in declared.environment]
    assert len(keys) == len(set(keys))
    assert len({test.key for test in declared.tests}) == len(declared.tests)
    for test in declared.tests:
        columns = {column.number.key for column in test.columns}
        assert set(test.varied) <= columns
        assert {part.column for part in test.contributions} <= columns
        for kind in VerificationKind:
            points = test.points(parameters, kind)
            assert len({point.key for point in points}) == len(points) > 0
            for point in points:
                assert not set(point.values) & columns
                assert test.mpe(parameters, point, kind) > 0
                assert test.interval(parameters, point) > 0
                for column in test.columns:
                    assert column.number.low <= column.nominal(parameters, point) <= column.number.high
    assert declared.validity(parameters).months > 0
