"""The power-moderated mean, by which CCRI(II) determines the reference values of radionuclides.

Pommé and Keightley 2015, Metrologia 52 S200: between the arithmetic mean (power 0) and the Paule-Mandel mean (power
2), according to how far the stated uncertainties can be trusted. Numbers of sections: from memory, to be read against
the paper; the values themselves agree with those that CCRI(II) publishes (tested).
"""

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import Floats, positive, within
from yuejingzhun.metrology.comparison.participants import Participants, participants
from yuejingzhun.metrology.comparison.random_effects import paule_mandel_variance
from yuejingzhun.metrology.comparison.reference_value import ReferenceValue, reference

LARGEST_POWER = 2.0
OUTLIER_FACTOR = 2.5  # section 3.2: between 2 and 4, 2.5 by default


def power_moderated_mean(
    x: ArrayLike,
    u: ArrayLike,
    present: ArrayLike | None = None,
    alpha: float | None = None,
    outlier_factor: float | None = OUTLIER_FACTOR,
) -> ReferenceValue:
    """Power-moderated mean without extreme results (Pommé and Keightley 2015, Metrologia 52 S200, section 3).

    x, u, present (..., n), x and u in one unit. `alpha`: 0 where stated uncertainties say nothing, 2 where they are
    accurate and the results consistent; None takes 2 - 3/N, for uncertainties that inform but tend to be too small.
    A result farther from the mean than `outlier_factor` times the uncertainty of that distance is excluded, the
    farthest first, and all is computed anew until none is left; None excludes nothing, as where experts decided.
    `tau` is the Paule-Mandel component s. Raises ArgumentError for fewer than two present, u <= 0, NaN, alpha
    outside [0, 2], outlier_factor <= 0.
    """
    people = participants(x, u, present)
    if alpha is not None:
        within("alpha", alpha, 0.0, LARGEST_POWER)
    mean = _mean(people, alpha)
    if outlier_factor is None:
        return mean
    factor = float(positive("outlier_factor", outlier_factor))
    while True:
        distance = _relative_distance(people, mean)
        extreme = distance.max(axis=-1, keepdims=True) > factor
        # A mean of fewer than three has no extremes: two lie equally far from it.
        extreme &= people.count[..., None] > 2
        if not extreme.any():
            return mean
        farthest = np.arange(distance.shape[-1]) == distance.argmax(axis=-1)[..., None]
        people = people.only(people.present & ~(extreme & farthest))
        mean = _mean(people, alpha)


def _mean(people: Participants, alpha: float | None) -> ReferenceValue:
    count = people.count
    tau2 = paule_mandel_variance(people)
    variance = people.u * people.u + tau2[..., None]
    u2_mandel_paule = 1 / np.where(people.present, 1 / variance, 0.0).sum(axis=-1)
    average = (people.x * people.present).sum(axis=-1) / count
    deviation = np.where(people.present, people.x - average[..., None], 0.0)
    u2_average = (deviation * deviation).sum(axis=-1) / (count * (count - 1))
    # S: what a typical result's uncertainty must be, judged by the scatter and by the statements, whichever is more.
    typical = np.sqrt(count * np.maximum(u2_average, u2_mandel_paule))[..., None]
    power = (2 - 3 / count if alpha is None else np.full(np.shape(count), alpha))[..., None]
    # Relative to S the powers have no unit, and neither overflow nor depend on it.
    w = np.where(people.present, (typical / np.sqrt(variance)) ** power, 0.0)
    total = w.sum(axis=-1)
    weights = w / total[..., None]
    value = (weights * people.x).sum(axis=-1)
    return reference(people, value, typical[..., 0] / np.sqrt(total), weights, np.sqrt(tau2)[()])


def _relative_distance(people: Participants, mean: ReferenceValue) -> Floats:
    """|x - mean| over its uncertainty, whose square is u(mean)^2 (1/w - 1) (section 3.2); -inf if not included."""
    w = np.where(people.present, mean.weights, 0.5)
    variance = (np.asarray(mean.u)[..., None] ** 2) * (1 / w - 1)
    distance = np.abs(people.x - np.asarray(mean.value)[..., None]) / np.sqrt(
        np.maximum(variance, np.finfo(float).tiny)
    )
    return np.where(people.present, distance, -np.inf)
