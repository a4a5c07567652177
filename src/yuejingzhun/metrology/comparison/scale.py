"""Robust spreads of whole rounds at once: Algorithm S and Qn (ISO 13528:2022 Annex C.4 and C.5.2.1, with Amd 1:2026).

Arrays run over rounds as in `robust`: (..., participants), `present` false where there is none; results (...).
Factors as the standard prints them; they, the clauses and the amendment as the library pt13528 0.1.8 quotes them, Qn's
also as in the R package robustbase.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats
from yuejingzhun.metrology.comparison.rounds import (
    Integers,
    blocks,
    masked,
    median_of,
    pair_differences,
    refuse_rounds,
    sorted_rounds,
)
from yuejingzhun.metrology.comparison.winsorised import third_figure_of

# Table C.1: limit factor eta and adjustment factor xi for 1 to 10 degrees of freedom (ISO 5725-5:1998 Table 1).
LIMIT_FACTORS = (1.645, 1.517, 1.444, 1.395, 1.359, 1.332, 1.310, 1.292, 1.277, 1.264)
ADJUSTMENT_FACTORS = (1.097, 1.054, 1.039, 1.032, 1.027, 1.024, 1.021, 1.019, 1.018, 1.017)
_TRUSTED = 0.9  # of the spreads of like laboratories lie below the limit
# (C.19) and Table C.2, for 2 to 12 results. The 2022 edition first printed 2.2219, and h one too small.
QN_FACTOR = 2.2191
QN_SMALL = (0.3994, 0.9937, 0.5132, 0.8440, 0.6122, 0.8588, 0.6699, 0.8734, 0.7201, 0.8891, 0.7574)
_LEAST = 2
_STEPS = 500  # of the printed rule, which ends after a few
_SLACK = 1e-12  # of a spread that lies at the limit itself, and counts on either side alike


def algorithm_s(
    spreads: ArrayLike, dof: ArrayLike, present: ArrayLike | None = None, *, third_figure: bool = False
) -> Floats:
    """Pooled standard deviation (or range) w* of each round, by Algorithm S (ISO 13528:2022 C.4; ISO 5725-5:1998 6.2).

    `spreads` (..., laboratories) are standard deviations with `dof` degrees of freedom each, or ranges of duplicates
    with one; `dof` is a whole number for each round. From ranges of two results s_r is w*/sqrt(2). The iteration's
    limit; `third_figure` stops as the clause does. Zero where most spreads are. Raises ArgumentError for a spread that
    is negative or not finite, a round of fewer than two laboratories or of zeros only, degrees of freedom below one.
    """
    values = masked("spreads", spreads, present)
    if np.any(values < 0):
        raise ArgumentError("spreads", "标准差与极差不应为负")
    width = values.shape[-1] if values.ndim else 1
    shape = values.shape[:-1]
    rows = np.sort(values.reshape(math.prod(shape), width), axis=-1)
    counts = np.count_nonzero(np.isfinite(rows), axis=-1).astype(np.int64)
    refuse_rounds("spreads", counts < _LEAST, f"至少需要 {_LEAST} 个实验室")
    squares = np.where(np.isfinite(rows), rows, 0.0) ** 2
    refuse_rounds("spreads", squares.sum(axis=-1) == 0, "全部为零，无法估计离散程度")
    eta, xi = (np.broadcast_to(part, shape).reshape(-1) for part in _factors(dof, shape))
    start = median_of(rows, counts)
    start = np.where(start > 0, start, np.sqrt(squares.sum(axis=-1) / counts))  # note to C.4
    walk = _to_third_figure if third_figure else _to_limit
    return walk(rows, counts, start, eta, xi).reshape(shape)


def qn(rounds: ArrayLike, present: ArrayLike | None = None) -> Floats:
    """Qn of each round: a standard deviation that needs no location (ISO 13528:2022 C.5.2.1, (C.15) to (C.21)).

    Rousseeuw and Croux 1993, J. Am. Stat. Assoc. 88 1273; breakdown point one half, 82 % efficient. Zero where so many
    results coincide. Raises ArgumentError for a result that isn't finite, a round of fewer than two results or one
    whose results are all equal.
    """
    data = sorted_rounds(rounds, present, _LEAST)
    return qn_of(data.rows, data.counts).reshape(data.shape)


def qn_of(rows: Floats, counts: Integers) -> Floats:
    """Qn of ascending rows, of which the first `counts` are results and the rest +inf."""
    scale = np.empty(len(rows))
    half = counts // 2 + 1
    rank = half * (half - 1) // 2 - 1
    for block in blocks(len(rows), rows.shape[1] * (rows.shape[1] - 1) // 2):
        pairs = np.sort(pair_differences(rows[block]), axis=-1)
        scale[block] = np.take_along_axis(pairs, rank[block, None], axis=-1)[:, 0]
    return QN_FACTOR * scale * _finite_sample_factor(counts)


def _finite_sample_factor(counts: Integers) -> Floats:
    """b_p: Table C.2 to twelve results, (C.20) and (C.21) beyond."""
    p = counts.astype(np.float64)
    odd = (1.6019 + (-2.128 - 5.172 / p) / p) / p
    even = (3.6756 + (1.965 + (6.987 - 77 / p) / p) / p) / p
    small = np.asarray(QN_SMALL)[np.clip(counts, 2, 12) - 2]
    return np.where(counts <= 12, small, 1 / (1 + np.where(counts % 2, odd, even)))


def _factors(dof: ArrayLike, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """eta and xi: printed to ten degrees of freedom, beyond from the chi-squared law behind the table."""
    from scipy.special import chdtr, chdtri

    free = np.asarray(dof)
    if free.dtype.kind not in "iu" or np.any(free < 1):
        raise ArgumentError("dof", "应为不小于 1 的整数")
    try:
        np.broadcast_to(free, shape)
    except ValueError as error:
        raise ArgumentError("dof", f"形状不一致：{free.shape}，应为 {shape}") from error
    eta = np.sqrt(chdtri(free, 1 - _TRUSTED) / free)
    xi = 1 / np.sqrt(chdtr(free + 2, free * eta**2) + (1 - _TRUSTED) * eta**2)
    place = np.minimum(free, len(LIMIT_FACTORS)) - 1
    printed = free <= len(LIMIT_FACTORS)
    return (
        np.where(printed, np.asarray(LIMIT_FACTORS)[place], eta),
        np.where(printed, np.asarray(ADJUSTMENT_FACTORS)[place], xi),
    )


def _to_limit(rows: Floats, counts: Integers, start: Floats, eta: Floats, xi: Floats) -> Floats:
    """The fixed point that the iteration walks to: the nearest on the side of its first step.

    An update never falls as w* grows, so the walk goes one way and can't pass a fixed point. While m spreads are
    limited the update is w^2 <- xi^2 (sum of the other squares + m eta^2 w^2)/p, which has one fixed point in closed
    form; it counts if just those m spreads lie beyond its limit.
    """
    limit = np.empty(len(rows))
    for block in blocks(len(rows), 6 * rows.shape[1]):
        row, p, w0 = rows[block], counts[block, None], start[block, None]
        e, x = eta[block, None], xi[block, None]
        known = np.arange(1, row.shape[1] + 1)  # spreads that are not limited: the smallest 1, 2, ... p
        sums = np.cumsum(np.where(np.isfinite(row), row, 0.0) ** 2, axis=-1)
        remains = p - np.maximum(p - known, 0) * (x * e) ** 2
        fixed = x * np.sqrt(sums / np.where(remains > 0, remains, np.inf))
        cut, after = e * fixed, np.concatenate([row[:, 1:], np.full((len(row), 1), np.inf)], axis=-1)
        holds = (known <= p) & (fixed > 0) & (row <= cut * (1 + _SLACK)) & (after >= cut * (1 - _SLACK))
        rises = _update(row, p[:, 0], w0[:, 0], e[:, 0], x[:, 0])[:, None] >= w0
        above = np.min(np.where(holds & (fixed >= w0 * (1 - _SLACK)), fixed, np.inf), axis=-1)
        below = np.max(np.where(holds & (fixed <= w0 * (1 + _SLACK)), fixed, 0.0), axis=-1)
        limit[block] = np.where(rises[:, 0], above, below)
    return limit


def _to_third_figure(rows: Floats, counts: Integers, start: Floats, eta: Floats, xi: Floats) -> Floats:
    """Until an update leaves three significant figures as they were; the starting value is no update."""
    w, ended = start, np.zeros(len(rows), dtype=bool)
    before = np.full(len(rows), np.nan)
    for _ in range(_STEPS):
        w = np.where(ended, w, _update(rows, counts, w, eta, xi))
        figures = third_figure_of(w)
        ended |= figures == before
        before = figures
        if ended.all():
            return w
    # Those that fall to zero never keep three figures.
    return np.where(ended, w, _to_limit(rows, counts, start, eta, xi))


def _update(rows: Floats, counts: Integers, w: Floats, eta: Floats, xi: Floats) -> Floats:
    """Formulae (C.12) to (C.14)."""
    bounded = np.where(np.isfinite(rows), np.minimum(rows, (eta * w)[:, None]), 0.0)
    return np.asarray(xi * np.sqrt((bounded**2).sum(axis=-1) / counts))
