r"""Units as D-SI writes them: `\kilo\watt\hour`, `\metre\tothe{3}\hour\tothe{-1}` (D-SI 2.2.1).

A unit that begins with `|` is none of the SI: it is declared in the document and carried by its name.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from yuejingzhun.metrology.units.named import PREFIXES, UNITS, Standing
from yuejingzhun.metrology.units.unit import ONE, Unit, UnitError, named_unit

_FACTOR = re.compile(r" *([\\|])([A-Za-z]+)(?: *\\tothe *\{ *([+-]?(?:0|[1-9][0-9]*)(?:\.5)?) *\})? *")
"""A name and its exponent: whole or half, since nothing else occurs in a quantity that is measured."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One prefixed unit with its exponent. `name` begins with | where it is none of the SI."""

    name: str
    prefix: str = ""
    exponent: Fraction = Fraction(1)

    @property
    def unit(self) -> Unit:
        """The unit with prefix and exponent; raises UnitError where the power has no rational factor."""
        if self.name.startswith("|"):
            return named_unit(self.name) ** self.exponent
        unit = UNITS[self.name].unit
        if self.prefix:
            unit = Unit(PREFIXES[self.prefix]) * unit
        return unit**self.exponent


@lru_cache(maxsize=4096)
def factors(text: str) -> tuple[Factor, ...]:
    r"""The factors of a D-SI unit; all that follows `\per` is in the denominator. Raises UnitError, naming the part."""
    found: list[Factor] = []
    position, sign, prefix = 0, 1, ""
    while position < len(text):
        match = _FACTOR.match(text, position)
        if match is None:
            raise UnitError(f"D-SI 单位 “{text}” 从第 {position + 1} 个字符起无法识别：“{text[position:]}”")
        mark, name, exponent = match.groups()
        position = match.end()
        if mark == "\\" and not prefix and exponent is None and name in PREFIXES:
            prefix = name
        elif mark == "\\" and name == "per" and not prefix and exponent is None and sign == 1:
            sign = -1
        else:
            _check(text, mark, name, prefix, exponent)
            written = f"|{name}" if mark == "|" else name
            found.append(Factor(written, prefix, sign * Fraction(exponent or 1)))
            prefix = ""
    if prefix or not found:
        raise UnitError(f"D-SI 单位 “{text}” 不完整：缺少单位名")
    return tuple(found)


def _check(text: str, mark: str, name: str, prefix: str, exponent: str | None) -> None:
    if mark == "|":
        if prefix:
            raise UnitError(f"D-SI 单位 “{text}”：非 SI 单位 |{name} 不能带词头 \\{prefix}")
        return
    if name == "tothe":
        raise UnitError(f"D-SI 单位 “{text}”：指数应写作 \\tothe{{整数或半整数}}，紧接单位之后")
    if name not in UNITS:
        raise UnitError(f"D-SI 单位 “{text}”：没有名为 \\{name} 的单位")
    if prefix and prefix not in UNITS[name].prefixes:
        raise UnitError(f"D-SI 单位 “{text}”：\\{name} 不能带词头 \\{prefix}")
    if name == "one" and exponent is not None:
        raise UnitError(f"D-SI 单位 “{text}”：\\one 不能有指数")


def parse_dsi(text: str) -> Unit:
    """The unit that a D-SI string means; raises UnitError."""
    parts = factors(text)
    if len(parts) == 1:
        return parts[0].unit
    unit = ONE
    for factor in parts:
        unit = unit * factor.unit
    return unit


def write_dsi(parts: Iterable[Factor]) -> str:
    r"""The D-SI string of these factors, with negative exponents instead of `\per`, which not every reader knows."""
    return "".join(_written(factor) for factor in parts) or r"\one"


def _written(factor: Factor) -> str:
    name = factor.name if factor.name.startswith("|") else f"\\{factor.name}"
    prefix = f"\\{factor.prefix}" if factor.prefix else ""
    if factor.exponent == 1:
        return prefix + name
    power = factor.exponent
    shown = str(power.numerator) if power.denominator == 1 else f"{float(power)}"
    return f"{prefix}{name}\\tothe{{{shown}}}"


def standing(text: str) -> Standing:
    """The quality class of a D-SI unit by itself: that of its least understood factor.

    One prefix above and one below the line are enough (D-SI examples PTB62 to PTB69): with more, IMPROVABLE.
    """
    try:
        parts = factors(text)
    except UnitError:
        return Standing.IMPROVABLE
    above = sum(bool(part.prefix) for part in parts if part.exponent >= 0)
    below = sum(bool(part.prefix) for part in parts if part.exponent < 0)
    if above > 1 or below > 1:
        return Standing.IMPROVABLE
    return max(_standings(parts))


def _standings(parts: Iterable[Factor]) -> Iterator[Standing]:
    for part in parts:
        yield Standing.IMPROVABLE if part.name.startswith("|") else UNITS[part.name].standing
