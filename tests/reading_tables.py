"""Readings for the tests of the lake: small districts whose every register is known, as tables and as files."""

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yuejingzhun.telemetry.importing import import_readings
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.rows import register_lists

FIRST = date(2026, 3, 1)
AT = datetime(2026, 4, 2, 3, 0, tzinfo=UTC)
POINTS = tuple(f"p{number}" for number in range(1, 97))


def district_table(
    district: str = "T1", meters: int = 3, days: int = 2, city: str = "4401", first: date = FIRST, seed: int = 1
) -> pa.Table:
    """A total meter (10 Wh times 80) and some meters (0.01 kWh) with exact registers: total = sum + 5 %, roughly."""
    rng = np.random.default_rng([seed, *district.encode()])
    energy = rng.integers(0, 40, (meters, days * 96))
    starts = rng.integers(100_000, 900_000, (meters, 1))
    steps = starts + np.cumsum(energy, axis=1)
    total = 500_000 + np.ceil(np.cumsum(energy.sum(axis=0)) * 1.05 / 80).astype(np.int64)
    whole = np.vstack([steps, total]).reshape(-1, 96)
    names = [*(f"{district}-M{number}" for number in range(meters)), f"{district}-Z"]
    rows = (meters + 1) * days
    return pa.table(
        {
            "city": [city] * rows,
            "district": [district] * rows,
            "meter": np.repeat(names, days),
            "role": ["meter"] * meters * days + ["total"] * days,
            "day": [first + timedelta(days=day) for day in range(days)] * (meters + 1),
            "multiplier": [1] * meters * days + [80] * days,
            "registers": register_lists(whole, np.ones(whole.shape, dtype=bool)),
        }
    )


def as_texts(table: pa.Table) -> list[dict[str, str]]:
    """Rows as a csv has them: registers in kWh with two decimals in the columns p1 to p96."""
    rows = []
    for row in table.to_pylist():
        registers = row.pop("registers")
        points = {name: "" if v is None else f"{v / 100:.2f}" for name, v in zip(POINTS, registers, strict=True)}
        rows.append({name: str(value) for name, value in row.items()} | points)
    return rows


def write_csv(path: Path, rows: Sequence[dict[str, str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_parquet(path: Path, table: pa.Table) -> Path:
    pq.write_table(table, path)
    return path


def lake_of_districts(folder: Path, districts: int) -> Lake:
    """A lake of so many districts, by turns of two cities, T0 with one meter, T1 with two, …"""
    tables = [district_table(f"T{n}", meters=n + 1, city=("4401", "4403")[n % 2]) for n in range(districts)]
    paths = [write_parquet(folder / f"{number}.parquet", table) for number, table in enumerate(tables)]
    lake = Lake(folder / "lake")
    import_readings(lake, paths, AT)
    return lake


def with_registers(table: pa.Table, row: int, registers: Sequence[int | None]) -> pa.Table:
    """The table with other registers in one row."""
    lists = table["registers"].to_pylist()
    lists[row] = list(registers)
    return table.set_column(
        table.schema.get_field_index("registers"), "registers", pa.array(lists, pa.list_(pa.int64()))
    )
