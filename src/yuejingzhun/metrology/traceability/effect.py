"""What an error that came down the chain means to a result: against its MPE, its U and its distance to the limit."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import Floats, finite, matching
from yuejingzhun.metrology.traceability.part import Ints


class Weight(IntEnum):
    """What an error means for a result, the gravest last; ordered, so that lists can be sorted by it.

    U_ALLOWS: |error| <= U, the uncertainty that was stated covers it.
    NOT_COVERED: above U, yet no conclusion can change.
    UNKNOWN: no error, or no limit, is known.
    CONCLUSION_OPEN: the distance to the limit is below |error|; where nobody wrote it down, |error| is above a third
    of the MPE, the share that U may have in verification (JJF 1094-2002 5.3.1.4).
    BEYOND_MPE: |error| alone is above the MPE.
    """

    U_ALLOWS = 0
    NOT_COVERED = 1
    UNKNOWN = 2
    CONCLUSION_OPEN = 3
    BEYOND_MPE = 4


@dataclass(frozen=True, slots=True)
class Effect:
    """|error| / MPE, |error| / U (NaN where not known), and the weight as int (see Weight); all (m,)."""

    to_mpe: Floats
    to_u: Floats
    weight: Ints


def effect(error: ArrayLike, mpe: ArrayLike, expanded_u: ArrayLike, margin: ArrayLike) -> Effect:
    """The effect of errors on results; all in one unit, broadcast together, NaN for what is not known.

    `mpe` is half the width of the tolerance, `expanded_u` the U stated in the certificate, `margin` the distance from
    the error found to the nearest limit, negative where it failed: an error can make a failure of a pass, or undo one.
    """
    known = [_or_nan(name, values) for name, values in
             (("error", error), ("mpe", mpe), ("expanded_u", expanded_u), ("margin", margin))]  # fmt: skip
    size, limit, u, left = matching(error=np.abs(known[0]), mpe=known[1], expanded_u=known[2], margin=known[3])
    with np.errstate(divide="ignore", invalid="ignore"):
        to_mpe, to_u = size / limit, size / u
    weight = np.full(size.shape, Weight.NOT_COVERED, np.int32)
    weight[np.isnan(to_mpe)] = Weight.UNKNOWN
    weight[np.where(np.isnan(left), to_mpe > 1 / 3, size > np.abs(left))] = Weight.CONCLUSION_OPEN
    weight[size <= u] = Weight.U_ALLOWS
    weight[to_mpe > 1] = Weight.BEYOND_MPE
    return Effect(np.asarray(to_mpe), np.asarray(to_u), weight)


def _or_nan(name: str, values: ArrayLike) -> Floats:
    array = np.asarray(values, np.float64)
    finite(name, array[~np.isnan(array)])
    return array
