"""Probability distributions that state what is known of an input quantity (JCGM 101:2008 clause 6, table 1).

Those between two limits are in `bounded`.

Every distribution has `mean`, `sd`, `quantile` and, for direct draws, two steps: `variates` draws numbers that
know nothing of the parameters, `at` turns them into values of the quantity. So many calibrations, each with
parameters of its own, can share one set of draws. A parameter is a float, or a one-dimensional array with one
value a calibration; results then have the shape (calibrations, draws). Limits, means and standard deviations
are in the unit of the quantity.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, not_negative, positive
from yuejingzhun.metrology.uncertainty.dual import Input
from yuejingzhun.metrology.uncertainty.parameter import Parameter, column, keep, shifted, single


class Distribution(Protocol):
    """What the Monte Carlo method asks of a distribution; any class with these members will do."""

    @property
    def mean(self) -> Parameter:
        """Expectation: the best estimate."""

    @property
    def sd(self) -> Parameter:
        """Standard deviation: the standard uncertainty; inf where it does not exist."""

    def quantile(self, probability: Floats) -> Floats:
        """Value below which the quantity lies with that probability, strictly between 0 and 1."""

    def variates(self, generator: Generator, count: int) -> Floats:
        """Random numbers for `count` trials along the last axis, free of the parameters."""

    def at(self, variates: Floats) -> Floats:
        """The quantity's values for those random numbers."""


class Shape(Protocol):
    """What a type B evaluation asks of a class of distributions over +-half width (JCGM 100:2008 4.3)."""

    divisor: ClassVar[float]  # half width / standard uncertainty
    term: ClassVar[str]  # on the screen


AnyDistribution = TypeVar("AnyDistribution", bound=Distribution)


class Frozen(Protocol):
    """The part of a frozen SciPy distribution that is used."""

    def mean(self) -> Any: ...
    def std(self) -> Any: ...
    def median(self) -> Any: ...
    def ppf(self, q: Any) -> Any: ...
    def rvs(self, *, size: Any, random_state: Any) -> Any: ...


@dataclass(frozen=True, eq=False, slots=True)
class Constant:
    """A quantity without uncertainty; raises ArgumentError for a value that is not finite."""

    value: Parameter

    def __post_init__(self) -> None:
        keep(self, value=finite("value", self.value))

    @property
    def mean(self) -> Parameter:
        return self.value

    @property
    def sd(self) -> Parameter:
        return 0.0 * self.value

    def quantile(self, probability: Floats) -> Floats:
        return self.at(probability)

    def variates(self, generator: Generator, count: int) -> Floats:
        return np.zeros(count)

    def at(self, variates: Floats) -> Floats:
        return column(self.value) + np.zeros_like(variates)


@dataclass(frozen=True, eq=False, slots=True)
class Normal:
    """N(mean, sd squared) for an estimate with its standard uncertainty (6.4.7); sd > 0."""

    # A half width is that of 99.73 % (JCGM 100:2008 4.3.5).
    divisor: ClassVar[float] = 3.0
    term: ClassVar[str] = "正态"

    mean: Parameter
    sd: Parameter

    def __post_init__(self) -> None:
        keep(self, mean=finite("mean", self.mean), sd=positive("sd", self.sd))

    def quantile(self, probability: Floats) -> Floats:
        return self.at(special.ndtri(probability))

    def variates(self, generator: Generator, count: int) -> Floats:
        return generator.standard_normal(count)

    def at(self, variates: Floats) -> Floats:
        return shifted(variates, self.mean, self.sd)


@dataclass(frozen=True, eq=False, slots=True)
class Student:
    """t with `dof` degrees of freedom, shifted and scaled (6.4.9); scale > 0, dof > 0 and one for all rows.

    `location` is the expectation for dof > 1, the median always; the standard deviation exists for dof > 2.
    """

    location: Parameter
    scale: Parameter
    dof: float

    def __post_init__(self) -> None:
        keep(self, location=finite("location", self.location), scale=positive("scale", self.scale))
        keep(self, dof=single("dof", self.dof))

    @classmethod
    def of_readings(cls, readings: ArrayLike) -> Student:
        """t with n - 1 degrees of freedom about the mean, scale s / sqrt(n), along the last axis (6.4.9.2).

        Raises ArgumentError for fewer than two readings or readings that are all equal.
        """
        rows = finite("readings", readings)
        n = rows.shape[-1] if rows.ndim else 1
        if n < 2:
            raise ArgumentError("readings", f"至少需要 2 个读数，只有 {n}")
        spread = rows.std(axis=-1, ddof=1)
        if np.any(spread <= 1e-14 * np.abs(rows).max(axis=-1)):
            raise ArgumentError("readings", "读数全部相等，不能由其离散估计标准不确定度")
        return cls(rows.mean(axis=-1), spread / np.sqrt(n), n - 1)

    @property
    def mean(self) -> Parameter:
        return self.location

    @property
    def sd(self) -> Parameter:
        return self.scale * (np.sqrt(self.dof / (self.dof - 2)) if self.dof > 2 else np.inf)

    def quantile(self, probability: Floats) -> Floats:
        return self.at(np.asarray(special.stdtrit(self.dof, probability), dtype=np.float64))

    def variates(self, generator: Generator, count: int) -> Floats:
        return generator.standard_t(self.dof, count)

    def at(self, variates: Floats) -> Floats:
        return shifted(variates, self.location, self.scale)


@dataclass(frozen=True, eq=False, slots=True)
class Exponential:
    """Ex(1 / mean): only the best estimate of a quantity that can't be negative is known (6.4.10); mean > 0."""

    mean: Parameter

    def __post_init__(self) -> None:
        keep(self, mean=positive("mean", self.mean))

    @property
    def sd(self) -> Parameter:
        return self.mean

    def quantile(self, probability: Floats) -> Floats:
        return self.at(-np.log1p(-probability))

    def variates(self, generator: Generator, count: int) -> Floats:
        return generator.standard_exponential(count)

    def at(self, variates: Floats) -> Floats:
        return column(self.mean) * variates


@dataclass(frozen=True, eq=False, slots=True)
class Gamma:
    """G(shape, 1 / scale) (6.4.11); scale > 0, shape > 0 and one for all rows."""

    shape: float
    scale: Parameter = 1.0

    def __post_init__(self) -> None:
        keep(self, shape=single("shape", self.shape), scale=positive("scale", self.scale))

    @classmethod
    def of_count(cls, count: float) -> Gamma:
        """The mean of a Poisson process that gave `count` events: G(count + 1, 1) (6.4.11.2)."""
        return cls(float(not_negative("count", count)) + 1)

    @property
    def mean(self) -> Parameter:
        return self.shape * self.scale

    @property
    def sd(self) -> Parameter:
        return float(np.sqrt(self.shape)) * self.scale

    def quantile(self, probability: Floats) -> Floats:
        return self.at(np.asarray(special.gammaincinv(self.shape, probability), dtype=np.float64))

    def variates(self, generator: Generator, count: int) -> Floats:
        return generator.standard_gamma(self.shape, count)

    def at(self, variates: Floats) -> Floats:
        return column(self.scale) * variates


@dataclass(frozen=True, eq=False, slots=True)
class FromScipy:
    """Any frozen SciPy distribution of one quantity, such as `scipy.stats.lognorm(0.3)`; the same in all rows.

    Where it has no expectation, its median stands for the estimate.
    """

    frozen: Frozen

    def __post_init__(self) -> None:
        if not all(hasattr(self.frozen, name) for name in ("mean", "std", "median", "ppf", "rvs")):
            raise ArgumentError("frozen", "应为 SciPy 的已给定参数的分布，例如 scipy.stats.norm(1, 2)")
        try:
            median = self.frozen.median()
        except TypeError as error:
            raise ArgumentError("frozen", "分布的参数未给定") from error
        if np.ndim(median):
            raise ArgumentError("frozen", "参数应为单个数，不支持数组")
        finite("frozen", median)

    @property
    def mean(self) -> Parameter:
        mean = float(self.frozen.mean())
        return mean if np.isfinite(mean) else float(self.frozen.median())

    @property
    def sd(self) -> Parameter:
        sd = float(self.frozen.std())
        return sd if np.isfinite(sd) else np.inf

    def quantile(self, probability: Floats) -> Floats:
        return np.asarray(self.frozen.ppf(probability), dtype=np.float64)

    def variates(self, generator: Generator, count: int) -> Floats:
        return np.asarray(self.frozen.rvs(size=count, random_state=generator), dtype=np.float64)

    def at(self, variates: Floats) -> Floats:
        return variates


def first_order(name: str, distribution: Distribution) -> Input:
    """The same knowledge as an input of a first-order budget: estimate, u, degrees of freedom (JCGM 100:2008 4).

    For `Student` u is the scale and the degrees of freedom go along, as in the GUM; elsewhere u is `sd`. Raises
    ArgumentError where the standard deviation doesn't exist.
    """
    if isinstance(distribution, Student):
        return Input(name, distribution.location, distribution.scale, distribution.dof)
    if not np.all(np.isfinite(distribution.sd)):
        raise ArgumentError("distribution", f"输入量 {name} 的标准差不存在")
    return Input(name, distribution.mean, distribution.sd)


def rows_of(distribution: AnyDistribution, rows: slice) -> AnyDistribution:
    """The distribution for some of its rows; one whose parameters are all single numbers stays as it is."""
    arrays = {name: part[rows] for name, part in _parameters(distribution).items() if np.ndim(part)}
    return replace(distribution, **arrays) if arrays else distribution  # type: ignore[type-var]


def rows_in(distribution: Distribution) -> tuple[int, ...]:
    """Shape of the parameters: () for one calibration, (n,) for n of them."""
    return np.broadcast_shapes(*(np.shape(part) for part in _parameters(distribution).values()))


def _parameters(distribution: Distribution) -> dict[str, Any]:
    return {field.name: getattr(distribution, field.name) for field in fields(distribution)}  # type: ignore[arg-type]
