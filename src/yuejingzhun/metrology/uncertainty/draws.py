"""Draws from the distributions of the inputs, pseudo-random or scrambled Sobol points, block by block."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.random import Generator
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats
from yuejingzhun.metrology.uncertainty.copula import Copula
from yuejingzhun.metrology.uncertainty.distribution import Distribution, rows_in, rows_of

# Draws and the arrays of a model that long stay in the processor's cache.
TRIALS_PER_BLOCK = 2**14
SOBOL_BITS = 30

Model = Callable[..., Any]


class Points(Enum):
    """Where the draws come from; the value is the term on the screen."""

    PSEUDO_RANDOM = "伪随机数"  # JCGM 101:2008 6.4, annex C
    SOBOL = "加扰 Sobol 序列"


@dataclass(frozen=True, slots=True)
class RandomStart:
    """Which random numbers were drawn: name of the generator, its seed where it was made from one, its state."""

    algorithm: str
    seed: int | Sequence[int] | None
    state: Mapping[str, Any] = field(repr=False)

    def generator(self) -> Generator:
        """A generator that draws the same numbers again."""
        bits = getattr(np.random, self.algorithm)()
        bits.state = self.state
        return Generator(bits)


def random_start(generator: Generator) -> RandomStart:
    """Where the generator stands; raises ArgumentError for what is no NumPy Generator with a known algorithm."""
    if not isinstance(generator, Generator):
        raise ArgumentError("generator", "应为 numpy.random.Generator，例如 numpy.random.default_rng(1)")
    bits = generator.bit_generator
    algorithm = type(bits).__name__
    if not hasattr(np.random, algorithm):
        raise ArgumentError("generator", f"不是 NumPy 自带的发生器：{algorithm}")
    return RandomStart(algorithm, getattr(bits.seed_seq, "entropy", None), bits.state)


@dataclass(frozen=True, eq=False, slots=True)
class Sampler:
    """The inputs' distributions, how they go together, and the kind of points to draw them from.

    Raises ArgumentError for no inputs, or inputs whose numbers of rows differ.
    """

    inputs: Sequence[Distribution]
    copula: Copula | None = None
    points: Points = Points.PSEUDO_RANDOM

    def __post_init__(self) -> None:
        if not self.inputs:
            raise ArgumentError("inputs", "至少需要一个输入量")
        self.rows()

    def rows(self) -> tuple[int, ...]:
        """() for one calibration, (n,) for n of them that share the draws."""
        shapes = [rows_in(x) for x in self.inputs]
        try:
            return np.broadcast_shapes(*shapes)
        except ValueError as error:
            raise ArgumentError("inputs", f"各输入量的行数不一致：{'、'.join(map(str, shapes))}") from error

    def cut(self, rows: slice) -> "Sampler":
        """The sampler of some of the rows."""
        return Sampler([rows_of(x, rows) for x in self.inputs], self.copula, self.points)

    def values(self, model: Model, generator: Generator, trials: int) -> Floats:
        """Values of the model, shape (outputs, rows, trials); one row where there are no rows.

        The model gets an array an input, of shape (trials,) or (rows, trials), and returns one array, or a tuple
        of them where it has several outputs. Raises ArgumentError for values that are not finite, and for Sobol
        points whose number is no power of two.
        """
        count = self.rows()[0] if self.rows() else 1
        group = max(1, 2 * TRIALS_PER_BLOCK // min(trials, TRIALS_PER_BLOCK))
        groups = [slice(first, min(first + group, count)) for first in range(0, count, group)]
        cuts = [self.cut(rows) for rows in groups] if self.rows() else [self]
        found: Floats | None = None
        done = 0
        quick = self.direct()
        for variates in self.blocks(generator, trials):
            size = variates[0].shape[-1]
            for rows, sampler in zip(groups, cuts, strict=True):
                pairs = zip(sampler.inputs, variates, quick, strict=True)
                values = model(*(x.at(v) if direct else x.quantile(v) for x, v, direct in pairs))
                outputs = values if isinstance(values, tuple) else (values,)
                if found is None:
                    found = np.empty((len(outputs), count, trials))
                for into, part in zip(found[:, rows, done : done + size], outputs, strict=True):
                    _store(into, part)
            done += size
        assert found is not None  # noqa: S101 - there is at least one block
        return _finite(found)

    def direct(self) -> tuple[bool, ...]:
        """Which inputs take their variates by `at`, the others by `quantile`."""
        linked = self.copula.positions(len(self.inputs)) if self.copula else ()
        free = self.points is Points.PSEUDO_RANDOM
        return tuple(self.copula.is_own(x) if self.copula and i in linked else free for i, x in enumerate(self.inputs))

    def blocks(self, generator: Generator, trials: int) -> Iterator[list[Floats]]:
        """For each block of trials one array an input: what its `at` or `quantile` (see `direct`) takes."""
        linked = self.copula.positions(len(self.inputs)) if self.copula else ()
        factor = self.copula.factor([self.inputs[i] for i in linked]) if self.copula else None
        uniform = self._sobol(generator, trials) if self.points is Points.SOBOL else None
        quick = self.direct()
        for first in range(0, trials, TRIALS_PER_BLOCK):
            size = min(TRIALS_PER_BLOCK, trials - first)
            points = uniform(size) if uniform else None
            variates = [
                np.empty(0) if i in linked else x.variates(generator, size) if points is None else points[i]
                for i, x in enumerate(self.inputs)
            ]
            if self.copula and factor is not None:
                scores = self.copula.scores(factor, *self._independent(generator, size, points, linked))
                for i, score in zip(linked, scores, strict=True):
                    variates[i] = score if quick[i] else self.copula.probabilities(score)
            yield variates

    def _independent(
        self, generator: Generator, size: int, points: Floats | None, linked: tuple[int, ...]
    ) -> tuple[Floats, Floats | None]:
        """Normal numbers for the copula's members, and the chi-squared ones of a Student copula."""
        dof = self.copula.dof if self.copula else np.inf
        if points is None:
            normals = generator.standard_normal((len(linked), size))
            return normals, None if np.isinf(dof) else generator.chisquare(dof, size)
        normals = special.ndtri(points[list(linked)])
        return normals, None if np.isinf(dof) else special.chdtri(dof, points[-1])

    def _sobol(self, generator: Generator, trials: int) -> Callable[[int], Floats]:
        if trials & (trials - 1):
            raise ArgumentError("trials", f"Sobol 点数应为 2 的整数次幂，为 {trials}")
        if trials > 2**SOBOL_BITS:
            raise ArgumentError("trials", f"Sobol 点数不应超过 2 的 {SOBOL_BITS} 次幂")
        from scipy.stats import qmc

        extra = 0 if self.copula is None or np.isinf(self.copula.dof) else 1
        # SciPy would spawn from the generator's seed, which says nothing of where the generator stands.
        scrambling = np.random.default_rng(generator.integers(2**32, size=4))
        engine = qmc.Sobol(len(self.inputs) + extra, scramble=True, bits=SOBOL_BITS, rng=scrambling)
        # A point is the corner of its cell: its middle is never 0 or 1, where a quantile may be infinite.
        return lambda size: np.ascontiguousarray(engine.random(size).T) + 0.5 / 2**SOBOL_BITS


def only_output(values: Floats) -> Floats:
    """The values of a model's single output, shape (rows, trials); raises ArgumentError where it has several."""
    if len(values) != 1:
        raise ArgumentError("model", f"应返回一个数组，返回了 {len(values)} 个；多个输出量用 simulate_jointly")
    return np.asarray(values[0])


def _store(into: Floats, values: Any) -> None:
    if np.iscomplexobj(values):
        raise ArgumentError("model", "结果为复数；请返回（实部，虚部）两个数组")
    try:
        into[...] = values
    except (TypeError, ValueError) as error:
        raise ArgumentError("model", f"应返回与输入同形状的实数数组，返回的形状为 {np.shape(values)}") from error


def _finite(values: Floats) -> Floats:
    # The sum is finite only if all are, and costs less than asking each.
    if not np.isfinite(values.sum()):
        wrong = int(values.size - np.isfinite(values).sum())
        raise ArgumentError("model", f"{values.size} 次试验中有 {wrong} 次的结果不是有限的数")
    return values
