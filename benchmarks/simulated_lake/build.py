"""A lake of simulated districts for the benchmarks: 200 meters and their total, 30 days of 96 points each."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yuejingzhun.demo.fleet.district import MISSING, Design, simulate
from yuejingzhun.telemetry.importing import import_readings
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.rows import register_lists

FIRST, DAYS, METERS = date(2026, 3, 1), 30, 200
MONTH, CITY = "2026-03", "4401"
AT = datetime(2026, 4, 2, tzinfo=UTC)
POINTS = (METERS + 1) * DAYS * 96


def district(number: int) -> pa.Table:
    """One district as a system would hand it over: steps of the registers at 00:00 to 23:45."""
    found = simulate(number, design=Design(meters=METERS, days=DAYS))
    steps = np.vstack([found.registers, found.total])[:, :-1].reshape(-1, 96)
    name = f"0344{number:08}"
    return pa.table(
        {
            "city": [CITY] * len(steps),
            "district": [name] * len(steps),
            "meter": np.repeat([f"{name}{meter:06}" for meter in range(METERS + 1)], DAYS),
            "role": np.repeat(["meter"] * METERS + ["total"], DAYS),
            "day": [FIRST + timedelta(days=day) for day in range(DAYS)] * (METERS + 1),
            "branch": np.repeat([f"{group:02}" for group in found.groups] + [""], DAYS),
            "scaler": np.repeat([-2] * METERS + [-4], DAYS),
            "multiplier": np.repeat([1] * METERS + [80], DAYS),
            "registers": register_lists(steps, steps != MISSING),
        }
    )


def write_sources(folder: Path, districts: int) -> list[Path]:
    """A Parquet file a district."""
    folder.mkdir()
    paths = [folder / f"{number:06}.parquet" for number in range(districts)]
    for number, path in enumerate(paths):
        pq.write_table(district(number), path, compression="lz4")
    return paths


def build(folder: Path, districts: int) -> Lake:
    """Import a month at once."""
    lake = Lake(folder / "lake")
    import_readings(lake, write_sources(folder / "sources", districts), AT)
    return lake


def corrections(paths: list[Path], share: float, seed: int = 1) -> Iterator[pa.Table]:
    """Some of the rows again, with registers that are one step higher."""
    rng = np.random.default_rng(seed)
    for path in paths:
        table = pq.read_table(path)
        some = table.filter(pa.array(rng.random(table.num_rows) < share))
        lists = some["registers"].combine_chunks()
        higher = pa.ListArray.from_arrays(lists.offsets, pc.add(lists.flatten(), 1))
        yield some.set_column(some.schema.get_field_index("registers"), "registers", higher)
