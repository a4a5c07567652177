"""Formulas read off themselves: the brackets keep the value."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.procedures.catalogue import procedure, procedures
from yuejingzhun.procedures.formula_text import Written, formula_text
from yuejingzhun.procedures.sample import sample_parameters

SIGNS = {"+": "+", "−": "-", "×": "*", "÷": "/"}
NUMBERS = st.integers(1, 9).map(lambda n: (Written(str(n)), Decimal(n)))


def combined(left, sign, right):
    """The same operation on the written form and on the value."""
    (a, x), (b, y) = left, right
    return {"+": (a + b, x + y), "-": (a - b, x - y), "*": (a * b, x * y), "/": (a / b, x / y if y else x)}[sign]


TREES = st.recursive(
    NUMBERS, lambda inner: st.builds(combined, inner, st.sampled_from(["+", "-", "*"]), inner), max_leaves=8
)


@given(TREES)
def test_the_text_has_the_value_of_the_formula(tree) -> None:
    written, value = tree
    python = written.text.replace("（", "(").replace("）", ")")
    for sign, operator in SIGNS.items():
        python = python.replace(sign, operator)
    assert eval(python) == value  # noqa: S307


def test_the_electricity_meter() -> None:
    declared = procedure("JJG 596-2012")
    text = formula_text(declared, declared.tests[0], sample_parameters(declared))
    assert text == "误差 = （被检表电能 − 标准表电能） ÷ 标准表电能 × 100（%）"


@pytest.mark.parametrize("code", procedures())
def test_every_formula_names_what_the_instrument_showed(code: str) -> None:
    declared = procedure(code)
    for test in declared.tests:
        text = formula_text(declared, test, sample_parameters(declared))
        varied = [column.number.label for column in test.columns if column.number.key in test.varied]
        assert varied
        assert any(label in text for label in varied)
