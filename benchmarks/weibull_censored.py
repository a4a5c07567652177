"""Weibull life of a million meters, two thirds of them still running, against lifelines.

lifelines is timed in the Python that YJZ_PEERS names (its own environment: it brings pandas and more), or in this
one where the variable is not set. Both read the same arrays from a file; reading and importing are not timed.
Prints the ratio of times within this run. The claim is 15.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from yuejingzhun.metrology.sampling.life import fit, observed

METERS, REPEATS, PEER_REPEATS = 1_000_000, 15, 3
PEER = """
import json, sys, time
from importlib.metadata import version
import numpy as np
from lifelines import WeibullFitter
data = np.load(sys.argv[1])
times = []
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    model = WeibullFitter().fit(data["time"], data["failed"])
    times.append(time.perf_counter() - start)
print(json.dumps([version("lifelines"), min(times), float(model.rho_), float(model.lambda_)]))
"""


def meters() -> tuple[np.ndarray, np.ndarray]:
    """Ages in years: installed over 20 years, life Weibull with shape 2.5 and characteristic life 15."""
    generator = np.random.default_rng(1)
    life, age = 15 * generator.weibull(2.5, METERS), generator.uniform(0, 20, METERS)
    return np.minimum(life, age), life <= age


def ours(ages: np.ndarray, failed: np.ndarray) -> tuple[float, float, float]:
    """Shortest time, shape, characteristic life; checking of the input is included."""

    def once() -> float:
        start = time.perf_counter()
        fit(observed(ages, failed))
        return time.perf_counter() - start

    shortest = min(once() for _ in range(REPEATS))
    life = fit(observed(ages, failed))
    return shortest, life.shape, life.characteristic_life


def main() -> None:
    ages, failed = meters()
    shortest, shape, scale = ours(ages, failed)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "meters.npz"
        np.savez(file, time=ages, failed=failed)
        command = [
            os.environ.get("YJZ_PEERS", sys.executable),
            "-W",
            "ignore",
            "-c",
            PEER,
            str(file),
            str(PEER_REPEATS),
        ]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    version, peer, peer_shape, peer_scale = json.loads(output.splitlines()[-1])
    np.testing.assert_allclose([shape, scale], [peer_shape, peer_scale], rtol=1e-4)
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}; {METERS} meters")
    print(f"{failed.mean():.0%} failed; shape {shape:.5f}, characteristic life {scale:.4f} years")
    print(f"ours: {shortest * 1e3:.1f} ms")
    print(f"lifelines {version} / ours: {peer / shortest:.1f} ({peer * 1e3:.0f} ms)")


if __name__ == "__main__":
    main()
