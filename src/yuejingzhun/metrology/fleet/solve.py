"""From the moments of a batch to the posterior of its errors: units, the bias of rounding, what can't be measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.columns import EXTRA
from yuejingzhun.metrology.fleet.posterior import Posterior, posterior
from yuejingzhun.metrology.fleet.prior import Prior

# Share of a meter's signal that may be the rounding of its own register; above it the meter as good as stands idle.
MOST_ROUNDING = 0.3
# A register that moves by less than that on average goes by single steps, which are not the energy of their interval.
LEAST_STEPS = 0.5
MOST_LOSS = 0.1  # spread of the prior of a loss, of the energy that causes it


@dataclass(frozen=True, slots=True)
class Batch:
    """Districts of one shape. `products` and the rest as in moments.py and columns.py, stacked."""

    products: Sequence[Floats]  # districts: columns x columns
    unit: Floats  # districts x rows: kWh a step, with the sign; 0 for a row that fills up or is left out
    load_scale: Floats  # districts x groups, kWh^2
    intervals: Floats  # districts
    leak: Floats  # districts
    variance: Floats  # districts: of the noise, kWh^2
    block: Floats  # districts: intervals whose registers are averaged
    total_kwh: Floats  # districts: mean energy of an interval
    mean_steps: Floats  # districts x rows: mean increment


@dataclass(frozen=True, slots=True)
class Solution:
    """The posterior, and which meters the readings say anything of."""

    posterior: Posterior
    measured: NDArray[np.bool_]  # districts x rows


def solve(batch: Batch, prior: Prior) -> Solution:
    """Errors a = e / (1 + e) and losses of every district of the batch."""
    gram, rhs, measured = equations(batch)
    return Solution(posterior(gram, rhs, loss_precision(batch), batch.unit.shape[1], prior), measured)


def equations(batch: Batch) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Gram matrices and right sides in units of the noise, without the bias of rounding; which meters they tell of."""
    factor = in_noise(batch)
    size = factor.shape[1] - 1
    gram, rhs = np.empty((len(factor), size, size)), np.empty((len(factor), size))
    for products, by, square, side in zip(batch.products, factor, gram, rhs, strict=True):
        np.multiply(products[:-1, :-1], by[:-1, None], out=square)
        square *= by[:-1]
        np.multiply(products[:-1, -1], by[:-1] * by[-1], out=side)
    return gram, rhs, _take_out_rounding(gram, rhs, batch)


def in_noise(batch: Batch) -> Floats:
    """Factors of the columns of moments.py (districts x columns) that bring them to kWh, with the sign that the model
    has for them, in units of the noise."""
    rows = batch.unit.shape[1]
    factor = np.ones((len(batch.unit), rows + batch.load_scale.shape[1] + EXTRA))
    factor[:, :rows] = -batch.unit
    factor /= np.sqrt(batch.variance)[:, None]
    return factor


def _take_out_rounding(gram: Floats, rhs: Floats, batch: Batch) -> NDArray[np.bool_]:
    """Subtract, in place, what a meter's rounding adds to its own square and to its product with the balance, where
    the same rounding stands (errors in variables: Fuller 1987, 2.2); a meter with little else is set to nothing."""
    rows = batch.unit.shape[1]
    meter, fixed = np.arange(rows), gram.shape[1] - EXTRA + 1
    square = gram[:, meter, meter]
    signal = square - gram[:, meter, fixed] ** 2 / gram[:, fixed, fixed][:, None]
    own = own_rounding(batch) * batch.intervals[:, None]
    # Averages have less rounding, but not an idle meter's, whose single steps are its whole signal.
    measured = (own * batch.block[:, None] < MOST_ROUNDING * signal) & (batch.mean_steps > LEAST_STEPS)
    gram[:, meter, meter] -= own
    rhs[:, :rows] -= own
    for district, row in np.argwhere(~measured):
        gram[district, row, :] = gram[district, :, row] = rhs[district, row] = 0.0
    return measured


def own_rounding(batch: Batch) -> Floats:
    """What an interval adds, by a meter's own rounding, to its square in units of the noise; districts x rows.

    A step's rounding has variance 1/12 in the register; differences through the leak: times 2 / (1 + leak).
    """
    return batch.unit**2 / (6 * batch.variance * (1 + batch.leak) * batch.block)[:, None]


def loss_precision(batch: Batch) -> Floats:
    """Of the nuisances: a loss is a share of its energy, the register at the start is within a step or so."""
    districts, rows = batch.unit.shape
    precision = np.zeros((districts, rows + batch.load_scale.shape[1] + EXTRA - 1))
    precision[:, rows:-2] = 1 / (MOST_LOSS**2 * batch.load_scale)
    precision[:, -2] = 1 / (MOST_LOSS * batch.total_kwh) ** 2
    precision[:, -1] = 1 / (batch.variance * batch.leak.clip(0.1))
    return precision
