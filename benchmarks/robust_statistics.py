"""Algorithm A and Q/Hampel of ISO 13528 on 100,000 rounds of 20 participants at once, against pt13528.

pt13528 works one round at a time, so a smaller number is timed and scaled. Prints ratios of times within this run,
after both have given the same numbers.
"""

import os
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

from yuejingzhun.metrology.comparison.q_hampel import q_hampel
from yuejingzhun.metrology.comparison.robust import algorithm_a

# The peer's environment comes last, so that NumPy and SciPy are the same for both.
if peers := os.environ.get("YJZ_PEERS"):
    sys.path += map(str, Path(peers).parents[1].glob("lib/python3*/site-packages"))
try:
    from pt13528 import robust as peer
except ImportError:
    sys.exit("这个基准与 pt13528 比较，请用 make bench 运行，或让 YJZ_PEERS 指向装有它的 Python")

ROUNDS, PARTICIPANTS, PEER_ROUNDS, REPEATS = 100_000, 20, 300, 5
CLAIM = 50


def rounds() -> np.ndarray:
    """Normal results, every tenth from a distribution ten times as wide."""
    generator = np.random.default_rng(13528)
    values = generator.standard_normal((ROUNDS, PARTICIPANTS))
    wide = generator.random(values.shape) < 0.1
    return 100 + np.where(wide, 10 * values, values)


def seconds(work: Callable[[], object], repeats: int) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return min(once() for _ in range(repeats))


def main() -> None:
    values = rounds()
    few = values[:PEER_ROUNDS]
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    print(f"{ROUNDS} rounds of {PARTICIPANTS}; pt13528 {version('pt13528')} from {PEER_ROUNDS} of them")
    for name, ours, theirs in (
        ("Algorithm A", algorithm_a, peer.algorithm_a),
        ("Q/Hampel", q_hampel, peer.q_hampel),
    ):
        expected = [theirs(row) for row in few]
        obtained = ours(few)
        np.testing.assert_allclose(obtained.location, [each.location for each in expected], rtol=1e-9)
        np.testing.assert_allclose(obtained.scale, [each.scale for each in expected], rtol=1e-7)
        base = seconds(lambda ours=ours: ours(values), REPEATS) / ROUNDS
        loop = seconds(lambda theirs=theirs: [theirs(row) for row in few], REPEATS) / PEER_ROUNDS
        print(f"{name}: ours {base * 1e6:.2f} us a round, pt13528 {loop * 1e6:.0f} us, ratio {loop / base:.0f}")
        assert loop / base >= CLAIM, f"{name} is to be at least {CLAIM} times as fast"


if __name__ == "__main__":
    main()
