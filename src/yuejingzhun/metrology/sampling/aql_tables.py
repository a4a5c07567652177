"""Plans indexed by AQL: ISO 2859-1:1999 = GB/T 2828.1-2012, single sampling, Tables 1, 2-A, 2-B, 2-C.

The master tables are built on diagonals: one code letter further is one AQL step lower. So each holds one row
of acceptance numbers by (letter position + AQL position), and arrows between 0 and 1. All cells were compared with a
transcription of the printed GB/T 2828.1-2012 (tests/reference/science/gbt2828_1_single.txt).
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from yuejingzhun.metrology.arguments import ArgumentError, whole
from yuejingzhun.metrology.sampling.plan import SinglePlan


class Severity(Enum):
    """How strictly is inspected; the value is the term on the screen (GB/T 2828.1)."""

    NORMAL = "正常检验"
    TIGHTENED = "加严检验"
    REDUCED = "放宽检验"


LETTERS = "ABCDEFGHJKLMNPQRS"
AQLS = tuple(
    Decimal(digits).scaleb(power)
    for power in range(-2, 4)
    for digits in ("1.0", "1.5", "2.5", "4.0", "6.5")
    if power < 3 or digits == "1.0"
)

# Table 1: largest lot of each row, then the letters for S-1, S-2, S-3, S-4, I, II, III. ANSI/ASQ Z1.4 has the same
# (R package AQLSchemes, AAZ14Single).
LEVELS = ("S-1", "S-2", "S-3", "S-4", "I", "II", "III")
_CODE_LETTERS: tuple[tuple[int | None, str], ...] = (
    (8, "AAAAAAB"),
    (15, "AAAAABC"),
    (25, "AABBBCD"),
    (50, "ABBCCDE"),
    (90, "BBCCCEF"),
    (150, "BBCDDFG"),
    (280, "BCDEEGH"),
    (500, "BCDEFHJ"),
    (1200, "CCEFGJK"),
    (3200, "CDEGHKL"),
    (10_000, "CDFGJLM"),
    (35_000, "CDFHKMN"),
    (150_000, "DEGJLNP"),
    (500_000, "DEGJMPQ"),
    (None, "DEHKNQR"),
)

_SIZES = (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000, 3150)
_REDUCED_SIZES = (2, 2, 2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800)
_UP, _DOWN = -1, -2
_FIRST_DIAGONAL = 14  # every table begins with Ac = 0 or an arrow there; below it every cell points down
# Acceptance numbers on the diagonals 14, 15, ...
_ACCEPTANCE = {
    Severity.NORMAL: (0, _UP, _DOWN, 1, 2, 3, 5, 7, 10, 14, 21, 30, 44),
    Severity.TIGHTENED: (_DOWN, 0, _DOWN, _DOWN, 1, 2, 3, 5, 8, 12, 18, 27, 41),
    Severity.REDUCED: (0, _UP, _DOWN, _DOWN, 1, 2, 3, 5, 6, 8, 10, 14, 21),
}
_LARGEST_LETTER_OF_LAST_TWO = LETTERS.index("E")
_SMALLEST_AQL_OF_B_LIKE_A = AQLS.index(Decimal(25))


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A plan of the tables: the letter is the one whose sample is taken, after the arrows."""

    letter: str
    plan: SinglePlan
    whole_lot: bool  # the sample would be the lot or more, so every item is inspected


def code_letter(lot_size: int, level: str = "II") -> str:
    """Sample size code letter (ISO 2859-1:1999 Table 1). Raises ArgumentError for a lot below 2, an unknown level."""
    lot = whole("lot_size", lot_size, 2)
    if level not in LEVELS:
        raise ArgumentError("level", f"检验水平应为 {'、'.join(LEVELS)} 之一，为 {level!r}")
    row = next(letters for largest, letters in _CODE_LETTERS if largest is None or lot <= largest)
    return row[LEVELS.index(level)]


def table_plan(letter: str, aql: Decimal | str, severity: Severity = Severity.NORMAL) -> tuple[str, SinglePlan]:
    """Letter and plan for a code letter and an AQL, arrows followed (ISO 2859-1:1999 Tables 2-A, 2-B, 2-C).

    `aql` is in percent nonconforming (to 10) or nonconformities per 100 items. Raises ArgumentError for a letter
    or AQL that the tables lack.
    """
    if len(letter) != 1 or letter not in LETTERS[:-1]:
        raise ArgumentError("letter", f"应为样本量字码 A 至 R，为 {letter!r}")
    column = _column(aql)
    start = LETTERS.index(letter)
    position, acceptance = _follow(start, column, severity)
    sizes = _REDUCED_SIZES if severity is Severity.REDUCED else _SIZES
    # Nonconformities are counted, so Ac may reach the number of items: SinglePlan is for items only.
    size = sizes[position]
    if acceptance >= size:
        raise ArgumentError("aql", f"{aql} 的方案 ({size}, {acceptance}) 只用于每百单位不合格数，见 acceptance_of")
    return LETTERS[position], SinglePlan(size, acceptance)


def acceptance_of(letter: str, aql: Decimal | str, severity: Severity = Severity.NORMAL) -> tuple[int, int]:
    """(sample size, Ac), also for nonconformities per 100 items, where Ac may exceed the sample size."""
    if len(letter) != 1 or letter not in LETTERS[:-1]:
        raise ArgumentError("letter", f"应为样本量字码 A 至 R，为 {letter!r}")
    position, acceptance = _follow(LETTERS.index(letter), _column(aql), severity)
    return (_REDUCED_SIZES if severity is Severity.REDUCED else _SIZES)[position], acceptance


def single_plan(
    lot_size: int, aql: Decimal | str, level: str = "II", severity: Severity = Severity.NORMAL
) -> TablePlan:
    """The single plan for a lot (ISO 2859-1:1999 10.1 to 10.3): letter, table, arrows, 100 % where n >= N."""
    letter, plan = table_plan(code_letter(lot_size, level), aql, severity)
    if plan.sample_size < lot_size:
        return TablePlan(letter, plan, False)
    acceptance = min(plan.acceptance_number, lot_size - 1)
    return TablePlan(letter, SinglePlan(lot_size, acceptance), True)


def _column(aql: Decimal | str) -> int:
    try:
        return AQLS.index(Decimal(aql))
    except (ValueError, ArithmeticError, TypeError) as error:
        raise ArgumentError("aql", f"应为优先数 {'、'.join(map(str, AQLS))} 之一，为 {aql!r}") from error


def _cell(position: int, column: int, severity: Severity) -> int:
    if severity is Severity.REDUCED and position == 0:
        severity = Severity.NORMAL  # letter A has two items in both tables, and one row
    if severity is Severity.REDUCED and position == 1 and column >= _SMALLEST_AQL_OF_B_LIKE_A:
        position, severity = 0, Severity.NORMAL  # B, too, has only two items there, and accepts as A does
    diagonal = position + column - _FIRST_DIAGONAL
    row = _ACCEPTANCE[severity]
    if diagonal < 0:
        return _DOWN
    past = len(row) if position <= _LARGEST_LETTER_OF_LAST_TWO else len(row) - 2
    return _UP if diagonal >= past else row[diagonal]


def _follow(start: int, column: int, severity: Severity) -> tuple[int, int]:
    # Tightened inspection has a letter more, S, for one cell only: Ac = 1 at AQL 0.025.
    last = len(_REDUCED_SIZES if severity is not Severity.TIGHTENED else _SIZES)
    first = _cell(start, column, severity)
    if first >= 0:
        return start, first
    # At the table's edge, where nothing lies in the arrow's direction, the table's arrow points the other way.
    for step in (-1, 1) if first == _UP else (1, -1):
        position = start + step
        while 0 <= position < last:
            found = _cell(position, column, severity)
            if found >= 0:
                return position, found
            position += step
    raise ArgumentError("aql", "表中没有方案")
