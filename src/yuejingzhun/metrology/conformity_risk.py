"""Risks of wrong decisions in conformity assessment (JCGM 106:2012 clauses 7 and 9).

Specific risks are of one measured item; global risks of an item yet to be drawn from the production or the field,
whose values have the prior distribution. Measurement errors are normal with standard uncertainty u. Limits, priors
and u are floats or arrays that broadcast, one value a kind of item; results have that shape.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

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
VALUES_AT_ONCE = 2**22  # of an integrand held in memory


class Prior(Protocol):
    """What is known of the items before one is measured: any frozen continuous distribution of SciPy."""

    def cdf(self, x: Floats, /) -> Floats: ...
    def sf(self, x: Floats, /) -> Floats: ...
    def ppf(self, q: Floats, /) -> Floats: ...


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """Items normally distributed about `mean` with standard deviation `sd`, in the unit of the limits."""

    mean: Any
    sd: Any

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

    lower: Any = -np.inf
    upper: Any = np.inf

    def __post_init__(self) -> None:
        lower, upper = matching(lower=np.asarray(self.lower, dtype=float), upper=np.asarray(self.upper, dtype=float))
        wrong = ~(lower < upper)  # so that NaN is wrong too
        if wrong.any():
            raise ArgumentError("upper", f"上限应大于下限，为 {lower[wrong][0]:g} 与 {upper[wrong][0]:g}")
        if np.any(np.isinf(lower) & np.isinf(upper)):
            raise ArgumentError("lower、upper", "至少应有一个限值")

    def guarded(self, width: Any) -> "Limits":
        """Drawn in by the width on each side that has a limit; a negative width draws out (8.3)."""
        if np.any(self.upper - self.lower <= 2 * np.asarray(width)):
            raise ArgumentError("width", f"保护带 {np.max(width):g} 不小于区间的一半，没有可接受的值")
        return Limits(self.lower + width, self.upper - width)


@dataclass(frozen=True, slots=True)
class GlobalRisk:
    """Probabilities for an item to be drawn: conforming at all, accepted, and wrongly decided (9.5).

    `consumer` is that it fails and is accepted, `producer` that it conforms and is rejected;
    `consumer_of_accepted` is the share of failing items among the accepted ones.
    """

    conforming: Any
    accepted: Any
    consumer: Any
    producer: Any

    @property
    def consumer_of_accepted(self) -> Any:
        """P(failing | accepted); raises ArgumentError where nothing is ever accepted."""
        if np.any(self.accepted <= 0):
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


def global_risk(prior: Prior, u: ArrayLike, tolerance: Limits, acceptance: Limits | None = None) -> GlobalRisk:
    """Risks of accepting by these limits (the tolerance limits if none are given) (9.5.2, 9.5.3).

    u >= 0, the limits and the prior's parameters broadcast. The integrals over the prior's density are taken by
    parts, so that only its distribution function is needed and a density with jumps or poles does no harm. Absolute
    accuracy about 1e-12. u = 0 is no risk at all beyond that of the limits.
    """
    accept = acceptance or tolerance
    size, *limits, _ = matching(
        u=not_negative("u", u),
        lower=np.asarray(tolerance.lower, dtype=np.float64),
        upper=np.asarray(tolerance.upper, dtype=np.float64),
        acceptance_lower=np.asarray(accept.lower, dtype=np.float64),
        acceptance_upper=np.asarray(accept.upper, dtype=np.float64),
        prior=np.asarray(prior.ppf(np.asarray(0.5)), dtype=np.float64),
    )
    lower, upper, *allowed = limits
    ends = [np.full_like(size, -np.inf), lower, upper, np.full_like(size, np.inf)]
    below, within, above = (_accepted_between(prior, size, allowed, low, high) for low, high in pairwise(ends))
    conforming = 1.0 - prior.cdf(lower) - prior.sf(upper)
    consumer = np.clip(below + above, 0.0, 1.0)
    accepted, producer = np.minimum(below + within + above, 1.0), np.maximum(conforming - within, 0.0)
    return GlobalRisk(*(np.asarray(share)[()] for share in (conforming, accepted, consumer, producer)))


def _accepted_between(prior: Prior, u: Floats, allowed: list[Floats], low: Floats, high: Floats) -> Floats:
    """Probability that an item has its value between low and high and is accepted."""
    lower, upper = (_measured_below(prior, u, limit, low, high) for limit in allowed)
    return upper - lower


def _measured_below(prior: Prior, u: Floats, limit: Floats, low: Floats, high: Floats) -> Floats:
    """Probability that the value lies between low and high and is measured below the limit.

    Value < high and value < limit + u t for a standard normal t: the share of the prior below the smaller of the
    two, less that below low, averaged over t.
    """
    exact = _shares(prior, low, np.clip(limit, low, high))
    known = (u == 0) | np.isinf(limit)  # no integral is needed
    if known.all():
        return exact
    u, limit = np.where(known, 1.0, u), np.where(known, 0.0, limit)
    edges = _edges(prior, u, limit, low, high)
    half = np.diff(edges, axis=0)[:, None] / 2
    found = np.zeros_like(u)
    panels = max(1, VALUES_AT_ONCE // (len(NODES) * max(u.size, 1)))
    nodes, weights = (column.reshape(-1, *(1,) * u.ndim) for column in (NODES, WEIGHTS))
    for first in range(0, len(half), panels):
        width = half[first : first + panels]
        t = edges[first : first + len(width), None] + width + width * nodes
        weight = width * weights * np.exp(-t * t / 2) / np.sqrt(2 * np.pi)
        found += (weight * _shares(prior, low, np.clip(limit + u * t, low, high))).sum(axis=(0, 1))
    return np.where(known, exact, found)


def _edges(prior: Prior, u: Floats, limit: Floats, low: Floats, high: Floats) -> Floats:
    """Panels in t for the integral, along the first axis: even ones, and ends wherever the integrand bends."""

    def column(values: object) -> Floats:
        return np.asarray(values, dtype=np.float64).reshape(-1, *(1,) * u.ndim)

    turns = np.asarray(prior.ppf(column([0.0, *QUANTILES, 1.0])))
    bends = np.concatenate([np.broadcast_to(turns, (len(turns), *u.shape)), low[None], high[None]])
    even = np.broadcast_to(column(PANELS), (len(PANELS), *u.shape))
    edges = np.concatenate([even, np.clip((bends - limit) / u, -FARTHEST, FARTHEST)])
    return np.sort(edges, axis=0)


def _shares(prior: Prior, low: Floats, high: Floats) -> Floats:
    """Share of the prior between low and high, from the tail that keeps its digits."""
    far = low > prior.ppf(np.asarray(0.5))
    if far.all():
        return np.asarray(prior.sf(low) - prior.sf(high))
    near = np.asarray(prior.cdf(high) - prior.cdf(low))
    return np.where(far, prior.sf(low) - prior.sf(high), near) if far.any() else near
