"""Homogeneity and stability of proficiency test items (ISO 13528:2022 Annex B)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, at_least, finite, not_negative, positive
from yuejingzhun.metrology.comparison.rounds import Booleans

SHARE_OF_SIGMA = 0.3
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Homogeneity:
    """Standard deviations of a homogeneity study, in the unit of the results (B.3); arrays over the studies.

    `of_averages` is s_x between the averages of the items, `within` s_w between replicates of an item, `between`
    s_s between items, zero where the replicates alone explain the averages.
    """

    mean: Floats
    of_averages: Floats
    within: Floats
    between: Floats
    items: int
    replicates: int

    def is_adequate(self, sigma: ArrayLike) -> Booleans:
        """s_s <= 0.3 sigma_pt (B.2.2, formula (B.1)); sigma broadcasts to the studies."""
        return np.asarray(self.between <= SHARE_OF_SIGMA * positive("sigma", sigma))

    def expanded_limit(self, sigma: ArrayLike) -> Floats:
        """sqrt(c) with c = F1 (0.3 sigma_pt)^2 + F2 s_w^2 (B.2.3).

        Of a lot just good enough, s_s exceeds it in 5 % of studies or fewer.
        """
        first, second = expanded_factors(self.items, self.replicates)
        allowed = SHARE_OF_SIGMA * positive("sigma", sigma)
        return np.asarray(np.sqrt(first * allowed**2 + second * self.within**2))

    def is_adequate_expanded(self, sigma: ArrayLike) -> Booleans:
        """s_s <= sqrt(c): the criterion that allows for the error of the study itself (B.2.3)."""
        return np.asarray(self.between <= self.expanded_limit(sigma))

    def enlarged_sigma(self, sigma: ArrayLike) -> Floats:
        """sqrt(sigma_pt^2 + s_s^2), for items that aren't homogeneous enough (B.2.5 a, formula (B.3))."""
        return np.asarray(np.hypot(positive("sigma", sigma), self.between))


@dataclass(frozen=True, slots=True)
class Stability:
    """Difference of the averages before and after, the limit it must not exceed, and whether it keeps to it."""

    difference: Floats
    limit: Floats
    is_stable: Booleans


def homogeneity(results: ArrayLike) -> Homogeneity:
    """Analysis of results (..., items, replicates), each item measured equally often (B.3, formulae (B.4) to (B.16)).

    Raises ArgumentError for a result that isn't finite, fewer than two items or two replicates.
    """
    values = finite("results", results)
    if values.ndim < 2:
        raise ArgumentError("results", f"应为（样品 × 重复）的数组，形状为 {values.shape}")
    replicates = at_least("results", values, 2, "次重复").shape[-1]
    averages = at_least("results", values.mean(axis=-1), 2, "个样品")
    of_averages = averages.std(axis=-1, ddof=1)
    within = np.sqrt(values.var(axis=-1, ddof=1).mean(axis=-1))
    between = np.sqrt(np.maximum(of_averages**2 - within**2 / replicates, 0.0))
    return Homogeneity(
        averages.mean(axis=-1), of_averages, within, between, items=averages.shape[-1], replicates=replicates
    )


def expanded_factors(items: int, replicates: int = 2) -> tuple[float, float]:
    """F1 and F2 of the expanded criterion (B.2.3): Table B.1 computed, for any number of items and replicates.

    F1 = chi2(0.95; g - 1)/(g - 1), F2 = (F(0.95; g - 1, g(m - 1)) - 1)/m; the table is their values for m = 2.
    """
    from scipy.special import chdtri, fdtri

    if items < 2 or replicates < 2:
        raise ArgumentError("items、replicates", f"至少需要 2 个样品、2 次重复，为 {items} 与 {replicates}")
    free = items - 1
    ratio = fdtri(free, items * (replicates - 1), CONFIDENCE)
    return float(chdtri(free, 1 - CONFIDENCE) / free), float((ratio - 1) / replicates)


def stability(
    before: ArrayLike, after: ArrayLike, sigma: ArrayLike, u_before: ArrayLike = 0.0, u_after: ArrayLike = 0.0
) -> Stability:
    """|y1 - y2| <= 0.3 sigma_pt + 2 sqrt(u^2(y1) + u^2(y2)) for the averages of two occasions (B.5.1, B.5.2).

    `before` and `after` are results (..., number), which may differ in number; `u_before` and `u_after` the standard
    uncertainties of the averages: left out, the strict criterion (B.17), given, the expanded one (B.18).
    Raises ArgumentError for numbers that aren't finite, no results, a sigma that isn't positive, a negative u.
    """
    averages = []
    for name, results in (("before", before), ("after", after)):
        averages.append(at_least(name, np.atleast_1d(finite(name, results)), 1, "个结果").mean(axis=-1))
    slack = 2 * np.hypot(not_negative("u_before", u_before), not_negative("u_after", u_after))
    limit = SHARE_OF_SIGMA * positive("sigma", sigma) + slack
    try:
        off, limit = np.broadcast_arrays(np.abs(averages[0] - averages[1]), limit)
    except ValueError as error:
        raise ArgumentError("before、after、sigma", "形状不一致") from error
    return Stability(off, limit, np.asarray(off <= limit))
