"""How long meters stay within their MPE, from one look at each: its age, and how likely it is beyond by now.

That is current-status data of which the status itself is uncertain. With F the distribution of life and
f = p(readings | beyond) / p(readings | within), a meter of age t has the likelihood 1 + F(t) (f - 1). Meters whose life
is better known (tested, failed, removed while good) come in as `Lifetimes`, with any censoring. Meters removed
for bad results must be among them, or those left make the group look better than it is.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, matching, not_negative, positive, probability
from yuejingzhun.metrology.fleet.group_share import LARGEST_FACTOR, Groups, group_numbers
from yuejingzhun.metrology.sampling.life import Life, LifeLaw, Lifetimes
from yuejingzhun.metrology.sampling.life_likelihood import NO_MAXIMUM, NORMAL, SMALLEST_EXTREME, Family, Sums

BINS = 80  # of the logarithm of f, from a hundred-thousandth to a hundred thousand
EDGES = np.linspace(-5.0, 5.0, BINS + 1) * np.log(10)
LOCATIONS = 161  # of a group's log life about that of all
LARGEST_BETWEEN = 1.0  # of ln life between groups: a factor of 2.7
LARGEST_ERROR = 3.0  # of ln life, or of ln spread, with which a life is still called determined
LEAST = 1e-300  # probability of a meter's record under a life that it rules out
LAWS = {LifeLaw.WEIBULL: SMALLEST_EXTREME, LifeLaw.EXPONENTIAL: SMALLEST_EXTREME, LifeLaw.LOG_NORMAL: NORMAL}


@dataclass(frozen=True, slots=True)
class StatusTable:
    """Meters of one group and age that tell about the same: their mean f and how many they are."""

    group: Groups
    age: Floats
    factor: Floats
    count: Floats
    groups: int


@dataclass(frozen=True, slots=True)
class GroupLives:
    """Lives of the groups: one law and spread, and for each group weights of the values of the location (groups x
    locations), which are its posterior."""

    fleet: Life
    locations: Floats
    weights: Floats
    between: float  # standard deviation of ln life between groups


def tabulate(group: ArrayLike, age: ArrayLike, factor: ArrayLike, groups: int | None = None) -> StatusTable:
    """Meters by group, age (rounded by the caller: years or months) and f (`group_share.bayes_factor`).

    A bin of f is w = ln(10) / 8 wide. To put its mean for each changes ln likelihood by w^2 / 8 = 0.0104 a meter at
    most (all of a bin at its two ends), by w^2 / 24 = 0.0035 where they lie evenly.
    """
    t, f = matching(age=positive("age", age), factor=not_negative("factor", factor))
    numbers, count = group_numbers(group, t.size, groups)
    f = np.minimum(f, LARGEST_FACTOR)
    ages, place = np.unique(t, return_inverse=True)
    with np.errstate(divide="ignore"):
        bins = np.searchsorted(EDGES, np.log(f))
    key = (numbers * ages.size + place) * (BINS + 2) + bins
    cells, where = np.unique(key, return_inverse=True)
    units = np.bincount(where).astype(np.float64)
    # Sums of f up to 1e200 would drown the small ones of other cells in no case: each cell has its own.
    mean = np.bincount(where, f) / units
    return StatusTable(cells // (BINS + 2) // ages.size, ages[cells // (BINS + 2) % ages.size], mean, units, count)


def fit_status(table: StatusTable, law: LifeLaw = LifeLaw.WEIBULL, known: Lifetimes | None = None) -> Life:
    """Maximum likelihood over all meters of the table, and of those whose life is known better.

    The result is a `Life` of metrology/sampling: survival, hazard, quantiles and conditional failure as there. Its
    `failures` are those expected among the estimated meters, with the known ones. Raises ArgumentError where the data
    determine no life: no meter is likely beyond, or all of one age.
    """
    from scipy.optimize import minimize

    if np.unique(table.age).size < 2 and known is None:
        raise ArgumentError("age", "所有计量器具使用时间相同，不能估计寿命分布")
    fixed = law is LifeLaw.EXPONENTIAL
    target = _Target(table, LAWS[law], None if known is None else _known(known, LAWS[law]))
    start = [float(np.log(table.age.max())) + 1.0, float(np.log(0.5))][: 1 if fixed else 2]
    options: Any = {"gtol": 1e-9, "maxiter": 200}
    found = minimize(target.loss, start, jac=target.slope, hess=target.bend, method="trust-exact", options=options)
    least, gradient, hessian = target.at(found.x)
    # Rounding may stop the search before the gradient is as small as asked; what counts is the rise still to come.
    if np.linalg.eigvalsh(hessian).min() <= 0 or gradient @ np.linalg.solve(hessian, gradient) > 1e-6:
        raise ArgumentError("table", NO_MAXIMUM)
    covariance = np.zeros((2, 2))
    covariance[: found.x.size, : found.x.size] = np.linalg.inv(hessian)
    if np.diagonal(covariance).max() > LARGEST_ERROR**2:
        raise ArgumentError("table", NO_MAXIMUM)
    location, spread = float(found.x[0]), 1.0 if fixed else float(np.exp(found.x[1]))
    failures, units = _expected(table, LAWS[law], location, spread)
    if known is not None:
        failures += float(known.count[np.isfinite(known.upper)].sum())
        units += float(known.count.sum())
    return Life(law, location, spread, covariance, -least, units, failures)


def share_beyond(life: Life, age: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """Share of meters beyond the MPE at any age, and its confidence limits, by the delta method on the standardised
    logarithm of the age (Meeker & Escobar 8.4.3)."""
    t = positive("age", age)
    distribution = LAWS[life.law]
    w = (np.log(t) - life.location) / life.spread
    (a, b), (_, c) = life.covariance
    error = np.sqrt(np.maximum(a / life.spread**2 + 2 * w * b / life.spread + w * w * c, 0))
    reach = -float(special.ndtri((1 - probability("level", level)) / 2)) * error
    return _cumulative(distribution, w), _cumulative(distribution, w - reach), _cumulative(distribution, w + reach)


def group_lives(table: StatusTable, fleet: Life) -> GroupLives:
    """A location for each group about the fleet's, by empirical Bayes: normal between groups, its standard deviation
    the likeliest. A group without any meter beyond is told from the others by the others."""
    family = LAWS[fleet.law]
    offset = np.linspace(-3 * LARGEST_BETWEEN, 3 * LARGEST_BETWEEN, LOCATIONS)
    log = np.zeros((table.groups, LOCATIONS))
    w = (np.log(table.age) - fleet.location) / fleet.spread
    for j in range(LOCATIONS):
        chance = _cumulative(family, w - offset[j] / fleet.spread)
        inside = np.maximum(1 + chance * (table.factor - 1), LEAST)
        log[:, j] = np.bincount(table.group, table.count * np.log(inside), table.groups)
    log -= log.max(axis=1, keepdims=True)
    likelihood = np.exp(log)
    step = float(offset[1] - offset[0])
    widths = np.geomspace(step / 2, LARGEST_BETWEEN, 40)
    priors = np.exp(-0.5 * (offset / widths[:, None]) ** 2)
    priors /= priors.sum(axis=1, keepdims=True)
    best = int(np.log(likelihood @ priors.T).sum(axis=0).argmax())
    weights = likelihood * priors[best]
    weights /= weights.sum(axis=1, keepdims=True)
    return GroupLives(fleet, fleet.location + offset, weights, float(widths[best]))


def group_share_beyond(lives: GroupLives, age: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """Mean share of each group beyond the MPE at an age (one, or one a group), with equal-tailed limits of the group's
    location; what is not known of the fleet's spread is left out."""
    t = np.broadcast_to(positive("age", age), lives.weights.shape[:1])
    tail = (1 - probability("level", level)) / 2
    w = (np.log(t)[:, None] - lives.locations) / lives.fleet.spread
    chance = _cumulative(LAWS[lives.fleet.law], w)
    running = np.cumsum(lives.weights, axis=1) - lives.weights / 2
    limits = [
        np.array([np.interp(side, own, lives.locations) for own in running]) for side in (1 - tail, tail)
    ]  # a longer life is a smaller share
    low, high = (_cumulative(LAWS[lives.fleet.law], (np.log(t) - limit) / lives.fleet.spread) for limit in limits)
    return np.asarray((lives.weights * chance).sum(axis=1)), low, high


@dataclass(frozen=True, slots=True)
class _Target:
    """-ln likelihood of all records, by (location, ln spread), or by location with the spread 1."""

    table: StatusTable
    family: Family
    known: Sums | None

    def at(self, theta: Floats) -> tuple[float, Floats, Floats]:
        location, log_spread = float(theta[0]), float(theta[1]) if theta.size > 1 else 0.0
        value, gradient, hessian = _status(self.table, self.family, location, log_spread)
        if self.known is not None:
            more = self.known.at(location, float(np.exp(log_spread)))
            value, gradient, hessian = value + more[0], gradient + more[1], hessian + more[2]
        return -value, -gradient[: theta.size], -hessian[: theta.size, : theta.size]

    def loss(self, theta: Floats) -> float:
        return self.at(theta)[0]

    def slope(self, theta: Floats) -> Any:
        return self.at(theta)[1]

    def bend(self, theta: Floats) -> Any:
        return self.at(theta)[2]


def _known(known: Lifetimes, family: Family) -> Sums:
    used = finite("count", known.count) > 0
    return Sums.of(known.lower[used], known.upper[used], known.count[used], family)


def _cumulative(family: Family, w: Floats) -> Floats:
    return np.asarray(special.ndtr(w) if family is NORMAL else -np.expm1(-np.exp(np.minimum(w, 500.0))))


def _status(table: StatusTable, family: Family, location: float, log_spread: float) -> tuple[float, Floats, Floats]:
    """ln likelihood, gradient and Hessian by (location, ln spread)."""
    spread = float(np.exp(log_spread))
    w = np.minimum((np.log(table.age) - location) / spread, 500.0)
    excess, c = table.factor - 1, table.count
    inside = np.maximum(1 + _cumulative(family, w) * excess, LEAST)
    density = np.exp(family.log_density(w))
    # Where the density has died out, so has its slope, whatever it is a multiple of.
    bend = np.where(density > 0, density * family.slope(np.where(density > 0, w, 0.0)), 0.0)
    pull = excess / inside
    first = np.stack([-density / spread, -density * w]) * pull
    aa, ab, bb = bend / spread**2, (bend * w + density) / spread, bend * w * w + density * w
    second = np.array([[c @ (aa * pull), c @ (ab * pull)], [c @ (ab * pull), c @ (bb * pull)]])
    return float(c @ np.log(inside)), first @ c, second - (first * c) @ first.T


def _expected(table: StatusTable, family: Family, location: float, spread: float) -> tuple[float, float]:
    chance = _cumulative(family, (np.log(table.age) - location) / spread)
    beyond = chance * table.factor / (1 + chance * (table.factor - 1))
    return float(table.count @ beyond), float(table.count.sum())
