"""The engine on a real Spark on this machine gives what the processes give."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from reading_kernels import balance
from reading_tables import lake_of_districts
from yuejingzhun.telemetry.engine import NEEDED

ROOT = Path(__file__).resolve().parents[2]
SPARK = Path(os.environ.get("YJZ_SPARK", ROOT / ".venv-spark" / "bin" / "python"))
DISTRICTS = 5

pytestmark = [
    pytest.mark.skipif(not SPARK.exists(), reason="no Spark: `make spark` installs it"),
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java, which Spark needs"),
]


def test_spark_gives_what_the_processes_give(tmp_path: Path) -> None:
    lake = lake_of_districts(tmp_path, DISTRICTS)
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'tests'}:{ROOT / 'src'}", "SPARK_LOCAL_IP": "127.0.0.1"}
    environment.pop("PYSPARK_PYTHON", None)
    ran = subprocess.run(
        [SPARK, ROOT / "tests" / "engine_on_spark.py", lake.root, tmp_path],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    found = json.loads(ran.stdout.splitlines()[-1])
    assert found["version"].startswith("4.")
    assert found["whole"] == {"done": DISTRICTS, "before": 0, "failed": [], "stopped": False}
    assert found["told"] == list(range(1, DISTRICTS + 1))
    assert found["again"] == {"done": 1, "before": DISTRICTS - 1, "failed": [], "stopped": False}
    alone = balance(lake.readings(columns=NEEDED)).to_pylist()
    assert sorted(found["results"], key=lambda row: row["district"]) == alone
    ((_, error),) = found["failed"]["failed"]
    assert (found["failed"]["done"], error) == (1, "ZeroDivisionError：T1")
    assert found["stopped"]["stopped"]
    assert 0 < found["stopped"]["done"] < DISTRICTS
