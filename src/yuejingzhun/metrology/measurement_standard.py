"""What a measurement standard must show before and during use (JJF 1033-2016 4.3 and Annex C).

Repeatability, stability, and verification of the uncertainty by comparison; control charts are in control_chart.py.
Four groups a month apart, the change from year to year and their limits are quoted alike in public, as C.2.2 of 2016.
The other numbers of clauses, and whether the edition of 2023 keeps them: from memory, to be read against the standard.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, at_least, finite, matching, not_negative, positive

LEAST_READINGS = 10  # JJF 1033-2016 C.1
LEAST_GROUPS = 4  # JJF 1033-2016 C.2, for a new standard
# Differences of decimal readings come out a last binary digit off, which must not decide at a limit.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Repeatability:
    """Experimental standard deviation of one reading, in the unit of the readings, and its degrees of freedom."""

    s: Floats
    dof: int


@dataclass(frozen=True, slots=True)
class Stability:
    """Change found and what it may be, in one unit; `holds` where the change is smaller."""

    change: float
    allowed: float

    @property
    def holds(self) -> bool:
        """Whether the standard may be used: the change must stay below what is allowed."""
        return self.change < self.allowed * (1 - ROUNDING)


@dataclass(frozen=True, slots=True)
class Verification:
    """Differences from the reference and the limits that they must not exceed, in one unit; arrays broadcast."""

    difference: Floats
    limit: Floats

    @property
    def holds(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Whether the claimed uncertainty is confirmed."""
        return np.asarray(self.difference <= self.limit * (1 + ROUNDING))


def repeatability(readings: ArrayLike, least: int = LEAST_READINGS) -> Repeatability:
    """s of the readings along the last axis (JJF 1033-2016 C.1, Bessel); raises ArgumentError for fewer than 10.

    `least` may be lowered where one measurement takes very long, as the clause allows with a reason on record.
    """
    rows = at_least("readings", finite("readings", readings), max(int(least), 2), "次读数")
    return Repeatability(np.asarray(rows.std(axis=-1, ddof=1)), rows.shape[-1] - 1)


def pooled_repeatability(groups: Sequence[ArrayLike]) -> Repeatability:
    """s_p = sqrt(sum (n_j - 1) s_j^2 / sum (n_j - 1)) of several groups (JJF 1059.1-2012 4.3.2.3).

    Each group needs two readings and all together ten.
    """
    rows = [at_least("groups", finite("groups", group), 2, "次读数") for group in groups]
    if any(row.ndim != 1 for row in rows):
        raise ArgumentError("groups", "每组应为一维数列")
    if sum(len(row) for row in rows) < LEAST_READINGS:
        raise ArgumentError("groups", f"各组合计至少需要 {LEAST_READINGS} 次读数")
    dof = sum(len(row) - 1 for row in rows)
    squares = sum(float(((row - row.mean()) ** 2).sum()) for row in rows)
    return Repeatability(np.asarray(np.sqrt(squares / dof)), dof)


def repeatability_holds(s: float, s_reported: float) -> bool:
    """Whether a new s is not above that of the technical report, which entered U (JJF 1033-2016 C.1.4).

    Where it is above, the uncertainty must be evaluated anew with it.
    """
    return float(not_negative("s", s)) <= float(not_negative("s_reported", s_reported))


def stability_of_new(group_means: ArrayLike, allowed: float) -> Stability:
    """Largest less smallest of at least four group means, a month or more apart (JJF 1033-2016 C.2.2).

    `allowed` is |MPE| where the standard is used by its nominal value, U (k = 2) where by its corrected one.
    """
    means = at_least("group_means", finite("group_means", group_means), LEAST_GROUPS, "组")
    if means.ndim != 1:
        raise ArgumentError("group_means", "应为一维数列")
    return Stability(float(np.ptp(means)), float(positive("allowed", allowed)))


def stability_in_use(group_means: ArrayLike, allowed: float) -> Stability:
    """Change from one yearly group mean to the next, the latest two of them (JJF 1033-2016 C.2.2)."""
    means = at_least("group_means", finite("group_means", group_means), 2, "组")
    if means.ndim != 1:
        raise ArgumentError("group_means", "应为一维数列")
    return Stability(float(abs(means[-1] - means[-2])), float(positive("allowed", allowed)))


def group_means(readings: ArrayLike, least: int = LEAST_READINGS) -> Floats:
    """Mean of each group of readings (groups, n), n >= 10 (JJF 1033-2016 C.2.2)."""
    rows = at_least("readings", finite("readings", readings), max(int(least), 2), "次读数")
    return np.asarray(rows.mean(axis=-1))


def verify_by_transfer(
    y: ArrayLike, expanded_u: ArrayLike, reference: ArrayLike, reference_expanded_u: ArrayLike
) -> Verification:
    """|y - y0| <= sqrt(U^2 + U0^2) against a higher standard (JJF 1033-2016 C.4.1); |y - y0| <= U if U0 <= U / 3.

    Both U with one coverage probability; arrays broadcast.
    """
    ys, u, y0, u0 = matching(
        y=finite("y", y),
        expanded_u=positive("expanded_u", expanded_u),
        reference=finite("reference", reference),
        reference_expanded_u=not_negative("reference_expanded_u", reference_expanded_u),
    )
    limit = np.where(3 * u0 <= u * (1 + ROUNDING), u, np.hypot(u, u0))
    return Verification(np.abs(ys - y0), limit)


def verify_by_comparison(values: ArrayLike, expanded_u: ArrayLike) -> Verification:
    """|y_i - mean| <= sqrt((n - 1) / n) U_i among n laboratories (last axis) of like uncertainty (C.4.2).

    The clause is for laboratories whose standards are of one grade; where U differ widely use a weighted
    reference value instead (comparison/).
    """
    ys, u = matching(values=finite("values", values), expanded_u=positive("expanded_u", expanded_u))
    n = at_least("values", np.atleast_1d(ys), 2, "个实验室").shape[-1]
    return Verification(np.abs(ys - ys.mean(axis=-1, keepdims=True)), np.sqrt((n - 1) / n) * u)
