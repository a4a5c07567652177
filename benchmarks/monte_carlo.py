"""Monte Carlo propagation of the mass of JCGM 101:2008 9.3, 10^6 trials, against NumPy, suncal and punpy.

The bare cost is drawing the same numbers and evaluating the model on whole arrays, with no summary; ours adds
mean, u, and the symmetric and the shortest interval. The peers run in an interpreter of their own, named by
YJZ_PEERS (`python -m venv peers; peers/bin/pip install suncal punpy; export YJZ_PEERS=$PWD/peers/bin/python`).
Prints ratios of times within this run, and how many pseudo-random trials a Sobol point is worth for u: with the
control variates that ours has for Sobol points, and without them.
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
from yuejingzhun.metrology.uncertainty.draws import Points, Sampler, random_start
from yuejingzhun.metrology.uncertainty.monte_carlo import simulate

TRIALS, REPEATS, ROUNDS, SCRAMBLINGS = 1_000_000, 25, 3, 64
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


def peer_ratios(python: str) -> dict[str, float]:
    """Time of each peer over ours, the least of both over rounds in turns."""
    script = Path(__file__).with_name("monte_carlo_peers.py")
    own, theirs = [], []
    for _ in range(ROUNDS):
        own += seconds(ours)
        run = subprocess.run([python, script, str(TRIALS)], check=True, capture_output=True, text=True)
        theirs.append(json.loads(run.stdout.splitlines()[-1]))
    return {name: min(found[name] for found in theirs) / min(own) for name in theirs[0]}


def sobol_worth(points: int) -> tuple[float, float, float]:
    """Relative error of u from that many Sobol points, and how many pseudo-random trials a point is worth.

    The latter twice: for u as ours gives it, and for the standard deviation of the same points' values.
    """
    generator, u = np.random.default_rng(1), exact_u()
    both = []
    for _ in range(SCRAMBLINGS):
        start = random_start(generator)
        values = Sampler(INPUTS, points=Points.SOBOL).values(model, start.generator(), points)
        both.append((simulate(model, INPUTS, generator, points, points=Points.SOBOL).u, values.std(ddof=1)))
    errors = np.sqrt(np.mean((np.array(both) / u - 1) ** 2, axis=0))
    y = bare()
    kurtosis = np.mean((y - y.mean()) ** 4) / u**4
    worth = (kurtosis - 1) / 4 / errors**2 / points
    return float(errors[0]), float(worth[0]), float(worth[1])


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
        for name, ratio in peer_ratios(peers).items():
            print(f"{name} / ours: {ratio:.1f}")
    else:
        print("no peers: YJZ_PEERS should name a Python with suncal and punpy installed (pip install suncal punpy)")
    print("Sobol points, relative error of u, pseudo-random trials a point (the same without control variates)")
    for points in (2**7, 2**8, 2**10, 2**12, 2**14, 2**16):
        error, worth, plain = sobol_worth(points)
        print(f"{points:7d}  {error:.1e}  {worth:8.0f}  ({plain:.0f})")


if __name__ == "__main__":
    main()
