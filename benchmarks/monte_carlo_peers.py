"""The peers' side of `monte_carlo.py`, run by an interpreter that has `suncal` and `punpy`: prints seconds as JSON."""

import json
import sys
import time
from importlib.metadata import version

import numpy as np
from punpy import MCPropagation
from suncal.uncertainty import Model


def with_suncal(trials: int) -> float:
    """Seconds for draws, mean, u and the symmetric 95 % interval; building the symbolic model is left out."""
    np.random.seed(1)
    model = Model("f = (m + dm) * (1 + (air - 1.2) * (1/w - 1/r)) - 100000")
    model.var("m").measure(100000).typeb(dist="normal", std=0.05)
    model.var("dm").measure(1.234).typeb(dist="normal", std=0.02)
    for name, middle, half_width in (("air", 1.2, 0.1), ("w", 8000, 1000), ("r", 8000, 50)):
        model.var(name).measure(middle).typeb(dist="uniform", a=half_width)
    start = time.perf_counter()
    result = model.monte_carlo(samples=trials)
    low = result.expand("f", conf=0.95).low
    u = result.uncertainty["f"]
    taken = time.perf_counter() - start
    assert abs(result.expect("f") - 1.234) < 0.001 and abs(u - 0.07548) < 0.001 and abs(low - 1.0844) < 0.01
    return taken


def with_punpy(trials: int) -> float:
    """Seconds for u alone. punpy draws all inputs from one shape, here normal; the work is the same."""
    np.random.seed(1)
    means = [np.array(x) for x in (100000.0, 1.234, 1.2, 8000.0, 8000.0)]
    sizes = [np.array(u) for u in (0.05, 0.02, 0.2 / 12**0.5, 2000 / 12**0.5, 100 / 12**0.5)]
    start = time.perf_counter()
    u = MCPropagation(trials).propagate_random(
        lambda m, dm, air, w, r: (m + dm) * (1 + (air - 1.2) * (1 / w - 1 / r)) - 100000, means, sizes
    )
    taken = time.perf_counter() - start
    assert abs(float(u) - 0.0755) < 0.002
    return taken


def main() -> None:
    trials = int(sys.argv[1])
    peers = (("suncal", with_suncal, 5), ("punpy", with_punpy, 1))
    print(json.dumps({f"{name} {version(name)}": min(work(trials) for _ in range(n)) for name, work, n in peers}))


if __name__ == "__main__":
    main()
