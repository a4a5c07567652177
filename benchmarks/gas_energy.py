"""ISO 6976 properties of 10^6 compositions, against the matrix product that they contain.

That product is the one BLAS call that the result needs, `x @ weights`: compositions (10^6, 21) by (21, 5), the columns
being molar mass, summation factor, gross and net calorific value, and ones, since every composition is checked to add
up to 1. It is measured in the same run, in turns with ours; a product without the ones is given too. BLAS uses every
processor, the other operations one: so all is measured a second time with BLAS on one. Prints ratios of the least
times within a run, and the middle of the rounds' ratios, which other work on the machine moves less.
"""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from yuejingzhun.metrology.gas_energy.calorific_value import CHINA, gas_properties, weights_of
from yuejingzhun.metrology.gas_energy.components import components, table
from yuejingzhun.metrology.gas_energy.property_uncertainty import evaluate_gas

ROWS, UNCERTAIN_ROWS, REPEATS = 1_000_000, 100_000, 15
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
NAMES = [c.name for c in components()[:17]] + ["nitrogen", "carbon dioxide", "oxygen", "helium"]


def seconds(*works: Callable[[], object], repeats: int = REPEATS) -> np.ndarray:
    """Time of each in each round, (rounds, works), taken in turns."""

    def once(work: Callable[[], object]) -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return np.array([[once(work) for work in works] for _ in range(repeats)])


def measure(threads: str) -> None:
    x = np.random.default_rng(1).dirichlet([90.0] + [1.0] * (len(NAMES) - 1), ROWS)
    weights = np.ascontiguousarray(weights_of(table(NAMES), CHINA))
    without_ones = np.ascontiguousarray(weights[:, :4])
    np.testing.assert_allclose(gas_properties(NAMES, x).molar_gross_kj_mol, (x @ weights)[:, 2], rtol=1e-12)

    rounds = seconds(lambda: gas_properties(NAMES, x), lambda: x @ weights, lambda: x @ without_ones)
    ours, product, smaller = rounds.min(axis=0)
    middle = np.median(rounds[:, 0] / rounds[:, 1])
    print(f"BLAS on {threads}; {ROWS} compositions of {len(NAMES)} components, all 12 properties: {ours * 1e3:.0f} ms")
    print(f"  ours / the matrix product it contains: {ours / product:.2f} (middle of the rounds' ratios {middle:.2f})")
    print(f"  ours / the same without the column of ones: {ours / smaller:.2f}")
    few, u = x[:UNCERTAIN_ROWS], np.full(len(NAMES), 1e-4)
    spread = seconds(lambda: evaluate_gas(NAMES, few, u, np.eye(len(NAMES))), repeats=3).min()
    print(f"  with uncertainties and a correlation matrix: {spread / UNCERTAIN_ROWS * 1e6:.1f} us a composition")


def main() -> None:
    if ONE_THREAD.items() <= os.environ.items():
        measure("one processor")
        return
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}", flush=True)
    measure("all processors")
    subprocess.run([sys.executable, __file__], check=True, env=os.environ | ONE_THREAD)


if __name__ == "__main__":
    main()
