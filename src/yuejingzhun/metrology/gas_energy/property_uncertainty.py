"""Standard uncertainty of the properties of natural gas (ISO 6976:2016 clause 11 and Annex B).

The four sums of `calorific_value` carry the covariance of the composition and the uncertainty of the tables; each
property then follows by the law of propagation (JCGM 100:2008 5.2.2), with the exponents in which the molar mass,
the compression factor and the constants enter it. That gives the equations of Annex B, term by term.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, correlation_matrix, not_negative
from yuejingzhun.metrology.gas_energy.calorific_value import (
    AIR_MOLAR_MASS,
    CHINA,
    GAS_CONSTANT,
    U_AIR_COMPRESSION,
    U_AIR_MOLAR_MASS,
    U_GAS_CONSTANT,
    U_VAPORISATION,
    Conditions,
    GasProperties,
    complete,
    gas_properties,
    weights_of,
)
from yuejingzhun.metrology.gas_energy.components import U_ATOMIC_MASS, Table, table
from yuejingzhun.metrology.gas_energy.composition import checked_composition

ROWS_PER_BLOCK = 1024

# Rows: the fields of GasProperties. Columns: exponents of M, Z, R, molar mass of air, compression factor of air.
_EXPONENTS = np.array(
    [
        [1, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [-1, 0, 0, 0, 0],
        [-1, 0, 0, 0, 0],
        [0, -1, -1, 0, 0],
        [0, -1, -1, 0, 0],
        [1, -1, -1, 0, 0],
        [1, -1, 0, -1, 1],
        [-0.5, -0.5, -1, 0.5, -0.5],
        [-0.5, -0.5, -1, 0.5, -0.5],
    ]
)
_GROSS, _NET = [2, 4, 6, 10], [3, 5, 7, 11]


@dataclass(frozen=True, slots=True)
class EvaluatedGas:
    """Properties with their standard uncertainties, both of the compositions' shape without the components."""

    value: GasProperties
    u: GasProperties


def evaluate_gas(
    names: Sequence[str],
    fractions: ArrayLike,
    u_fractions: ArrayLike,
    correlation: ArrayLike | None = None,
    conditions: Conditions = CHINA,
) -> EvaluatedGas:
    """Properties and standard uncertainties of gases (ISO 6976:2016 Annex B).

    `fractions` and `u_fractions` broadcast together, shape (..., components); `correlation` is the matrix of the
    mole fractions, (components, components), the identity where it is None. Raises ArgumentError as
    `gas_properties` does, for a negative u and for a matrix that is not positive semi-definite.
    """
    data = table(names, conditions.combustion_c, conditions.metering_c)
    x, u = checked_composition(names, fractions), not_negative("u_fractions", u_fractions)
    try:
        x, u = np.broadcast_arrays(x, u)
    except ValueError as error:
        raise ArgumentError("fractions、u_fractions", f"形状不一致：{x.shape}、{u.shape}") from error
    if x.shape[-1] != len(names):
        raise ArgumentError("u_fractions", f"最后一维应有 {len(names)} 个组分（names），形状为 {u.shape}")
    r = np.eye(len(names)) if correlation is None else correlation_matrix("correlation", correlation, len(names))
    value = gas_properties(names, x, conditions)
    rows, u_rows = x.reshape(-1, len(names)), u.reshape(-1, len(names))
    result = np.empty((len(fields(GasProperties)), len(rows)))
    for start in range(0, len(rows), ROWS_PER_BLOCK):
        block = slice(start, start + ROWS_PER_BLOCK)
        result[:, block] = _uncertainties(data, rows[block], u_rows[block], r, conditions)
    return EvaluatedGas(value, GasProperties(*(column.reshape(x.shape[:-1])[()] for column in result)))


def _uncertainties(data: Table, x: Floats, u: Floats, r: Floats, conditions: Conditions) -> Floats:
    weights = weights_of(data, conditions)[:, :4]
    sums = (x @ weights).T
    value = _properties(sums, conditions)
    slopes = _slopes(sums, value, conditions)
    half = np.einsum("ijr,pjr->pir", _covariance(data, weights, x, u, r), slopes)
    variance = np.einsum("pir,pir->pr", half, slopes) + _constants(sums, value, slopes, conditions)
    spread: Floats = np.sqrt(np.maximum(variance, 0.0))
    return spread


def _covariance(data: Table, weights: Floats, x: Floats, u: Floats, r: Floats) -> Floats:
    """Covariance of M, s, gross, net in each row, (4, 4, rows): composition, then Tables A.1, A.3, A.4."""
    # (u_i w_ia) r_ik (u_k w_kb): for all rows of a block two matrix products, not one for each row.
    covariance: Floats = weights.T @ ((r * weights.T[:, None, :]) @ u.T * u.T)
    # Molar masses share their atoms (equation 24), so the atoms add up before they are squared.
    covariance[0, 0] += ((x @ data.atoms) * U_ATOMIC_MASS) ** 2 @ np.ones(len(U_ATOMIC_MASS))
    squares = x * x
    covariance[1, 1] += squares @ data.u_summation**2
    covariance[2:, 2:] += squares @ data.u_gross_kj_mol**2
    return covariance


def _slopes(sums: Floats, value: Floats, conditions: Conditions) -> Floats:
    """Derivatives of the twelve properties by M, s, gross, net, (12, 4, rows)."""
    molar_mass, factor = sums[:2]
    slopes = np.zeros((len(value), 4, value.shape[1]))
    slopes[:, 0] = value * _EXPONENTS[:, :1] / molar_mass
    relative = -2 * conditions.pressure_ratio * factor / value[1]
    slopes[:, 1] = value * _EXPONENTS[:, 1:2] * relative
    # What is proportional to a calorific value has its own value at 1 kJ/mol for a derivative.
    ones = np.ones_like(molar_mass)
    per_heat = _properties(np.stack([molar_mass, factor, ones, ones]), conditions)
    slopes[_GROSS, 2] = per_heat[_GROSS]
    slopes[_NET, 3] = per_heat[_NET]
    return slopes


def _properties(sums: Floats, conditions: Conditions) -> Floats:
    value = np.empty((len(_EXPONENTS), sums.shape[1]))
    value[:4] = sums
    return complete(value, conditions)


def _constants(sums: Floats, value: Floats, slopes: Floats, conditions: Conditions) -> Floats:
    """Variance from the gas constant, air and the enthalpy of vaporisation, (12, rows)."""
    relative = np.array(
        [
            U_GAS_CONSTANT / GAS_CONSTANT,
            U_AIR_MOLAR_MASS / AIR_MOLAR_MASS,
            U_AIR_COMPRESSION * conditions.pressure_ratio / conditions.air_compression_factor,
        ]
    )
    shares = (_EXPONENTS[:, 2:] ** 2) @ relative**2
    variance: Floats = value * value * shares[:, None]
    water = (sums[2] - sums[3]) / conditions.vaporisation_kj_mol  # formed, mol a mol of gas
    variance[_NET] += (slopes[_NET, 3] * water * U_VAPORISATION) ** 2
    return variance
