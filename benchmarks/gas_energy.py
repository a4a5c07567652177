"""ISO 6976 properties of 10^6 compositions, against the matrix product that they contain.

That product, of the compositions with the four tabulated properties and with ones (every composition is checked to
add up to 1), is measured in the same run: plainly, with one `@`, and without the ones. Prints ratios of times within
this run. The product uses BLAS's threads, the rest one: on a busy machine the ratio is smaller.
"""

import platform
import time
from collections.abc import Callable

import numpy as np

from yuejingzhun.metrology.gas_energy.calorific_value import gas_properties, weights_of
from yuejingzhun.metrology.gas_energy.components import components, table
from yuejingzhun.metrology.gas_energy.property_uncertainty import evaluate_gas

ROWS, UNCERTAIN_ROWS, REPEATS = 1_000_000, 100_000, 25
NAMES = [c.name for c in components()[:17]] + ["nitrogen", "carbon dioxide", "oxygen", "helium"]


def seconds(work: Callable[[], object], repeats: int) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return min(once() for _ in range(repeats))


def main() -> None:
    x = np.random.default_rng(1).dirichlet([90.0] + [1.0] * (len(NAMES) - 1), ROWS)
    weights = np.ascontiguousarray(weights_of(table(NAMES)))
    without_ones = np.ascontiguousarray(weights[:, :4])
    np.testing.assert_allclose(gas_properties(NAMES, x).molar_gross_kj_mol, (x @ weights)[:, 0], rtol=1e-12)

    ours = seconds(lambda: gas_properties(NAMES, x), REPEATS)
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    print(f"{ROWS} compositions of {len(NAMES)} components, all 12 properties, checked: {ours * 1e3:.0f} ms")
    print(f"ours / the matrix product it contains: {ours / seconds(lambda: x @ weights, REPEATS):.2f}")
    print(f"ours / the same without the column of ones: {ours / seconds(lambda: x @ without_ones, REPEATS):.2f}")
    few, u = x[:UNCERTAIN_ROWS], np.full(len(NAMES), 1e-4)
    spread = seconds(lambda: evaluate_gas(NAMES, few, u, np.eye(len(NAMES))), 3)
    print(f"with uncertainties and a correlation matrix: {spread / UNCERTAIN_ROWS * 1e6:.1f} us a composition")


if __name__ == "__main__":
    main()
