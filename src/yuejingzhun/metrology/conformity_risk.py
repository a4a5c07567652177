"""Risks of wrong decisions in conformity assessment (JCGM 106:2012 clauses 7 and 9).

Specific risks are of one measured item; global risks of an item yet to be drawn from the production or the field,
whose values have the prior distribution. Measurement errors are normal with standard uncertainty u.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, matching, not_negative, positive

# Beyond nine standard uncertainties lies 2e-19, less than a double resolves beside 1.
FARTHEST = 9.0
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
PANELS = np.linspace(-FARTHEST, FARTHEST, 25)
# Where a narrow prior turns from 0 to 1, so that no panel steps over it.
QUANTILES = (1e-12, 1e-9, 1e-6, 1e-4, 0.01, 0.1, 0.5, 0.9, 0.99, 0.9999, 1 - 1e-6, 1 - 1e-9, 1 - 1e-12)


class Prior(Protocol):
    """What is known of the items before one is measured: any frozen continuous distribution of SciPy."""

    def cdf(self, x: Floats, /) -> Floats: ...
    def sf(self, x: Floats, /) -> Floats: ...
    def ppf(self, q: Floats, /) -> Floats: ...


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """Items normally distributed about `mean` with standard deviation `sd`, in the unit of the limits."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        finite("mean", self.mean)
        positive("sd", self.sd)

    def cdf(self, x: Floats, /) -> Floats:
        """Share of the items below x."""
        return np.asarray(special.ndtr((x - self.mean) / self.sd))

    def sf(self, x: Floats, /) -> Floats:
        """Share of the items above x."""
        return np.asarray(special.ndtr((self.mean - x) / self.sd))

    def ppf(self, q: Floats, /) -> Floats:
        """Value below which this share lies."""
        return np.asarray(self.mean + self.sd * special.ndtri(q))


@dataclass(frozen=True, slots=True)
class Limits:
    """An interval of tolerance or acceptance; an infinite limit is none. Raises ArgumentError unless lower < upper."""

    lower: float = -np.inf
    upper: float = np.inf

    def __post_init__(self) -> None:
        if not self.lower < self.upper:
            raise ArgumentError("upper", f"上限应大于下限，为 {self.lower:g} 与 {self.upper:g}")
        if np.isinf(self.lower) and np.isinf(self.upper):
            raise ArgumentError("lower、upper", "至少应有一个限值")

    def guarded(self, width: float) -> "Limits":
        """Drawn in by the width on each side that has a limit; a negative width draws out (8.3)."""
        if self.upper - self.lower <= 2 * width:
            raise ArgumentError("width", f"保护带 {width:g} 不小于区间的一半，没有可接受的值")
        return Limits(self.lower + width, self.upper - width)


@dataclass(frozen=True, slots=True)
class GlobalRisk:
    """Probabilities for an item to be drawn: conforming at all, accepted, and wrongly decided (9.5).

    `consumer` is that it fails and is accepted, `producer` that it conforms and is rejected;
    `consumer_of_accepted` is the share of failing items among the accepted ones.
    """

    conforming: float
    accepted: float
    consumer: float
    producer: float

    @property
    def consumer_of_accepted(self) -> float:
        """P(failing | accepted); raises ArgumentError where nothing is ever accepted."""
        if self.accepted <= 0:
            raise ArgumentError("acceptance", "没有任何一件会被接受")
        return self.consumer / self.accepted


def conformance_probability(tolerance: Limits, y: ArrayLike, u: ArrayLike) -> Floats:
    """Probability that the value of an item measured as y +- u lies in the tolerance interval (7.2 to 7.5).

    y and u broadcast; nothing else is known of the item, otherwise take `y` and `u` from `posterior`.
    """
    ys, us = matching(y=finite("y", y), u=positive("u", u))
    low, high = (tolerance.lower - ys) / us, (tolerance.upper - ys) / us
    # Of two equal differences that far from both tails keeps its digits.
    flip = low > 0
    return np.asarray(np.where(flip, special.ndtr(-low) - special.ndtr(-high), special.ndtr(high) - special.ndtr(low)))


def specific_consumer_risk(tolerance: Limits, y: ArrayLike, u: ArrayLike) -> Floats:
    """Probability that an accepted item measured as y fails after all (9.3.2)."""
    ys, us = matching(y=finite("y", y), u=positive("u", u))
    return np.asarray(special.ndtr((tolerance.lower - ys) / us) + special.ndtr((ys - tolerance.upper) / us))


def specific_producer_risk(tolerance: Limits, y: ArrayLike, u: ArrayLike) -> Floats:
    """Probability that a rejected item measured as y conforms after all (9.3.3)."""
    return conformance_probability(tolerance, y, u)


def posterior(prior: NormalPrior, y: ArrayLike, u: ArrayLike) -> tuple[Floats, Floats]:
    """Estimate and standard uncertainty of an item after measuring y with u, for a normal prior (6.3, A.4)."""
    ys, us = matching(y=finite("y", y), u=positive("u", u))
    share = prior.sd**2 / (prior.sd**2 + us**2)
    return prior.mean + share * (ys - prior.mean), us * np.sqrt(share)


def global_risk(prior: Prior, u: float, tolerance: Limits, acceptance: Limits | None = None) -> GlobalRisk:
    """Risks of accepting by these limits (the tolerance limits if none are given) (9.5.2, 9.5.3).

    The integrals over the prior's density are taken by parts, so that only its distribution function is needed
    and a density with jumps or poles does no harm. Absolute accuracy about 1e-12. u = 0 is no risk at all beyond
    that of the limits.
    """
    accept = acceptance or tolerance
    size = float(not_negative("u", u))
    ends = np.array([-np.inf, tolerance.lower, tolerance.upper, np.inf])
    below, within, above = (_accepted_between(prior, size, accept, float(a), float(b)) for a, b in pairwise(ends))
    conforming = 1.0 - float(prior.cdf(ends[1])) - float(prior.sf(ends[2]))
    consumer = min(max(below + above, 0.0), 1.0)
    return GlobalRisk(conforming, min(below + within + above, 1.0), consumer, max(conforming - within, 0.0))


def _accepted_between(prior: Prior, u: float, accept: Limits, low: float, high: float) -> float:
    """Probability that an item has its value between low and high and is accepted."""
    if low == high:
        return 0.0
    return _measured_below(prior, u, accept.upper, low, high) - _measured_below(prior, u, accept.lower, low, high)


def _measured_below(prior: Prior, u: float, limit: float, low: float, high: float) -> float:
    """Probability that the value lies between low and high and is measured below the limit.

    Value < high and value < limit + u t for a standard normal t: the share of the prior below the smaller of the
    two, less that below low, averaged over t.
    """
    if np.isinf(limit):
        return _share(prior, low, high) if limit > 0 else 0.0
    if u == 0:
        return _share(prior, low, min(high, limit)) if limit > low else 0.0
    bends = [(end - limit) / u for end in (low, high) if np.isfinite(end)]
    turns = (np.asarray(prior.ppf(np.array(QUANTILES))) - limit) / u
    support = (np.asarray(prior.ppf(np.array([0.0, 1.0]))) - limit) / u
    edges = np.concatenate([PANELS, bends, turns, support[np.isfinite(support)]])
    edges = np.unique(edges[np.abs(edges) <= FARTHEST])
    half = np.diff(edges) / 2
    t = (edges[:-1] + half)[:, None] + half[:, None] * NODES
    weight = half[:, None] * WEIGHTS * np.exp(-t * t / 2) / np.sqrt(2 * np.pi)
    return float((weight * _shares(prior, low, np.clip(limit + u * t, low, high))).sum())


def _share(prior: Prior, low: float, high: float) -> float:
    return float(_shares(prior, low, np.asarray(high)))


def _shares(prior: Prior, low: float, high: Floats) -> Floats:
    """Share of the prior between low and high, from the tail that keeps its digits."""
    if low > float(prior.ppf(np.asarray(0.5))):
        return np.asarray(prior.sf(np.asarray(low)) - prior.sf(high))
    return np.asarray(prior.cdf(high) - prior.cdf(np.asarray(low)))
