from yuejingzhun.metrology.sampling.aql_tables import Severity
from yuejingzhun.metrology.sampling.switching import Inspection, LotResult, after

GOOD = LotResult(True, True, 2)
BAD = LotResult(False, False, 2)


def run(lots: list[LotResult], state: Inspection | None = None, approved: bool = False) -> Inspection:
    state = state or Inspection()
    for lot in lots:
        state = after(state, lot, approved)
    return state


def test_two_refused_of_five_or_fewer_lead_to_tightened_inspection() -> None:
    assert run([BAD, BAD]).severity is Severity.TIGHTENED
    assert run([BAD, GOOD, GOOD, GOOD, BAD]).severity is Severity.TIGHTENED
    assert run([BAD, GOOD, GOOD, GOOD, GOOD, BAD]).severity is Severity.NORMAL


def test_five_accepted_lead_back_and_five_refused_end_the_inspection() -> None:
    tightened = Inspection(Severity.TIGHTENED)
    assert run([GOOD] * 4, tightened).severity is Severity.TIGHTENED
    assert run([GOOD] * 5, tightened) == Inspection()
    assert run([GOOD, BAD] + [GOOD] * 4, tightened).severity is Severity.TIGHTENED
    ended = run([BAD, GOOD, GOOD] * 5, tightened)
    assert ended.discontinued
    assert run([GOOD] * 9, ended) == ended
    assert not run([BAD, GOOD, GOOD] * 4, tightened).discontinued


def test_the_score_reaches_thirty_after_ten_lots_or_fifteen() -> None:
    # 9.3.3.2: three a lot where it would pass at a tighter AQL (Ac 2 and more), two a lot where Ac is 0 or 1.
    assert run([GOOD] * 9, approved=True).score == 27
    assert run([GOOD] * 10, approved=True).severity is Severity.REDUCED
    small = LotResult(True, False, 1)
    assert run([small] * 14, approved=True).score == 28
    assert run([small] * 15, approved=True).severity is Severity.REDUCED
    assert run([GOOD] * 10).severity is Severity.NORMAL  # not approved
    assert run([*[GOOD] * 5, LotResult(True, False, 2)]).score == 0
    assert run([*[GOOD] * 5, BAD]).score == 0


def test_reduced_inspection_ends_with_a_refused_lot_or_unsteady_production() -> None:
    reduced = Inspection(Severity.REDUCED)
    assert run([GOOD] * 20, reduced).severity is Severity.REDUCED
    assert run([BAD], reduced) == Inspection()
    assert run([LotResult(True, True, 2, steady=False)], reduced) == Inspection()
