"""Simulated districts as readings: nothing is lost or rounded on the way, and the truth is of the right meters."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest

from yuejingzhun.demo.fleet.district import MISSING, Design, simulate
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.demo.fleet.files import write_districts
from yuejingzhun.demo.fleet.table import POINTS, Placed, as_decimals, readings, truth
from yuejingzhun.telemetry.reading import Role

SMALL, FIRST = Design(meters=20, days=3), date(2026, 3, 1)


def placed(*faults: Fault, seed: int = 1, numbers: tuple[str, ...] = ()) -> Placed:
    return Placed(simulate(seed, faults, SMALL), "T1", "4401", FIRST, numbers)


def test_every_register_and_day_is_a_row_of_steps() -> None:
    given = placed()
    rows = readings(given).to_pylist()
    assert len(rows) == 21 * 3
    assert [row["day"] for row in rows[:3]] == [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]
    steps = np.array([row["registers"] for row in rows]).reshape(21, -1)
    assert np.array_equal(steps[:20], given.simulated.registers[:, :-1])
    assert np.array_equal(steps[20], given.simulated.total[:-1])
    total = rows[-1]
    assert (total["role"], total["scaler"], total["multiplier"], total["phase"]) == ("total", -4, 80, None)
    assert {row["branch"] + row["phase"] for row in rows if row["branch"]} <= {
        f"L{n}{p}" for n in range(1, 5) for p in "ABC"
    }


def test_decimals_are_the_steps_to_the_last_digit() -> None:
    table = readings(placed(Fault.MISSING_DAYS, Fault.COARSE_TOTAL, seed=2))
    exact = as_decimals(table).to_pylist()
    by_key = {(row["meter"], row["role"], row["day"]): row for row in table.to_pylist()}
    assert len(exact) == len(by_key)
    for row in exact:
        given = by_key[row["meter"], row["role"], row["day"]]
        decimals = -given["scaler"]
        shown = [row[point] for point in POINTS]
        wanted = [
            None if step is None else f"{step // 10**decimals}.{step % 10**decimals:0{decimals}}"
            for step in given["registers"]
        ]
        assert shown == wanted


def test_a_net_total_that_falls_becomes_the_two_registers_of_its_meter() -> None:
    given = placed(Fault.FEED_IN, Fault.MISSING_DAYS, seed=4)
    arrived = given.simulated.total[given.simulated.total != MISSING]
    assert (np.diff(arrived) < 0).any(), "at noon it falls"
    rows = readings(given).to_pylist()
    registers = {
        role: np.concatenate([row["registers"] for row in rows if row["role"] == role]).astype(np.float64)
        for role in (Role.TOTAL, Role.TOTAL_FEED_IN)
    }
    for values in registers.values():
        assert (np.diff(values[~np.isnan(values)]) >= 0).all()
    net = registers[Role.TOTAL] - registers[Role.TOTAL_FEED_IN]
    there = given.simulated.total[:-1] != MISSING
    assert np.array_equal(~np.isnan(net), there)
    assert np.array_equal(net[there], given.simulated.total[:-1][there])
    assert {row["meter"] for row in rows if row["role"] == "feed_in"} == {"T1-PV01", "T1-PV02"}


def test_the_truth_is_of_the_meters_that_are_fed_and_listed_here() -> None:
    given = placed(Fault.FOREIGN_METER, Fault.UNLISTED_METER, seed=3)
    assert len(given.simulated.faulty) == 1
    rows = {row["meter"]: row["error"] for row in truth(given).to_pylist()}
    assert len(rows) == 18
    foreign = given.meters[given.simulated.faulty[0]]
    assert foreign not in rows
    assert rows == {
        meter: error for meter, error in zip(given.meters, given.simulated.errors, strict=True) if meter != foreign
    }
    alone = simulate(3, [Fault.FOREIGN_METER], SMALL)
    assert given.simulated.errors[given.simulated.faulty[0]] == alone.errors[alone.faulty[0]], "though rows moved up"


def test_numbers_may_be_given_and_must_suffice() -> None:
    numbers = tuple(f"A{number}" for number in range(20))
    assert placed(numbers=numbers).meters == list(numbers)
    with pytest.raises(ValueError, match="应有 20 个表号，为 3 个"):
        readings(placed(numbers=("A", "B", "C")))


def test_files_are_the_same_for_the_same_seed_and_say_the_truth(tmp_path: Path) -> None:
    told: list[int] = []
    for name in ("one", "two"):
        rows = write_districts(
            *(tmp_path / name, 2, lambda number: [Fault.THEFT] if number else [], 5, SMALL, FIRST, "4401"),
            progress=told.append,
        )
        assert rows == 2 * 21 * 3
    assert told == [1, 2, 1, 2]
    one, two = (sorted((tmp_path / name).rglob("*.*")) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    found = pyarrow.csv.read_csv(tmp_path / "one" / "truth.csv").to_pylist()
    assert {row["district"]: row["faults"] for row in found} == {"T00001": "", "T00002": "theft"}
