"""China's legal units by their symbols (法定计量单位, State Council 1984; GB 3100-1993), and D-SI for each."""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from yuejingzhun.metrology.units.dsi import Factor, write_dsi
from yuejingzhun.metrology.units.named import UNITS
from yuejingzhun.metrology.units.unit import ONE, Unit, UnitError, superscript

PREFIX_SYMBOLS = {
    "da": "deca",
    "h": "hecto",
    "k": "kilo",
    "M": "mega",
    "G": "giga",
    "T": "tera",
    "P": "peta",
    "E": "exa",
    "Z": "zetta",
    "Y": "yotta",
    "d": "deci",
    "c": "centi",
    "m": "milli",
    "μ": "micro",
    "µ": "micro",
    "n": "nano",
    "p": "pico",
    "f": "femto",
    "a": "atto",
    "z": "zepto",
    "y": "yocto",
}
SYMBOLS = {
    "m": "metre",
    "g": "gram",
    "kg": "kilogram",
    "s": "second",
    "A": "ampere",
    "K": "kelvin",
    "mol": "mole",
    "cd": "candela",
    "rad": "radian",
    "sr": "steradian",
    "Hz": "hertz",
    "N": "newton",
    "Pa": "pascal",
    "J": "joule",
    "W": "watt",
    "C": "coulomb",
    "V": "volt",
    "F": "farad",
    "Ω": "ohm",
    "S": "siemens",
    "Wb": "weber",
    "T": "tesla",
    "H": "henry",
    "lm": "lumen",
    "lx": "lux",
    "Bq": "becquerel",
    "Gy": "gray",
    "Sv": "sievert",
    "kat": "katal",
    "°C": "degreecelsius",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "°": "degree",
    "′": "arcminute",
    "″": "arcsecond",
    "L": "litre",
    "l": "litre",
    "t": "tonne",
    "u": "dalton",
    "eV": "electronvolt",
    "dB": "decibel",
    "n mile": "nauticalmile",
    "kn": "knot",
    "%": "percent",
    "var": "watt",
    "hm²": "hectare",
    # Counted things have the unit one: revolutions, pulses.
    "r": "one",
    "imp": "one",
    "1": "one",
    "": "one",
    "元": "|yuan",
}
NOT_LEGAL = {
    "斤": "kg",
    "公斤": "kg",
    "市斤": "kg",
    "两": "g",
    "钱": "g",
    "担": "kg",
    "吨": "t",
    "里": "km",
    "公里": "km",
    "尺": "m",
    "寸": "m",
    "亩": "m²",
    "升": "L",
    "度": "kW·h",
    "马力": "W",
    "卡": "J",
    "cal": "J",
    "kgf": "N",
    "bar": "Pa",
    "atm": "Pa",
    "mmHg": "Pa",
    "Torr": "Pa",
    "psi": "Pa",
    "in": "m",
    "ft": "m",
    "lb": "kg",
    "Ci": "Bq",
    "Gs": "T",
    "dyn": "N",
    "erg": "J",
    "P": "Pa·s",
    "cP": "Pa·s",
    "℃": "°C",
    "ppm": "10⁻⁶",
}
# Of several symbols for one unit, the first is written.
_NAMES = {name: symbol for symbol, name in reversed(SYMBOLS.items())}
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_PART = re.compile(r"(.*?)([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*)", re.DOTALL)


def parse_symbol(symbol: str) -> Unit:
    """The unit of a symbol such as kW·h or m³/h; raises UnitError, naming the legal unit for one that is not."""
    unit = ONE
    parts = symbol_factors(symbol)
    if len(parts) == 1:
        return parts[0].unit
    for part in parts:
        unit = unit * part.unit
    return unit


@lru_cache(maxsize=1024)
def dsi_of_symbol(symbol: str) -> str:
    """The D-SI string of a legal unit; raises UnitError."""
    return write_dsi(part for part in symbol_factors(symbol) if part.name != "one")


def symbol_of_dsi(parts: tuple[Factor, ...]) -> str:
    """The symbol of D-SI factors; raises UnitError for a unit that is not legal in China."""
    above = "·".join(_symbol(part) for part in parts if part.exponent > 0 and part.name != "one")
    below = [_symbol(Factor(part.name, part.prefix, -part.exponent)) for part in parts if part.exponent < 0]
    if not below:
        return above
    denominator = below[0] if len(below) == 1 else f"({'·'.join(below)})"
    return f"{above or '1'}/{denominator}"


@lru_cache(maxsize=1024)
def symbol_factors(symbol: str) -> tuple[Factor, ...]:
    """The factors of a symbol; what stands after the one solidus is in the denominator (GB 3101-1993 3.2.2)."""
    above, solidus, below = symbol.partition("/")
    if "/" in below:
        raise UnitError(f"单位 “{symbol}” 有两条斜线，应只有一条，分母用括号括起")
    if solidus and not below:
        raise UnitError(f"单位 “{symbol}” 的斜线后没有单位")
    found = [_factor(part, 1) for part in _parts(above)]
    if solidus:
        found += [_factor(part, -1) for part in _parts(below.removeprefix("(").removesuffix(")"))]
    return tuple(found)


def _parts(text: str) -> Iterator[str]:
    yield from (part.strip() for part in text.replace("⋅", "·").split("·"))


def _factor(text: str, sign: int) -> Factor:
    if text in SYMBOLS:
        return Factor(SYMBOLS[text], exponent=Fraction(sign))
    match = _PART.fullmatch(text)
    stem, power = (match.group(1), match.group(2)) if match else (text, "")
    exponent = Fraction(sign * _whole(power, text))
    if stem in SYMBOLS and stem:
        return Factor(SYMBOLS[stem], exponent=exponent)
    if text in NOT_LEGAL:
        raise UnitError(f"“{text}” 不是法定计量单位，应改用 {NOT_LEGAL[text]}")
    for length in (2, 1):
        prefix, rest = PREFIX_SYMBOLS.get(stem[:length]), SYMBOLS.get(stem[length:])
        if prefix and rest and not rest.startswith("|") and prefix in UNITS[rest].prefixes:
            return Factor(rest, prefix, exponent)
    raise UnitError(f"“{text}” 不是法定计量单位的符号")


def _whole(power: str, text: str) -> int:
    if not power:
        return 1
    try:
        return int(power.translate(_POWERS))
    except ValueError as error:
        raise UnitError(f"单位 “{text}” 的指数无法识别") from error


def _symbol(part: Factor) -> str:
    if part.name not in _NAMES:
        raise UnitError(f"\\{part.name} 不是法定计量单位")
    prefix = next((mark for mark, name in PREFIX_SYMBOLS.items() if name == part.prefix), "")
    return f"{prefix}{_NAMES[part.name]}{superscript(part.exponent)}"
