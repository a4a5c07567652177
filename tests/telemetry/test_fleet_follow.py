"""A whole evaluation by one prior, and a day after it: from yesterday's state and today's rows, written once."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from reading_tables import AT, FIRST
from simulated_readings import placed
from yuejingzhun.demo.fleet.district import Design
from yuejingzhun.demo.fleet.table import readings
from yuejingzhun.metrology.fleet.prior import default_prior
from yuejingzhun.telemetry import fleet_state
from yuejingzhun.telemetry.engine import Ran, Settings, results
from yuejingzhun.telemetry.errors import EngineError
from yuejingzhun.telemetry.fleet import RESULT
from yuejingzhun.telemetry.fleet_day import STATED, follow_day
from yuejingzhun.telemetry.fleet_evaluation import evaluate_lake
from yuejingzhun.telemetry.fleet_prior import fleet_prior
from yuejingzhun.telemetry.importing import import_readings
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.snapshot import Where

DAYS = 25
DESIGN = Design(meters=30, days=DAYS + 3)
HERE = Settings(workers=1, districts_a_task=2)
LAST = FIRST + timedelta(days=DAYS - 1)
PERIOD = Where(first_day=FIRST, last_day=LAST)


def after(days: int) -> date:
    return LAST + timedelta(days=days)


def imported(folder: Path, keep: Callable[[pa.Table], pa.Table] = lambda table: table) -> Lake:
    lake = Lake(folder / "lake")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(4):
        paths.append(folder / f"T{number}.parquet")
        pa.parquet.write_table(keep(readings(placed(number, (), f"T{number}", DESIGN))), paths[-1])
    import_readings(lake, paths, AT)
    return lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Four districts of 28 days; on the 27th a meter of T1 was not read."""

    def but_for_one(table: pa.Table) -> pa.Table:
        gone = pc.and_(pc.equal(table["day"], pa.scalar(after(2))), pc.equal(table["meter"], "T1-0003"))
        return table.filter(pc.invert(gone))

    return imported(tmp_path_factory.mktemp("follow"), but_for_one)


@pytest.fixture(scope="module")
def evaluated(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("evaluated")
    assert evaluate(lake, out).failed == ()
    return out


def evaluate(lake: Lake, out: Path, days: int = DAYS, **more: object) -> Ran:
    where = Where(first_day=FIRST, last_day=FIRST + timedelta(days=days - 1))
    return evaluate_lake(lake, where, out, FIRST, days, follow=True, settings=HERE, **more)  # type: ignore[arg-type]


def errors(table: pa.Table, name: str = "error") -> dict[tuple[str, str], float]:
    return {(row["district"], row["meter"]): row[name] for row in table.to_pylist() if row[name] is not None}


def test_the_prior_is_learnt_once_and_is_the_same_each_time(lake: Lake, evaluated: Path, tmp_path: Path) -> None:
    kept = (evaluated / "prior" / "prior.json").read_bytes()
    again = fleet_prior(lake, PERIOD, tmp_path, FIRST, DAYS, HERE)
    assert not isinstance(again, Ran)
    assert (tmp_path / "prior" / "prior.json").read_bytes() == kept
    prior, commit = again
    assert commit == 1
    assert prior.spreads[0] != default_prior().spreads[0], "it is the fleet's, not the one that it began with"
    one = fleet_prior(lake, PERIOD, tmp_path / "one", FIRST, DAYS, HERE, sample=1)
    assert not isinstance(one, Ran)
    assert len(list((tmp_path / "one" / "prior").glob("*.parquet"))) == 1
    (tmp_path / "prior" / "prior.json").write_text("[")
    with pytest.raises(EngineError, match="先验"):
        fleet_prior(lake, PERIOD, tmp_path, FIRST, DAYS, HERE)


def test_an_evaluation_that_is_stopped_at_the_prior_goes_on(lake: Lake, evaluated: Path, tmp_path: Path) -> None:
    assert evaluate(lake, tmp_path, stopped=lambda: True) == Ran(0, 0, (), True)
    assert not list(tmp_path.glob("*.parquet"))
    assert evaluate(lake, tmp_path).done == 2
    assert results(tmp_path).equals(results(evaluated))
    for path in evaluated.glob("*.state"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    assert evaluate(lake, tmp_path).before == 2


def test_a_day_after_is_nearly_what_a_full_evaluation_says(lake: Lake, evaluated: Path, tmp_path: Path) -> None:
    ran = follow_day(lake, evaluated, after(1), tmp_path / "day", HERE)
    assert (ran.done, ran.failed, ran.stopped) == (2, (), False)
    stated = results(tmp_path / "day")
    assert stated.schema.equals(STATED)
    assert set(stated["through"].to_pylist()) == {after(1)}
    before, now = errors(results(evaluated)), errors(stated)
    assert results(evaluated).schema.equals(RESULT)
    evaluate(lake, tmp_path / "full", DAYS + 1)
    full = errors(results(tmp_path / "full"))
    both = sorted(set(now) & set(full) & set(before))
    assert len(both) > 60
    moved = np.mean([abs(before[each] - full[each]) for each in both])
    assert np.mean([abs(now[each] - full[each]) for each in both]) < 0.5 * moved


def test_a_day_that_was_not_read_is_left_out_and_the_next_one_counts(
    lake: Lake, evaluated: Path, tmp_path: Path
) -> None:
    folders = [evaluated, *(tmp_path / str(number) for number in (1, 2, 3))]
    for number in (1, 2, 3):
        follow_day(lake, folders[number - 1], after(number), folders[number], HERE)
    second, third = results(folders[2]), results(folders[3])
    known = {row["district"]: row["through"] for row in second.to_pylist()}
    assert known.pop("T1") == after(1)
    assert set(known.values()) == {after(2)}
    kept, now = errors(results(folders[1])), errors(second)
    assert all(now[each] == kept[each] for each in now if each[0] == "T1")
    assert any(now[each] != kept[each] for each in now if each[0] != "T1")
    # The day after a gap begins at a register that the state doesn't know: 28 March needs the last point of the 27th.
    assert {row["through"] for row in third.to_pylist() if row["district"] != "T1"} == {after(3)}


def test_a_day_is_written_once_and_goes_on_after_it_was_stopped(lake: Lake, evaluated: Path, tmp_path: Path) -> None:
    finished: list[int] = []
    ran = follow_day(
        *(lake, evaluated, after(1), tmp_path, HERE),
        progress=lambda done, _: finished.append(done), stopped=lambda: bool(finished),
    )  # fmt: skip
    assert (ran.done, ran.stopped) == (1, True)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.suffix in (".state", ".parquet")}
    ran = follow_day(lake, evaluated, after(1), tmp_path, HERE)
    assert (ran.done, ran.before) == (1, 1)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    with pytest.raises(EngineError, match="日为 2026-03-26，现为 2026-03-27"):
        follow_day(lake, evaluated, after(2), tmp_path, HERE)


def test_a_stale_or_damaged_state_is_not_used(lake: Lake, evaluated: Path, tmp_path: Path, monkeypatch) -> None:
    ran = follow_day(lake, evaluated, after(2), tmp_path / "too late", HERE)
    assert all("应逐日更新" in error for _, error in ran.failed) and len(ran.failed) == 2
    path = sorted(evaluated.glob("*.state"))[0]
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / path.name).write_bytes(path.read_bytes()[:-1000])
    ran = follow_day(lake, broken, after(1), tmp_path / "broken out", HERE)
    assert ["损坏" in error for _, error in ran.failed] == [True]
    (broken / path.name).write_bytes(b"{}\n")
    with pytest.raises(EngineError, match="损坏"):
        follow_day(lake, broken, after(1), tmp_path / "broken out", HERE)
    with pytest.raises(EngineError, match="没有可逐日更新的状态"):
        follow_day(lake, tmp_path / "nothing", after(1), tmp_path / "none", HERE)
    monkeypatch.setattr(fleet_state, "code", lambda: "another")
    with pytest.raises(EngineError, match="另一版程序"):
        fleet_state.read_state(path, after(1))
