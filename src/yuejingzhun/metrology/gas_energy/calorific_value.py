"""Calorific values, density and Wobbe index of natural gas from its composition (ISO 6976:2016; GB/T 11062-2020).

Everything follows from four sums over the components, each x_i times a tabulated property: molar mass M, summation
factor s, molar superior and inferior calorific value. So a million compositions are one matrix product and a few
operations on its columns, done in blocks that stay in the processor's cache.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, within
from yuejingzhun.metrology.gas_energy.components import COMBUSTION_C, METERING_C, Table, table, tabulated
from yuejingzhun.metrology.gas_energy.composition import check_rows, composition

GAS_CONSTANT, U_GAS_CONSTANT = 8.3144621, 0.0000075  # J/(mol K), CODATA 2010: ISO 6976:2016 Table A.1
AIR_MOLAR_MASS, U_AIR_MOLAR_MASS = 28.96546, 0.00017  # g/mol, ISO 6976:2016 Table A.1
AIR_COMPRESSION, U_AIR_COMPRESSION = (0.999419, 0.999595, 0.999601, 0.999645), 0.000015  # at METERING_C
# Molar enthalpy of vaporisation of water at COMBUSTION_C, kJ/mol: the superior calorific value of water, Table A.4.
VAPORISATION, U_VAPORISATION = (45.064, 44.431, 44.408, 44.222, 44.013), 0.004
REFERENCE_PRESSURE_KPA = 101.325
LEAST_COMPRESSION = 0.9  # the simple equation for Z holds above it only, ISO 6976:2016 clause 5
ROWS_PER_BLOCK = 16_384


@dataclass(frozen=True, slots=True)
class Conditions:
    """Reference conditions of combustion and metering; the default is China's 20 degC/20 degC, 101.325 kPa.

    ISO 6976:2016 clause 5 tabulates 0, 15, 15.55, 20 and (combustion only) 25 degC and allows 90 to 110 kPa.
    `ideal` asks for the properties of the ideal gas (compression factor 1). Raises ArgumentError otherwise.
    """

    combustion_c: float = 20.0
    metering_c: float = 20.0
    pressure_kpa: float = REFERENCE_PRESSURE_KPA
    ideal: bool = False

    def __post_init__(self) -> None:
        tabulated("combustion_c", self.combustion_c, COMBUSTION_C)
        tabulated("metering_c", self.metering_c, METERING_C)
        within("pressure_kpa", self.pressure_kpa, 90.0, 110.0)

    @property
    def vaporisation_kj_mol(self) -> float:
        """Enthalpy of vaporisation of water at the temperature of combustion."""
        return VAPORISATION[tabulated("combustion_c", self.combustion_c, COMBUSTION_C)]

    @property
    def ideal_volume_m3_kmol(self) -> float:
        """R T / p at the metering conditions (ISO 6976:2016 clause 8)."""
        return GAS_CONSTANT * (self.metering_c + 273.15) / self.pressure_kpa

    @property
    def pressure_ratio(self) -> float:
        """p / 101.325 kPa; 0 for the ideal gas, which has nothing to correct."""
        return 0.0 if self.ideal else self.pressure_kpa / REFERENCE_PRESSURE_KPA

    @property
    def air_compression_factor(self) -> float:
        """Compression factor of dry air at the metering conditions (ISO 6976:2016 clause 9)."""
        tabled = AIR_COMPRESSION[tabulated("metering_c", self.metering_c, METERING_C)]
        return 1 - self.pressure_ratio * (1 - tabled)


CHINA = Conditions()


@dataclass(frozen=True, slots=True)
class GasProperties:
    """Properties, or their standard uncertainties, of gases; each field has the compositions' shape without components.

    Gross is superior (高位), net is inferior (低位). Volumes are of the real gas at the metering conditions.
    """

    molar_mass_g_mol: Floats
    compression_factor: Floats
    molar_gross_kj_mol: Floats
    molar_net_kj_mol: Floats
    mass_gross_mj_kg: Floats
    mass_net_mj_kg: Floats
    volume_gross_mj_m3: Floats
    volume_net_mj_m3: Floats
    density_kg_m3: Floats
    relative_density: Floats
    wobbe_gross_mj_m3: Floats
    wobbe_net_mj_m3: Floats


def gas_properties(names: Sequence[str], fractions: ArrayLike, conditions: Conditions = CHINA) -> GasProperties:
    """All properties of gases with mole fractions `fractions`, shape (..., components), in the order of `names`.

    ISO 6976:2016 clauses 6 to 10. Raises ArgumentError for an unknown or repeated name, a shape that doesn't
    match, fractions that are negative, not finite or don't add up to 1 within 0.0001, and where a compression
    factor is 0.9 or less, outside of the standard's range.
    """
    data = table(names, conditions.combustion_c, conditions.metering_c)
    x = composition(names, fractions)
    weights = np.ascontiguousarray(weights_of(data, conditions).T)
    flat = np.ascontiguousarray(x.reshape(-1, x.shape[-1]))
    result = np.empty((len(fields(GasProperties)), len(flat)))
    with np.errstate(invalid="ignore", over="ignore"):  # what isn't finite is refused below, by name
        # One call for all rows; the fifth sum, that of the fractions, stands where a property comes later.
        np.matmul(weights, flat.T, out=result[:5])
    for start in range(0, len(flat), ROWS_PER_BLOCK):
        block = result[:, start : start + ROWS_PER_BLOCK]
        check_rows(flat[start : start + ROWS_PER_BLOCK], block[4], start)
        _check_range(block[1], conditions, start)
        complete(block, conditions)
    return GasProperties(*(column.reshape(x.shape[:-1])[()] for column in result))


def weights_of(data: Table, conditions: Conditions) -> Floats:
    """The matrix, (components, 5), that turns mole fractions into M, s, gross, net and the fractions' own sum."""
    net = data.gross_kj_mol - conditions.vaporisation_kj_mol / 2 * data.hydrogen
    ones = np.ones_like(net)
    return np.stack([data.molar_mass_g_mol, data.summation, data.gross_kj_mol, net, ones], axis=1)


def complete(out: Floats, conditions: Conditions) -> Floats:
    """The twelve properties, in the order of GasProperties' fields, in place of M, s, gross, net; shape (12, n)."""
    molar_mass, factor, molar = out[0], out[1], out[2:4]
    np.multiply(factor, factor, out=out[1])
    out[1] *= -conditions.pressure_ratio
    out[1] += 1.0  # Z = 1 - (p/p0) s^2, equation (1)
    np.multiply(molar, 1.0 / molar_mass, out=out[4:6])
    # kJ/mol is MJ/kmol, and the volume of a kmol is Z R T / p.
    per_volume = (1.0 / conditions.ideal_volume_m3_kmol) / out[1]
    np.multiply(molar, per_volume, out=out[6:8])
    np.multiply(molar_mass, per_volume, out=out[8])
    air = AIR_MOLAR_MASS / (conditions.air_compression_factor * conditions.ideal_volume_m3_kmol)
    np.multiply(out[8], 1.0 / air, out=out[9])  # density by that of air, equation (17)
    np.multiply(out[6:8], 1.0 / np.sqrt(out[9]), out=out[10:12])
    return out


def _check_range(factor: Floats, conditions: Conditions, start: int) -> None:
    row = int(np.argmax(np.abs(factor)))
    z = 1 - conditions.pressure_ratio * float(factor[row]) ** 2
    if z <= LEAST_COMPRESSION:
        raise ArgumentError("fractions", f"第 {start + row + 1} 组的压缩因子为 {z:.4f}，应大于 0.9（ISO 6976 第 5 章）")
