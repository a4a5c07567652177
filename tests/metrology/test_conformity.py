from decimal import Decimal

import pytest

from yuejingzhun.metrology.conformity import (
    Verdict,
    accept_guarded,
    accept_simply,
    is_capable,
    probability_of_conformity,
)

ONE = Decimal(1)


@pytest.mark.parametrize(
    ("error", "simple", "guarded"),
    [
        ("0.7", Verdict.CONFORMS, Verdict.CONFORMS),
        ("-0.8", Verdict.CONFORMS, Verdict.UNDECIDED),
        ("1", Verdict.CONFORMS, Verdict.UNDECIDED),
        ("1.0000001", Verdict.FAILS, Verdict.UNDECIDED),
        ("-1.3", Verdict.FAILS, Verdict.UNDECIDED),
        ("-1.31", Verdict.FAILS, Verdict.FAILS),
    ],
)
def test_limits_belong_to_the_interval(error: str, simple: Verdict, guarded: Verdict) -> None:
    assert accept_simply(Decimal(error), ONE) is simple
    assert accept_guarded(Decimal(error), ONE, Decimal("0.3")) is guarded


# Quantiles of the normal distribution: 1.959964 covers 95 %, 2.575829 covers 99 %.
@pytest.mark.parametrize(("factor", "probability"), [(1.959964, 0.95), (2.575829, 0.99)])
def test_probability_of_conformity(factor: float, probability: float) -> None:
    assert probability_of_conformity(0, factor * 0.2, 0.2) == pytest.approx(probability, abs=1e-6)
    assert probability_of_conformity(50, 50, 0.2) == pytest.approx(0.5, abs=1e-12)


def test_capability_is_exact_at_one_third() -> None:
    assert is_capable(Decimal("0.1"), Decimal("0.3"))
    assert not is_capable(Decimal("0.1000000000000000000001"), Decimal("0.3"))


def test_digits_past_the_default_decimal_context_still_decide() -> None:
    beyond = Decimal("1." + "0" * 33 + "1")
    assert accept_simply(beyond, ONE) is Verdict.FAILS
    assert accept_guarded(ONE, ONE, Decimal("1e-40")) is Verdict.UNDECIDED
    assert not is_capable(beyond, Decimal(3))


def test_impossible_limits_are_refused() -> None:
    with pytest.raises(ValueError):
        accept_simply(ONE, Decimal(-1))
    with pytest.raises(ValueError):
        accept_simply(Decimal("NaN"), ONE)
    with pytest.raises(ValueError):
        is_capable(Decimal("NaN"), ONE)
    with pytest.raises(ValueError):
        probability_of_conformity(0, 1, 0)
