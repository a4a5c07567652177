"""How fast the fleet kernel is, as ratios in one run on one core: against peers, and against the machine's BLAS.

Time is processor time of the one thread, so that other work on the machine counts little; the kernel and what it is
held against take turns, and the least of some rounds counts. The kernel is measured as the engine runs it: an Arrow
table of the lake's rows in, an Arrow table of results out, by a prior that is given (an evaluation learns it once,
from a sample of the districts). "Arrays" is the same from registers that are ready as arrays.

Share of the BLAS rate. What no method of this kind can do without, by the time that the machine's own BLAS and LAPACK
take for it (dsyrk of all columns at the length that registers averaged over an hour have, dpotrf, dpotri), over the
time of everything. Two rounds where one would do, averaging, whitening, expectation propagation, reading Arrow: all
that counts as nothing done. "As if all intervals" has dsyrk at full length in it, which the kernel avoids; it says how
fast the answer comes, not how well the processor is used.

Run: OPENBLAS_NUM_THREADS=1 python benchmarks/fleet_speed.py [--districts N] [--days N] [--peers N] [--rounds N]
"""

import argparse
import os
import platform
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
from fleet_ask_peers import ask_peers
from scipy.linalg import lapack

from yuejingzhun.demo.fleet.batch import balance_of
from yuejingzhun.demo.fleet.district import Design, District, simulate
from yuejingzhun.demo.fleet.table import Placed, readings
from yuejingzhun.metrology.fleet.balance import Balance
from yuejingzhun.metrology.fleet.columns import EXTRA
from yuejingzhun.metrology.fleet.district import BLOCK
from yuejingzhun.metrology.fleet.estimate import CHUNK, estimate, in_parts
from yuejingzhun.metrology.fleet.following import add, can_follow, follow, restate
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.telemetry.admission.admit import admit
from yuejingzhun.telemetry.admission.headings import layout
from yuejingzhun.telemetry.admission.sieve import Expected
from yuejingzhun.telemetry.fleet import evaluate_fleet
from yuejingzhun.telemetry.fleet_day import evaluate_day
from yuejingzhun.telemetry.reading import ORDER

FIRST = date(2026, 3, 1)
CLAIMS = {"Ridge": 3, "BayesianRidge": 20, "OLS": 20, "recursive least squares": 20}


def main() -> None:
    """Print each figure next to the claim it is held against."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--districts", type=int, default=32, help="of one task")
    parser.add_argument("--days", type=int, nargs="*", default=[30, 60])
    parser.add_argument("--peers", type=int, default=2, help="districts for the peers")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    pa.set_cpu_count(1)
    print(f"{platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}, one thread")
    for days in given.days:
        # A day more than is evaluated: the one that is added.
        districts = [simulate(30_000 + n, design=Design(days=days + 1)) for n in range(given.districts)]
        table = pa.concat_tables([rows(each, f"T{n:04}") for n, each in enumerate(districts)]).combine_chunks()
        whole = measure(districts, table, days, given.rounds)
        if days == min(given.days) and given.peers:
            peers([simulate(30_000 + n, design=Design(days=days)) for n in range(given.peers)], whole)
    memory()


def rows(simulated: District, name: str) -> pa.Table:
    """As the lake gives them."""
    at = pa.scalar(0, pa.timestamp("us", tz="UTC")).as_py() + timedelta(days=30_000)
    table = readings(Placed(simulated, name, "4401", FIRST))
    admitted = admit(table, np.arange(table.num_rows), layout(table.column_names), Expected("f", local_date(at), at))
    return admitted.rows.sort_by([(column, "ascending") for column in ORDER])


def measure(districts: list[District], table: pa.Table, days: int, rounds: int) -> float:
    """Seconds a district of the whole way from Arrow to Arrow."""
    last = FIRST + timedelta(days=days)
    period = table.filter(pa.compute.field("day") < last).combine_chunks()
    balance = balance_of(districts)
    points = days * 96
    balance = replace(balance, registers=balance.registers[:, :, :points], total=balance.total[:, :points])
    prior = estimate(balance).prior
    evaluate = partial(evaluate_fleet, period, FIRST, days, prior=prior)
    arrays = replace(balance, registers=np.ascontiguousarray(balance.registers), is_rising=True)
    works: dict[str, Callable[[], object]] = {
        "arrow": evaluate,
        "arrays": lambda: list(in_parts(arrays, prior)),
        **blas(len(districts[0].signs) + 12 + EXTRA, days),
    }
    with TemporaryDirectory() as folder:
        works |= new_day(table, days, prior, Path(folder))
        took = seconds(works, rounds)
    count = len(districts)
    whole, day = took["arrow"] / count, took["day"] / count
    meters = len(districts[0].signs)
    print(f"{days} days, {count} districts: {whole * 1e3:.2f} ms a district from Arrow to Arrow", end="")
    print(f" ({took['arrays'] / count * 1e3:.2f} ms from arrays), {meters / whole:,.0f} meters a second")
    inverse = took["dpotrf and dpotri"]
    print(f"  dsyrk {took['dsyrk'] * 1e3:.2f} ms, all intervals {took['dsyrk, all'] * 1e3:.2f} ms; ", end="")
    print(f"dpotrf and dpotri {inverse * 1e3:.2f} ms")
    print(f"  share of the BLAS rate {(took['dsyrk'] + inverse) / whole:.0%} (claim: at least 50 %)", end="")
    print(f", from arrays {(took['dsyrk'] + inverse) / took['arrays'] * count:.0%}", end="")
    print(f"; as if all intervals {(took['dsyrk, all'] + inverse) / whole:.0%}")
    print(f"  a new day {day * 1e3:.2f} ms, {day / whole:.1%} of a full estimate (claim: at most 5 %)", end="")
    print(f"; from arrays, without state files {took['day, arrays'] / took['arrays']:.1%}")
    return whole


def seconds(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Least processor time of each in some rounds, in turns."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            began = time.process_time()
            work()
            best[name] = min(best[name], time.process_time() - began)
    return best


def blas(size: int, days: int) -> dict[str, Callable[[], object]]:
    white = np.random.default_rng(1).standard_normal((size, days * 96))
    short = np.ascontiguousarray(white[:, ::BLOCK])
    square = (white @ white.T)[:-1, :-1].copy()
    return {
        "dsyrk": lambda: short @ short.T,
        "dsyrk, all": lambda: white @ white.T,
        "dpotrf and dpotri": lambda: lapack.dpotri(lapack.dpotrf(square, clean=0)[0]),
    }


def new_day(table: pa.Table, days: int, prior: Prior, folder: Path) -> dict[str, Callable[[], object]]:
    """The day after, as the engine does it (read yesterday's state, two days' rows, write today's), and from arrays."""
    last = FIRST + timedelta(days=days)
    of_day = table.filter(pa.compute.field("day") >= last - timedelta(days=1)).combine_chunks()
    before = table.filter(pa.compute.field("day") < last).combine_chunks()
    (folder / "today").mkdir()
    evaluate_fleet(before, FIRST, days, prior=prior, follow=True, beside=folder / "task.state")
    states = [(state, day) for state, day in array_days(before, of_day, days, prior)]

    def by_arrays() -> None:
        for state, day in states:
            restate(add(state, day)[0], prior)

    return {
        "day": lambda: evaluate_day(of_day, last, folder, folder / "today" / "task.state"),
        "day, arrays": by_arrays,
    }


def array_days(before: pa.Table, of_day: pa.Table, days: int, prior: Prior):  # type: ignore[no-untyped-def]
    """States and the day's registers, in parts."""
    from yuejingzhun.telemetry import fleet
    from yuejingzhun.telemetry.districts import by_district, registers

    known = fleet.balance_of(list(by_district(registers(before, FIRST, days))))
    both = fleet.balance_of(list(by_district(registers(of_day, FIRST + timedelta(days=days - 1), 2))))
    names = ("registers", "total", "groups", "signs", "resolution_kwh", "total_resolution_kwh")
    for number, part in enumerate(in_parts(known, prior, keep=True)):
        numbers = can_follow(part)
        chosen = {name: getattr(both, name)[CHUNK * number + numbers] for name in names}
        chosen["registers"], chosen["total"] = chosen["registers"][:, :, 95:], chosen["total"][:, 95:]
        yield follow(part, numbers), Balance(**chosen, is_rising=True)


def peers(districts: list[District], whole: float) -> None:
    """The peers work on arrays; making and whitening their columns counts, reading Arrow does not."""
    took = ask_peers("speed", districts)
    prepare = took.pop("columns")
    print(f"  preparing and whitening the peers' columns: {prepare * 1e3:.1f} ms, counted with each fit")
    for name, each in took.items():
        each += prepare if name in ("Ridge", "BayesianRidge", "OLS") else 0.0
        claim = f" (claim: at least {CLAIMS[name]})" if name in CLAIMS else ""
        print(f"  {name} {each * 1e3:.1f} ms: {each / whole:.1f} times this kernel{claim}")


def memory() -> None:
    """Largest size of NumPy's arrays, above what is handed in as a view, for growing batches of the same readings."""
    one = balance_of([simulate(40_000)])
    prior = estimate(one).prior
    for count in (16, 64, 256, 1024):
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
        seen = sum(len(part.verdicts) for part in in_parts(many, prior))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(f"memory of {seen} districts, handed out in parts: peak {peak / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
