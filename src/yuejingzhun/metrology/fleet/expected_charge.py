"""What a meter is expected to charge too much or too little, from the whole distribution of its error.

A meter registers R where R (1 - a) went through it, a = e / (1 + e): too much is charged where a > 0. The mean of a
would not do: a meter that may be 5 % fast or 5 % slow has none, and yet wrongs somebody.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, matching, positive, within
from yuejingzhun.metrology.fleet.group_share import blocks
from yuejingzhun.metrology.fleet.posterior import components
from yuejingzhun.metrology.fleet.prior import Prior, responsibilities

ROWS = 1 << 15
PEAK = 1 / np.sqrt(2 * np.pi)


@dataclass(frozen=True, slots=True)
class ExpectedCharge:
    """Of each meter, relative to the registered energy: expectations of the parts of a above and below zero.

    The `found` ones count only where the error is beyond the MPE, so that a test would find it: E(a+; |e| > mpe).
    """

    over: Floats
    under: Floats
    over_found: Floats
    under_found: Floats
    exceeds: Floats  # P(|e| > mpe)


def expected_charge(prior: Prior, mean: ArrayLike, variance: ArrayLike, mpe: float = 0.02) -> ExpectedCharge:
    """From what the readings alone say of a of each meter (`District.mean` and `.variance`) and the fleet's prior."""
    m, v = matching(mean=finite("mean", mean), variance=positive("variance", variance))
    within("mpe", mpe, 1e-4, 0.5)
    if m.ndim != 1:
        raise ArgumentError("mean", f"应为一维，形状为 {m.shape}")
    lower, upper = -mpe / (1 - mpe), mpe / (1 + mpe)
    result = np.empty((5, m.size))
    for part in blocks(m.size, ROWS):
        share = responsibilities(prior, m[part, None], v[part, None])
        width, centre = components(prior, m[part], v[part])
        spread = np.sqrt(width)
        terms = (
            _above(centre, spread, 0.0),
            _above(-centre, spread, 0.0),
            _above(centre, spread, upper),
            _above(-centre, spread, -lower),
            ndtr((lower - centre) / spread) + ndtr((centre - upper) / spread),
        )
        for row, term in zip(result, terms, strict=True):
            row[part] = (share * term).sum(axis=-1)
    over, under, over_found, under_found = np.maximum(result[:4], 0.0)
    return ExpectedCharge(over, under, over_found, under_found, np.clip(result[4], 0.0, 1.0))


def _above(centre: Floats, spread: Floats, limit: float) -> Floats:
    """E(x; x > limit) of normal x."""
    z = (centre - limit) / spread
    return np.asarray(centre * ndtr(z) + spread * PEAK * np.exp(-0.5 * z * z))
