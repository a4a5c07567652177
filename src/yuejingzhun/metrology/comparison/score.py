"""Scores of participants in a proficiency test and what they signal (ISO 13528:2022 clause 9).

Arguments broadcast; results and assigned values, with their deviations and uncertainties, share one unit. Each
function raises ArgumentError for a number that isn't finite, a deviation or an uncertainty that can't be, or shapes
that don't fit.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, matching, not_negative, positive
from yuejingzhun.metrology.comparison.rounds import Booleans, Integers

WARNING_LIMIT, ACTION_LIMIT = 2.0, 3.0
NEGLIGIBLE_SHARE = 0.3


class Signal(IntEnum):
    """What a score says (ISO 13528:2022 9.4.2)."""

    ACCEPTABLE = 0
    WARNING = 1
    ACTION = 2

    @property
    def term(self) -> str:
        """The word on the screen (GB/T 28043)."""
        return ("满意", "有问题", "不满意")[self]


def difference(result: ArrayLike, assigned: ArrayLike) -> Floats:
    """D = x - x_pt (9.3, formula (11))."""
    x, reference = matching(result=finite("result", result), assigned=finite("assigned", assigned))
    return np.asarray(x - reference)


def difference_percent(result: ArrayLike, assigned: ArrayLike) -> Floats:
    """D% = 100 (x - x_pt)/x_pt (9.3, formula (12)); the assigned value above zero."""
    return np.asarray(100 * difference(result, assigned) / positive("assigned", assigned))


def difference_allowed_percent(result: ArrayLike, assigned: ArrayLike, allowed: ArrayLike) -> Floats:
    """P_A = 100 D/delta_E, the share of the maximum permissible difference used up (9.3, formula (13))."""
    return 100 * _divide(result, assigned, allowed=positive("allowed", allowed))


def z_score(result: ArrayLike, assigned: ArrayLike, sigma: ArrayLike) -> Floats:
    """z = (x - x_pt)/sigma_pt (9.4, formula (14)); sigma is the standard deviation for proficiency assessment."""
    return _divide(result, assigned, sigma=positive("sigma", sigma))


def z_prime_score(result: ArrayLike, assigned: ArrayLike, sigma: ArrayLike, u_assigned: ArrayLike) -> Floats:
    """z' = (x - x_pt)/sqrt(sigma_pt^2 + u^2(x_pt)) (9.5, formula (15)), where u(x_pt) is not negligible."""
    return _divide(result, assigned, sigma=positive("sigma", sigma), u_assigned=not_negative("u_assigned", u_assigned))


def zeta_score(result: ArrayLike, u_result: ArrayLike, assigned: ArrayLike, u_assigned: ArrayLike) -> Floats:
    """zeta = (x - x_pt)/sqrt(u^2(x) + u^2(x_pt)), standard uncertainties (9.6, formula (19)).

    For an assigned value independent of the result; a consensus value that includes it is not.
    """
    return _divide(
        result, assigned, u_result=positive("u_result", u_result), u_assigned=not_negative("u_assigned", u_assigned)
    )


def en_score(
    result: ArrayLike, expanded_result: ArrayLike, assigned: ArrayLike, expanded_assigned: ArrayLike
) -> Floats:
    """En = (x - x_pt)/sqrt(U^2(x) + U^2(x_pt)), expanded uncertainties of one coverage factor (9.7, formula (20))."""
    return _divide(
        result,
        assigned,
        expanded_result=positive("expanded_result", expanded_result),
        expanded_assigned=not_negative("expanded_assigned", expanded_assigned),
    )


def signal(scores: ArrayLike) -> Integers:
    """Signal of z, z' or zeta as numbers of `Signal`: up to 2 acceptable, from 3 on action, between warning (9.4.2)."""
    size = np.abs(finite("scores", scores))
    return np.asarray((size > WARNING_LIMIT).astype(np.int64) + (size >= ACTION_LIMIT))


def en_signal(scores: ArrayLike) -> Integers:
    """Signal of En: action above 1, else acceptable; there is no warning.

    At exactly 1 the reading of JJF 1117 and ISO/IEC 17043 counts, |En| <= 1 being satisfactory; ISO 13528:2022 9.7
    calls that score already a reason to look.
    """
    return np.where(np.abs(finite("scores", scores)) > 1, int(Signal.ACTION), int(Signal.ACCEPTABLE)).astype(np.int64)


def is_negligible(u_assigned: ArrayLike, sigma: ArrayLike) -> Booleans:
    """Whether u(x_pt) < 0.3 sigma_pt, so that z may be used and not z' (9.2.1, formula (10))."""
    u, deviation = matching(u_assigned=not_negative("u_assigned", u_assigned), sigma=positive("sigma", sigma))
    return np.asarray(u < NEGLIGIBLE_SHARE * deviation)


def _divide(result: ArrayLike, assigned: ArrayLike, **parts: Floats) -> Floats:
    """The difference over the root sum of squares of the parts."""
    off = difference(result, assigned)
    try:
        return np.asarray(off / np.sqrt(sum(np.square(part) for part in parts.values())))
    except ValueError as error:
        shapes = "、".join(str(np.shape(part)) for part in (off, *parts.values()))
        raise ArgumentError("、".join(("result", *parts)), f"形状不一致：{shapes}") from error
