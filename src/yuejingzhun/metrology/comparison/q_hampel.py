"""Q method and Hampel estimator of whole rounds at once (ISO 13528:2022 Annex C.5).

`rounds` and `present` as in `robust`: (..., participants), one result each; results are arrays of shape (...).
Breakdown point of both: half of the participants.
"""

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, positive
from yuejingzhun.metrology.comparison.robust import LEAST_PARTICIPANTS, RobustEstimate
from yuejingzhun.metrology.comparison.rounds import (
    Integers,
    Rounds,
    blocks,
    median_of,
    pair_differences,
    sorted_rounds,
)

# Where the influence function bends (C.5.3.3): it rises to 1.5, stays there to 3 and has fallen to zero at 4.5.
_BEND, _FALL, _END = 1.5, 3.0, 4.5
_FAR = 1e300  # where absent results are put: out of everyone's influence, and still a number
_EPS = float(np.finfo(np.float64).eps)


def q_method(rounds: ArrayLike, present: ArrayLike | None = None) -> Floats:
    """Robust standard deviation by the Q method (ISO 13528:2022 C.5.2.2), one result a participant.

    Differences that are equal but for the rounding of binary numbers count as one. Raises ArgumentError for a
    result that isn't finite, a round of fewer than three participants or one whose results are all equal.
    """
    data = sorted_rounds(rounds, present, LEAST_PARTICIPANTS)
    return _q_scale(data).reshape(data.shape)


def hampel(rounds: ArrayLike, scale: ArrayLike, present: ArrayLike | None = None) -> Floats:
    """Hampel's estimate of location for a given robust standard deviation (ISO 13528:2022 C.5.3.3).

    `scale` broadcasts to the rounds, in their unit. Of several solutions the one nearest to the median counts, of
    two equally near ones the median itself. Raises ArgumentError as `q_method`, and for a scale that isn't positive.
    """
    data = sorted_rounds(rounds, present, LEAST_PARTICIPANTS)
    given = positive("scale", scale)
    try:
        scales = np.broadcast_to(given, data.shape).reshape(-1)
    except ValueError as error:
        raise ArgumentError("scale", f"形状不一致：{given.shape}，应为 {data.shape}") from error
    return _hampel_location(data, scales).reshape(data.shape)


def q_hampel(rounds: ArrayLike, present: ArrayLike | None = None) -> RobustEstimate:
    """Standard deviation by the Q method and mean by Hampel's estimator (ISO 13528:2022 C.5.4)."""
    data = sorted_rounds(rounds, present, LEAST_PARTICIPANTS)
    scale = _q_scale(data)
    location = _hampel_location(data, scale)
    shape = data.shape
    return RobustEstimate(location.reshape(shape), scale.reshape(shape), data.counts.reshape(shape).copy())


def _q_scale(data: Rounds) -> Floats:
    width = data.rows.shape[1]
    scale = np.empty(len(data.rows))
    for block in blocks(len(data.rows), width * (width - 1) // 2):
        rows, counts = data.rows[block], data.counts[block]
        scale[block] = _q_of_differences(_differences(rows), counts, _tie_width(rows))
    return scale


def _differences(rows: Floats) -> Floats:
    """Differences of every pair in each ascending row, ascending; +inf where one of the two is absent."""
    pairs = pair_differences(rows)
    pairs.sort(axis=-1)
    return pairs


def _tie_width(rows: Floats) -> Floats:
    # Two differences of decimal numbers that are equal on paper differ by up to 2 eps max|x| in binary.
    return np.asarray(4 * _EPS * np.max(np.abs(rows), axis=-1, where=np.isfinite(rows), initial=0.0))


def _q_of_differences(pairs: Floats, counts: Integers, tie: Floats) -> Floats:
    """The 0.25 + 0.75 H1(0) quantile of G1, which joins the middles of the steps of H1 (C.22 to C.25).

    In units of pairs, not of probability: the middle of a step is half the number of pairs below plus up to it.
    """
    from scipy.special import ndtri

    total = counts * (counts - 1) / 2
    zeros = _count_up_to(pairs, tie)
    wanted = 0.25 * total + 0.75 * zeros
    value, below, upto = _step(pairs, np.floor(wanted).astype(np.int64), tie)
    middle = (below + upto) / 2
    # The step on the other side of what is wanted; G1 starts at zero, whatever the number of zero differences.
    lower = wanted <= middle
    first = lower & (below <= zeros)
    other, other_below, other_upto = _step(pairs, np.where(lower, np.maximum(below - 1, 0), upto), tie)
    other = np.where(first, 0.0, other)
    other_middle = np.where(first, 0.0, (other_below + other_upto) / 2)
    quantile = value + (wanted - middle) * (other - value) / (other_middle - middle)
    return np.asarray(quantile / (np.sqrt(2.0) * ndtri(0.625 + 0.375 * zeros / total)))


def _step(pairs: Floats, place: Integers, tie: Floats) -> tuple[Floats, Integers, Integers]:
    """The difference at that place, and how many are smaller and how many are not larger."""
    # A step above the wanted one always exists: the last one's middle is not below what is wanted.
    value = np.take_along_axis(pairs, np.minimum(place, pairs.shape[1] - 1)[:, None], axis=-1)[:, 0]
    finite = np.where(np.isfinite(value), value, 0.0)
    return finite, _count_up_to(pairs, np.nextafter(finite - tie, -np.inf)), _count_up_to(pairs, finite + tie)


def _count_up_to(pairs: Floats, limit: Floats) -> Integers:
    return np.asarray(np.count_nonzero(pairs <= limit[:, None], axis=-1), dtype=np.int64)


def _hampel_location(data: Rounds, scale: Floats) -> Floats:
    location = np.empty(len(data.rows))
    for block in blocks(len(data.rows), 6 * data.rows.shape[1]):
        rows, counts = data.rows[block], data.counts[block]
        centre = median_of(rows, counts)
        deviations = (rows - centre[:, None]) / scale[block, None]
        location[block] = centre + scale[block] * _nearest_zero(np.where(np.isfinite(rows), deviations, _FAR))
    return location


def _nearest_zero(deviations: Floats) -> Floats:
    """The zero nearest to zero of the summed influence, which is linear between the bends of its terms."""
    nodes = np.sort(
        np.concatenate([deviations + bend for bend in (-_END, -_FALL, -_BEND, _BEND, _FALL, _END)], axis=-1)
    )
    summed = np.zeros_like(nodes)
    for column in range(deviations.shape[1]):
        bounded = np.clip(deviations[:, column, None] - nodes, -_END, _END)
        summed += np.clip(bounded, -_BEND, _BEND) - (bounded - np.clip(bounded, -_FALL, _FALL))
    # What rounding leaves of a sum that is zero on paper.
    size = np.max(np.abs(deviations), axis=-1, where=deviations < _FAR, initial=1.0)
    summed[np.abs(summed) <= 8 * _EPS * deviations.shape[1] * size[:, None]] = 0.0
    left, right, start, end = summed[:, :-1], summed[:, 1:], nodes[:, :-1], nodes[:, 1:]
    crossed = left * right < 0
    crossing = start - left * (end - start) / np.where(crossed, right - left, 1.0)
    zeros = np.concatenate([np.where(summed == 0, nodes, np.inf), np.where(crossed, crossing, np.inf)], axis=-1)
    above = np.min(np.where(zeros >= 0, zeros, np.inf), axis=-1)
    below = np.max(np.where(zeros <= 0, zeros, -np.inf), axis=-1)
    level = np.any((left == 0) & (right == 0) & (start <= 0) & (end >= 0), axis=-1)
    nearest = np.where(above < -below, above, below)
    return np.where(level | (np.abs(above + below) <= 1e-12 * size), 0.0, nearest)
