"""Robust averages and standard deviations of whole rounds at once (ISO 13528:2022 Annex C.2 and C.3).

Everywhere `rounds` is an array (..., participants), one result each; `present`, of the same shape, is false where
a participant gave none, so that rounds of unequal size share an array. Results are arrays of shape (...), in the
unit of the results. Each function raises ArgumentError for a result that isn't finite, a round of fewer than three
participants or one whose results are all equal.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, not_negative, positive, whole
from yuejingzhun.metrology.comparison.rounds import Booleans, Integers, blocks, median_of, sorted_rounds
from yuejingzhun.metrology.comparison.winsorised import by_steps, to_limit, to_third_figure

LEAST_PARTICIPANTS = 3  # with two results nothing tells which of them is the outlier
# Factors as printed in ISO 13528:2022: formulae (C.3), (C.4) and (6).
MADE_FACTOR, NIQR_FACTOR = 1.483, 0.7413
CONSENSUS_FACTOR = 1.25
# Most rounds end within a few updates; the others wait and share a block, which is then worth its overhead.
_STAGES = (6, 60, 5000)


@dataclass(frozen=True, slots=True)
class RobustEstimate:
    """Robust mean x* and robust standard deviation s* of each round, with the number of participants it rests on."""

    location: Floats
    scale: Floats
    participants: Integers

    @property
    def uncertainty(self) -> Floats:
        """Standard uncertainty of x* as assigned value (ISO 13528:2022 7.7.7, formula (6))."""
        return consensus_uncertainty(self.scale, self.participants)


def consensus_uncertainty(scale: ArrayLike, participants: ArrayLike) -> Floats:
    """u(x_pt) = 1.25 s*/sqrt(p) of a robust average (ISO 13528:2022 7.7.7, formula (6)); the arguments broadcast."""
    return CONSENSUS_FACTOR * not_negative("scale", scale) / np.sqrt(positive("participants", participants))


def median(rounds: ArrayLike, present: ArrayLike | None = None) -> Floats:
    """Median of each round (ISO 13528:2022 C.2.1)."""
    data = sorted_rounds(rounds, present, LEAST_PARTICIPANTS)
    return median_of(data.rows, data.counts).reshape(data.shape)


def made(rounds: ArrayLike, present: ArrayLike | None = None) -> Floats:
    """Scaled median absolute deviation MADe (ISO 13528:2022 C.2.2); zero where over half of the results coincide."""
    data = sorted_rounds(rounds, present, LEAST_PARTICIPANTS)
    return _made(data.rows, median_of(data.rows, data.counts), data.counts).reshape(data.shape)


def niqr(rounds: ArrayLike, present: ArrayLike | None = None) -> Floats:
    """Normalised interquartile range (ISO 13528:2022 C.2.3); zero where the middle half coincides.

    Quartiles lie at 1 + (p - 1)/4 and 1 + 3 (p - 1)/4, interpolated linearly: the standard leaves the rule open, and
    this one gives what its example E.3 prints.
    """
    data = sorted_rounds(rounds, present, LEAST_PARTICIPANTS)
    low, high = (_quantile(data.rows, data.counts, part) for part in (0.25, 0.75))
    return (NIQR_FACTOR * (high - low)).reshape(data.shape)


def algorithm_a(
    rounds: ArrayLike, present: ArrayLike | None = None, *, iterations: int | None = None, third_figure: bool = False
) -> RobustEstimate:
    """Robust mean and standard deviation by Algorithm A (ISO 13528:2022 C.3.1), for each round the iteration's limit.

    A printed table may have stopped sooner: `third_figure` ends at the first update that leaves three significant
    figures of x* and s* as they were, the rule of C.3.1, whose result depends on the unit; `iterations` after so many
    updates. Where MADe is zero the iteration starts from the standard deviation (note to C.3.1); s* is zero where so
    many results coincide that the iteration has no other limit.
    """
    data = sorted_rounds(rounds, present, LEAST_PARTICIPANTS)
    limit = None if iterations is None else whole("iterations", iterations)
    end = "third figure" if third_figure else "limit"
    location, scale = np.empty(len(data.rows)), np.empty(len(data.rows))
    left = np.arange(len(data.rows))
    for steps in _STAGES if limit is None else (limit,):
        done = np.empty(len(left), dtype=bool)
        for block in blocks(len(left), data.rows.shape[1]):
            some = left[block]
            location[some], scale[some], done[block] = _winsorise(
                data.rows[some], data.counts[some], steps, "steps" if limit is not None else end
            )
        left = left[~done]
    if limit is None and len(left):
        raise ArgumentError("rounds", f"第 {int(left[0]) + 1} 轮：算法 A 未收敛")
    return RobustEstimate(
        location.reshape(data.shape), scale.reshape(data.shape), data.counts.reshape(data.shape).copy()
    )


def _winsorise(rows: Floats, counts: Integers, steps: int, end: str) -> tuple[Floats, Floats, Booleans]:
    """x*, s* after at most `steps` updates, and whether the iteration has ended."""
    centre = median_of(rows, counts)
    unit = _starting_scale(rows, centre, counts)
    # Participants run down, rounds along: every sum over participants is then a sum of contiguous rows. In units of
    # the starting scale about the median, squares lose nothing to a large offset.
    deviations = np.ascontiguousarray(((rows - centre[:, None]) / unit[:, None]).T)
    if end == "limit":
        x, s, ended = to_limit(deviations, counts, steps)
    elif end == "third figure":
        x, s, ended = to_third_figure(deviations, counts, centre, unit, steps)
    else:
        x, s, ended = by_steps(deviations, counts, steps)
    return centre + unit * x, unit * s, ended


def _made(rows: Floats, centre: Floats, counts: Integers) -> Floats:
    return MADE_FACTOR * median_of(np.sort(np.abs(rows - centre[:, None]), axis=-1), counts)


def _quantile(rows: Floats, counts: Integers, part: float) -> Floats:
    place = (counts - 1) * part
    below = place.astype(np.int64)
    above = np.minimum(below + 1, counts - 1)
    low, high = (np.take_along_axis(rows, at[:, None], axis=-1)[:, 0] for at in (below, above))
    return low + (place - below) * (high - low)


def _starting_scale(rows: Floats, centre: Floats, counts: Integers) -> Floats:
    scale = _made(rows, centre, counts)
    for row in np.flatnonzero(scale == 0):
        scale[row] = np.std(rows[row, : counts[row]], ddof=1)
    return scale
