"""Compression factor and density of natural gas by AGA8-DETAIL and GERG-2008 (GB/T 17747.2; ISO 20765-1, -2).

The equations themselves are the pyaga8 library, a port of the code that NIST published with AGA Report No. 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, positive
from yuejingzhun.metrology.gas_energy.components import find
from yuejingzhun.metrology.gas_energy.composition import checked_composition


class Equation(Enum):
    """Equation of state."""

    DETAIL = "AGA8-DETAIL"
    GERG = "GERG-2008"


# The 21 components of both equations, as pyaga8 names them.
_FIELDS = {
    "methane": "methane",
    "nitrogen": "nitrogen",
    "carbon dioxide": "carbon_dioxide",
    "ethane": "ethane",
    "propane": "propane",
    "2-methylpropane": "isobutane",
    "n-butane": "n_butane",
    "2-methylbutane": "isopentane",
    "n-pentane": "n_pentane",
    "n-hexane": "hexane",
    "n-heptane": "heptane",
    "n-octane": "octane",
    "n-nonane": "nonane",
    "n-decane": "decane",
    "hydrogen": "hydrogen",
    "oxygen": "oxygen",
    "carbon monoxide": "carbon_monoxide",
    "water": "water",
    "hydrogen sulphide": "hydrogen_sulfide",
    "helium": "helium",
    "argon": "argon",
    # Isomers without a place of their own count as the normal alkane with their number of carbon atoms. That is the
    # practice of ISO 20765-1 for trace components; its table itself was not at hand, so nothing else is assigned.
    "2,2-dimethylpropane": "n_pentane",
    "2-methylpentane": "hexane",
    "3-methylpentane": "hexane",
    "2,2-dimethylbutane": "hexane",
    "2,3-dimethylbutane": "hexane",
}


@dataclass(frozen=True, slots=True)
class GasState:
    """State of gases at a pressure and temperature; all fields have one shape."""

    pressure_kpa: Floats  # absolute
    temperature_k: Floats
    density_mol_l: Floats
    compression_factor: Floats
    molar_mass_g_mol: Floats
    sound_speed_m_s: Floats
    cp_j_mol_k: Floats
    cv_j_mol_k: Floats


def gas_state(
    names: Sequence[str],
    fractions: ArrayLike,
    pressure_kpa: ArrayLike,
    temperature_k: ArrayLike,
    equation: Equation = Equation.GERG,
) -> GasState:
    """State at absolute pressures and temperatures, which broadcast with the compositions (..., components).

    Raises ArgumentError for an impossible composition, a component that the equations don't have (where its
    fraction isn't zero), a pressure or temperature that isn't positive, and where no density is found.
    """
    return _states(names, fractions, positive("pressure_kpa", pressure_kpa), temperature_k, equation, "pressure_kpa")


def gas_state_at_density(
    names: Sequence[str],
    fractions: ArrayLike,
    density_mol_l: ArrayLike,
    temperature_k: ArrayLike,
    equation: Equation = Equation.GERG,
) -> GasState:
    """As `gas_state`, from the molar density in mol/l: the pressure follows without a search."""
    return _states(names, fractions, positive("density_mol_l", density_mol_l), temperature_k, equation, "density_mol_l")


def compression_factor(
    names: Sequence[str],
    fractions: ArrayLike,
    pressure_kpa: ArrayLike,
    temperature_k: ArrayLike,
    equation: Equation = Equation.GERG,
) -> Floats:
    """Compression factor alone; arguments and errors as for `gas_state`."""
    return gas_state(names, fractions, pressure_kpa, temperature_k, equation).compression_factor


def _states(
    names: Sequence[str], fractions: ArrayLike, given: Floats, temperature_k: ArrayLike, equation: Equation, by: str
) -> GasState:
    import pyaga8  # type: ignore[import-untyped]  # here, not above: most of the science has no use for it

    x, temperature = checked_composition(names, fractions), positive("temperature_k", temperature_k)
    attributes = _attributes(names, x)
    try:
        shape = np.broadcast_shapes(x.shape[:-1], given.shape, temperature.shape)
    except ValueError as error:
        shapes = f"{x.shape[:-1]}、{given.shape}、{temperature.shape}"
        raise ArgumentError(f"fractions、{by}、temperature_k", f"形状不一致：{shapes}") from error
    rows = np.broadcast_to(x, (*shape, x.shape[-1])).reshape(-1, x.shape[-1])
    givens, temperatures = np.broadcast_to(given, shape).ravel(), np.broadcast_to(temperature, shape).ravel()
    model = pyaga8.Detail() if equation is Equation.DETAIL else pyaga8.Gerg2008()
    result = np.empty((8, len(rows)))
    previous = None
    for i, row in enumerate(rows):
        if previous is None or not np.array_equal(row, previous):
            model.set_composition(_filled(pyaga8.Composition(), attributes, row))
            previous = row
        _set(model, equation, float(givens[i]), float(temperatures[i]), by)
        result[:, i] = [getattr(model, name) for name in ("pressure", "temperature", "d", "z", "mm", "w", "cp", "cv")]
    if not np.isfinite(result).all():
        raise ArgumentError(by, f"{equation.value} 在此状态下没有有限的解")
    return GasState(*(column.reshape(shape)[()] for column in result))


def _set(model: Any, equation: Equation, given: float, temperature: float, by: str) -> None:
    model.temperature = temperature
    try:
        if by == "density_mol_l":
            model.d = given
            model.pressure = model.calc_pressure()  # GERG-2008 returns it only
        else:
            model.pressure = given
            model.calc_density(*((0,) if equation is Equation.GERG else ()))
        model.calc_properties()
    except (ValueError, RuntimeError) as error:
        raise ArgumentError(by, f"{equation.value} 在 {given:g}、{temperature:g} K 下无解：{error}") from error


def _attributes(names: Sequence[str], x: Floats) -> list[str | None]:
    attributes = []
    for i, component in enumerate(map(find, names)):
        attribute = _FIELDS.get(component.name)
        if attribute is None and np.any(x[..., i]):
            raise ArgumentError("names", f"状态方程没有组分“{component.chinese}”（{component.name}）")
        attributes.append(attribute)
    return attributes


def _filled(mixture: Any, attributes: Sequence[str | None], row: Floats) -> Any:
    amounts: dict[str, float] = {}  # a mixture of pyaga8 can be written, not read
    for attribute, fraction in zip(attributes, row.tolist(), strict=True):
        if attribute is not None:
            amounts[attribute] = amounts.get(attribute, 0.0) + fraction
    total = sum(amounts.values())
    for attribute, amount in amounts.items():
        setattr(mixture, attribute, amount / total)
    return mixture
