"""Conformity of an error with its maximum permissible error (JCGM 106:2012; JJF 1094-2002)."""

from decimal import Decimal
from enum import Enum
from fractions import Fraction
from math import erf, sqrt


class Verdict(Enum):
    """Outcome of a comparison with a limit; the value is the term on the screen."""

    CONFORMS = "符合"
    FAILS = "不符合"
    UNDECIDED = "待定"


def accept_simply(error: Decimal, mpe: Decimal) -> Verdict:
    """Simple acceptance: |error| <= mpe, the limit included (JCGM 106:2012 8.2.1). Both in one unit."""
    return Verdict.CONFORMS if abs(_exact(error, "error")) <= _limit(mpe, "mpe") else Verdict.FAILS


def accept_guarded(error: Decimal, mpe: Decimal, expanded_uncertainty: Decimal) -> Verdict:
    """Guard band w = U on both sides (JCGM 106:2012 8.3.2); between the two limits nothing is decided."""
    size, limit = abs(_exact(error, "error")), _limit(mpe, "mpe")
    guard = _limit(expanded_uncertainty, "expanded uncertainty")
    if size <= limit - guard:
        return Verdict.CONFORMS
    return Verdict.FAILS if size > limit + guard else Verdict.UNDECIDED


def probability_of_conformity(error: float, mpe: float, standard_uncertainty: float) -> float:
    """Probability that the true error lies within +-mpe, for a normal distribution (JCGM 106:2012 7.4)."""
    if mpe < 0 or standard_uncertainty <= 0:
        raise ValueError(f"need mpe >= 0 and u > 0, found {mpe} and {standard_uncertainty}")
    scale = standard_uncertainty * sqrt(2)
    return (erf((mpe - error) / scale) - erf((-mpe - error) / scale)) / 2


def is_capable(expanded_uncertainty: Decimal, mpe: Decimal) -> bool:
    """Whether U <= MPE/3, so that U may be left out of the verdict (JJF 1094-2002 5.3.1.4)."""
    return 3 * _limit(expanded_uncertainty, "expanded uncertainty") <= _limit(mpe, "mpe")


def _exact(number: Decimal, name: str) -> Fraction:
    # Decimal arithmetic rounds at the context's precision, which must not decide a verdict.
    if not number.is_finite():
        raise ValueError(f"{name} must be finite, found {number}")
    return Fraction(number)


def _limit(number: Decimal, name: str) -> Fraction:
    limit = _exact(number, name)
    if limit < 0:
        raise ValueError(f"{name} must not be negative, found {number}")
    return limit
