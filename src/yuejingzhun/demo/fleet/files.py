"""Simulated districts as files that `yjz readings import` takes, and their true errors beside them."""

from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from yuejingzhun.demo.fleet.district import Design, simulate
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.demo.fleet.table import TRUTH, Placed, as_decimals, readings, truth

SEEDS_APART = 1_000_000  # districts that one seed may have without sharing one with the next


def write_districts(
    folder: Path,
    districts: int,
    faults: Callable[[int], Collection[Fault]],
    seed: int,
    design: Design,
    first_day: date,
    city: str,
    as_csv: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """A file a district in folder/readings, and folder/truth.csv; how many rows of readings there are."""
    (folder / "readings").mkdir(parents=True, exist_ok=True)
    truths, rows = [TRUTH.empty_table()], 0
    for number in range(districts):
        simulated = simulate(seed * SEEDS_APART + number, faults(number), design)
        placed = Placed(simulated, f"T{number + 1:05}", city, first_day, transformer_ratio=design.transformer_ratio)
        table = readings(placed)
        path = folder / "readings" / f"{placed.name}.{'csv' if as_csv else 'parquet'}"
        if as_csv:
            pyarrow.csv.write_csv(as_decimals(table), path)
        else:
            pq.write_table(table, path, compression="zstd")
        truths.append(truth(placed))
        rows += table.num_rows
        progress(number + 1)
    pyarrow.csv.write_csv(pa.concat_tables(truths), folder / "truth.csv")
    return rows
