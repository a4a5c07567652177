"""The values of a DCC as flat typed columns: what stands under a heading, in a unit, with its uncertainty."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

Texts = tuple[tuple[str | None, str], ...]
"""The same text by language; None where no language is given."""


def in_chinese(texts: Texts) -> str:
    """A text in Chinese if there is one, else in English, else in what there is."""
    by_language = dict(texts)
    return by_language.get("zh") or by_language.get("en") or next(iter(by_language.values()), "")


class Kind(Enum):
    """What the values of a column are."""

    REAL = "real"
    COMPLEX = "complex"
    POLAR = "polar"
    CONSTANT = "constant"
    RELATIVE_UNCERTAINTY = "relative uncertainty"
    TEXT = "text"


class Statement(Enum):
    """How the uncertainty of a column is stated (D-SI 2.2.1)."""

    STANDARD = "standard"
    EXPANDED = "expanded"
    INTERVAL = "interval"
    ELLIPSOID = "ellipsoidal region"
    RECTANGLE = "rectangular region"


@dataclass(frozen=True, slots=True)
class StatedUncertainty:
    """The uncertainty of the values: each tuple has one entry, for all of them, or one for each of them.

    `sizes` are in the unit of the values: the standard uncertainty for STANDARD and INTERVAL, the expanded one for
    EXPANDED, and empty for the regions, whose `covariances` are the matrix, column by column, each with its unit.
    """

    statement: Statement
    sizes: tuple[Decimal, ...] = ()
    factors: tuple[Decimal, ...] = ()
    probabilities: tuple[Decimal, ...] = ()
    distributions: tuple[str, ...] = ()
    low: tuple[Decimal, ...] = ()
    high: tuple[Decimal, ...] = ()
    covariances: tuple[tuple[tuple[Decimal, str], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The part of the document in which columns stand, such as one result or one influence condition."""

    kind: str
    names: Texts
    ref_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """Values of one quantity. Complex ones have their imaginary part or phase in `seconds`, in `second_units`.

    `line` is that of the document. `units` are D-SI strings, one for all values or one for each. `alternative` counts
    the columns of an si:hybrid, which say the same in other units. `others` holds what stands in the element and is
    none of the above.
    """

    line: int
    section: Section
    names: Texts
    ref_types: tuple[str, ...]
    kind: Kind
    values: tuple[Decimal, ...] = ()
    seconds: tuple[Decimal, ...] = ()
    units: tuple[str, ...] = ()
    second_units: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    quantity_kinds: tuple[str, ...] = ()
    significant_digits: tuple[int, ...] = ()
    uncertainty: StatedUncertainty | None = None
    alternative: int = 0
    others: tuple[tuple[str, str], ...] = ()
