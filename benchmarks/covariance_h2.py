"""The whole covariance matrix of GUM H.2 (R, X, Z from V, I, phi) for 100,000 budgets, against GTC.

GTC works one budget at a time, so fewer are timed and scaled. Both start from means, standard uncertainties and
the correlation matrix of each budget, and both end with the six distinct elements. Prints a ratio within this run.
"""

import platform
import time
from collections.abc import Callable
from importlib.metadata import version

import GTC
import numpy as np

from yuejingzhun.metrology.uncertainty.covariance import JointResult, propagate_together, read_together
from yuejingzhun.metrology.uncertainty.dual import Input, Uncertain, cos, sin

ROWS, PEER_ROWS, REPEATS = 100_000, 300, 7
READINGS = np.array(
    [
        [5.007, 4.994, 5.005, 4.990, 4.999],
        [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3],
        [1.0456, 1.0438, 1.0468, 1.0428, 1.0433],
    ]
)


def model(v: Uncertain, i: Uncertain, phi: Uncertain) -> tuple[Uncertain, Uncertain, Uncertain]:
    z = v / i
    return z * cos(phi), z * sin(phi), z


def ours(inputs: list[Input], r: np.ndarray) -> JointResult:
    return propagate_together(model, inputs, r)


def with_gtc(means: np.ndarray, u: np.ndarray, r: np.ndarray) -> list[float]:
    v, i, phi = GTC.multiple_ureal(list(means), list(u), 4)
    GTC.set_correlation(r[0, 1], v, i)
    GTC.set_correlation(r[0, 2], v, phi)
    GTC.set_correlation(r[1, 2], i, phi)
    z = v / i
    results = (z * GTC.cos(phi), z * GTC.sin(phi), z)
    return [GTC.get_covariance(results[a], results[b]) for a in range(3) for b in range(a, 3)]


def seconds(work: Callable[[], object], repeats: int) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return min(once() for _ in range(repeats))


def main() -> None:
    generator = np.random.default_rng(1)
    noise = READINGS.std(axis=1, ddof=1)[:, None] * generator.standard_normal((ROWS, 3, 5))
    inputs, r = read_together(["V", "I", "phi"], READINGS + 0.2 * noise)
    few = [(np.array([x.value[k] for x in inputs]), np.array([x.u[k] for x in inputs]), r[k]) for k in range(PEER_ROWS)]
    upper = np.triu_indices(3)
    expected = [with_gtc(*budget) for budget in few]
    np.testing.assert_allclose(ours(inputs, r).covariance[:PEER_ROWS][:, *upper], expected, rtol=1e-8)
    base = seconds(lambda: ours(inputs, r), REPEATS)
    loop = seconds(lambda: [with_gtc(*budget) for budget in few], 3) * ROWS / PEER_ROWS
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}; {ROWS} budgets")
    print(f"ours: {base * 1e3:.1f} ms")
    print(f"GTC {version('GTC')} in a loop / ours: {loop / base:.0f} (from {PEER_ROWS} budgets)")


if __name__ == "__main__":
    main()
