"""The largest consistent subset of the participants, and its weighted mean as the reference value (Cox 2007).

The number of the section: from memory, to be read against the paper.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, probability
from yuejingzhun.metrology.comparison.participants import Mask, Participants, participants
from yuejingzhun.metrology.comparison.reference_value import ReferenceValue, weighted_mean

NUMBERS_PER_BLOCK = 1_000_000  # orderings of participants held at once, so that memory stays small


def largest_consistent_subset(
    x: ArrayLike, u: ArrayLike, present: ArrayLike | None = None, level: float = 0.05
) -> ReferenceValue:
    """Weighted mean of the largest subset that passes the chi-squared test (Cox 2007, Metrologia 44 187, section 4).

    Of several equally large the one with the smallest chi-squared. x, u, present (..., n), x and u in one unit,
    results independent; `included` of the result is the subset, `p` its probability, at least `level`. Exact, and
    of polynomial effort: no enumeration of 2^n subsets. Raises ArgumentError for fewer than two present, u <= 0,
    NaN, or a comparison in which no two participants are consistent.
    """
    people = participants(x, u, present)
    probability("level", level)
    n = people.x.shape[-1]
    rows = Participants(people.x.reshape(-1, n), people.u.reshape(-1, n), people.present.reshape(-1, n))
    subsets = np.empty(rows.x.shape, dtype=np.bool_)
    step = max(1, NUMBERS_PER_BLOCK // (n * n * n))
    for start in range(0, len(subsets), step):
        block = slice(start, start + step)
        part = Participants(rows.x[block], rows.u[block], rows.present[block])
        subsets[block] = _subsets(part, level)
    if np.any(subsets.sum(axis=-1) < 2):
        first = int(np.argmax(subsets.sum(axis=-1) < 2)) + 1
        raise ArgumentError("x", f"第 {first} 次比对中没有两个参加者相互一致，参考值不能由一致子集得出")
    return weighted_mean(people.x, people.u, subsets.reshape(people.x.shape))


def _subsets(people: Participants, level: float) -> Mask:
    """The subsets of comparisons of shape (rows, n).

    About a given mean t the k results with the smallest |x - t|/u have the smallest chi-squared of all k. So the
    best subset of k is among those first k for some t, and their order changes only where two lines |x - t|/u
    cross: one t between each two crossings sees them all.
    """
    t = _between(_crossings(people))
    distance = (people.x[:, None, :] - t[..., None]) / people.u[:, None, :]
    order = np.where(people.present[:, None, :], np.abs(distance), np.inf).argsort(axis=-1)
    rows = np.arange(len(t))[:, None, None]
    w = np.where(people.present, 1 / (people.u * people.u), 0.0)[rows, order]
    chi2 = _cumulative_chi2(people.x[rows, order] - t[..., None], w)
    smallest = chi2.min(axis=1)
    size = np.arange(1, people.x.shape[-1] + 1)
    passes = special.chdtrc(np.maximum(size - 1, 1), smallest) >= level
    passes &= (size >= 2) & (size <= people.count[:, None])
    largest = np.where(passes, size, 0).max(axis=-1)
    best = np.take_along_axis(chi2, np.maximum(largest - 1, 0)[:, None, None], axis=-1)[..., 0].argmin(axis=-1)
    ranks = order[np.arange(len(t)), best].argsort(axis=-1)
    found: Mask = ranks < largest[:, None]
    return found


def _cumulative_chi2(x: Floats, w: Floats) -> Floats:
    """Chi-squared of the first k about their own weighted mean, for each k along the last axis.

    As a sum of what each adds to those before it, all positive: where results differ by many u, the difference of
    two sums would be rounding error.
    """
    total, moment = w.cumsum(axis=-1), (w * x).cumsum(axis=-1)
    before, rest = total[..., :-1], x[..., 1:]
    added = w[..., 1:] * before / total[..., 1:] * (rest - moment[..., :-1] / before) ** 2
    return np.concatenate([np.zeros_like(x[..., :1]), added.cumsum(axis=-1)], axis=-1)


def _crossings(people: Participants) -> Floats:
    """Every t at which |x - t|/u of two participants is equal, within the range of x, ascending, (rows, m)."""
    i, j = np.triu_indices(people.x.shape[-1], 1)
    both = people.present[:, i] & people.present[:, j]
    low = np.where(people.present, people.x, np.inf).min(axis=-1, keepdims=True)
    high = np.where(people.present, people.x, -np.inf).max(axis=-1, keepdims=True)
    xi, xj, ui, uj = people.x[:, i], people.x[:, j], people.u[:, i], people.u[:, j]
    inside = (xi * uj + xj * ui) / (ui + uj)
    # With equal u the lines are parallel on the same side and never cross.
    crossing = both & (ui != uj)
    outside = np.divide(xi * uj - xj * ui, uj - ui, out=np.zeros_like(xi), where=crossing)
    points = np.concatenate([np.where(both, inside, low), np.where(crossing, outside, low), low, high], axis=-1)
    return np.sort(np.clip(points, low, high), axis=-1)


def _between(points: Floats) -> Floats:
    return (points[:, 1:] + points[:, :-1]) / 2
