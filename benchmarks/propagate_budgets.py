"""Propagation over 10^6 budgets of GUM H.1 at once, against three peers.

`uncertainties` and GTC work one budget at a time, so a smaller number is timed and scaled; the closed form is
the derivatives written out by hand in NumPy, which gives u alone, ours the value as well. It is timed as one would
write it, on whole arrays, and in the blocks that ours uses, where it is faster; and both on 10^5 budgets, whose
arrays fit in a processor's last cache. Prints ratios of times within this run.
"""

import platform
import time
from collections.abc import Callable
from importlib.metadata import version

import GTC
import numpy as np
import uncertainties

from yuejingzhun.metrology.uncertainty.blocks import ROWS_PER_BLOCK, propagate
from yuejingzhun.metrology.uncertainty.dual import Input, Uncertain

ROWS, FEWER_ROWS, PEER_ROWS, REPEATS = 1_000_000, 100_000, 500, 15
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


def closed_form_in_blocks(rows: np.ndarray) -> np.ndarray:
    u = np.empty(rows.shape[1])
    for start in range(0, len(u), ROWS_PER_BLOCK):
        u[start : start + ROWS_PER_BLOCK] = closed_form(rows[:, start : start + ROWS_PER_BLOCK])
    return u


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


def seconds(*works: Callable[[], object], repeats: int = REPEATS) -> list[float]:
    """Least time of each, taken in turns, so that a busy moment of the machine falls on all of them."""

    def once(work: Callable[[], object]) -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return [min(times) for times in zip(*([once(work) for work in works] for _ in range(repeats)), strict=True)]


def main() -> None:
    generator = np.random.default_rng(1)
    means = np.array([50_000_623.0, 215.0, 11.5e-6, -0.1, 1e-7, 0.01])[:, None]
    rows = means * (1 + 0.01 * generator.standard_normal((6, ROWS)))
    few = rows[:, :PEER_ROWS].T
    np.testing.assert_allclose(ours(rows), closed_form(rows), rtol=1e-9)
    np.testing.assert_array_equal(closed_form_in_blocks(rows), closed_form(rows))
    for peer in (with_uncertainties, with_gtc):
        np.testing.assert_allclose(ours(rows)[:PEER_ROWS], [peer(row) for row in few], rtol=1e-9)

    print(
        f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}; peers: {PEER_ROWS} budgets"
    )
    for count in (FEWER_ROWS, ROWS):
        some = np.ascontiguousarray(rows[:, :count])
        base, whole, blocks = seconds(
            lambda some=some: ours(some),
            lambda some=some: closed_form(some),
            lambda some=some: closed_form_in_blocks(some),
        )
        print(f"{count} budgets, ours: {base * 1e3:.2f} ms")
        print(f"  ours / closed form in NumPy: {base / whole:.2f}; the closed form in blocks: {base / blocks:.2f}")
    for name, peer in (("uncertainties", with_uncertainties), ("GTC", with_gtc)):
        loop = seconds(lambda peer=peer: [peer(row) for row in few], repeats=5)[0] * ROWS / PEER_ROWS
        print(f"  {name} {version(name)} in a loop / ours: {loop / base:.0f}")


if __name__ == "__main__":
    main()
