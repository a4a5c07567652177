"""The engine: each district once, whatever stops it, and the same results as the kernel alone."""

import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reading_kernels import balance, balance_but_for_one, threads
from reading_tables import AT, district_table, lake_of_districts, write_parquet
from yuejingzhun.telemetry import run_identity
from yuejingzhun.telemetry.engine import NEEDED, EngineError, Settings, results, run
from yuejingzhun.telemetry.importing import import_readings
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.snapshot import Where

DISTRICTS = 5
MARCH = Where(month="2026-03")
ONE_EACH = Settings(districts_a_task=1, workers=2)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_of_districts(tmp_path_factory.mktemp("engine"), DISTRICTS)


def in_order(table: pa.Table) -> list[dict[str, object]]:
    return sorted(table.to_pylist(), key=lambda row: str(row["district"]))


@pytest.fixture(scope="module")
def expected(lake: Lake) -> list[dict[str, object]]:
    return in_order(balance(lake.readings(columns=NEEDED)))


def test_processes_give_what_the_kernel_gives_alone(lake: Lake, expected: list, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    ran = run(balance, lake, MARCH, tmp_path, ONE_EACH, progress=lambda *done: told.append(done))
    assert (ran.done, ran.before, ran.failed, ran.stopped) == (DISTRICTS, 0, (), False)
    assert told == [(number, DISTRICTS) for number in range(1, DISTRICTS + 1)]
    assert in_order(results(tmp_path)) == expected
    assert all(row["why"] == "" for row in expected)
    assert len(list(tmp_path.glob("4401-*.parquet"))) == 3, "a task is of one city"


def test_what_is_done_is_not_done_again_and_what_is_lost_is(lake: Lake, expected: list, tmp_path: Path) -> None:
    run(balance, lake, MARCH, tmp_path, ONE_EACH)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.parquet")}
    lost = min(kept)
    lost.unlink()
    (tmp_path / "torn.123.new").write_bytes(b"half")
    ran = run(balance, lake, MARCH, tmp_path, ONE_EACH)
    assert (ran.done, ran.before) == (1, DISTRICTS - 1)
    assert in_order(results(tmp_path)) == expected
    assert all(path.stat().st_mtime_ns == at for path, at in kept.items() if path != lost)
    assert not list(tmp_path.glob("*.new"))


def test_a_kernel_that_raises_or_dies_holds_up_no_one(lake: Lake, expected: list, tmp_path: Path) -> None:
    broken, out = tmp_path / "broken", tmp_path / "out"
    broken.touch()
    kernel = partial(balance_but_for_one, broken=broken)
    ran = run(kernel, lake, MARCH, out, ONE_EACH)
    errors = sorted(error for _, error in ran.failed)
    assert (ran.done, errors) == (DISTRICTS - 2, ["ZeroDivisionError：T1", "进程意外结束（3）"])
    broken.unlink()
    again = run(kernel, lake, MARCH, out, ONE_EACH)
    assert (again.done, again.before, again.failed) == (2, DISTRICTS - 2, ())
    assert in_order(results(out)) == expected


def test_a_run_can_be_stopped_and_goes_on(lake: Lake, expected: list, tmp_path: Path) -> None:
    finished: list[int] = []
    settings = Settings(districts_a_task=1, workers=1)
    ran = run(
        balance, lake, MARCH, tmp_path, settings, progress=lambda done, _: finished.append(done),
        stopped=lambda: len(finished) >= 2,
    )  # fmt: skip
    assert (ran.done, ran.stopped) == (2, True)
    assert len(list(tmp_path.glob("*.parquet"))) == 2
    assert run(balance, lake, MARCH, tmp_path, settings).done == DISTRICTS - 2
    assert in_order(results(tmp_path)) == expected


def test_each_process_has_one_thread_and_this_one_keeps_its_own(lake: Lake, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    run(threads, lake, MARCH, tmp_path, Settings(districts_a_task=5, workers=1))
    assert set(results(tmp_path)["threads"].to_pylist()) == {"1"}
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "OPENBLAS_NUM_THREADS" not in os.environ or os.environ["OPENBLAS_NUM_THREADS"] != ""


def test_results_of_another_run_are_not_mixed_in(lake: Lake, tmp_path: Path) -> None:
    run(balance, lake, MARCH, tmp_path, ONE_EACH)
    with pytest.raises(EngineError, match="方法的参数（天数为 —，现为 1）"):
        run(partial(balance, days=1), lake, MARCH, tmp_path, ONE_EACH)
    with pytest.raises(EngineError, match="读数的范围（市为 —，现为 4401；月为 2026-03，现为 —）"):
        run(balance, lake, Where(city="4401"), tmp_path, ONE_EACH)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(EngineError, match="无法读取"):
        run(balance, lake, MARCH, tmp_path, ONE_EACH)


def test_results_of_another_lake_are_not_mixed_in_but_a_lake_may_be_moved(
    lake: Lake, expected: list, tmp_path: Path
) -> None:
    moved, out = Lake(tmp_path / "moved"), tmp_path / "out"
    run(balance, lake, MARCH, out, ONE_EACH)
    shutil.copytree(lake.root, moved.root)
    assert run(balance, moved, MARCH, out, ONE_EACH).before == DISTRICTS
    other = Lake(tmp_path / "other")
    with pytest.raises(EngineError, match=f"另一个读数湖的结果，不是 {other.root} 的"):
        run(balance, other, MARCH, out, ONE_EACH)
    import_readings(other, [write_parquet(tmp_path / "a.parquet", district_table("T1"))], AT)
    with pytest.raises(EngineError, match="另一个读数湖的结果"):
        run(balance, other, MARCH, out, ONE_EACH)
    assert in_order(results(out)) == expected


def test_a_run_keeps_to_the_lake_that_it_began_with(tmp_path: Path) -> None:
    own = Lake(tmp_path / "lake")
    import_readings(own, [write_parquet(tmp_path / "a.parquet", district_table("T1"))], AT)
    run(balance, own, MARCH, tmp_path / "out", ONE_EACH)
    import_readings(own, [write_parquet(tmp_path / "b.parquet", district_table("T2"))], AT)
    assert run(balance, own, MARCH, tmp_path / "out", ONE_EACH).before == 1
    with pytest.raises(EngineError, match="第 1 次提交的结果，不是第 2 次"):
        run(balance, own, MARCH, tmp_path / "out", ONE_EACH, commit=2)
    assert run(balance, own, MARCH, tmp_path / "new", ONE_EACH).done == 2
    assert run(balance, own, MARCH, tmp_path / "old", ONE_EACH, commit=1).done == 1


def test_wrong_settings_are_said(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="columns 应含"):
        run(balance, lake, MARCH, tmp_path, Settings(columns=("district",)))
    with pytest.raises(EngineError, match="local 或 spark"):
        run(balance, lake, MARCH, tmp_path, Settings(engine="dask"))  # type: ignore[arg-type]
    with pytest.raises(EngineError, match="没有结果"):
        results(tmp_path / "nowhere")


def test_without_spark_the_reason_is_given(lake: Lake, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.delitem(sys.modules, "yuejingzhun.telemetry.engine_spark", raising=False)
    with pytest.raises(EngineError, match=r"yuejingzhun\[spark\]"):
        run(balance, lake, MARCH, tmp_path, Settings(engine="spark"))


KILLED = """
import sys
from functools import partial
from pathlib import Path
from reading_kernels import slow_balance
from yuejingzhun.telemetry.engine import Settings, run
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.snapshot import Where

if __name__ == "__main__":
    lake, out, seen = map(Path, sys.argv[1:])
    settings = Settings(districts_a_task=1, workers=2)
    run(partial(slow_balance, seen=seen), Lake(lake), Where(month="2026-03"), out, settings)
"""


def test_a_killed_evaluation_leaves_no_process_and_ends_with_the_same_results(
    lake: Lake, expected: list, tmp_path: Path
) -> None:
    script, out, seen = tmp_path / "killed.py", tmp_path / "out", tmp_path / "seen"
    script.write_text(KILLED)
    seen.mkdir()
    command = [sys.executable, script, lake.root, out, seen]
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'tests'}:{ROOT / 'src'}"}
    with subprocess.Popen(command, env=environment) as process:
        wait_for(lambda: len(list(out.glob("*.parquet"))) >= 1, process)
        process.send_signal(signal.SIGKILL)
    done = {path: path.read_bytes() for path in out.glob("*.parquet")}
    assert 0 < len(done) < DISTRICTS
    wait_for(lambda: not any(alive(int(path.name)) for path in seen.iterdir()))
    assert subprocess.run(command, env=environment, check=True).returncode == 0
    assert in_order(results(out)) == expected
    assert all(path.read_bytes() == content for path, content in done.items())
    assert pq.read_table(min(done)).num_rows == 1
    assert run_identity.FILE in {path.name for path in out.iterdir()}


def alive(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for(happened, process: subprocess.Popen | None = None, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        assert process is None or process.poll() is None, "the process ended too soon"
        time.sleep(0.01)


def test_a_run_may_be_bound_to_an_earlier_commit(tmp_path: Path) -> None:
    lake = lake_of_districts(tmp_path, 2)
    later = write_parquet(tmp_path / "later.parquet", district_table("T9", meters=2))
    import_readings(lake, [later], AT)
    bound, now = tmp_path / "bound", tmp_path / "now"
    assert run(balance, lake, MARCH, bound, ONE_EACH, commit=1).done == 2
    assert run(balance, lake, MARCH, now, ONE_EACH).done == 3
    with pytest.raises(EngineError, match="第 1 次提交的结果，不是第 2 次"):
        run(balance, lake, MARCH, bound, ONE_EACH, commit=2)
    with pytest.raises(Exception, match="没有第 7 次提交"):
        run(balance, lake, MARCH, tmp_path / "never", ONE_EACH, commit=7)
