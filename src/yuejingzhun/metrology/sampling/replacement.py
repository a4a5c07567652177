"""When to replace: failures to expect next, and the age at which replacement on plan costs least."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, matching, not_negative, positive
from yuejingzhun.metrology.sampling.life import Life, LifeLaw, log_survival, quantile, survival

EARLIEST, LATEST = 1e-9, 1 - 1e-9  # fractions failed between which the optimum is sought


@dataclass(frozen=True, slots=True)
class Replacement:
    """`age` is inf where running to failure is cheapest; costs are per unit of time, in the unit of the costs given."""

    age: float
    cost_rate: float
    run_to_failure_rate: float
    reason: str


def conditional_failure(life: Life, age: ArrayLike, ahead: ArrayLike = 1.0) -> Floats:
    """P(failure within `ahead` | running at `age`), in the broadcast shape; 1 - S(age + ahead) / S(age)."""
    now, span = matching(age=not_negative("age", age), ahead=not_negative("ahead", ahead))
    return np.asarray(-np.expm1(log_survival(life, now + span) - log_survival(life, now)))


def expected_failures(life: Life, age: ArrayLike, count: ArrayLike, ahead: float = 1.0) -> float:
    """Failures to expect within `ahead` in a fleet of `count` units of each age, none being replaced."""
    units, chance = matching(count=not_negative("count", count), age=conditional_failure(life, age, ahead))
    return float((units * chance).sum())


def mean_life(life: Life) -> float:
    """Expected life."""
    if life.law is LifeLaw.LOG_NORMAL:
        return float(np.exp(life.location + life.spread**2 / 2))
    return life.characteristic_life * float(special.gamma(1 + life.spread))


def mean_use(life: Life, age: ArrayLike) -> Floats:
    """Expected time in use of a unit replaced at failure or at `age`: the integral of survival to that age."""
    at = positive("age", age)
    w = (np.log(at) - life.location) / life.spread
    if life.law is LifeLaw.LOG_NORMAL:
        return np.asarray(at * special.ndtr(-w) + mean_life(life) * special.ndtr(w - life.spread))
    # By parts of the incomplete gamma function: integral of exp(-(t/eta)^k) = eta Gamma(1 + 1/k) P(1/k, (T/eta)^k).
    return np.asarray(mean_life(life) * special.gammainc(life.spread, np.exp(w)))


def cost_rate(life: Life, age: ArrayLike, planned: float, unplanned: float) -> Floats:
    """Long-run cost per unit of time of replacing at failure or at `age` (Barlow & Proschan 1965, 4.2)."""
    on_plan, by_failure = _costs(planned, unplanned)
    alive = survival(life, age)
    return np.asarray((on_plan * alive + by_failure * (1 - alive)) / mean_use(life, age))


def optimal_replacement(life: Life, planned: float, unplanned: float) -> Replacement:
    """The age of least cost, compared with running to failure.

    The whole range of ages is searched before the best is refined, as a log-normal hazard rises and then falls. Raises
    ArgumentError unless 0 < planned and 0 < unplanned.
    """
    on_plan, by_failure = _costs(planned, unplanned)
    never = by_failure / mean_life(life)
    if on_plan >= by_failure:
        return Replacement(np.inf, never, never, "计划更换不比失效更换便宜：用到失效为止")
    if life.law is not LifeLaw.LOG_NORMAL and life.shape <= 1:
        return Replacement(np.inf, never, never, "失效率不随使用时间上升：预防更换没有好处，用到失效为止")
    low, high = np.log(quantile(life, np.array([EARLIEST, LATEST])))
    for _ in range(8):
        grid = np.linspace(low, high, 401)
        best = int(cost_rate(life, np.exp(grid), on_plan, by_failure).argmin())
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 400)]
    age = float(np.exp(grid[best]))
    rate = float(cost_rate(life, age, on_plan, by_failure))
    if rate >= never * (1 - 1e-9):
        return Replacement(np.inf, never, never, "任何计划更换年限都不比用到失效便宜")
    saved = 1 - rate / never
    return Replacement(age, rate, never, f"使用 {age:.4g} 时更换费用最低，比用到失效省 {saved:.1%}")


def _costs(planned: float, unplanned: float) -> tuple[float, float]:
    costs = float(positive("planned", planned)), float(positive("unplanned", unplanned))
    if not np.isfinite(costs).all():
        raise ArgumentError("planned、unplanned", "应为有限的数")
    return costs
