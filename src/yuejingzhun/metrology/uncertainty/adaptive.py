"""Trials until the results are stable (JCGM 101:2008 7.9), for one calibration."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from yuejingzhun.metrology.arguments import ArgumentError, Floats, whole
from yuejingzhun.metrology.uncertainty.coverage_interval import intervals
from yuejingzhun.metrology.uncertainty.draws import Model, Points, Sampler, only_output
from yuejingzhun.metrology.uncertainty.simulation import Kind, numerical_tolerance


@dataclass(frozen=True, slots=True)
class Adaptive:
    """Stability to `digits` significant digits of u, as a number of trials (JCGM 101:2008 7.9.4).

    `share` of the numerical tolerance is asked for: 1/5 where a first-order result is to be validated (8.2).
    `kind` is the interval whose ends are to be stable. Ends at `most_trials` in any case. Raises ArgumentError
    for a share outside (0, 1], or numbers that are not positive integers.
    """

    digits: int = 2
    share: float = 1.0
    kind: Kind = Kind.SYMMETRIC
    most_trials: int = 10_000_000

    def __post_init__(self) -> None:
        whole("digits", self.digits, 1)
        whole("most_trials", self.most_trials, 1)
        if not 0 < self.share <= 1:
            raise ArgumentError("share", f"应大于 0 且不大于 1，为 {self.share:g}")


def stable_values(
    model: Model, sampler: Sampler, generator: Generator, rule: Adaptive, p: float
) -> tuple[Floats, bool]:
    """Values of the model in runs, until mean, u and both ends of the interval are stable; and whether they are.

    A run has max(10^4, 100 / (1 - p)) trials (7.9.4 b). Of Sobol points it has the next power of two, and every run is
    scrambled anew, so that the runs differ by chance alone. Values have the shape (1, trials).
    """
    size = max(int(np.ceil(100 / (1 - p) * (1 - 1e-9))), 10_000)
    if sampler.points is Points.SOBOL:
        size = 1 << (size - 1).bit_length()
    if rule.most_trials < 2 * size:
        raise ArgumentError("most_trials", f"至少应为两轮试验，即 {2 * size}")
    runs: list[Floats] = []
    figures: list[tuple[float, ...]] = []
    while (len(runs) + 1) * size <= rule.most_trials:
        values = only_output(sampler.values(model, generator, size))
        found = intervals(values[0], p)
        interval = found.symmetric if rule.kind is Kind.SYMMETRIC else found.shortest
        runs.append(values)
        figures.append((float(values.mean()), float(values.std(ddof=1)), float(interval.low), float(interval.high)))
        if _stable(np.array(figures), size, rule):
            return np.concatenate(runs, axis=-1), True
    return np.concatenate(runs, axis=-1), False


def _stable(figures: Floats, size: int, rule: Adaptive) -> bool:
    """Steps g) to k) of 7.9.4: twice the standard deviation of each average does not exceed the tolerance."""
    h = len(figures)
    if h < 2:
        return False
    mean, u = figures[:, 0], figures[:, 1]
    # u of all h x M values, from those of the runs.
    squares = (size - 1) * (u * u).sum() + size * ((mean - mean.mean()) ** 2).sum()
    tolerance = numerical_tolerance(np.sqrt(squares / (h * size - 1)), rule.digits)
    spread = figures.std(axis=0, ddof=1) / np.sqrt(h)
    return bool(np.all(2 * spread <= rule.share * tolerance))
