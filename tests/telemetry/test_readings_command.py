"""`yjz readings` as people use it, and a real process that is killed in the middle of an import."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from command_line import yjz
from reading_tables import as_texts, district_table, with_registers, write_csv, write_parquet
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.reading import SCHEMA
from yuejingzhun.telemetry.verifying import verify

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    given = tmp_path / "given"
    (given / "deeper").mkdir(parents=True)
    write_parquet(given / "2026-03-a.parquet", district_table("T1"))
    write_csv(given / "deeper" / "b-2026-03.csv", as_texts(district_table("T2", city="4403")), "gb18030")
    rows = as_texts(district_table("T3"))
    rows[1]["p9"] = "坏"
    write_csv(given / "c.csv", rows)
    (given / "cut.parquet").write_bytes((given / "2026-03-a.parquet").read_bytes()[:200])
    (given / "notes.md").write_text("no readings")
    return given


def test_a_folder_is_imported_with_a_report_and_twice_is_once(folder: Path, tmp_path: Path) -> None:
    lake, report = tmp_path / "lake", tmp_path / "report.csv"
    result = yjz("readings", "import", folder, "--lake", lake, "--report", report)
    assert result.exit_code == 1, "something was refused"
    assert "4 个文件：新入库 23 行，已有 0 行，拒绝 2 行" in result.output
    assert "c.csv 第 3 行：不是所要的数：p9 为“坏”" in result.output
    with report.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {(row["来源"], row["行"], row["代码"], row["处理"]) for row in rows} == {
        ("c.csv", "3", "bad_number", "拒绝"),
        ("cut.parquet", "", "unreadable_file", "拒绝"),
    }
    again = yjz("readings", "import", folder, "--lake", lake, "--report", report, "--json")
    found = json.loads(again.output)
    assert (found["repeated_files"], found["stored"]) == (4, 0)
    with report.open(encoding="utf-8-sig") as file:
        assert list(csv.DictReader(file)) == rows, "the report of an import that was done is not lost"


def test_the_lake_is_shown_verified_and_compacted(folder: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    yjz("readings", "import", folder / "2026-03-a.parquet", "--lake", lake)
    changed = district_table("T1")
    changed = with_registers(changed, 0, [value + 1 for value in changed["registers"].to_pylist()[0]]).slice(0, 1)
    yjz("readings", "import", write_parquet(tmp_path / "new.parquet", changed), folder, "--lake", lake)
    shown = yjz("readings", "show", "--lake", lake)
    for text in ("2026-03", "4401", "4403", "每个读数"):
        assert text in shown.output
    assert json.loads(yjz("readings", "show", "--lake", lake, "--json").output)["partitions"][1]["city"] == "4403"
    rows = json.loads(yjz("readings", "show", "--lake", lake, "--meter", "T1-M0", "--json").output)
    assert [row["version"] for row in rows] == [2, 1]
    assert rows[0]["registers"] == changed["registers"].to_pylist()[0]
    table = yjz("readings", "show", "--lake", lake, "--district", "T2", "--month", "2026-03", "--limit", 2)
    assert "共 8 行，只显示前 2 行" in table.output
    old = yjz("readings", "show", "--lake", lake, "--meter", "T1-M0", "--as-of", "2026-01-01", "--json")
    assert json.loads(old.output) == []
    verified = yjz("readings", "verify", "--lake", lake)
    assert verified.exit_code == 0, verified.output
    assert "23 行有效" in verified.output
    assert "读数湖完好" in verified.output
    assert "已整理 1 个月市" in yjz("readings", "compact", "--lake", lake).output
    assert json.loads(yjz("readings", "verify", "--lake", lake, "--json").output)["rows"] == 23
    path = next((lake / "data").rglob("*.parquet"))
    path.write_bytes(path.read_bytes() + b"x")
    damaged = yjz("readings", "verify", "--lake", lake)
    assert (damaged.exit_code, "读数湖有问题" in damaged.output) == (1, True)


def test_a_stream_is_read_like_a_file(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", as_texts(district_table()))
    command = [Path(sys.executable).with_name("yjz"), "readings", "import", "-", "--lake", tmp_path / "lake", "--json"]
    with path.open("rb") as stream:
        result = subprocess.run(command, stdin=stream, capture_output=True, check=True)
    assert json.loads(result.stdout)["stored"] == 8
    assert set(Lake(tmp_path / "lake").readings()["source"].to_pylist()) == {"stdin"}
    assert sorted(path.name for path in (tmp_path / "lake").iterdir()) == ["commits", "data", "lock"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("import", "nowhere.csv"), "没有 nowhere.csv"),
        (("import", ".", "--month", "2026-13"), "应如 2026-03"),
        (("import", ".", "--city", "广州"), "四位行政区划代码"),
        (("show",), "不是读数湖"),
        (("verify",), "不是读数湖"),
        (("compact",), "不是读数湖"),
    ],
)
def test_wrong_arguments_are_said(arguments: tuple[str, ...], told: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "a.csv", as_texts(district_table()))
    result = yjz("readings", *arguments, "--lake", tmp_path / "lake")
    assert result.exit_code == 2, result.output
    assert told in result.output


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from yuejingzhun.telemetry import importing
from yuejingzhun.telemetry.lake import Lake

importing.LOT = 100_000
importing.import_readings(Lake(Path(sys.argv[1])), sorted(Path(sys.argv[2]).iterdir()), datetime.now(UTC))
"""


def test_a_killed_import_goes_on_and_nothing_is_there_twice(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    for number in range(6):  # about three lots
        write_csv(given / f"{number}.csv", as_texts(district_table(f"T{number}", meters=9, days=5)))
    script = tmp_path / "killed.py"
    script.write_text(KILLED)

    def command(lake: Path) -> list[object]:
        return [sys.executable, script, lake, given]

    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    subprocess.run(command(whole), env=environment, check=True)
    moments: list[Callable[[], bool]] = [
        lambda: any(torn.glob("staging/*.parquet")),
        lambda: any(torn.glob("data/*/*/*.parquet")),
        lambda: (torn / "commits" / "00000001.json").exists(),
        lambda: (torn / "commits" / "00000002.json").exists(),
    ]
    for moment in moments:
        with subprocess.Popen(command(torn), env=environment) as process:
            while not moment() and process.poll() is None:
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL, "it was killed in the middle"
    assert not (torn / "commits" / "00000003.json").exists()
    subprocess.run(command(torn), env=environment, check=True)
    names = [name for name in SCHEMA.names if name != "received_at"]
    assert Lake(torn).readings(columns=names).equals(Lake(whole).readings(columns=names))
    assert Lake(torn).readings().num_rows == 6 * 10 * 5
    assert len(Lake(torn).commits()) == len(Lake(whole).commits()) == 3
    assert verify(Lake(torn)).problems == ()
