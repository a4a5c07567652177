"""The share of meters beyond their MPE in each group, from estimates that are sure of no single meter.

With f = p(readings | beyond) / p(readings | within) of each meter, a share s has the likelihood prod(1 + s (f - 1)).
It is summed up as counts: so many tested meters, of which so many failed, would tell as much. Shares of many groups
then have a common beta distribution, so that a small group is not extreme by chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, not_negative, probability, within

Groups = NDArray[np.int64]
ROWS = 1 << 17  # meters at once: temporaries that stay in the cache
LARGEST_FACTOR = 1e200
NODES, WEIGHTS = np.polynomial.legendre.leggauss(32)
REACH = 7.0  # standard deviations of arcsin(sqrt(share)) that the nodes span to each side
OUTSET = 20.0  # meters that the fleet's share counts for while the mode is sought
ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Counts:
    """What a group's estimates are worth: `units` tested meters of which `failures` failed; neither need be whole."""

    failures: Floats
    units: Floats


@dataclass(frozen=True, slots=True)
class SharePrior:
    """Beta distribution of the shares of all groups."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)


def blocks(size: int, rows: int = ROWS) -> Iterator[slice]:
    """Consecutive parts of an array."""
    for begin in range(0, size, rows):
        yield slice(begin, min(begin + rows, size))


def group_numbers(group: ArrayLike, size: int, groups: int | None = None) -> tuple[Groups, int]:
    """Checked numbers 0, 1, ... of the group of each of `size` meters, and how many groups there are."""
    numbers = np.asarray(group)
    if numbers.shape != (size,) or not np.issubdtype(numbers.dtype, np.integer):
        raise ArgumentError("group", f"应为 {size} 个整数，形状为 {numbers.shape}，类型为 {numbers.dtype}")
    least, most = (int(numbers.min()), int(numbers.max())) if size else (0, -1)
    count = most + 1 if groups is None else groups
    if least < 0 or most >= count:
        raise ArgumentError("group", f"组号应在 0 与 {count - 1} 之间，有 {least if least < 0 else most}")
    return numbers.astype(np.int64, copy=False), count


def bayes_factor(exceeds: ArrayLike, prior_share: float) -> Floats:
    """f of each meter from its stated probability, which holds a prior's share of meters beyond the MPE (Prior)."""
    p = within("exceeds", exceeds, 0.0, 1.0)
    share = probability("prior_share", prior_share)
    with np.errstate(divide="ignore"):
        return np.asarray(np.minimum(p / (1 - p) * ((1 - share) / share), LARGEST_FACTOR))


def effective_counts(group: ArrayLike, factor: ArrayLike, groups: int | None = None) -> Counts:
    """Counts of every group: the binomial whose likelihood has the mean and variance that the meters' has.

    `factor` >= 0, one a meter; meters whose readings tell nothing have 1 and count nothing.
    """
    f = np.minimum(not_negative("factor", factor), LARGEST_FACTOR)
    numbers, count = group_numbers(group, f.size, groups)
    units = np.bincount(numbers, minlength=count).astype(np.float64)
    share = _modes(numbers, f, units)
    low, high = _span(numbers, f, units, share)
    angle = (low + high) / 2 + (high - low) / 2 * NODES[:, None]
    node = np.sin(angle) ** 2  # nodes x groups
    log = np.zeros_like(node)
    for part in blocks(f.size):
        g, excess = numbers[part], f[part] - 1
        for j in range(len(NODES)):
            log[j] += np.bincount(g, np.log1p(node[j][g] * excess), count)
    # d(share) = sin(2 angle) d(angle)
    weight = np.exp(log - log.max(axis=0)) * np.sin(2 * angle) * WEIGHTS[:, None]
    weight /= weight.sum(axis=0)
    mean = (weight * node).sum(axis=0)
    variance = (weight * (node - mean) ** 2).sum(axis=0)
    total = mean * (1 - mean) / variance - 1
    failures = np.clip(mean * total - 1, 0, units)
    return Counts(failures, np.clip(total - 2, failures, np.maximum(units, failures)))


def _modes(numbers: Groups, factor: Floats, units: Floats) -> Floats:
    """Shares of about the greatest likelihood, drawn a little to that of all; above zero."""
    start = min(max(float((factor > 1).mean()) if factor.size else 0.0, 1e-4), 0.5)
    share = np.full(units.shape, start)
    for _ in range(ROUNDS):
        found = np.zeros(units.shape)
        for part in blocks(factor.size):
            g, f = numbers[part], factor[part]
            s = share[g]
            found += np.bincount(g, s * f / (1 + s * (f - 1)), units.size)
        overall = min(max(float(found.sum() / max(units.sum(), 1.0)), 1e-9), 1 - 1e-9)
        share = (found + OUTSET * overall) / (units + OUTSET)
    return share


def _span(numbers: Groups, factor: Floats, units: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Angles arcsin(sqrt(share)) outside of which the likelihood is negligible."""
    slope, square = np.zeros(units.shape), np.zeros(units.shape)
    for part in blocks(factor.size):
        g, excess = numbers[part], factor[part] - 1
        pull = excess / (1 + share[g] * excess)
        slope += np.bincount(g, pull, units.size)
        square += np.bincount(g, pull * pull, units.size)
    information = np.maximum(4 * share * (1 - share) * square, 2 * np.abs(slope))
    # No estimate tells more than a test, which tells 4.
    reach = REACH / np.sqrt(np.clip(information, 1e-6, 4 * (units + 1)))
    centre = np.arcsin(np.sqrt(share))
    return np.maximum(centre - reach, 0.0), np.minimum(centre + reach, np.pi / 2)


def common_prior(counts: Counts) -> SharePrior:
    """Beta distribution of the groups' shares, at the mode of `log_density_of_prior` over logit of the mean and log of
    a + b, which counts for at least one meter. Raises ArgumentError where no group has any count.
    """
    from scipy.optimize import minimize

    k, n = not_negative("failures", counts.failures), not_negative("units", counts.units)
    if not (n > 0).any():
        raise ArgumentError("units", "没有一组有可用的估计")
    used = Counts(k[n > 0], n[n > 0])

    def prior(theta: Floats) -> SharePrior:
        mean = float(special.expit(np.clip(theta[0], -16, 16)))
        strength = float(np.exp(np.clip(theta[1], 0, 16)))  # groups without a failure would let it run to zero
        return SharePrior(mean * strength, (1 - mean) * strength)

    def loss(theta: Floats) -> float:
        return -log_density_of_prior(used, prior(theta))

    centre = (used.failures.sum() + 0.5) / (used.units.sum() + 1)
    start = [float(special.logit(centre)), float(np.log(50.0))]
    options: Any = {"xatol": 1e-6, "fatol": 1e-8, "maxiter": 2000}
    return prior(minimize(loss, start, method="Nelder-Mead", options=options).x)


def log_density_of_prior(counts: Counts, prior: SharePrior) -> float:
    """ln posterior density of logit(mean) and ln(a + b), but for a constant, with the prior (a + b)^(-5/2) on a and b
    (Gelman et al., Bayesian Data Analysis, 3rd ed., 5.3), which also keeps a single group from being its own prior."""
    a, b, k, n = prior.a, prior.b, counts.failures, counts.units
    fit = float((special.betaln(a + k, b + n - k) - special.betaln(a, b)).sum())
    return fit + float(np.log(a) + np.log(b) - 2.5 * np.log(a + b))


def posterior_share(counts: Counts, prior: SharePrior) -> tuple[Floats, Floats]:
    """Beta parameters of each group's share."""
    return prior.a + counts.failures, prior.b + counts.units - counts.failures
