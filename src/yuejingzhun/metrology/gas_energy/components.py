"""The components of natural gas with the data of ISO 6976:2016 Annex A (Tables A.1 to A.4; GB/T 11062-2020).

`components.csv` holds the 60 components in the order of Table A.2: summation factors s (Table A.3) at 0, 15,
15.55 and 20 degC with their standard uncertainty, ideal superior (gross) molar calorific values in kJ/mol
(Table A.4) at 0, 15, 15.55, 20 and 25 degC with theirs. The calorific values were compared in two public
transcriptions of the standard (they differ for cyclopentane only, 3222.19 for 3322.19 at 15 degC: a typing error,
as the neighbouring temperatures show). The summation factors of the alkanes, nitrogen and carbon dioxide were
compared in two as well (2-methylpropane at 15.55 degC: 0.1717, not 0.1770); those of the other components rest
on one transcription. Molar masses are not listed but follow from the atomic masses (Table A.1), so that a
mistyped one can't occur and the uncertainties of different components are correlated as they should be.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from yuejingzhun.metrology.arguments import ArgumentError, Floats

COMBUSTION_C = (0.0, 15.0, 15.55, 20.0, 25.0)
METERING_C = (0.0, 15.0, 15.55, 20.0)

# Atomic masses and standard uncertainties in g/mol (ISO 6976:2016 Table A.1, from IUPAC).
ATOMS = ("C", "H", "N", "O", "S", "He", "Ne", "Ar")
ATOMIC_MASS = np.array([12.0107, 1.00794, 14.0067, 15.9994, 32.065, 4.002602, 20.1797, 39.948])
U_ATOMIC_MASS = np.array([0.0004, 0.000035, 0.0001, 0.00015, 0.0025, 0.000001, 0.0003, 0.0005])

_ATOM = re.compile(r"([A-Z][a-z]?)(\d*)")


@dataclass(frozen=True, slots=True)
class Component:
    """A pure gas: names, count of each of `ATOMS`, and its rows of Tables A.3 and A.4."""

    name: str
    chinese: str
    formula: str
    aliases: tuple[str, ...]
    atoms: tuple[int, ...]
    summation: tuple[float, ...]  # at METERING_C, dimensionless at 101.325 kPa
    u_summation: float
    gross_kj_mol: tuple[float, ...]  # at COMBUSTION_C
    u_gross_kj_mol: float

    @property
    def molar_mass_g_mol(self) -> float:
        """Molar mass from the atomic masses, in g/mol (= kg/kmol)."""
        return float(np.dot(self.atoms, ATOMIC_MASS))


@dataclass(frozen=True, slots=True)
class Table:
    """The data of n chosen components at one pair of temperatures, as arrays of n."""

    names: tuple[str, ...]
    atoms: Floats  # (n, 8), counts in the order of ATOMS
    molar_mass_g_mol: Floats
    hydrogen: Floats  # atoms of hydrogen in a molecule: half of it is the water formed
    summation: Floats
    u_summation: Floats
    gross_kj_mol: Floats
    u_gross_kj_mol: Floats


@cache
def components() -> tuple[Component, ...]:
    """The 60 components in the order of ISO 6976:2016 Table A.2."""
    text = files(__package__).joinpath("components.csv").read_text(encoding="utf-8")
    return tuple(map(_component, csv.DictReader(text.splitlines())))


def find(name: str) -> Component:
    """The component of that name: English, Chinese, a formula where it is the only one with it, or an alias.

    Case, spaces, hyphens and underscores don't matter. Raises ArgumentError for an unknown name.
    """
    try:
        return _by_name()[_plain(name)]
    except KeyError as error:
        raise ArgumentError("names", f"没有组分“{name}”的数据（ISO 6976:2016 表 A.2）") from error


def table(names: Sequence[str], combustion_c: float = 20.0, metering_c: float = 20.0) -> Table:
    """Data of the named components at tabulated temperatures in degC (ISO 6976:2016 clause 5).

    Raises ArgumentError for an unknown or repeated name or a temperature that isn't tabulated.
    """
    chosen = [find(name) for name in names]
    if len({component.name for component in chosen}) < len(chosen):
        raise ArgumentError("names", "有重复的组分")
    burn = tabulated("combustion_c", combustion_c, COMBUSTION_C)
    meter = tabulated("metering_c", metering_c, METERING_C)
    atoms = np.array([c.atoms for c in chosen], dtype=np.float64).reshape(-1, len(ATOMS))
    return Table(
        tuple(c.name for c in chosen),
        atoms,
        atoms @ ATOMIC_MASS,
        atoms[:, ATOMS.index("H")],
        np.array([c.summation[meter] for c in chosen]),
        np.array([c.u_summation for c in chosen]),
        np.array([c.gross_kj_mol[burn] for c in chosen]),
        np.array([c.u_gross_kj_mol for c in chosen]),
    )


def tabulated(argument: str, temperature_c: float, grid: tuple[float, ...]) -> int:
    """Place of a temperature in the grid; 60 degF counts as 15.55 degC. Raises ArgumentError where it has none."""
    for place, known in enumerate(grid):
        if abs(temperature_c - known) < 0.01:
            return place
    raise ArgumentError(argument, f"只有 {'、'.join(f'{t:g}' for t in grid)} ℃ 有表值，为 {temperature_c:g}")


@cache
def _by_name() -> dict[str, Component]:
    known: dict[str, Component] = {}
    formulas = [c.formula for c in components()]
    for component in components():
        unique = (component.formula,) if formulas.count(component.formula) == 1 else ()
        for name in (component.name, component.chinese, *component.aliases, *unique):
            known[_plain(name)] = component
    return known


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]", "", name).lower()


def _component(row: dict[str, str]) -> Component:
    counts = {atom: int(count or 1) for atom, count in _ATOM.findall(row["formula"])}
    return Component(
        row["name"],
        row["chinese"],
        row["formula"],
        tuple(filter(None, row["aliases"].split(";"))),
        tuple(counts.get(atom, 0) for atom in ATOMS),
        tuple(float(row[f"s_{t:g}"]) for t in METERING_C),
        float(row["u_s"]),
        tuple(float(row[f"h_{t:g}"]) for t in COMBUSTION_C),
        float(row["u_h"]),
    )
