"""Bytes a reading on the disk: one row a meter and day with 96 values, as the lake keeps it, against long rows.

All have the same registers; the long rows have district, meter, role, time, register and a flag, the least that could
be asked for, in the same order and with the same compression. The lake's file has all of its columns, with the source
of each row and its version.

Run: python benchmarks/lake_bytes.py [--districts 10]
"""

import argparse
import os
import platform
import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
from simulated_lake.build import AT, DAYS, FIRST, POINTS, write_sources

from yuejingzhun.telemetry.compaction import compact
from yuejingzhun.telemetry.importing import import_readings
from yuejingzhun.telemetry.lake import Lake

LONG_DEFAULT = {"compression": "zstd", "compression_level": 3}
LONG_CHOSEN = LONG_DEFAULT | {
    "use_dictionary": ["district", "meter", "role", "flag"],
    "column_encoding": {"time": "DELTA_BINARY_PACKED", "register": "DELTA_BINARY_PACKED"},
}


def main() -> None:
    """Print the bytes of each way, and its ratio to the lake's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--districts", type=int, default=10)
    count = parser.parse_args().districts
    print(f"{platform.machine()}, {os.cpu_count()} cores, Arrow {pa.__version__}; {count * POINTS:,} readings")
    with tempfile.TemporaryDirectory(prefix="yjz-bytes-") as name:
        folder = Path(name)
        paths = write_sources(folder / "sources", count)
        sizes = _in_the_lake(folder, paths, count * POINTS)
        tables = [_long(pq.read_table(path)) for path in paths]
        for label, options in (("long rows, default", LONG_DEFAULT), ("long rows, chosen", LONG_CHOSEN)):
            sizes[label] = _written(folder / "long.parquet", tables, options) / count / POINTS
        arrow_csv.write_csv(tables[0], folder / "long.csv")
        sizes["long rows, csv"] = (folder / "long.csv").stat().st_size / POINTS
    ours = sizes["row a day, compacted"]
    for label, size in sizes.items():
        print(f"{label:34}{size:8.3f} bytes a reading, {size / ours:6.2f} times the lake's")


def _in_the_lake(folder: Path, paths: list[Path], readings: int) -> dict[str, float]:
    """A month at once, and day by day before and after compaction."""
    month = Lake(folder / "month")
    import_readings(month, paths, AT)
    whole = pa.concat_tables(pq.read_table(path) for path in paths)
    daily = Lake(folder / "daily")
    for day in range(DAYS):
        path = folder / f"day{day}.parquet"
        pq.write_table(whole.filter(pc.equal(whole["day"], pa.scalar(FIRST + timedelta(days=day)))), path)
        import_readings(daily, [path], AT)
    before = _size(daily)
    compact(daily, AT)
    assert daily.readings(columns=["registers"]).equals(month.readings(columns=["registers"]))
    return {
        "row a day, compacted": _size(daily) / readings,
        "row a day, a month at once": _size(month) / readings,
        "row a day, day by day": before / readings,
    }


def _size(lake: Lake) -> int:
    return sum(file.size for file in lake.snapshot().files)


def _long(table: pa.Table) -> pa.Table:
    place = np.repeat(np.arange(table.num_rows), 96)
    start = table["day"].cast(pa.timestamp("s")).cast(pa.int64()).to_numpy()
    time = np.repeat(start, 96) + np.tile(np.arange(96) * 900, table.num_rows)
    rows = table.select(["district", "meter", "role"]).take(pa.array(place))
    rows = rows.append_column("time", pa.array(time).cast(pa.timestamp("s")))
    rows = rows.append_column("register", table["registers"].combine_chunks().flatten())
    return rows.append_column("flag", pa.array(np.zeros(len(place), dtype=np.uint8)))


def _written(path: Path, tables: list[pa.Table], options: dict[str, object]) -> int:
    with pq.ParquetWriter(path, tables[0].schema, **options) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=2**20)
    return path.stat().st_size


if __name__ == "__main__":
    main()
