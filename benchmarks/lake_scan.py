"""Scan of the lake against bare DuckDB and bare Arrow over the same files; one district's month, one meter's history.

The bare scans know nothing of versions; M/s are millions of readings a second by bare Arrow. Claim: at most 1.5 times
as long, also where 2 in 100 rows were corrected since and nothing has been compacted. Beside it, what it costs to find
the last version by a window over all rows.

Run: python benchmarks/lake_scan.py [--districts 200]
"""

import argparse
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from simulated_lake.build import AT, CITY, FIRST, MONTH, POINTS, build, corrections

from yuejingzhun.telemetry.compaction import compact
from yuejingzhun.telemetry.database import create_readings, database, parquet
from yuejingzhun.telemetry.importing import import_readings
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.reading import SCHEMA
from yuejingzhun.telemetry.snapshot import Snapshot

ROUNDS = 5
SHARE = 0.02
COLUMNS = ["district", "meter", "day", "registers"]
SUM = "select count(*), sum(list_sum(registers)) from {}"
WINDOW = """
(select registers from {} qualify row_number() over (partition by meter, role, day order by version desc) = 1)
"""


def main() -> None:
    """Print each time and ratio, on a lake that was imported once, corrected, and compacted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--districts", type=int, default=200)
    count = parser.parse_args().districts
    versions = f"Python {platform.python_version()}, Arrow {pa.__version__}, DuckDB {duckdb.__version__}"
    print(f"{platform.machine()}, {os.cpu_count()} cores, {versions}", flush=True)
    with tempfile.TemporaryDirectory(prefix="yjz-lake-") as name:
        folder = Path(name)
        began = time.perf_counter()
        lake = build(folder, count)
        took = time.perf_counter() - began
        print(f"{count} districts, {count * POINTS:,} readings, simulated and imported in {took:.0f} s", flush=True)
        _compare("imported", lake)
        paths = sorted((folder / "sources").glob("*.parquet"))
        changed = folder / "changed.parquet"
        pq.write_table(pa.concat_tables(corrections(paths, SHARE)), changed)
        import_readings(lake, [changed], AT)
        _compare(f"{SHARE:.0%} corrected", lake)
        began = time.perf_counter()
        compact(lake, AT)
        print(f"compacted in {time.perf_counter() - began:.1f} s")
        _compare("compacted", lake)
        _look_up(lake, count)
    print(f"largest memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")


def _compare(state: str, lake: Lake) -> None:
    snapshot = lake.snapshot()
    files = [snapshot.root / file.path for file in snapshot.files if not file.history]
    with database() as connection:
        create_readings(connection, snapshot)
        bare = parquet(files)
        (ours, found), (theirs, everything), (ours_sql, same), (theirs_sql, _), (window, last) = _best(
            lambda: _arrow(lake.snapshot()),
            lambda: _bare_arrow(files),
            lambda: connection.execute(SUM.format("readings")).fetchone(),
            lambda: connection.execute(SUM.format(bare)).fetchone(),
            lambda: connection.execute(SUM.format(WINDOW.format(bare))).fetchone(),
        )
    assert found == tuple(same) == tuple(last), (found, same, last)
    rate = everything[0] * 96 / theirs / 1e6
    print(
        f"{state:14} Arrow: ours {ours:.3f} s, bare {theirs:.3f} s, ratio {ours / theirs:.2f} ({rate:.0f} M/s); "
        f"DuckDB: ours {ours_sql:.3f} s, bare {theirs_sql:.3f} s, ratio {ours_sql / theirs_sql:.2f}; "
        f"by a window {window:.3f} s, ratio {window / theirs_sql:.2f}",
        flush=True,
    )


def _arrow(snapshot: Snapshot) -> tuple[int, int]:
    return _summed(snapshot.scan(columns=COLUMNS))


def _bare_arrow(files: list[Path]) -> tuple[int, int]:
    return _summed(
        ds.dataset([str(file) for file in files], schema=SCHEMA, format="parquet").to_batches(columns=COLUMNS)
    )


def _summed(batches: Any) -> tuple[int, int]:
    rows = whole = 0
    for batch in batches:
        rows += batch.num_rows
        whole += pc.sum(batch.column("registers").flatten()).as_py() or 0
    return rows, whole


def _look_up(lake: Lake, count: int) -> None:
    district = f"0344{count // 2:08}"
    (month, rows), (history, days), (everything, _) = _best(
        lambda: lake.district_month(CITY, MONTH, district).num_rows,
        lambda: lake.meter_history(f"{district}000007", first=FIRST).num_rows,
        lambda: _arrow(lake.snapshot())[0],
    )
    print(f"one district's month ({rows:,} rows): {month * 1e3:.0f} ms; one meter's history ({days} rows): "
          f"{history * 1e3:.0f} ms; all: {everything * 1e3:.0f} ms")  # fmt: skip


def _best(*measured: Callable[[], Any]) -> list[tuple[float, Any]]:
    """The shortest time of each and its result, one after the other in each round: what else runs hits all alike."""
    best: list[tuple[float, Any]] = [(float("inf"), None)] * len(measured)
    for _ in range(ROUNDS):
        for place, run in enumerate(measured):
            began = time.perf_counter()
            result = run()
            best[place] = min(best[place][0], time.perf_counter() - began), result
    return best


if __name__ == "__main__":
    main()
