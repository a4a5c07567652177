"""The fleet kernel behind the engine: what the arrays say directly, through the lake's rows, a meter a row."""

import numpy as np
import pyarrow as pa
import pytest

from reading_tables import FIRST
from simulated_readings import in_the_lake
from yuejingzhun.demo.fleet.batch import balance_of as simulated_balance
from yuejingzhun.demo.fleet.district import MISSING, Design, simulate
from yuejingzhun.demo.fleet.district import District as Simulated
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.demo.fleet.table import Placed, readings
from yuejingzhun.metrology.fleet.estimate import estimate
from yuejingzhun.telemetry.districts import District, by_district, registers
from yuejingzhun.telemetry.fleet import RESULT, balance_of, batches, evaluate_fleet

DAYS = 25
DESIGN = Design(meters=30, days=DAYS)


def as_rows(name: str, simulated: Simulated) -> pa.Table:
    return in_the_lake(readings(Placed(simulated, name, "4401", FIRST)))


@pytest.fixture(scope="module")
def simulated() -> list[Simulated]:
    return [simulate(seed, design=DESIGN) for seed in range(3)]


def test_the_lakes_rows_give_what_the_arrays_give(simulated: list[Simulated]) -> None:
    rows = pa.concat_tables([as_rows(f"T{place}", each) for place, each in enumerate(simulated)]).combine_chunks()
    found = evaluate_fleet(rows, FIRST, DAYS)
    assert found.schema.equals(RESULT)
    assert found["district"].to_pylist() == [f"T{place}" for place in range(3) for _ in range(30)]
    whole = simulated_balance(simulated)
    shorter = type(whole)(
        whole.registers[..., :-1],
        whole.total[..., :-1],
        whole.groups,
        whole.signs,
        whole.resolution_kwh,
        whole.total_resolution_kwh,
    )
    direct = estimate(shorter)
    refused = [verdict.reason is not None for verdict in direct.verdicts]
    assert not all(refused)
    assert [reason is not None for reason in found["reason"].to_pylist()[::30]] == refused
    for name in ("error", "uncertainty", "exceeds"):
        given = np.array(found[name].to_numpy(zero_copy_only=False), dtype=np.float64).reshape(3, 30)
        there = ~np.isnan(given)
        assert np.allclose(given[there], getattr(direct.meters, name)[there], rtol=1e-6, atol=1e-9)
        assert not there[refused].any(), "nothing is stated of a refused district"


def test_complete_districts_of_one_size_reach_the_science_without_a_copy(simulated: list[Simulated]) -> None:
    rows = pa.concat_tables([as_rows(f"T{place}", each) for place, each in enumerate(simulated)]).combine_chunks()
    memory = rows["registers"].chunk(0).flatten().to_numpy()
    districts = [each for each in by_district(registers(rows, FIRST, DAYS)) if isinstance(each, District)]
    balance = balance_of(districts)
    assert np.shares_memory(balance.registers, memory)
    assert not balance.registers.flags.writeable
    for place, each in enumerate(simulated):
        assert np.array_equal(balance.registers[place], each.registers[:, :-1])
        assert np.array_equal(np.diff(balance.total[place]), np.diff(each.total[:-1]))
    backwards = balance_of(districts[::-1])
    assert np.array_equal(backwards.registers, balance.registers[::-1])


def test_missing_days_and_fewer_meters_are_filled_up() -> None:
    gaps = simulate(5, {Fault.MISSING_DAYS}, DESIGN)
    small = simulate(6, design=Design(meters=26, days=DAYS))
    rows = pa.concat_tables([as_rows("T0", gaps), as_rows("T1", small)]).combine_chunks()
    districts = [each for each in by_district(registers(rows, FIRST, DAYS)) if isinstance(each, District)]
    (batch,) = batches(districts)
    balance = balance_of(batch)
    assert balance.registers.shape == (2, 30, DAYS * 96)
    assert (balance.signs == 0).sum(axis=1).tolist() == [4, 0]
    gone = gaps.registers[:, :-1] == MISSING
    assert gone.any()
    assert np.array_equal(balance.registers[1] == MISSING, gone)
    assert np.array_equal(balance.total[1] < 0, gaps.total[:-1] == MISSING)


def test_a_district_without_a_total_is_one_row_with_the_reason(simulated: list[Simulated]) -> None:
    rows = as_rows("T0", simulated[0]).filter(pa.compute.field("role") != "total")
    assert evaluate_fleet(rows, FIRST, DAYS).to_pylist() == [
        dict.fromkeys(RESULT.names) | {"district": "T0", "reason": "没有总表的示值"}
    ]
