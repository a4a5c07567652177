from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from scipy import stats

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.sampling.aql_tables import (
    AQLS,
    LETTERS,
    Severity,
    acceptance_of,
    code_letter,
    single_plan,
    table_plan,
)

PRINTED = Path(__file__).parents[2] / "reference" / "science" / "gbt2828_1_single.txt"
# Of the letters A to S, as tables 2-A and 2-B, and A to R, as table 2-C, print them.
SIZES = (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000, 3150)
REDUCED_SIZES = (2, 2, 2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800)

# ISO 2859-1:1999 Table 1; also in Z1.4 (R package AQLSchemes) and, from letter B on, in GOST R tables after ISO 2859-1.
CODE_LETTERS = [
    (8, "II", "A"), (9, "II", "B"), (25, "II", "C"), (50, "II", "D"), (90, "II", "E"), (150, "II", "F"),
    (280, "II", "G"), (500, "II", "H"), (1200, "II", "J"), (3200, "II", "K"), (10_000, "II", "L"),
    (35_000, "II", "M"), (150_000, "II", "N"), (500_000, "II", "P"), (500_001, "II", "Q"), (500_001, "III", "R"),
    (1000, "I", "G"), (1000, "III", "K"), (1000, "S-4", "F"), (1000, "S-3", "E"), (1000, "S-2", "C"),
    (1000, "S-1", "C"),
]  # fmt: skip

# ISO 2859-1:1999 Tables 2-A and 2-B, cells with and without arrows: letter, AQL, letter used, n, Ac.
NORMAL = [
    ("K", "1.0", "K", 125, 3), ("J", "0.65", "J", 80, 1), ("J", "1.0", "J", 80, 2), ("J", "2.5", "J", 80, 5),
    ("J", "4.0", "J", 80, 7), ("L", "0.65", "L", 200, 3), ("G", "1.5", "G", 32, 1), ("H", "6.5", "H", 50, 7),
    ("J", "0.25", "H", 50, 0), ("J", "0.40", "K", 125, 1), ("A", "1.0", "E", 13, 0), ("A", "10", "C", 5, 1),
    ("Q", "0.010", "Q", 1250, 0), ("R", "0.010", "Q", 1250, 0), ("R", "0.65", "R", 2000, 21), ("K", "15", "J", 80, 21),
]  # fmt: skip
TIGHTENED = [
    ("K", "1.0", "K", 125, 2), ("J", "1.0", "J", 80, 1), ("J", "0.25", "J", 80, 0), ("J", "0.65", "K", 125, 1),
    ("K", "1.5", "K", 125, 3), ("L", "2.5", "L", 200, 8), ("R", "0.025", "S", 3150, 1), ("H", "10", "H", 50, 8),
]  # fmt: skip
REDUCED = [("K", "1.5", "K", 50, 3), ("J", "1.0", "J", 32, 1), ("J", "0.25", "H", 20, 0), ("R", "0.40", "R", 800, 8)]


def test_code_letters(published: Published) -> None:
    printed = [f"{lot} {level}: {letter}" for lot, level, letter in CODE_LETTERS]
    found = [f"{lot} {level}: {code_letter(lot, level)}" for lot, level, _ in CODE_LETTERS]
    published.series("ISO 2859-1 表 1", "ISO 2859-1:1999 表 1", "批量与检验水平的字码", printed, found)


@pytest.mark.parametrize(
    ("severity", "row"),
    [(s, r) for s, rows in zip(Severity, (NORMAL, TIGHTENED, REDUCED), strict=True) for r in rows],
)
def test_cells(severity: Severity, row: tuple[str, str, str, int, int]) -> None:
    letter, aql, used, size, acceptance = row
    found, plan = table_plan(letter, aql, severity)
    assert (found, plan.sample_size, plan.acceptance_number) == (used, size, acceptance)


def test_every_cell_of_the_printed_tables(published: Published) -> None:
    # GB/T 2828.1-2012 Tables 2-A, 2-B, 2-C as others transcribed them, arrows followed.
    severities = dict(zip(("2-A", "2-B", "2-C"), Severity, strict=True))
    printed, found = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for line in PRINTED.read_text().splitlines():
        if line.startswith("#"):
            continue
        table, letter, *cells = line.split()
        for aql, cell in zip(AQLS, cells, strict=True):
            size = (REDUCED_SIZES if table == "2-C" else SIZES)[LETTERS.index(cell[0])]
            printed[table].append(f"{letter} {aql}: {size}, {cell[1:]}")
            n, acceptance = acceptance_of(letter, aql, severities[table])
            found[table].append(f"{letter} {aql}: {n}, {acceptance}")
    for table, cells in printed.items():
        assert len(cells) == 16 * 26
        published.series("GB/T 2828.1", "GB/T 2828.1-2012（他人转录）", f"表 {table} 的全部格子", cells, found[table])


@pytest.mark.parametrize(
    ("severity", "least", "most"),
    [(Severity.NORMAL, 0.87, 0.995), (Severity.TIGHTENED, 0.79, 0.98), (Severity.REDUCED, 0.87, 0.9995)],
)
def test_lots_at_the_aql_mostly_pass(severity: Severity, least: float, most: float) -> None:
    # A slip of one in any acceptance number would fall out of this band or break the order along its row.
    sizes = REDUCED_SIZES if severity is Severity.REDUCED else SIZES
    for letter, size in zip(LETTERS[:-1], sizes, strict=False):
        allowed = 0
        for aql in AQLS:
            found, acceptance = acceptance_of(letter, aql, severity)
            assert acceptance >= allowed
            allowed = acceptance
            if found == size:
                law = stats.binom(size, float(aql) / 100) if aql <= 10 else stats.poisson(size * float(aql) / 100)
                assert least < law.cdf(acceptance) < most, (letter, aql)


def test_nonconformities_may_outnumber_the_items() -> None:
    assert acceptance_of("A", "1000") == (2, 30)
    assert acceptance_of("B", "1000") == (3, 44)
    assert acceptance_of("E", "250", Severity.TIGHTENED) == (13, 41)
    with pytest.raises(ArgumentError, match="每百单位不合格数"):
        table_plan("A", "1000")


def test_a_whole_small_lot() -> None:
    result = single_plan(5, "0.65")
    assert result.whole_lot
    assert result.plan.sample_size == 5
    assert result.plan.acceptance_number == 0
    assert not single_plan(2000, Decimal("1.0")).whole_lot


def test_every_cell_leads_to_a_plan_and_tightened_is_never_laxer() -> None:
    for letter in LETTERS[:-1]:
        for aql in AQLS:
            normal, tightened = acceptance_of(letter, aql), acceptance_of(letter, aql, Severity.TIGHTENED)
            assert tightened[0] > normal[0] or tightened[1] <= normal[1]


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("lot_size", lambda: code_letter(1)),
        ("level", lambda: code_letter(100, "IV")),
        ("aql", lambda: table_plan("K", "1.2")),
        ("aql", lambda: table_plan("K", "one")),
        ("letter", lambda: table_plan("I", "1.0")),
        ("letter", lambda: table_plan("S", "1.0", Severity.TIGHTENED)),
    ],
)
def test_bad_arguments_are_named(argument: str, call: object) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == argument
