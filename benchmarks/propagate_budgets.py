"""Propagation over 100,000 budgets of GUM H.1 at once, against three peers.

`uncertainties` and GTC work one budget at a time, so a smaller number is timed and scaled; the closed form is
the derivatives written out by hand in NumPy. Prints ratios of times within this run.
"""

import platform
import time
from collections.abc import Callable
from importlib.metadata import version

import GTC
import numpy as np
import uncertainties

from yuejingzhun.metrology.uncertainty.blocks import propagate
from yuejingzhun.metrology.uncertainty.dual import Input, Uncertain

ROWS, PEER_ROWS, REPEATS = 100_000, 500, 15
U_STANDARD, U_DIFFERENCE, U_TEMPERATURE = 25.0, 9.681942, 0.406202
U_EXPANSION, U_EXPANSION_DIFFERENCE, U_TEMPERATURE_DIFFERENCE = 2e-6 / 3**0.5, 1e-6 / 3**0.5, 0.05 / 3**0.5


def model(ls: Uncertain, d: Uncertain, a: Uncertain, t: Uncertain, da: Uncertain, dt: Uncertain) -> Uncertain:
    return ls + d - ls * (da * t + a * dt)


def ours(rows: np.ndarray) -> np.ndarray:
    return propagate(model, [Input("", row, u) for row, u in zip(rows, UNCERTAINTIES, strict=True)])[1]


def closed_form(rows: np.ndarray) -> np.ndarray:
    ls, _, alpha, theta, delta_alpha, delta_theta = rows
    slopes = (
        1 - (delta_alpha * theta + alpha * delta_theta),
        np.float64(1.0),
        ls * delta_theta,
        ls * delta_alpha,
        ls * theta,
        ls * alpha,
    )
    return np.sqrt(sum((slope * u) ** 2 for slope, u in zip(slopes, UNCERTAINTIES, strict=True)))


def with_uncertainties(row: np.ndarray) -> float:
    ls, d, a, t, da, dt = map(uncertainties.ufloat, row, UNCERTAINTIES)
    return (ls + d - ls * (da * t + a * dt)).std_dev


def with_gtc(row: np.ndarray) -> float:
    ls, d, a, t, da, dt = map(GTC.ureal, row, UNCERTAINTIES)
    return GTC.uncertainty(ls + d - ls * (da * t + a * dt))


UNCERTAINTIES = (
    U_STANDARD,
    U_DIFFERENCE,
    U_EXPANSION,
    U_TEMPERATURE,
    U_EXPANSION_DIFFERENCE,
    U_TEMPERATURE_DIFFERENCE,
)


def seconds(work: Callable[[], object], repeats: int) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return min(once() for _ in range(repeats))


def main() -> None:
    generator = np.random.default_rng(1)
    means = np.array([50_000_623.0, 215.0, 11.5e-6, -0.1, 1e-7, 0.01])[:, None]
    rows = means * (1 + 0.01 * generator.standard_normal((6, ROWS)))
    few = rows[:, :PEER_ROWS].T
    np.testing.assert_allclose(ours(rows), closed_form(rows), rtol=1e-9)
    for peer in (with_uncertainties, with_gtc):
        np.testing.assert_allclose(ours(rows)[:PEER_ROWS], [peer(row) for row in few], rtol=1e-9)

    base = seconds(lambda: ours(rows), REPEATS)
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}; {ROWS} budgets")
    print(f"ours: {base * 1e3:.2f} ms")
    print(f"ours / closed form in NumPy: {base / seconds(lambda: closed_form(rows), REPEATS):.2f}")
    for name, peer in (("uncertainties", with_uncertainties), ("GTC", with_gtc)):
        loop = seconds(lambda peer=peer: [peer(row) for row in few], 3) * ROWS / PEER_ROWS
        print(f"{name} {version(name)} in a loop / ours: {loop / base:.0f} (from {PEER_ROWS} budgets)")


if __name__ == "__main__":
    main()
