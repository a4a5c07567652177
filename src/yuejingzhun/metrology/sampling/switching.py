"""Switching between normal, tightened and reduced inspection (ISO 2859-1:1999 9.3 and 9.4 = GB/T 2828.1-2012 9).

Rules and clauses as two public accounts of the standard give them (a summary of ISO 2859-1:1999, and an implementation
made from the printed GB/T 2828.1-2012).
"""

from dataclasses import dataclass, replace

from yuejingzhun.metrology.sampling.aql_tables import Severity

REDUCED_FROM_SCORE = 30  # 9.3.3.1
TIGHTENED_AFTER, OF_LOTS = 2, 5  # 9.3.1
NORMAL_AFTER = 5  # 9.3.2
STOP_AFTER = 5  # 9.4


@dataclass(frozen=True, slots=True)
class LotResult:
    """A lot on original inspection. `accepted_tighter`: it would pass also at the next lower AQL."""

    accepted: bool
    accepted_tighter: bool
    acceptance_number: int
    steady: bool = True  # production goes at a steady rate and nothing else speaks for normal inspection


@dataclass(frozen=True, slots=True)
class Inspection:
    """Where a series of lots stands."""

    severity: Severity = Severity.NORMAL
    score: int = 0  # switching score, on normal inspection
    recent: tuple[bool, ...] = ()  # accepted or not, since the last switch, the last five
    refused: int = 0  # lots refused on tightened inspection, in its whole sequence
    discontinued: bool = False


def after(state: Inspection, lot: LotResult, reduced_approved: bool = False) -> Inspection:
    """The state for the next lot. `reduced_approved`: the authority considers reduced inspection desirable (9.3.3.1).

    A discontinued inspection stays so; it begins again as Inspection(Severity.TIGHTENED) when the supplier has
    improved the process (9.4).
    """
    if state.discontinued:
        return state
    recent = (*state.recent, lot.accepted)[-OF_LOTS:]
    if state.severity is Severity.REDUCED:
        return replace(state, recent=recent) if lot.accepted and lot.steady else Inspection()
    if state.severity is Severity.TIGHTENED:
        refused = state.refused + (not lot.accepted)
        if refused >= STOP_AFTER:
            return Inspection(Severity.TIGHTENED, 0, recent, refused, True)
        if len(recent) >= NORMAL_AFTER and all(recent[-NORMAL_AFTER:]):
            return Inspection()
        return Inspection(Severity.TIGHTENED, 0, recent, refused)
    if recent.count(False) >= TIGHTENED_AFTER:
        return Inspection(Severity.TIGHTENED)
    score = _score(state.score, lot)
    if score >= REDUCED_FROM_SCORE and lot.steady and reduced_approved:
        return Inspection(Severity.REDUCED)
    return Inspection(Severity.NORMAL, score, recent)


def _score(score: int, lot: LotResult) -> int:
    """9.3.3.2 a) for single sampling."""
    if lot.acceptance_number >= 2:
        return score + 3 if lot.accepted and lot.accepted_tighter else 0
    return score + 2 if lot.accepted else 0
