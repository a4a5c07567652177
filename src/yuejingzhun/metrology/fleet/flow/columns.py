"""The balance of one area as a linear model with white noise.

    inflow[t] - sum of f y[i, t]  =  - sum of f y[i, z, t] a[i, z]  +  sum of c[k] term[k, t]  +  levels  +  noise

with y the volume that meter i registered in zone z, f what a registered m3 counts in the balance and a = e / (1 + e)
for a relative error e of indication in that zone (the volume is y / (1 + e)). A meter's columns are scaled so that one
prior fits the zones: an error counts by the limit of its zone. A level of leakage changes steadily
through each day. Rows of the result: meters' zones, terms, days, and last the left side.
"""

from dataclasses import dataclass

import numpy as np

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.flow.attribution import Zoned, zoned
from yuejingzhun.metrology.fleet.flow.readings import Read
from yuejingzhun.metrology.fleet.flow.register_noise import Filter, Noise, noise_filter, resting_weight, rounding_weight
from yuejingzhun.metrology.fleet.flow.supply import Supply

MOST_ROUNDING = 0.3  # share of a column's signal that may be the rounding of its own register


@dataclass(frozen=True, slots=True)
class Columns:
    """Of one area; `raw` as the module says, before the filter."""

    raw: Floats
    zoned: Zoned
    scale: Floats  # meters' columns: the zone's limit, as a multiple of the main zone's
    own: Floats  # meters' columns: variance of their register's rounding, m6
    precision: Floats  # terms and levels: of their prior


@dataclass(frozen=True, slots=True)
class Equations:
    """Sums of squares and products of white columns, without the bias of rounding."""

    gram: Floats
    rhs: Floats
    measured: np.ndarray  # meters' columns that the readings say anything of
    filter: Filter


def columns(supply: Supply, area: int, readings: Read) -> Columns:
    """The model of that area."""
    curves = supply.curves
    parts = zoned(
        readings.volumes,
        curves.bounds_m3_h[area],
        supply.step_m3[area],
        supply.continuous,
        supply.interval_hours,
        curves.main,
        supply.pure,
    )
    factor = supply.factor[area][supply.site[area]]
    scale = curves.scale[area][parts.row, parts.zone]
    count, intervals = parts.volumes.shape
    days = -(-intervals // supply.points_a_day)
    terms = supply.terms.shape[1]
    raw = np.zeros((count + terms + days + 1, intervals))
    np.multiply(parts.volumes, factor[parts.row], out=raw[:count])
    np.subtract(readings.inflow, raw[:count].sum(axis=0), out=raw[-1])
    raw[:count] *= -scale[:, None]
    raw[count : count + terms] = supply.terms[area]
    through_day = (np.arange(intervals) + 0.5) / supply.points_a_day - np.arange(days)[:, None]
    np.multiply(np.clip(through_day, 0, 1), supply.levels[area], out=raw[count + terms : -1])
    own = (supply.step_m3[area][parts.row] * factor.mean(axis=1)[parts.row] * scale) ** 2 * parts.part / 12
    precision = np.concatenate([1 / supply.spread[area] ** 2, np.full(days, 1 / supply.level_spread_m3[area] ** 2)])
    return Columns(raw, parts, scale, own, precision)


def rounding(supply: Supply, area: int, found: Columns) -> float:
    """Variance that the steps of the registers leave in their balance, m6: step^2 / 12 for each that moves."""
    return float((found.own / found.scale**2).sum() + supply.inflow_step_m3[area] ** 2 / 12)


def equations(found: Columns, noise: Noise, extra: Floats) -> Equations:
    """Whiten, multiply, and take out what a meter's rounding adds to its own square and to its product with the
    balance, where the same rounding stands (errors in variables: Fuller 1987, 2.2)."""
    through = noise_filter(noise, extra)
    white = through.white(found.raw)
    products = white @ white.T
    gram, rhs = products[:-1, :-1], products[:-1, -1].copy()
    count = len(found.scale)
    place = np.arange(count)
    own = found.own * rounding_weight(noise, extra) * resting_weight(noise, found.zoned.active)
    steady = gram[count, count]
    signal = gram[place, place] - gram[place, count] ** 2 / steady
    measured = own < MOST_ROUNDING * signal
    gram[place, place] -= own
    rhs[:count] -= own / found.scale
    for column in np.flatnonzero(~measured):
        gram[column, :] = gram[:, column] = rhs[column] = 0.0
    return Equations(gram, rhs, measured, through)
