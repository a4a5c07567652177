"""How good the method has been: what it said of meters against what tests have found of them since.

Mostly suspicious meters are tested. What is said of those that were said to be bad (precision, the reliability
of a stated probability) does not suffer; recall, average precision, Brier score and coverage do. Where the chance of
each tested meter to be tested is known, it counts by the inverse (Horvitz & Thompson 1952, J. Am. Stat. Assoc.
47 663), and the record is that of all meters that had any chance; otherwise it is that of the tested, and says so.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, matching, not_negative, within
from yuejingzhun.metrology.fleet.proportion import Proportion, weighted_interval

EDGES = (0.0, 0.01, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 1.0)
KNOWN_RULE = "已按各表被抽检的概率加权，代表全部有机会被检的表"
UNKNOWN_RULE = "只代表已检的表：受检的概率未知，而可疑的表更常受检，查全率与平均精确率偏高"


@dataclass(frozen=True, slots=True)
class Reliability:
    """One entry for each bin of stated probability: its mean, and how many were found beyond the MPE."""

    stated: Floats
    found: tuple[Proportion, ...]
    meters: NDArray[np.int64]

    def agrees(self) -> NDArray[np.bool_]:
        """Whether the mean stated lies within the limits of what was found; true for an empty bin."""
        inside = [m == 0 or p.low <= s <= p.high for s, p, m in zip(self.stated, self.found, self.meters, strict=True)]
        return np.array(inside, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """Against the meters tested since. `threshold` is the stated probability from which a meter was called bad."""

    tested: int
    beyond: int
    threshold: float
    recall: Proportion
    precision: Proportion
    average_precision: float
    brier: float
    brier_of_share: float  # of who states the share for every meter: what has to be beaten
    reliability: Reliability
    text: str  # whom the record speaks for


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the stated interval held the error that the test found: small errors and large ones apart."""

    small: Proportion
    large: Proportion


def inverse_chance(chance: ArrayLike) -> Floats:
    """1 / chance of each tested meter to have been tested. A tested meter can't have had none: ArgumentError."""
    given = within("chance", chance, 0.0, 1.0)
    if (given == 0).any():
        raise ArgumentError("chance", "已检的表受检的概率应大于零")
    return np.asarray(1 / given)


def track_record(
    exceeds: ArrayLike,
    beyond: ArrayLike,
    weight: ArrayLike | None = None,
    threshold: float = 0.5,
    level: float = 0.95,
) -> TrackRecord:
    """`exceeds` as stated before the test, `beyond` (0 or 1) as found, one a tested meter; `weight`: `inverse_chance`.

    Raises ArgumentError without any meter. Recall is NaN where none was beyond, precision where none was called bad.
    """
    p, y, w = _checked(exceeds, beyond, weight)
    limit = float(within("threshold", threshold, 0.0, 1.0))
    called, bad = p >= limit, y == 1
    share = float((w * y).sum() / w.sum())
    return TrackRecord(
        p.size,
        int(y.sum()),
        limit,
        weighted_interval(called[bad].astype(np.float64), w[bad], level),
        weighted_interval(y[called], w[called], level),
        average_precision(p, y, w),
        brier(p, y, w),
        share * (1 - share),
        reliability(p, y, w, level=level),
        UNKNOWN_RULE if weight is None else KNOWN_RULE,
    )


def average_precision(exceeds: ArrayLike, beyond: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Precision at each stated probability, weighted by the recall that is gained there; equal ones come at once.

    NaN where none was beyond.
    """
    _, precision, recall = precision_recall(exceeds, beyond, weight)
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def precision_recall(
    exceeds: ArrayLike, beyond: ArrayLike, weight: ArrayLike | None = None
) -> tuple[Floats, Floats, Floats]:
    """Thresholds, descending, and precision and recall of calling bad all meters from there on."""
    p, y, w = _checked(exceeds, beyond, weight)
    order = np.argsort(-p, kind="stable")
    p, y, w = p[order], y[order], w[order]
    last = np.flatnonzero(np.append(p[1:] != p[:-1], True))
    found, called = np.cumsum(w * y)[last], np.cumsum(w)[last]
    total = float(found[-1])
    recall = found / total if total > 0 else np.full(found.shape, np.nan)
    precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)
    return p[last], precision, recall


def recall_at_precision(
    exceeds: ArrayLike, beyond: ArrayLike, precision: float, weight: ArrayLike | None = None
) -> float:
    """The largest recall at which at least that precision is kept; 0 where it is never reached."""
    _, reached, recall = precision_recall(exceeds, beyond, weight)
    kept = reached >= within("precision", precision, 0.0, 1.0)
    return float(recall[kept].max()) if kept.any() else 0.0


def brier(exceeds: ArrayLike, beyond: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Mean square of stated probability less outcome (Brier 1950, Mon. Weather Rev. 78 1)."""
    p, y, w = _checked(exceeds, beyond, weight)
    return float((w * (p - y) ** 2).sum() / w.sum())


def reliability(
    exceeds: ArrayLike,
    beyond: ArrayLike,
    weight: ArrayLike | None = None,
    edges: ArrayLike = EDGES,
    level: float = 0.95,
) -> Reliability:
    """Bins [edge, next edge), the last with its upper edge, with binomial limits of what was found in each."""
    p, y, w = _checked(exceeds, beyond, weight)
    bounds = within("edges", edges, 0.0, 1.0)
    if bounds.size < 2 or np.any(np.diff(bounds) <= 0) or bounds[0] > p.min() or bounds[-1] < p.max():
        raise ArgumentError("edges", "应递增，并包含所有概率")
    bins = np.minimum(np.searchsorted(bounds, p, side="right") - 1, bounds.size - 2)
    count = bounds.size - 1
    total = np.bincount(bins, w, count)
    stated = np.divide(np.bincount(bins, w * p, count), total, out=np.full(count, np.nan), where=total > 0)
    found = tuple(weighted_interval(y[bins == b], w[bins == b], level) for b in range(count))
    return Reliability(stated, found, np.bincount(bins, minlength=count).astype(np.int64))


def coverage(
    low: ArrayLike,
    high: ArrayLike,
    error: ArrayLike,
    mpe: float = 0.02,
    weight: ArrayLike | None = None,
    level: float = 0.95,
) -> Coverage:
    """`error` as the test found it, whose own uncertainty should be small against the interval's width."""
    a, b, e = matching(low=finite("low", low), high=finite("high", high), error=finite("error", error))
    w = np.ones(e.shape) if weight is None else not_negative("weight", weight)
    inside = ((a <= e) & (e <= b)).astype(np.float64)
    large = np.abs(e) > within("mpe", mpe, 0.0, 1.0)
    return Coverage(
        weighted_interval(inside[~large], w[~large], level), weighted_interval(inside[large], w[large], level)
    )


def _checked(exceeds: ArrayLike, beyond: ArrayLike, weight: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    p = within("exceeds", exceeds, 0.0, 1.0)
    y = within("beyond", np.asarray(beyond, dtype=np.float64), 0, 1)
    w = np.ones(p.shape) if weight is None else not_negative("weight", weight)
    if p.ndim != 1 or p.shape != y.shape or p.shape != w.shape:
        raise ArgumentError("exceeds、beyond、weight", f"应为一维且长度相同：{p.shape}、{y.shape}、{w.shape}")
    if not p.size or float(w.sum()) == 0:
        raise ArgumentError("exceeds", "没有已检的表")
    if not np.isin(y, (0, 1)).all():
        raise ArgumentError("beyond", "应为 0 或 1")
    return p, y, w
