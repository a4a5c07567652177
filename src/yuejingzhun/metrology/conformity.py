"""Conformity of an error with its maximum permissible error (JCGM 106:2012; JJF 1094-2002)."""

from decimal import Decimal
from enum import Enum
from math import erf, sqrt


class Verdict(Enum):
    """Outcome of a comparison with a limit; the value is the term on the screen."""

    CONFORMS = "符合"
    FAILS = "不符合"
    UNDECIDED = "待定"


def accept_simply(error: Decimal, mpe: Decimal) -> Verdict:
    """Simple acceptance: |error| <= mpe, the limit included (JCGM 106:2012 8.2.1). Both in one unit."""
    _require_limit(mpe)
    return Verdict.CONFORMS if abs(error) <= mpe else Verdict.FAILS


def accept_guarded(error: Decimal, mpe: Decimal, expanded_uncertainty: Decimal) -> Verdict:
    """Guard band w = U on both sides (JCGM 106:2012 8.3.2); between the two limits nothing is decided."""
    _require_limit(mpe)
    _require_limit(expanded_uncertainty)
    if abs(error) <= mpe - expanded_uncertainty:
        return Verdict.CONFORMS
    return Verdict.FAILS if abs(error) > mpe + expanded_uncertainty else Verdict.UNDECIDED


def probability_of_conformity(error: float, mpe: float, standard_uncertainty: float) -> float:
    """Probability that the true error lies within +-mpe, for a normal distribution (JCGM 106:2012 7.4)."""
    if mpe < 0 or standard_uncertainty <= 0:
        raise ValueError(f"need mpe >= 0 and u > 0, found {mpe} and {standard_uncertainty}")
    scale = standard_uncertainty * sqrt(2)
    return (erf((mpe - error) / scale) - erf((-mpe - error) / scale)) / 2


def is_capable(expanded_uncertainty: Decimal, mpe: Decimal) -> bool:
    """Whether U <= MPE/3, so that U may be left out of the verdict (JJF 1094-2002 5.3.1.4)."""
    _require_limit(mpe)
    _require_limit(expanded_uncertainty)
    return 3 * expanded_uncertainty <= mpe


def _require_limit(limit: Decimal) -> None:
    if not limit.is_finite() or limit < 0:
        raise ValueError(f"a limit or uncertainty must be finite and not negative, found {limit}")
