"""The Youden plot: results on two similar samples, a point a laboratory (Youden 1959; ISO 13528:2022, 10.5).

Points along the 45 degree line show what a laboratory does to both samples alike, points off it what differs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, at_least, finite, matching, probability, whole
from yuejingzhun.metrology.comparison.participants import Mask, participants
from yuejingzhun.metrology.comparison.scale import qn_of

# A robust scale makes nothing of fewer, and an ellipse from three points holds them all.
FEWEST_LABORATORIES = 4
LARGEST_CORRELATION = 1 - 1e-12


@dataclass(frozen=True, slots=True)
class YoudenPlot:
    """Statistics of any number of plots; arrays of shape (...), and with n laboratories (..., n). Units of a and b.

    Where a laboratory is not present its entries are NaN.
    """

    centre: Floats  # (..., 2): mean or median of a and of b
    covariance: Floats  # (..., 2, 2)
    correlation: Any  # (...)
    laboratory_bias: Floats  # (..., n): mean of the two deviations from the centre, along the line
    within_deviation: Floats  # (..., n): half the difference of the two deviations, across the line
    within_sd: Any  # (...): standard deviation of one result within a laboratory (repeatability)
    between_sd: Any  # (...): standard deviation of the laboratories' bias; 0 where the scatter doesn't show any
    f_ratio: Any  # (...): variance along the line over variance across it
    p: Any  # (...): probability of as large a ratio if laboratories had no bias (F test; approximate if robust)
    distance: Floats  # (..., n): Hotelling's T^2 of each laboratory
    limit: Any  # (...): T^2 of the confidence ellipse
    probability: float

    def outside(self) -> Mask:
        """Which laboratories lie outside the ellipse, (..., n); False where not present."""
        result: Mask = self.distance > np.asarray(self.limit)[..., None]
        return result

    def semi_axes(self) -> tuple[Floats, Floats]:
        """Semi-axes of the ellipse (..., 2), the longer first, and the angle of that to the a axis (...), in rad."""
        values, vectors = np.linalg.eigh(self.covariance)
        angle = np.arctan2(vectors[..., 1, 1], vectors[..., 0, 1])
        # An axis has no direction: the angle is given in (-pi/2, pi/2].
        angle = np.where(angle > np.pi / 2, angle - np.pi, np.where(angle <= -np.pi / 2, angle + np.pi, angle))
        return np.sqrt(values[..., ::-1] * np.asarray(self.limit)[..., None]), angle[()]

    def ellipse(self, points: int = 100) -> Floats:
        """Points on the ellipse, closed, (..., points, 2), in units of a and b."""
        turn = np.linspace(0, 2 * np.pi, whole("points", points, 4))
        circle = np.stack([np.cos(turn), np.sin(turn)], axis=-1) * np.sqrt(np.asarray(self.limit))[..., None, None]
        result: Floats = self.centre[..., None, :] + circle @ np.swapaxes(np.linalg.cholesky(self.covariance), -1, -2)
        return result

    def circle_radius(self) -> Any:
        """Radius about the centre that holds that share of laboratories without bias (Youden 1959: 2.448 s at 95 %)."""
        return self.within_sd * np.sqrt(-2 * np.log1p(-self.probability))


def youden_plot(
    a: ArrayLike,
    b: ArrayLike,
    present: ArrayLike | None = None,
    robust: bool = False,
    probability_inside: float = 0.95,
) -> YoudenPlot:
    """Statistics of a Youden plot (ISO 13528:2022, 10.5; Youden 1959, Ind. Qual. Control 15 24).

    a, b, present (..., n): results on the two samples in one unit, of similar level, so that their standard
    deviations may be compared. The ellipse is that of Hotelling's T^2 = 2 (n - 1)/(n - 2) F(2, n - 2). Classical:
    means, sample standard deviations and correlation. Robust: medians, Qn, and the correlation of Gnanadesikan and
    Kettenring 1972 (Biometrics 28 81) from them, which up to a half of the laboratories can't carry away. Raises
    ArgumentError for fewer than four laboratories, or samples that don't vary or vary as one.
    """
    level = probability("probability_inside", probability_inside)
    first, second, mask = _pairs(a, b, present)
    count = mask.sum(axis=-1)
    centre, s_a, s_b, r = _robust(first, second, mask) if robust else _classical(first, second, mask)
    off_a, off_b = first - centre[..., :1], second - centre[..., 1:]
    along, across = off_a + off_b, off_a - off_b
    scale = _qn if robust else _sd
    # Sum and difference of two results of standard deviation s have the variance 2 s^2.
    v_total, v_within = scale(along, mask) ** 2 / 2, scale(across, mask) ** 2 / 2
    if np.any(v_within <= 0):
        raise ArgumentError("b", "两个样品结果之差完全相同，实验室内的离散不能估计")
    distance = _distance(off_a / s_a[..., None], off_b / s_b[..., None], r[..., None])
    ratio = v_total / v_within
    return YoudenPlot(
        centre=centre,
        covariance=_covariance(s_a, s_b, r),
        correlation=r,
        laboratory_bias=np.where(mask, along / 2, np.nan),
        within_deviation=np.where(mask, across / 2, np.nan),
        within_sd=np.sqrt(v_within),
        between_sd=np.sqrt(np.maximum(v_total - v_within, 0.0) / 2),
        f_ratio=ratio,
        p=special.fdtrc(count - 1, count - 1, ratio),
        distance=np.where(mask, distance, np.nan),
        limit=2 * (count - 1) / (count - 2) * special.fdtri(2, count - 2, level),
        probability=level,
    )


def _pairs(a: ArrayLike, b: ArrayLike, present: ArrayLike | None) -> tuple[Floats, Floats, Mask]:
    if present is None:
        first, second = matching(a=finite("a", a), b=finite("b", b))
        at_least("a", first, FEWEST_LABORATORIES, "个实验室")
        return first, second, np.ones(first.shape, dtype=np.bool_)
    people_a, people_b = (participants(part, 1.0, present, FEWEST_LABORATORIES) for part in (a, b))
    first, second = matching(a=people_a.x, b=people_b.x)
    return first, second, np.broadcast_to(people_a.present, first.shape)


def _classical(a: Floats, b: Floats, mask: Mask) -> tuple[Floats, Floats, Floats, Floats]:
    count = mask.sum(axis=-1)
    centre = np.stack([(part * mask).sum(axis=-1) / count for part in (a, b)], axis=-1)
    s_a, s_b = _scales(a, b, mask, _sd)
    product = np.where(mask, (a - centre[..., :1]) * (b - centre[..., 1:]), 0.0).sum(axis=-1)
    return centre, s_a, s_b, _below_one(product / ((count - 1) * s_a * s_b))


def _robust(a: Floats, b: Floats, mask: Mask) -> tuple[Floats, Floats, Floats, Floats]:
    centre = np.stack([_median(part, mask) for part in (a, b)], axis=-1)
    s_a, s_b = _scales(a, b, mask, _qn)
    za, zb = (a - centre[..., :1]) / s_a[..., None], (b - centre[..., 1:]) / s_b[..., None]
    plus, minus = _qn(za + zb, mask) ** 2, _qn(za - zb, mask) ** 2
    if np.any(plus + minus <= 0):
        raise ArgumentError("a、b", "过半的结果在一条直线上，稳健椭圆无定义")
    return centre, s_a, s_b, _below_one((plus - minus) / (plus + minus))


def _scales(a: Floats, b: Floats, mask: Mask, scale: Any) -> tuple[Floats, Floats]:
    found = []
    for name, part in (("a", a), ("b", b)):
        s = scale(part, mask)
        if np.any(s <= 0):
            raise ArgumentError(name, "结果（或其过半）完全相同，离散为零，椭圆无定义")
        found.append(s)
    return found[0], found[1]


def _covariance(s_a: Floats, s_b: Floats, r: Floats) -> Floats:
    s_ab = r * s_a * s_b
    return np.stack([np.stack([s_a * s_a, s_ab], axis=-1), np.stack([s_ab, s_b * s_b], axis=-1)], axis=-2)


def _distance(za: Floats, zb: Floats, r: Floats) -> Floats:
    """Hotelling's T^2 of standardised results with correlation r."""
    result: Floats = (za * za - 2 * r * za * zb + zb * zb) / (1 - r * r)
    return result


def _below_one(r: Floats) -> Floats:
    if np.any(np.abs(r) > LARGEST_CORRELATION):
        raise ArgumentError("a、b", "两个样品的结果在一条直线上，相关系数为 ±1，椭圆无定义")
    return r


def _sd(values: Floats, mask: Mask) -> Floats:
    count = mask.sum(axis=-1)
    mean = (values * mask).sum(axis=-1) / count
    deviation = np.where(mask, values - mean[..., None], 0.0)
    result: Floats = np.sqrt((deviation * deviation).sum(axis=-1) / (count - 1))
    return result


def _median(values: Floats, mask: Mask) -> Floats:
    ordered, count = np.sort(np.where(mask, values, np.inf), axis=-1), mask.sum(axis=-1)[..., None]
    low, high = (np.take_along_axis(ordered, k, axis=-1)[..., 0] for k in ((count - 1) // 2, count // 2))
    result: Floats = (low + high) / 2
    return result


def _qn(values: Floats, mask: Mask) -> Floats:
    rows = np.sort(np.where(mask, values, np.inf), axis=-1)
    return qn_of(rows.reshape(-1, rows.shape[-1]), mask.sum(axis=-1).reshape(-1)).reshape(mask.shape[:-1])
