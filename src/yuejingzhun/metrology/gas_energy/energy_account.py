"""From metered volume to energy, and the energy account of a supply zone (天然气能量计量; GB/T 22723, ISO 15112).

Quantities are `Uncertain`: inputs that keep their identity, floats or arrays of periods. So one chromatograph that
serves ten meters counts once, and what it contributes to supply and delivery cancels as it does in the pipe.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, finite, not_negative, positive
from yuejingzhun.metrology.gas_energy.calorific_value import CHINA, Conditions
from yuejingzhun.metrology.gas_energy.compressibility import Equation
from yuejingzhun.metrology.gas_energy.compressibility import compression_factor as _compression_factor
from yuejingzhun.metrology.uncertainty.budget import Budget, Correlations, budget, given
from yuejingzhun.metrology.uncertainty.dual import Uncertain, Values

# Half of the 0.1 % that both equations claim for pipeline gas at 95 % (AGA Report No. 8; ISO 20765-2).
U_EQUATION = 0.0005
_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class EnergyAccount:
    """Energy account of a supply zone over one or many periods, in MJ.

    `unaccounted` (输差) is what was supplied less what was delivered, used and stored, with its uncertainty and the
    share of each input in it; `relative` is by the energy supplied. `significant`: |unaccounted| > k u, so that the
    measurements don't explain it.
    """

    supplied_mj: Values
    delivered_mj: Values
    own_use_mj: Values
    line_pack_change_mj: Values
    unaccounted_mj: Values
    u_unaccounted_mj: Values
    relative: Values
    significant: bool | np.ndarray
    budget: Budget


def compression_factor_with_uncertainty(
    names: Sequence[str],
    fractions: ArrayLike,
    pressure_kpa: Uncertain,
    temperature_k: Uncertain,
    equation: Equation = Equation.GERG,
    u_equation: float = U_EQUATION,
) -> Uncertain:
    """Compression factor that follows the measured absolute pressure and temperature, with the equation's own u.

    `u_equation` is relative. The pressure then enters the volume once, through p and Z together, as it should.
    Raises ArgumentError as `gas_state` does.
    """
    not_negative("u_equation", u_equation)

    def factor(pressure: Values, temperature: Values) -> Values:
        return _compression_factor(names, fractions, pressure, temperature, equation)

    p, t = pressure_kpa.value, temperature_k.value
    by_pressure = (factor(p * (1 + _STEP), t) - factor(p * (1 - _STEP), t)) / (2 * _STEP * p)
    by_temperature = (factor(p, t * (1 + _STEP)) - factor(p, t * (1 - _STEP))) / (2 * _STEP * t)
    followed = (pressure_kpa - p) * by_pressure + (temperature_k - t) * by_temperature + factor(p, t)
    return followed * given(equation.value, 1.0, u_equation)


def reference_volume(
    volume_m3: Uncertain,
    pressure_kpa: Uncertain,
    temperature_k: Uncertain,
    compression_factor: Uncertain,
    reference_compression_factor: Uncertain | float,
    conditions: Conditions = CHINA,
) -> Uncertain:
    """Volume at reference conditions, m3: V (p / p_ref) (T_ref / T) (Z_ref / Z) (GB/T 18603; ISO 15112 7).

    Pressure is absolute. With the volume of a pipe and its mean state the result is its line pack. Raises
    ArgumentError for a pressure, temperature or compression factor that isn't positive.
    """
    _positive("pressure_kpa", pressure_kpa)
    _positive("temperature_k", temperature_k)
    _positive("compression_factor", compression_factor)
    _positive("reference_compression_factor", reference_compression_factor)
    _finite("volume_m3", volume_m3)
    scale = (conditions.metering_c + 273.15) / conditions.pressure_kpa
    at_ideal = volume_m3 * pressure_kpa / temperature_k * scale
    return at_ideal / compression_factor * reference_compression_factor


def mean_pressure(inlet_kpa: Uncertain, outlet_kpa: Uncertain) -> Uncertain:
    """Mean absolute pressure along a pipe in steady flow: 2/3 (p1 + p2 - p1 p2 / (p1 + p2)) (SY/T 5922)."""
    _positive("inlet_kpa", inlet_kpa)
    _positive("outlet_kpa", outlet_kpa)
    return (inlet_kpa + outlet_kpa - inlet_kpa * outlet_kpa / (inlet_kpa + outlet_kpa)) * (2 / 3)


def energy(reference_volume_m3: Uncertain, gross_mj_m3: Uncertain) -> Uncertain:
    """Energy in MJ, volume and superior calorific value at the same reference conditions (GB/T 22723; ISO 15112 6)."""
    _positive("gross_mj_m3", gross_mj_m3)
    _finite("reference_volume_m3", reference_volume_m3)
    return reference_volume_m3 * gross_mj_m3


def energy_account(
    inputs_mj: Sequence[Uncertain],
    outputs_mj: Sequence[Uncertain],
    line_pack_change_mj: Uncertain | float = 0.0,
    own_use_mj: Uncertain | float = 0.0,
    coverage_factor: float = 2.0,
    correlations: Correlations | None = None,
) -> EnergyAccount:
    """Balance of a zone: unaccounted = inputs - outputs - own use - change of line pack (its end less its start).

    Energies in MJ, floats or arrays of one shape. Raises ArgumentError without an input, for a coverage factor or
    a supply that isn't positive and for energies that aren't finite.
    """
    if not inputs_mj:
        raise ArgumentError("inputs_mj", "至少需要一个供入点")
    k = float(positive("coverage_factor", coverage_factor))
    for name, items in (("inputs_mj", inputs_mj), ("outputs_mj", outputs_mj)):
        for item in items:
            _finite(name, item)
    supplied, delivered = _total(inputs_mj), _total(outputs_mj)
    own, stored = _known("own_use_mj", own_use_mj), _known("line_pack_change_mj", line_pack_change_mj)
    _positive("inputs_mj", supplied)
    result = budget(supplied - delivered - own - stored, correlations)
    significant = np.asarray(np.abs(result.value) > k * np.asarray(result.u))
    return EnergyAccount(
        supplied.value,
        delivered.value,
        own.value,
        stored.value,
        result.value,
        result.u,
        result.value / supplied.value,
        bool(significant) if significant.ndim == 0 else significant,
        result,
    )


def _total(items: Sequence[Uncertain]) -> Uncertain:
    total = Uncertain(0.0, {})
    for item in items:
        total = total + item
    return total


def _known(name: str, number: Uncertain | float) -> Uncertain:
    known = number if isinstance(number, Uncertain) else Uncertain(float(finite(name, number)), {})
    _finite(name, known)
    return known


def _finite(name: str, number: Uncertain) -> None:
    finite(name, number.value)


def _positive(name: str, number: Uncertain | float) -> None:
    positive(name, number.value if isinstance(number, Uncertain) else number)
