"""ISO 6976 properties of 10^6 compositions, against the matrix product that they contain.

The product of the compositions with the four tabulated properties is measured in the same run: plainly, as NumPy
does it with one `@`, and in the blocks in which the library works. Prints ratios of times within this run.
"""

import platform
import time
from collections.abc import Callable

import numpy as np

from yuejingzhun.metrology.gas_energy.calorific_value import ROWS_PER_BLOCK, gas_properties, weights_of
from yuejingzhun.metrology.gas_energy.components import components, table
from yuejingzhun.metrology.gas_energy.property_uncertainty import evaluate_gas

ROWS, UNCERTAIN_ROWS, REPEATS = 1_000_000, 100_000, 9
NAMES = [c.name for c in components()[:17]] + ["nitrogen", "carbon dioxide", "oxygen", "helium"]


def seconds(work: Callable[[], object], repeats: int) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return min(once() for _ in range(repeats))


def in_blocks(x: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    for start in range(0, len(x), ROWS_PER_BLOCK):
        np.matmul(x[start : start + ROWS_PER_BLOCK], weights, out=out[start : start + ROWS_PER_BLOCK])


def main() -> None:
    x = np.random.default_rng(1).dirichlet([90.0] + [1.0] * (len(NAMES) - 1), ROWS)
    weights = np.ascontiguousarray(weights_of(table(NAMES))[:, :4])
    out = np.empty((ROWS, 4))
    np.testing.assert_allclose(gas_properties(NAMES, x).molar_gross_kj_mol, (x @ weights)[:, 0], rtol=1e-12)

    ours = seconds(lambda: gas_properties(NAMES, x), REPEATS)
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    print(f"{ROWS} compositions of {len(NAMES)} components, all 12 properties: {ours * 1e3:.0f} ms")
    print(f"ours / the matrix product: {ours / seconds(lambda: x @ weights, REPEATS):.2f}")
    print(f"ours / the same in blocks: {ours / seconds(lambda: in_blocks(x, weights, out), REPEATS):.2f}")
    few, u = x[:UNCERTAIN_ROWS], np.full(len(NAMES), 1e-4)
    spread = seconds(lambda: evaluate_gas(NAMES, few, u, np.eye(len(NAMES))), 3)
    print(f"with uncertainties and a correlation matrix: {spread / UNCERTAIN_ROWS * 1e6:.1f} us a composition")


if __name__ == "__main__":
    main()
