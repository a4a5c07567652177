"""How fast the fleet kernel is, as ratios in one run on one core: against peers, and against the machine's BLAS.

Time is processor time of the one thread, so that other work on the machine does not count. Two shares of the BLAS
rate are printed. "As if all intervals": dsyrk of all columns at full length, dpotrf and dpotri, over the time of the
whole kernel; the kernel averages registers over blocks first, so it does not do that work. "Work really done": the
same with dsyrk of the shortened columns; only this is the share of the rate that the kernel reaches.

Run: OPENBLAS_NUM_THREADS=1 python benchmarks/fleet_speed.py [--districts N] [--days N] [--peers N]
"""

import argparse
import os
import platform
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from functools import partial

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import statsmodels.api as sm
from fleet_peers import bayesian_ridge, columns, recursive_least_squares, ridge
from scipy.linalg import lapack
from sklearn.linear_model import BayesianRidge, Ridge

from yuejingzhun.demo.fleet.batch import balance_of
from yuejingzhun.demo.fleet.district import Design, District, simulate
from yuejingzhun.metrology.fleet.balance import Balance
from yuejingzhun.metrology.fleet.columns import EXTRA
from yuejingzhun.metrology.fleet.district import BLOCK
from yuejingzhun.metrology.fleet.estimate import estimate
from yuejingzhun.metrology.fleet.following import add, follow, restate

LEAK = 0.985  # the peers get the same whitening
ROUNDS = 3


def main() -> None:
    """Print each figure next to the claim it is held against."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--districts", type=int, default=24)
    parser.add_argument("--days", type=int, nargs="*", default=[30, 60])
    parser.add_argument("--peers", type=int, default=2, help="districts for each peer")
    given = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}, one thread")
    for days in given.days:
        districts = [simulate(30_000 + n, design=Design(days=days)) for n in range(given.districts)]
        balance = _through_arrow(balance_of(districts))
        whole = _seconds(partial(_whole, *balance)) / given.districts
        meters = len(districts[0].signs)
        print(f"{days} days: {whole * 1e3:.2f} ms a district, {meters / whole:,.0f} meters a second")
        _share(whole, meters, days)
        _new_day(_from_arrow(*balance), days)
        if days == min(given.days):
            _peers(districts[: given.peers], whole)
    _memory()


def _seconds(work: Callable[[], object]) -> float:
    """Least processor time of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def _through_arrow(balance: Balance) -> tuple[pa.Array, Balance]:
    """The registers as one Arrow array of fixed lists, one a meter, and the rest."""
    rows = balance.registers.reshape(-1, balance.registers.shape[2])
    flat = pa.array(rows.reshape(-1), type=pa.int64())
    return pa.FixedSizeListArray.from_arrays(flat, rows.shape[1]), balance


def _from_arrow(lists: pa.Array, balance: Balance) -> Balance:
    registers = lists.values.to_numpy(zero_copy_only=True).reshape(balance.registers.shape)
    return replace(balance, registers=registers)


def _whole(lists: pa.Array, balance: Balance) -> object:
    return estimate(_from_arrow(lists, balance))


def _share(whole: float, meters: int, days: int) -> None:
    rng = np.random.default_rng(1)
    size = meters + 12 + EXTRA
    white = rng.standard_normal((size, days * 96))
    square = white[:-1] @ white[:-1].T
    count = 20
    syrk = _seconds(lambda: [white @ white.T for _ in range(count)]) / count
    factor = _seconds(lambda: [lapack.dpotrf(square, clean=0) for _ in range(count)]) / count
    inverse = _seconds(lambda: [lapack.dpotri(lapack.dpotrf(square, clean=0)[0]) for _ in range(count)]) / count
    print(f"  dsyrk {syrk * 1e3:.2f} ms ({size * (size + 1) * days * 96 / syrk / 1e9:.1f} GFLOP/s), ", end="")
    print(f"dpotrf {factor * 1e3:.2f} ms, with dpotri {inverse * 1e3:.2f} ms")
    short = np.ascontiguousarray(white[:, ::BLOCK])
    done = _seconds(lambda: [short @ short.T for _ in range(count)]) / count
    print(f"  share of the BLAS rate, work really done {(done + inverse) / whole:.0%} (claim: at least 50 %)")
    print(f"  the same as if all intervals {(syrk + inverse) / whole:.0%}")


def _new_day(balance: Balance, days: int) -> None:
    def cut(begin: int, end: int) -> Balance:
        registers = np.ascontiguousarray(balance.registers[:, :, begin * 96 : end * 96 + 1])
        return replace(balance, registers=registers, total=balance.total[:, begin * 96 : end * 96 + 1])

    before, day = cut(0, days - 1), cut(days - 1, days)
    full = _seconds(lambda: estimate(balance))
    state = follow(estimate(before))
    one = _seconds(lambda: restate(add(state, day)))
    print(f"  a new day {one / full:.1%} of a full estimate (claim: at most 5 %)")


def _peers(districts: list[District], whole: float) -> None:
    meters = len(districts[0].signs)
    x, y = columns(districts[0], LEAK)
    scale = np.ones(x.shape[1])
    scale[meters:] = 1000.0
    ready = x * scale
    prepare = _seconds(lambda: columns(districts[0], LEAK))
    fits = {
        "scikit-learn Ridge": (lambda: Ridge(1.0, fit_intercept=False).fit(ready, y), 3),
        "scikit-learn BayesianRidge": (lambda: BayesianRidge(fit_intercept=False).fit(ready, y), 20),
        "statsmodels OLS": (lambda: sm.OLS(y, ready).fit().bse, 20),
    }
    print(f"  preparing and whitening the peers' columns: {prepare * 1e3:.1f} ms, counted with each")
    for name, (fit, claim) in fits.items():
        took = _seconds(fit) + prepare
        print(f"  {name} {took * 1e3:.1f} ms: {took / whole:.1f} times this kernel (claim: at least {claim})")
    took = _seconds(lambda: recursive_least_squares(districts[0]))
    print(f"  recursive least squares {took * 1e3:.0f} ms: {took / whole:.0f} times (claim: at least 20)")
    for name, method in (("ridge with uncertainties", ridge), ("Bayesian ridge as in fleet_quality", bayesian_ridge)):
        took = _seconds(partial(method, districts[0], LEAK))
        print(f"  {name} {took * 1e3:.0f} ms: {took / whole:.1f} times")


def _memory() -> None:
    """Largest size of NumPy's arrays, above what is handed in as a view, for growing batches of the same readings."""
    one = balance_of([simulate(40_000)])
    for count in (16, 64, 256):
        shape = (count, *one.registers.shape[1:])
        many = Balance(
            registers=np.broadcast_to(one.registers, shape),
            total=np.broadcast_to(one.total, (count, one.total.shape[1])),
            groups=np.broadcast_to(one.groups, shape[:2]),
            signs=np.broadcast_to(one.signs, shape[:2]),
            resolution_kwh=np.broadcast_to(one.resolution_kwh, shape[:2]),
            total_resolution_kwh=np.broadcast_to(one.total_resolution_kwh, shape[:1]),
        )
        tracemalloc.start()
        kept = estimate(many)
        left, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(f"memory of {len(kept.verdicts)} districts: peak {peak / 1e6:.0f} MB, kept {left / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
