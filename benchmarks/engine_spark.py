"""The same kernel over the same lake by the local engine and by Apache Spark on this machine: what Spark costs.

The kernel is the fleet's, 32 districts a task; both use as many processes. Spark is timed with and without the start of
its session, the local engine with the start of its processes. It needs `make spark`; without it nothing is measured.

Run: python benchmarks/engine_spark.py [--districts 512] [--workers 2]
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from functools import partial
from pathlib import Path

import pyarrow as pa

from yuejingzhun.telemetry.engine import Settings, results, run
from yuejingzhun.telemetry.fleet import evaluate_fleet
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.snapshot import Where

SPARK = Path(os.environ.get("YJZ_SPARK", Path(__file__).parents[1] / ".venv-spark" / "bin" / "python"))
KERNEL = partial(evaluate_fleet, first_day=date(2026, 3, 1), days=30)
MARCH = Where(month="2026-03")
TURNS = 2


def main() -> None:
    """Print the seconds of both and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--districts", type=int, default=512)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--on-spark", type=Path, help="the side of Spark, run by its interpreter: folder of the lake")
    arguments = parser.parse_args()
    if arguments.on_spark:
        print(json.dumps(_on_spark(arguments.on_spark, arguments.workers)))
    elif not SPARK.exists():
        print(f"no Spark at {SPARK}: `make spark` installs it; nothing was measured")
    else:
        _compare(arguments.districts, arguments.workers)


def _compare(count: int, workers: int) -> None:
    from simulated_lake.build import build

    with tempfile.TemporaryDirectory(prefix="yjz-spark-") as name:
        folder = Path(name)
        lake = build(folder, count)
        local = min(_local(lake, folder / f"local{turn}", workers) for turn in range(TURNS))
        command = [SPARK, __file__, "--workers", str(workers), "--on-spark", folder]
        environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1"}
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found = json.loads(ran.stdout.splitlines()[-1])
        same = results(folder / "local0").equals(results(folder / "spark0"))
        assert same, "both give the same"
        print(
            f"{platform.machine()}, {os.cpu_count()} cores, Arrow {pa.__version__}, Spark {found['version']}; "
            f"{count} districts, {workers} processes"
        )
        first, *later = found["seconds"]
        print(
            f"local {local:.1f} s; Spark's session starts in {found['start']:.1f} s, "
            f"its first run takes {first:.1f} s, a later one {min(later):.1f} s"
        )
        print(
            f"Spark against local: {min(later) / local:.2f} in a session that runs, "
            f"{(found['start'] + first) / local:.2f} with its start"
        )


def _local(lake: Lake, out: Path, workers: int) -> float:
    began = time.perf_counter()
    ran = run(KERNEL, lake, MARCH, out, Settings(workers=workers))
    assert not ran.failed, ran.failed
    return time.perf_counter() - began


def _on_spark(folder: Path, workers: int) -> dict[str, object]:
    from yuejingzhun.telemetry.engine_spark import session

    settings = Settings(engine="spark", master=f"local[{workers}]")
    began = time.perf_counter()
    spark = session(settings.master)
    start = time.perf_counter() - began
    seconds = []
    for turn in range(TURNS):
        began = time.perf_counter()
        ran = run(KERNEL, Lake(folder / "lake"), MARCH, folder / f"spark{turn}", settings)
        assert not ran.failed, ran.failed
        seconds.append(time.perf_counter() - began)
    return {"version": spark.version, "start": start, "seconds": seconds}


if __name__ == "__main__":
    sys.exit(main())
