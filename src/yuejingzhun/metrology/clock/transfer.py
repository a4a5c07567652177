"""Time transfer: comparison of remote clocks by common view and by two-way exchange (ITU-R TF.1153, CGGTTS)."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, matching, not_negative
from yuejingzhun.metrology.uncertainty.dual import Uncertain

SPEED_OF_LIGHT_M_S = 299_792_458.0  # exact, SI
EARTH_ROTATION_RAD_S = 7.292115e-5  # IERS Conventions (2010), Table 1.1: nominal


@dataclass(frozen=True, slots=True)
class TimeLink:
    """Difference of two clocks, A minus B, in seconds, one for each epoch.

    `u_s` combines `u_a_s`, the scatter of the satellites in the epoch's mean, with the systematic contributions.
    """

    difference_s: Floats
    u_s: Floats
    u_a_s: Floats
    u_b_s: Floats
    contributions_s: Mapping[str, Floats]
    satellites: NDArray[np.int64]


def common_view(
    a_minus_satellite_s: ArrayLike,
    b_minus_satellite_s: ArrayLike,
    contributions_s: Mapping[str, float],
    tracked: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> TimeLink:
    """Difference of two clocks that watch the same satellites, shape (epochs, satellites), in seconds.

    What the satellite's clock does cancels in a_minus_satellite - b_minus_satellite. `tracked` is true where both
    stations tracked the satellite (elsewhere the readings are not looked at), `weights` may be those of elevation.
    `contributions_s` are standard uncertainties of the systematic kind by name: receivers' calibration, antenna
    coordinates, ionosphere, cable and reference delays. The scatter is pooled over epochs, so that one with a
    single satellite has a type A uncertainty too. Raises ArgumentError for shapes that don't match, an epoch
    without a satellite, and where no epoch has two.
    """
    a, b = np.asarray(a_minus_satellite_s, np.float64), np.asarray(b_minus_satellite_s, np.float64)
    if a.ndim != 2 or a.shape != b.shape or not a.size:
        raise ArgumentError("a_minus_satellite_s、b_minus_satellite_s", f"应为同形的 历元 × 卫星：{a.shape}、{b.shape}")
    seen = np.ones(a.shape, bool) if tracked is None else np.asarray(tracked, bool)
    weight = not_negative("weights", np.ones(a.shape) if weights is None else weights)
    if seen.shape != a.shape or weight.shape != a.shape:
        raise ArgumentError("tracked、weights", f"形状应为 {a.shape}，为 {seen.shape}、{weight.shape}")
    weight = np.where(seen, weight, 0.0)
    total = weight.sum(axis=1)
    if not (total > 0).all():
        raise ArgumentError("tracked", f"第 {int(np.argmin(total > 0)) + 1} 个历元没有共视卫星")
    difference = finite("a_minus_satellite_s", np.where(seen, a, 0.0)) - finite(
        "b_minus_satellite_s", np.where(seen, b, 0.0)
    )
    mean = (weight * difference).sum(axis=1) / total
    spread = np.sqrt(_pooled_variance(difference - mean[:, None], weight) * (weight**2).sum(axis=1)) / total
    parts = {name: np.broadcast_to(not_negative(name, u), mean.shape) for name, u in contributions_s.items()}
    systematic = np.sqrt(sum((part**2 for part in parts.values()), np.zeros_like(mean)))
    satellites = (weight > 0).sum(axis=1).astype(np.int64)
    return TimeLink(mean, np.hypot(spread, systematic), spread, systematic, parts, satellites)


def two_way(
    interval_1_s: Uncertain,
    interval_2_s: Uncertain,
    equipment_1_s: Uncertain | float = 0.0,
    equipment_2_s: Uncertain | float = 0.0,
    sagnac_1_to_2_s: Uncertain | float = 0.0,
    path_s: Uncertain | float = 0.0,
) -> Uncertain:
    """Clock 1 minus clock 2 in seconds by two-way exchange (ITU-R TF.1153 Annex 1), as an uncertain number.

    At station i the counter starts with clock i and stops with the signal from the other one: `interval_i_s`.
    `equipment_i_s` is transmit minus receive delay of station i, `sagnac_1_to_2_s` what the Earth's rotation adds to
    the way from 1 to 2 (and takes off the way back), `path_s` the remaining delay from 1 to 2 less that from 2 to 1
    (ionosphere, transponder). The reciprocal path cancels. `budget` gives the table of contributions.
    """
    delays = (interval_1_s - interval_2_s) * 0.5 + _half(equipment_1_s) - _half(equipment_2_s)
    return delays + sagnac_1_to_2_s + _half(path_s)


def sagnac_delay(*stops_m: ArrayLike) -> Floats:
    """Delay in seconds that the Earth's rotation adds to a signal along stops, each (..., 3) geocentric in metres.

    2 Omega A / c^2, A the area that the way sweeps, projected on the equator: positive eastwards (ITU-R TF.1153
    Annex 1). Raises ArgumentError for fewer than two stops or other shapes.
    """
    places = [finite("stops_m", stop) for stop in stops_m]
    if len(places) < 2 or any(place.ndim == 0 or place.shape[-1] != 3 for place in places):
        raise ArgumentError("stops_m", "至少需要两个地心坐标（x、y、z，米）")
    twice_area: Floats = np.zeros(())
    for start, stop in pairwise(places):
        one, other = matching(start=start, stop=stop)
        twice_area = twice_area + one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]
    return np.asarray(EARTH_ROTATION_RAD_S / SPEED_OF_LIGHT_M_S**2 * twice_area)[()]


def _pooled_variance(residuals: Floats, weight: Floats) -> float:
    """Variance of a reading of unit weight's satellite, pooled over the epochs' own means."""
    # E[sum w r^2] = s^2 (sum w - sum w^2 / sum w) for readings of one variance.
    total = weight.sum(axis=1)
    freedom = float((total - (weight**2).sum(axis=1) / total).sum())
    if not freedom > 1e-9 * float(total.sum()):
        raise ArgumentError("tracked", "没有一个历元有两颗共视卫星，无法评定 A 类不确定度")
    return float((weight * residuals**2).sum()) / freedom


def _half(number: Uncertain | float) -> Uncertain:
    return (number if isinstance(number, Uncertain) else Uncertain(float(finite("delay", number)), {})) * 0.5
