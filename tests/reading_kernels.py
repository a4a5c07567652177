"""Kernels for the tests of the engine, in a module of their own since other processes must be able to import them."""

import os
import time
from pathlib import Path

import pyarrow as pa

from reading_tables import FIRST
from yuejingzhun.telemetry.districts import District, Unusable, by_district, registers

RESULT = pa.schema(
    [("district", pa.string()), ("sum_kwh", pa.float64()), ("total_kwh", pa.float64()), ("why", pa.string())]
)


def balance(table: pa.Table, days: int = 2) -> pa.Table:
    """Energy of the meters and of the total meter of each district."""
    rows = [_balance(each) for each in by_district(registers(table, FIRST, days))]
    return pa.Table.from_pylist(rows, schema=RESULT)


def _balance(each: District | Unusable) -> dict[str, object]:
    if isinstance(each, Unusable):
        return {"district": each.name, "why": each.reason}
    energy = (each.steps[:, -1] - each.steps[:, 0]) * each.step_kwh * each.signs
    total = (each.total_steps[-1] - each.total_steps[0]) * each.total_step_kwh
    return {"district": each.name, "sum_kwh": float(energy.sum()), "total_kwh": float(total), "why": ""}


def slow_balance(table: pa.Table, seen: Path) -> pa.Table:
    """The same, after a while; leaves its process's number in a folder."""
    (seen / str(os.getpid())).touch()
    time.sleep(0.5)
    return balance(table)


def balance_but_for_one(table: pa.Table, broken: Path) -> pa.Table:
    """The same, but as long as a file is there, one district raises and one ends its process."""
    names = set(table["district"].to_pylist())
    if broken.exists() and "T1" in names:
        raise ZeroDivisionError("T1")
    if broken.exists() and "T2" in names:
        os._exit(3)
    return balance(table)


def threads(table: pa.Table) -> pa.Table:
    """What the processes were told of threads."""
    return pa.table({"district": table["district"].slice(0, 1), "threads": [os.environ.get("OMP_NUM_THREADS", "")]})
