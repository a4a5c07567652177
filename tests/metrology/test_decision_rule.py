from decimal import Decimal

import pytest

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.decision_rule import (
    GUARDED_ACCEPTANCE,
    ISO_14253_1,
    NON_BINARY,
    RULES,
    SIMPLE_ACCEPTANCE,
    SIX_SIGMA,
    THREE_SIGMA,
    UNCRITICAL,
    Statement,
    custom,
    decide,
)


@pytest.mark.parametrize(
    ("value", "simple", "guarded", "non_binary"),
    [
        ("0.8", Statement.PASSED, Statement.PASSED, Statement.PASSED),
        ("0.81", Statement.PASSED, Statement.FAILED, Statement.CONDITIONALLY_PASSED),
        ("1", Statement.PASSED, Statement.FAILED, Statement.CONDITIONALLY_PASSED),
        ("1.0000000000000000000000000000001", Statement.FAILED, Statement.FAILED, Statement.CONDITIONALLY_FAILED),
        ("1.2", Statement.FAILED, Statement.FAILED, Statement.CONDITIONALLY_FAILED),
        ("1.21", Statement.FAILED, Statement.FAILED, Statement.FAILED),
    ],
)
def test_statements_at_each_side_of_each_limit(
    value: str, simple: Statement, guarded: Statement, non_binary: Statement
) -> None:
    for rule, expected in ((SIMPLE_ACCEPTANCE, simple), (GUARDED_ACCEPTANCE, guarded), (NON_BINARY, non_binary)):
        u, limit = Decimal("0.2"), Decimal(1)
        assert decide(Decimal(value), u, rule, upper=limit) is expected
        assert decide(Decimal(value).copy_negate(), u, rule, lower=-limit) is expected
        assert decide(Decimal(value), u, rule, -limit, limit) is expected


def test_risks_of_table_1() -> None:
    # ILAC-G8:09/2019 table 1: < 1 ppm, < 0.16 %, < 2.5 %, < 5 %, < 50 %.
    rules = (SIX_SIGMA, THREE_SIGMA, GUARDED_ACCEPTANCE, ISO_14253_1)
    for rule, bound in zip(rules, (1e-6, 0.0016, 0.025, 0.05), strict=True):
        assert bound / 2000 < rule.specific_risk < bound
    assert SIMPLE_ACCEPTANCE.specific_risk == 0.5
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_a_lenient_rule_and_one_of_the_customer() -> None:
    assert decide(Decimal("1.2"), Decimal("0.2"), UNCRITICAL, upper=Decimal(1)) is Statement.PASSED
    assert decide(Decimal("1.3"), Decimal("0.2"), UNCRITICAL, upper=Decimal(1)) is Statement.FAILED
    assert decide(Decimal("0.9"), Decimal("0.2"), custom(Decimal("0.5")), upper=Decimal(1)) is Statement.PASSED


def test_what_cannot_be_decided_is_refused() -> None:
    one = Decimal(1)
    for arguments in (
        {"value": one, "expanded_u": one, "rule": SIMPLE_ACCEPTANCE},
        {"value": one, "expanded_u": -one, "rule": SIMPLE_ACCEPTANCE, "upper": one},
        {"value": Decimal("NaN"), "expanded_u": one, "rule": SIMPLE_ACCEPTANCE, "upper": one},
        {"value": one, "expanded_u": one, "rule": SIMPLE_ACCEPTANCE, "lower": one, "upper": -one},
        {"value": one, "expanded_u": one, "rule": SIX_SIGMA, "lower": -one, "upper": one},
    ):
        with pytest.raises(ArgumentError):
            decide(**arguments)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError):
        custom(Decimal("inf"))
