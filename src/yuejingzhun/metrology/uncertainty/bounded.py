"""Distributions of a quantity known to lie between two limits (JCGM 101:2008 6.4.2 to 6.4.6).

Each has the members that `distribution.Distribution` names; limits are in the unit of the quantity, floats or
one-dimensional arrays with one value a calibration.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.random import Generator
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, positive, within
from yuejingzhun.metrology.uncertainty.parameter import Parameter, column, keep, keep_limits, middle, root, shifted


@dataclass(frozen=True, eq=False, slots=True)
class Rectangular:
    """R(low, high): nothing is known but the limits (6.4.2); low < high."""

    divisor: ClassVar[float] = 3**0.5
    term: ClassVar[str] = "矩形"

    low: Parameter
    high: Parameter

    def __post_init__(self) -> None:
        keep_limits(self)

    @property
    def mean(self) -> Parameter:
        return middle(self.low, self.high)

    @property
    def sd(self) -> Parameter:
        return (self.high - self.low) / 2 / self.divisor

    def quantile(self, probability: Floats) -> Floats:
        return self.at(probability)

    def variates(self, generator: Generator, count: int) -> Floats:
        return generator.random(count)

    def at(self, variates: Floats) -> Floats:
        return shifted(variates, self.low, self.high - self.low)


@dataclass(frozen=True, eq=False, slots=True)
class Triangular:
    """T(low, high), symmetric: the sum of two rectangular quantities of equal width (6.4.5); low < high."""

    divisor: ClassVar[float] = 6**0.5
    term: ClassVar[str] = "三角"

    low: Parameter
    high: Parameter

    def __post_init__(self) -> None:
        keep_limits(self)

    @property
    def mean(self) -> Parameter:
        return middle(self.low, self.high)

    @property
    def sd(self) -> Parameter:
        return (self.high - self.low) / 2 / self.divisor

    def quantile(self, probability: Floats) -> Floats:
        from_limit = np.sqrt(2 * np.minimum(probability, 1 - probability))
        return self.at(np.where(probability < 0.5, from_limit, 2 - from_limit)[None])

    def variates(self, generator: Generator, count: int) -> Floats:
        return generator.random((2, count))

    def at(self, variates: Floats) -> Floats:
        return shifted(variates.sum(axis=0), self.low, (self.high - self.low) / 2)


@dataclass(frozen=True, eq=False, slots=True)
class Trapezoidal:
    """Trap(low, high, beta), symmetric; beta = top / base, from 0 (triangular) to 1 (rectangular) (6.4.4)."""

    low: Parameter
    high: Parameter
    beta: Parameter

    def __post_init__(self) -> None:
        keep_limits(self)
        keep(self, beta=within("beta", self.beta, 0.0, 1.0))

    @property
    def mean(self) -> Parameter:
        return middle(self.low, self.high)

    @property
    def sd(self) -> Parameter:
        return (self.high - self.low) * root((1 + self.beta**2) / 24)

    def quantile(self, probability: Floats) -> Floats:
        beta, half = column(self.beta), column(self.high - self.low) / 2
        tail = np.minimum(probability, 1 - probability)
        on_slope = tail * 2 * (1 + beta) < 1 - beta
        from_limit = np.where(on_slope, np.sqrt(2 * (1 - beta**2) * tail), (1 + beta) * tail + (1 - beta) / 2)
        return np.asarray(column(self.mean) + np.where(probability < 0.5, -1.0, 1.0) * half * (1 - from_limit))

    def variates(self, generator: Generator, count: int) -> Floats:
        return generator.random((2, count))

    def at(self, variates: Floats) -> Floats:
        beta, half = column(self.beta), column(self.high - self.low) / 2
        return np.asarray(column(self.low) + half * ((1 + beta) * variates[0] + (1 - beta) * variates[1]))


@dataclass(frozen=True, eq=False, slots=True)
class CurvilinearTrapezoid:
    """CTrap(low, high, d): limits known only to low +- d and high +- d (6.4.3); 0 < d <= (high - low) / 2."""

    low: Parameter
    high: Parameter
    d: Parameter

    def __post_init__(self) -> None:
        keep_limits(self)
        d = positive("d", self.d)
        if np.any(2 * d > np.subtract(self.high, self.low) * (1 + 1e-12)):
            raise ArgumentError("d", "不应大于界限间距的一半")
        keep(self, d=d)

    @property
    def mean(self) -> Parameter:
        return middle(self.low, self.high)

    @property
    def sd(self) -> Parameter:
        return root((self.high - self.low) ** 2 / 12 + self.d**2 / 9)

    def quantile(self, probability: Floats) -> Floats:
        """From the density in 6.4.3.2, integrated and inverted with Lambert's W (branch -1) on the flanks."""
        d, half = column(self.d), column(self.high - self.low) / 2
        tail = np.minimum(probability, 1 - probability)
        # Distance s from the middle: on a flank 4 d tail = (w + d) - s - s ln((w + d) / s).
        reach, inner = half + d, np.maximum(half - d, 0.0)
        # ln((w + d) / (w - d)), where there is a straight part at all.
        log_ratio = np.where(inner > 0, np.log1p(2 * d / np.where(inner > 0, inner, 1.0)), 0.0)
        flank = (2 * d - inner * log_ratio) / (4 * d)
        rest = np.clip(1 - 4 * d * tail / reach, 0.0, 1.0)
        curved = reach * np.exp(1 + special.lambertw(-rest / np.e, -1).real)
        slope = log_ratio / (4 * d)
        straight = inner - (tail - flank) / np.where(slope > 0, slope, 1.0)
        distance = np.where(tail < flank, curved, np.maximum(straight, 0.0))
        return np.asarray(column(self.mean) + np.where(probability < 0.5, -distance, distance))

    def variates(self, generator: Generator, count: int) -> Floats:
        return generator.random((2, count))

    def at(self, variates: Floats) -> Floats:
        """6.4.3.4: a rectangular distribution whose limits are themselves drawn."""
        lower = column(self.low - self.d) + 2 * column(self.d) * variates[0]
        return np.asarray(lower + (column(self.low + self.high) - 2 * lower) * variates[1])


@dataclass(frozen=True, eq=False, slots=True)
class ArcSine:
    """U(low, high), U-shaped: a sinusoidal cycle of unknown phase between the limits (6.4.6); low < high."""

    divisor: ClassVar[float] = 2**0.5
    term: ClassVar[str] = "反正弦"

    low: Parameter
    high: Parameter

    def __post_init__(self) -> None:
        keep_limits(self)

    @property
    def mean(self) -> Parameter:
        return middle(self.low, self.high)

    @property
    def sd(self) -> Parameter:
        return (self.high - self.low) / 2 / self.divisor

    def quantile(self, probability: Floats) -> Floats:
        return self.at(probability)

    def variates(self, generator: Generator, count: int) -> Floats:
        return generator.random(count)

    def at(self, variates: Floats) -> Floats:
        return shifted(-np.cos(np.pi * variates), self.mean, (self.high - self.low) / 2)
