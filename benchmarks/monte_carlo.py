"""Monte Carlo propagation of the mass of JCGM 101:2008 9.3, 10^6 trials, against NumPy, suncal and punpy.

The bare cost is drawing the same numbers and evaluating the model on whole arrays, with no summary; ours adds
mean, u, and the symmetric and the shortest interval. The peers run in an interpreter of their own, named by
YJZ_PEERS (`python -m venv peers; peers/bin/pip install suncal punpy; export YJZ_PEERS=$PWD/peers/bin/python`).
Prints ratios of times within this run, and how many pseudo-random trials a Sobol point is worth.
"""

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable
from math import log
from pathlib import Path

import numpy as np
import scipy

from yuejingzhun.metrology.uncertainty.bounded import Rectangular
from yuejingzhun.metrology.uncertainty.distribution import Normal
from yuejingzhun.metrology.uncertainty.draws import Points
from yuejingzhun.metrology.uncertainty.monte_carlo import simulate

TRIALS, REPEATS, SCRAMBLINGS = 1_000_000, 25, 64
INPUTS = (
    Normal(100_000.0, 0.050),
    Normal(1.234, 0.020),
    Rectangular(1.10, 1.30),
    Rectangular(7000.0, 9000.0),
    Rectangular(7950.0, 8050.0),
)


def model(m: np.ndarray, dm: np.ndarray, air: np.ndarray, w: np.ndarray, r: np.ndarray) -> np.ndarray:
    return (m + dm) * (1 + (air - 1.2) * (1 / w - 1 / r)) - 100_000


def ours() -> float:
    return simulate(model, INPUTS, np.random.default_rng(1), TRIALS).u


def bare() -> np.ndarray:
    g = np.random.default_rng(1)
    return model(
        g.normal(100_000.0, 0.050, TRIALS),
        g.normal(1.234, 0.020, TRIALS),
        g.uniform(1.10, 1.30, TRIALS),
        g.uniform(7000.0, 9000.0, TRIALS),
        g.uniform(7950.0, 8050.0, TRIALS),
    )


def exact_u() -> float:
    """u of the mass in closed form: its inputs are independent, and the air density lies evenly about 1.2."""
    buoyancy = 1 / (7000 * 9000) - 2 * log(9 / 7) / 2000 * log(8050 / 7950) / 100 + 1 / (7950 * 8050)
    mean, variance = 100_001.234, 0.050**2 + 0.020**2
    return (variance + (mean**2 + variance) * 0.2**2 / 12 * buoyancy) ** 0.5


def seconds(*works: Callable[[], object]) -> list[float]:
    """Least time of each, taken in turns, so that a busy moment of the machine falls on all of them."""

    def once(work: Callable[[], object]) -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return [min(times) for times in zip(*([once(work) for work in works] for _ in range(REPEATS)), strict=True)]


def sobol_worth(points: int) -> tuple[float, float]:
    """Relative error of u from that many Sobol points, and the pseudo-random trials that have the same, per point."""
    generator, u = np.random.default_rng(1), exact_u()
    found = [simulate(model, INPUTS, generator, points, points=Points.SOBOL).u for _ in range(SCRAMBLINGS)]
    error = np.sqrt(np.mean((np.array(found) / u - 1) ** 2))
    y = bare()
    kurtosis = np.mean((y - y.mean()) ** 4) / u**4
    return float(error), float((kurtosis - 1) / 4 / error**2 / points)


def main() -> None:
    base, drawing = seconds(ours, bare)
    assert abs(ours() / exact_u() - 1) < 0.004
    print(
        f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}, {platform.machine()}"
    )
    print(f"ours, {TRIALS} trials: {base * 1e3:.1f} ms")
    print(f"ours / bare draws and model in NumPy: {base / drawing:.2f}")
    peers = os.environ.get("YJZ_PEERS")
    if peers:
        script = Path(__file__).with_name("monte_carlo_peers.py")
        run = subprocess.run([peers, script, str(TRIALS)], check=True, capture_output=True, text=True)
        for name, taken in json.loads(run.stdout.splitlines()[-1]).items():
            print(f"{name} / ours: {taken / base:.1f}")
    else:
        print("no peers: YJZ_PEERS should name a Python with suncal and punpy installed (pip install suncal punpy)")
    for points in (2**10, 2**12, 2**14, 2**16):
        error, worth = sobol_worth(points)
        print(f"{points} Sobol points: relative error of u {error:.1e}; pseudo-random trials a point: {worth:.0f}")


if __name__ == "__main__":
    main()
