"""A published value beside ours: what the source prints, what we obtain, and whether the one rounds to the other."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext
from fractions import Fraction
from numbers import Integral
from typing import Any

import numpy as np

# Digits of a float that no other processor or linear algebra library changes; a tie counts as one within them.
STABLE_DIGITS = 8
TIE_DIGITS = 12
# Ends the source of a figure that was not read in the text of the standard.
FROM_MEMORY = "（凭记忆，待核对）"


@dataclass(frozen=True)
class Row:
    """A line of the table in docs/validation.md; its fields are the columns, below the heading `subject`."""

    subject: str
    clause: str
    case: str
    source: str
    expected: str
    obtained: str


@dataclass(frozen=True)
class Published:
    """Checks against a printed value and records the line; the fixture `published` is one of these.

    `expected` is what the source prints, with its digits; a number obtained must round to it, at an exact tie either
    way; a word obtained must be it. `within` (in units of the last printed digit) stands instead of the half unit
    where the source computed from rounded figures or by drawing; `because` then says so in the table.
    `extra` digits beyond the printed ones are shown of what was obtained.
    """

    subject: str
    record: Callable[[str, object], None]

    def __call__(
        self,
        clause: str,
        source: str,
        case: str,
        expected: str,
        obtained: Any,
        unit: str = "",
        *,
        within: str = "",
        because: str = "",
        extra: int = 2,
    ) -> None:
        reason = _reason(within, because)
        after = f" {unit}" if unit else ""
        apart, allowed = _apart(expected, obtained), Decimal(within or "0.5")
        shown = obtained if isinstance(obtained, str) else show(expected, obtained, extra) + after
        detail = f"，相差 {apart:.3g} 个末位，允许 {allowed}" if apart.is_finite() else ""
        assert apart <= allowed, (
            f"{clause}，{case}：{source} 印出的是 {expected}{after}，所得为 {shown}（{obtained!r}）{detail}"
        )
        self._keep(clause, case, source, expected + after + reason, shown)

    def series(
        self,
        clause: str,
        source: str,
        case: str,
        expected: Sequence[str],
        obtained: Sequence[Any],
        unit: str = "",
        *,
        within: str = "",
        because: str = "",
    ) -> None:
        """Many values, or words, as one line: each must round to, or be, what is printed."""
        reason = _reason(within, because)
        apart = []
        for place, (text, value) in enumerate(zip(expected, obtained, strict=True), start=1):
            apart.append(_apart(text, value))
            assert apart[-1] <= Decimal(within or "0.5"), (
                f"{clause}，{case}，第 {place} 个：{source} 印出的是 {text} {unit}，所得为 {value!r}"
            )
        printed = f"{len(apart)} 个值" + (f"，{unit}" if unit else "") + reason
        parts = [] if within else ["全部一致"]
        if not all(isinstance(value, str) for value in obtained):
            parts.append(f"最多相差 {round(max(apart), 2)} 个末位")
        self._keep(clause, case, source, printed, "，".join(parts))

    def _keep(self, clause: str, case: str, source: str, expected: str, obtained: str) -> None:
        self.record("published", asdict(Row(self.subject, clause, case, source, expected, obtained)))


def _reason(within: str, because: str) -> str:
    if bool(within) != bool(because):
        raise TypeError("within 与 because 须同时给出：放宽半个末位以上，要说明理由")
    return f"（±{within} 个末位：{because}）" if within else ""


def _apart(printed: str, obtained: Any) -> Decimal:
    """As `units_apart`; another word is infinitely far, whatever is allowed."""
    if isinstance(obtained, str):
        return Decimal(0) if obtained == printed else Decimal("Infinity")
    return units_apart(printed, obtained)


def units_apart(printed: str, obtained: Any) -> Decimal:
    """How far what was obtained lies from what is printed, in units of the last printed digit."""
    number = _number(printed)
    with localcontext() as context:
        context.prec = 50
        found = _exact(obtained, len(number.as_tuple().digits))
        return abs(found - number).scaleb(-_exponent(number))


def show(printed: str, obtained: Any, extra: int = 2) -> str:
    """What was obtained in the manner of what is printed, with up to `extra` digits more."""
    number = _number(printed)
    digits = len(number.as_tuple().digits)
    found = _exact(obtained, digits)
    if isinstance(obtained, Integral):
        return str(obtained)
    last = _exponent(number) - max(0, min(extra, STABLE_DIGITS - digits))
    _, mark, power = printed.lower().partition("e")
    shift = int(power) if mark else 0
    with localcontext() as context:
        context.prec = 50
        rounded = found.quantize(Decimal(1).scaleb(last), ROUND_HALF_EVEN)
        if isinstance(obtained, Decimal) and _exponent(obtained) > last:
            rounded = obtained
        mantissa = rounded.scaleb(-shift)
    return f"{mantissa if mantissa else abs(mantissa):f}" + mark + power


def _number(printed: str) -> Decimal:
    try:
        return Decimal(printed)
    except InvalidOperation:
        raise AssertionError(f"印出的是文字“{printed}”，所得却是数；文字应与文字相比") from None


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise AssertionError(f"应为有限数，实为 {number}")
    return exponent


def _exact(obtained: Any, digits: int) -> Decimal:
    if isinstance(obtained, bool | np.bool_):
        raise TypeError("真假应写成文字再比，如“符合”")
    if isinstance(obtained, Integral):
        found = Decimal(int(obtained))
    elif isinstance(obtained, Decimal):
        found = obtained
    elif isinstance(obtained, Fraction):
        found = Decimal(obtained.numerator) / Decimal(obtained.denominator)
    else:
        # Noise of the last bits must not turn a tie of decimal digits into none.
        found = Decimal(f"{float(obtained):.{min(17, max(TIE_DIGITS, digits + 3))}g}")
    _exponent(found)
    return found
