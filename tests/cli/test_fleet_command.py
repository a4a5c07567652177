"""`yjz fleet` as an engineer uses it: simulated districts, a lake, an evaluation that may be killed, a report."""

import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from command_line import text_of, yjz
from simulated_readings import placed, write
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.telemetry.engine import results
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.reading import ORDER

SMALL = ("--meters", 30, "--days", 25)
PERIOD = ("--from", "2026-03-01", "--days", 25)
HERE = ("--processes", 1, "--task", 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six districts without and with a fault, imported and evaluated."""
    given = tmp_path_factory.mktemp("fleet")
    for command in (
        ("fleet", "simulate", given / "sim", "--districts", 6, "--faults", "each", "--seed", 3, *SMALL),
        ("readings", "import", given / "sim" / "readings", "--lake", given / "lake"),
        ("fleet", "evaluate", given / "lake", *PERIOD, "--out", given / "out", *HERE),
    ):
        result = yjz(*command)
        assert result.exit_code == 0, result.output
    return given


def test_what_was_evaluated_is_reported_with_its_score(folder: Path, tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("a.csv", "a.pdf", "a.png", "a.html")}
    truth = folder / "sim" / "truth.csv"
    result = yjz(
        *("fleet", "report", folder / "out", "--truth", truth, "--csv", files["a.csv"]),
        *("--pdf", files["a.pdf"], "--plot", files["a.png"], "--html", files["a.html"]),
    )
    assert result.exit_code == 0, result.output
    for text in ("6 个台区，数据支持估计的", "未计量的用电", "最可疑的表", "拒绝的台区", "平均精确率", "概率是否可信"):
        assert text in result.output
    assert files["a.png"].read_bytes().startswith(b"\x89PNG")
    page = files["a.html"].read_text()
    for text in ("<title>在用电能表误差评价报告</title>", "2026-03-01 起 25 天", "±2 %", "<svg", "概率是否可信"):
        assert text in page
    assert not [text for text in ("<link", "<script", " src=", "url(http") if text in page], "it needs no other file"
    printed = text_of(files["a.pdf"])
    for text in ("在用电能表误差评价报告", "2026-03-01起25天", "±2%", "对照真误差", "JJG596-2012"):
        assert text in printed
    with files["a.csv"].open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == results(folder / "out").num_rows
    chances = [round(float(row["超差概率"]), 3) for row in rows if row["超差概率"]]
    assert chances == sorted(chances, reverse=True)
    found = json.loads(yjz("fleet", "report", folder / "out", "--truth", truth, "--json").output)
    assert (found["districts"], found["kept"] + sum(found["refused"].values())) == (6, 6)
    assert found["tasks_done"] == found["tasks"] == 6
    # Bad meters of 2 % to 10 % stand out among thirty, in the districts that are kept.
    assert 0.5 <= found["score"]["recall"] <= 1
    assert 0.5 <= found["score"]["average_precision"] <= 1
    assert found["score"]["rmse"] < 0.01
    assert found["score"]["coverage"]["small"] > 0.85
    assert sum(each["meters"] for each in found["score"]["reliability"]) <= found["stated"]


def test_the_score_is_that_of_counting_by_hand(folder: Path) -> None:
    truth = folder / "sim" / "truth.csv"
    with truth.open() as file:
        errors = {row["meter"]: float(row["error"]) for row in csv.DictReader(file) if row["role"] == "meter"}
    score = json.loads(yjz("fleet", "report", folder / "out", "--truth", truth, "--json").output)["score"]
    kept = [row for row in results(folder / "out").to_pylist() if row["reason"] is None and row["meter"] in errors]
    assert score["meters"] == len(kept)
    assert score["bad"] == sum(abs(errors[row["meter"]]) > 0.02 for row in kept)
    refused = [row["meter"] for row in results(folder / "out").to_pylist() if row["reason"] and row["meter"] in errors]
    assert score["bad_refused"] == sum(abs(errors[meter]) > 0.02 for meter in refused)
    stated = [row for row in kept if row["error"] is not None]
    squares = [((row["error"] or 0.0) - errors[row["meter"]]) ** 2 for row in kept]
    assert score["rmse"] == pytest.approx((sum(squares) / len(squares)) ** 0.5)
    called = sorted(stated, key=lambda row: -row["exceeds"])
    hits = [abs(errors[row["meter"]]) > 0.02 for row in called]
    best = max((sum(hits[:n]) / score["bad"] for n in range(1, len(hits) + 1) if sum(hits[:n]) >= 0.9 * n), default=0.0)
    assert score["recall"] == pytest.approx(best)


def test_the_same_seed_gives_the_same_readings_as_csv_and_parquet(folder: Path, tmp_path: Path) -> None:
    again = ("fleet", "simulate", tmp_path / "sim", "--districts", 6, "--faults", "each", "--seed", 3, *SMALL, "--csv")
    assert yjz(*again).exit_code == 0
    assert (tmp_path / "sim" / "truth.csv").read_bytes() == (folder / "sim" / "truth.csv").read_bytes()
    assert yjz("readings", "import", tmp_path / "sim" / "readings", "--lake", tmp_path / "lake").exit_code == 0
    columns = [*ORDER, "branch", "phase", "scaler", "multiplier", "registers", "findings"]
    assert Lake(tmp_path / "lake").readings(columns=columns).equals(Lake(folder / "lake").readings(columns=columns))


@pytest.mark.parametrize("faults", [(Fault.FEED_IN,), (Fault.FEED_IN, Fault.MISSING_DAYS)])
def test_a_district_that_feeds_back_is_imported_without_refusal(faults: tuple[Fault, ...], tmp_path: Path) -> None:
    given = placed(2, faults)
    result = yjz("readings", "import", write(tmp_path / "given", given), "--lake", tmp_path / "lake", "--json")
    assert json.loads(result.output)["refused"] == 0
    rows = Lake(tmp_path / "lake").readings()
    assert set(rows["role"].to_pylist()) == {"meter", "feed_in", "total", "total_feed_in"}
    net = {row["day"]: row["registers"] for row in rows.to_pylist() if row["role"] == "total"}
    back = {row["day"]: row["registers"] for row in rows.to_pylist() if row["role"] == "total_feed_in"}
    assert sum(day[-1] - day[0] for day in back.values() if None not in (day[0], day[-1])) > 0
    whole = [
        None if None in (into, out) else into - out
        for day in net
        for into, out in zip(net[day], back[day], strict=True)
    ]
    simulated = [None if step < 0 else step for step in given.simulated.total[:-1].tolist()]
    offset = next(step for step in simulated if step is not None) - next(step for step in whole if step is not None)
    assert [None if step is None else step + offset for step in whole] == simulated


def test_a_day_goes_on_from_an_evaluation_that_was_to_be_followed(folder: Path, tmp_path: Path) -> None:
    period, lake = ("--from", "2026-03-01", "--days", 24), folder / "lake"
    evaluated = yjz("fleet", "evaluate", lake, *period, "--out", tmp_path / "24", "--follow", *HERE)
    assert evaluated.exit_code == 0, evaluated.output
    assert list((tmp_path / "24").glob("*.state"))
    result = yjz("fleet", "day", lake, "--day", "2026-03-25", "--before", tmp_path / "24", "--out", tmp_path / "25")
    assert result.exit_code == 0, result.output
    assert "次日 yjz fleet day" in result.output
    assert set(results(tmp_path / "25")["through"].to_pylist()) == {date(2026, 3, 25)}
    wrong = yjz("fleet", "day", lake, "--day", "2026-03-25", "--before", folder / "out", "--out", tmp_path / "none")
    assert wrong.exit_code == 2 and "没有可逐日更新的状态" in wrong.output
    assert yjz("fleet", "report", tmp_path / "25").exit_code == 2


def test_results_of_another_lake_or_period_are_refused(folder: Path, tmp_path: Path) -> None:
    out = ("--out", folder / "out", *HERE)
    other = yjz("fleet", "evaluate", folder / "lake", "--from", "2026-03-02", "--days", 24, *out)
    assert other.exit_code == 2
    assert "另一次运行的结果" in other.output
    assert "天数为 25，现为 24" in other.output
    assert "第一天为 2026-03-01，现为 2026-03-02" in other.output
    strict = yjz("fleet", "evaluate", folder / "lake", *PERIOD, *out, "--mpe", 1)
    assert "最大允许误差为 0.02，现为 0.01" in strict.output
    yjz("readings", "import", write(tmp_path / "given", placed(1)), "--lake", tmp_path / "lake")
    elsewhere = yjz("fleet", "evaluate", tmp_path / "lake", *PERIOD, *out)
    assert (elsewhere.exit_code, "另一个读数湖的结果" in elsewhere.output) == (2, True)
    again = yjz("fleet", "evaluate", folder / "lake", *PERIOD, *out)
    assert (again.exit_code, "先前已做 6 个" in again.output) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("evaluate", "nowhere", *PERIOD, "--out", "o"), "不是读数湖"),
        (("evaluate", "LAKE", "--from", "2025-03-01", "--days", 5, "--out", "o"), "湖里的是 2026-03-01 至 2026-03-25"),
        (("evaluate", "LAKE", *PERIOD, "--out", "o", "--city", "4403"), "没有市 4403 的读数，有 4401"),
        (("evaluate", "LAKE", *PERIOD, "--out", "o", "--mpe", 200), "单位 %"),
        (("evaluate", "LAKE", *PERIOD, "--out", "o", "--engine", "spark"), "没有安装 Spark"),
        (("simulate", "sim", "--from", "2199-01-01"), "最后一天 2199-01-30 还没有到"),
        (("report", "nowhere"), "没有 yjz fleet evaluate 的结果"),
        (("report", "OUT", "--truth", "nowhere.csv"), "无法读取 nowhere.csv"),
        (("report", "OUT", "--truth", "percent.csv"), "应为相对误差"),
        (("report", "OUT", "--truth", "two.csv"), "两个不同的误差"),
        (("report", "OUT", "--truth", "strange.csv"), "真值里没有一只被评价的表"),
        (("report", "OUT", "--plot", "a.gif"), "图的文件名应以"),
        (("simulate", "sim", "--faults", "fire,theft"), "没有 fire"),
        (("simulate", "sim", "--city", "广州"), "四位行政区划代码"),
        (("simulate", "LAKE"), "已存在且不是空的"),
    ],
)
def test_wrong_arguments_are_said(arguments: tuple, told: str, folder: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.delitem(sys.modules, "yuejingzhun.telemetry.engine_spark", raising=False)
    for name, rows in (("percent", ["T1,M,2.1"]), ("two", ["T1,M,0.1", "T1,M,0.2"]), ("strange", ["T1,M,0.1"])):
        (tmp_path / f"{name}.csv").write_text("\n".join(["district,meter,error", *rows]))
    places = {"LAKE": folder / "lake", "OUT": folder / "out"}
    result = yjz("fleet", *(places.get(each, each) for each in arguments))
    assert result.exit_code == 2, result.output
    assert told in result.output
    assert not (tmp_path / "o").exists(), "nothing is left of what could not be begun"


def command(folder: Path, out: Path) -> list[object]:
    program = [sys.executable, "-c", "from yuejingzhun.cli import main; main()"]
    return [*program, *map(str, ("fleet", "evaluate", folder / "lake", *PERIOD, "--out", out, *HERE))]


def interrupted(folder: Path, out: Path, by: signal.Signals) -> tuple[int, str, dict[Path, bytes]]:
    """Exit status, what was said, and the results there were when a real process was interrupted in the middle."""
    with subprocess.Popen(command(folder, out), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        wait_for(lambda: len(list(out.glob("*.parquet"))) >= 1, process)
        process.send_signal(by)
        said, _ = process.communicate(timeout=60)
    return process.returncode, said, {path: path.read_bytes() for path in out.glob("*.parquet")}


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_evaluation_goes_on_and_ends_with_the_same_results(
    by: signal.Signals, folder: Path, tmp_path: Path
) -> None:
    whole, torn = folder / "out", tmp_path / "torn"
    status, said, done = interrupted(folder, torn, by)
    assert 0 < len(done) < 6
    if by is signal.SIGKILL:
        assert status == -signal.SIGKILL
    else:
        assert status == 1
        assert "正在停下" in said
        assert "已停下，再运行一次即继续" in said
        assert "Traceback" not in said
    told = yjz("fleet", "report", torn)
    assert f"评价尚未完成：6 个任务做了 {len(done)} 个" in told.output
    result = yjz("fleet", "evaluate", folder / "lake", *PERIOD, "--out", torn, *HERE)
    assert f"做了 {6 - len(done)} 个任务，先前已做 {len(done)} 个" in result.output
    assert all(path.read_bytes() == content for path, content in done.items()), "what was done is not done again"
    assert results(torn).equals(results(whole))
    assert sorted(path.name for path in torn.iterdir()) == sorted(path.name for path in whole.iterdir())
    meters = [(row["district"], row["meter"], row["role"]) for row in results(torn).to_pylist()]
    assert len(set(meters)) == len(meters)


def test_a_damaged_result_is_said_and_not_reported(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for path in (folder / "out").glob("*.*"):
        (out / path.name).write_bytes(path.read_bytes())
    path = next(out.glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:100])
    result = yjz("fleet", "report", out)
    assert (result.exit_code, path.name in result.output) == (2, True)
    for path in out.glob("*.parquet"):
        pq.write_table(pq.read_table(folder / "out" / path.name).drop_columns(["remark"]), path)
    old = yjz("fleet", "report", out)
    assert (old.exit_code, "不是本版本的" in old.output) == (2, True)


def wait_for(happened: Callable[[], bool], process: subprocess.Popen, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        assert process.poll() is None, f"the process ended too soon: {process.stdout and process.stdout.read()}"
        time.sleep(0.001)
