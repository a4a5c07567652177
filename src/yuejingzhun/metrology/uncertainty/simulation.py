"""What values drawn for a result say about it: the result of a Monte Carlo calculation (JCGM 101:2008 7.5 to 7.7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from operator import attrgetter

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import Floats, not_negative, whole
from yuejingzhun.metrology.uncertainty.coverage_interval import Interval, intervals
from yuejingzhun.metrology.uncertainty.draws import Points, RandomStart
from yuejingzhun.metrology.uncertainty.dual import Values


class Kind(Enum):
    """Which coverage interval is meant (JCGM 101:2008 5.3); the value is the term on the screen."""

    SYMMETRIC = "概率对称"
    SHORTEST = "最短"


@dataclass(frozen=True, eq=False, slots=True)
class Simulation:
    """Result of a Monte Carlo calculation; `mean`, `u`, `play` and ends of intervals in the unit of the result.

    Numbers for one calibration, arrays with one value a row for a batch. `play`: how far the shortest interval
    can be moved before the draws can tell that it became longer. `start.generator()` draws the same numbers
    again. `warnings` are sentences in Chinese.
    """

    mean: Values
    u: Values
    symmetric: Interval
    shortest: Interval
    play: Values
    probability: float
    trials: int | NDArray[np.int64]
    points: Points
    start: RandomStart
    warnings: tuple[str, ...] = ()

    def interval(self, kind: Kind) -> Interval:
        """The interval of that kind."""
        return self.symmetric if kind is Kind.SYMMETRIC else self.shortest


def summary(values: Floats, p: float, points: Points, start: RandomStart) -> Simulation:
    """Mean, u and intervals of values of shape (rows, trials), as arrays of shape (rows,)."""
    found = intervals(values, p)
    mean, u = values.mean(axis=-1), values.std(axis=-1, ddof=1)
    trials = np.full(len(values), values.shape[-1])
    return Simulation(mean, u, found.symmetric, found.shortest, found.play, p, trials, points, start)


def joined(parts: Sequence[Simulation]) -> Simulation:
    """The rows of several results, one after the other."""

    def chained(name: str) -> Floats:
        return np.concatenate([np.asarray(attrgetter(name)(part)) for part in parts])

    return replace(
        parts[0],
        mean=chained("mean"),
        u=chained("u"),
        symmetric=Interval(chained("symmetric.low"), chained("symmetric.high")),
        shortest=Interval(chained("shortest.low"), chained("shortest.high")),
        play=chained("play"),
        trials=chained("trials").astype(np.int64),
    )


def only_row(batch: Simulation) -> Simulation:
    """The result of one calibration, in numbers, from a batch of one row."""

    def number(name: str) -> float:
        return float(attrgetter(name)(batch)[0])

    return replace(
        batch,
        mean=number("mean"),
        u=number("u"),
        symmetric=Interval(number("symmetric.low"), number("symmetric.high")),
        shortest=Interval(number("shortest.low"), number("shortest.high")),
        play=number("play"),
        trials=int(number("trials")),
    )


def numerical_tolerance(u: ArrayLike, digits: int = 2) -> Values:
    """delta: half a unit in the last of `digits` significant digits of u >= 0 (JCGM 101:2008 7.9.2).

    u = c x 10^l with c an integer of that many digits; delta = 10^l / 2, and 0 for u = 0.
    """
    size = not_negative("u", u)
    safe = np.where(size > 0, size, 1.0)
    exponent = np.floor(np.log10(safe)) - whole("digits", digits, 1) + 1
    # Rounding may carry: 0.0996 to two digits is 10 x 10^-2.
    exponent = np.where(np.rint(safe / 10.0**exponent) >= 10.0**digits, exponent + 1, exponent)
    delta = np.where(size > 0, 0.5 * 10.0**exponent, 0.0)
    return delta if delta.ndim else float(delta)
