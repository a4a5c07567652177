"""The engine on a real local Spark, run by an interpreter that has it: what became of each run, as JSON.

python engine_on_spark.py LAKE FOLDER
"""

import json
import sys
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

from reading_kernels import balance, balance_but_for_one, slow_balance
from yuejingzhun.telemetry.engine import Settings, results, run
from yuejingzhun.telemetry.engine_spark import session
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.snapshot import Where

MARCH = Where(month="2026-03")
SETTINGS = Settings(engine="spark", districts_a_task=1, master="local[2]")


def main(lake: Lake, folder: Path) -> dict[str, object]:
    """Each claim of the engine once, in one session."""
    spark = session(SETTINGS.master)
    spark.sparkContext.setLogLevel("OFF")
    told: list[int] = []
    whole = run(balance, lake, MARCH, folder / "whole", SETTINGS, progress=lambda done, _: told.append(done))
    min((folder / "whole").glob("*.parquet")).unlink()
    again = run(balance, lake, MARCH, folder / "whole", SETTINGS)
    broken = folder / "broken"
    broken.touch()
    kernel = partial(balance_but_for_one, broken=broken)
    failed = run(kernel, lake, Where(city="4403"), folder / "failed", SETTINGS)
    slow = folder / "slow"
    slow.mkdir()
    began = time.monotonic()
    stopped = run(
        partial(slow_balance, seen=slow), lake, MARCH, folder / "stopped", SETTINGS,
        stopped=lambda: any((folder / "stopped").glob("*.parquet")),
    )  # fmt: skip
    found = {
        "version": spark.version,
        "told": told,
        "whole": asdict(whole),
        "again": asdict(again),
        "failed": asdict(failed),
        "stopped": asdict(stopped),
        "seconds_to_stop": time.monotonic() - began,
        "results": results(folder / "whole").to_pylist(),
    }
    spark.stop()
    return found


if __name__ == "__main__":
    print(json.dumps(main(Lake(Path(sys.argv[1])), Path(sys.argv[2]))))
