"""Degrees of equivalence of 10,000 comparisons of 12 participants at once, against a loop and the bare arithmetic.

The loop is what a metrologist writes: one comparison at a time, each in vectorised NumPy. The bare arithmetic is the
same formulas over whole arrays without checks, masks or covariances: the least that NumPy can take. Both are of the
weighted mean, whose degrees have the shortest formula. Prints ratios of times within this run.
"""

import platform
import time
from collections.abc import Callable

import numpy as np

from yuejingzhun.metrology.comparison.equivalence import bilateral_degrees, degrees_of_equivalence
from yuejingzhun.metrology.comparison.power_moderated_mean import power_moderated_mean
from yuejingzhun.metrology.comparison.random_effects import dersimonian_laird, paule_mandel, reml
from yuejingzhun.metrology.comparison.reference_value import weighted_mean

COMPARISONS, PARTICIPANTS, REPEATS = 10_000, 12, 15


def ours(x: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, ...]:
    one, two = degrees_of_equivalence(x, u, weighted_mean(x, u)), bilateral_degrees(x, u)
    return one.difference, one.u, two.difference, two.u


def bare(x: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, ...]:
    variance = u * u
    weights = 1 / variance
    total = weights.sum(axis=-1, keepdims=True)
    mean = (weights * x).sum(axis=-1, keepdims=True) / total
    pairs = np.sqrt(variance[..., :, None] + variance[..., None, :])
    return x - mean, np.sqrt(variance - 1 / total), x[..., :, None] - x[..., None, :], pairs


def loop(x: np.ndarray, u: np.ndarray) -> list[tuple[np.ndarray, ...]]:
    return [bare(row, sizes) for row, sizes in zip(x, u, strict=True)]


def seconds(work: Callable[[], object], repeats: int) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return min(once() for _ in range(repeats))


def main() -> None:
    generator = np.random.default_rng(1)
    u = generator.uniform(0.3, 2, (COMPARISONS, PARTICIPANTS))
    x = 100 + u * generator.standard_normal(u.shape)
    found, diagonal = ours(x, u), np.arange(PARTICIPANTS)
    found[3][:, diagonal, diagonal] = bare(x, u)[3][:, diagonal, diagonal]  # ours is 0 there, of a lab and itself
    for part, expected, rows in zip(found, bare(x, u), zip(*loop(x[:50], u[:50]), strict=True), strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(part[:50], np.stack(rows), rtol=1e-9, atol=1e-12)

    base = seconds(lambda: ours(x, u), REPEATS)
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    print(f"{COMPARISONS} comparisons of {PARTICIPANTS}, all degrees of equivalence: {base * 1e3:.1f} ms")
    print(f"loop over comparisons in NumPy / ours: {seconds(lambda: loop(x, u), 3) / base:.1f}")
    print(f"ours / bare arithmetic over whole arrays: {base / seconds(lambda: bare(x, u), REPEATS):.2f}")
    for estimate in (dersimonian_laird, paule_mandel, power_moderated_mean, reml):
        took = seconds(lambda estimate=estimate: estimate(x, u), 3)
        print(f"{estimate.__name__}: {took * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
