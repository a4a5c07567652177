"""The units that D-SI names, with their exact size and their standing (D-SI 2.2.1; SI Brochure, 9th edition).

Sizes: SI Brochure tables 2, 4 and 8; CODATA 2018 for the atomic and natural units, whose size is measured and is taken
as published. The standing is that of the official examples of D-SI.
"""

from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

from yuejingzhun.metrology.units.unit import ONE, Unit, base_unit, named_unit


class Standing(IntEnum):
    """How well data in a unit can be understood by machines everywhere, the best first (D-SI quality classes)."""

    GOLD = 1
    SILVER = 2
    BRONZE = 3
    IMPROVABLE = 4


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A unit with a name of its own, and the prefixes that it may bear."""

    unit: Unit
    standing: Standing = Standing.GOLD
    prefixes: frozenset[str] = frozenset()


PREFIXES = {
    name: Fraction(10) ** exponent
    for name, exponent in (
        *(("deca", 1), ("hecto", 2), ("kilo", 3), ("mega", 6), ("giga", 9), ("tera", 12), ("peta", 15), ("exa", 18)),
        *(("zetta", 21), ("yotta", 24), ("ronna", 27), ("quetta", 30)),
        *(("deci", -1), ("centi", -2), ("milli", -3), ("micro", -6), ("nano", -9), ("pico", -12), ("femto", -15)),
        *(("atto", -18), ("zepto", -21), ("yocto", -24), ("ronto", -27), ("quecto", -30)),
    )
}
ALL = frozenset(PREFIXES)
M, KG, S, A, K, MOL, CD = map(base_unit, range(7))
RAD = ONE
N = KG * M / S**2
PA, J = N / M**2, N * M
W, C = J / S, A * S
V = W / A
WB = V * S
DALTON = "1.66053906660e-27"


def _times(factor: str | Fraction, unit: Unit, pi_power: int = 0) -> Unit:
    return Unit(Fraction(factor) * unit.factor, unit.dimension, Fraction(pi_power))


def _gold(**units: Unit) -> dict[str, NamedUnit]:
    return {name: NamedUnit(unit, Standing.GOLD, ALL) for name, unit in units.items()}


def _plain(standing: Standing, **units: Unit) -> dict[str, NamedUnit]:
    return {name: NamedUnit(unit, standing) for name, unit in units.items()}


UNITS: dict[str, NamedUnit] = {
    **_gold(metre=M, second=S, ampere=A, kelvin=K, mole=MOL, candela=CD, radian=RAD, steradian=ONE),
    **_gold(hertz=S**-1, newton=N, pascal=PA, joule=J, watt=W, coulomb=C, volt=V, farad=C / V, ohm=V / A),
    **_gold(siemens=A / V, weber=WB, tesla=WB / M**2, henry=WB / A, lumen=CD, lux=CD / M**2),
    **_gold(becquerel=S**-1, gray=J / KG, sievert=J / KG, katal=MOL / S),
    # The kilogram bears its prefix already: there is \kilogram and \milli\gram, but no \kilo\gram.
    "gram": NamedUnit(_times("1e-3", KG), Standing.GOLD, ALL - {"kilo"}),
    **_plain(Standing.GOLD, one=ONE, kilogram=KG, minute=_times("60", S), hour=_times("3600", S)),
    **_plain(Standing.GOLD, day=_times("86400", S), degree=_times(Fraction(1, 180), ONE, 1)),
    **_plain(Standing.GOLD, arcminute=_times(Fraction(1, 10800), ONE, 1)),
    **_plain(Standing.GOLD, arcsecond=_times(Fraction(1, 648000), ONE, 1)),
    **_plain(Standing.GOLD, degreecelsius=Unit(dimension=K.dimension, offset=Fraction("273.15"))),
    "litre": NamedUnit(_times("1e-3", M**3), Standing.SILVER, ALL),
    "tonne": NamedUnit(_times("1e3", KG), Standing.SILVER, ALL),
    "electronvolt": NamedUnit(_times("1.602176634e-19", J), Standing.SILVER, ALL),
    "dalton": NamedUnit(_times(DALTON, KG), Standing.SILVER, ALL),
    "bel": NamedUnit(named_unit("bel"), Standing.SILVER, ALL - {"deci"}),
    **_plain(Standing.SILVER, decibel=Unit(Fraction(1, 10), others=named_unit("bel").others)),
    **_plain(Standing.SILVER, neper=named_unit("neper"), hectare=_times("1e4", M**2)),
    **_plain(Standing.SILVER, astronomicalunit=_times("149597870700", M)),
    **_plain(Standing.SILVER, percent=Unit(Fraction(1, 100)), ppm=Unit(Fraction(1, 10**6))),
    "bar": NamedUnit(_times("1e5", PA), Standing.BRONZE, ALL),
    **_plain(
        Standing.BRONZE, mmhg=_times("133.322387415", PA), angstrom=_times("1e-10", M), barn=_times("1e-28", M**2)
    ),
    **_plain(Standing.BRONZE, nauticalmile=_times("1852", M), knot=_times(Fraction(1852, 3600), M / S)),
    **_plain(Standing.BRONZE, clight=_times("299792458", M / S), elementarycharge=_times("1.602176634e-19", C)),
    **_plain(Standing.BRONZE, electronmass=_times("9.1093837015e-31", KG), atomicmassunit=_times(DALTON, KG)),
    # h/(2 pi) with the exact h of the SI.
    **_plain(Standing.BRONZE, planckbar=_times(Fraction("6.62607015e-34") / 2, J * S, -1)),
    **_plain(Standing.BRONZE, hartree=_times("4.3597447222071e-18", J), bohr=_times("5.29177210903e-11", M)),
    **_plain(Standing.BRONZE, naturalunittime=_times("1.28808866819e-21", S)),
    **_plain(Standing.BRONZE, atomicunittime=_times("2.4188843265857e-17", S)),
}
