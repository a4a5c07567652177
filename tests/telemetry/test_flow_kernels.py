"""The water and gas kernels behind the engine: what the arrays say directly, through the lake's rows."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from reading_tables import AT, FIRST, write_parquet
from yuejingzhun.demo.fleet.flow_area import MISSING, FlowArea
from yuejingzhun.demo.fleet.flow_fault import FlowFault
from yuejingzhun.demo.fleet.gas_zone import GasDesign, simulate_gas
from yuejingzhun.demo.fleet.water_area import WaterDesign, simulate_water
from yuejingzhun.demo.fleet.water_batch import water_areas_of
from yuejingzhun.metrology.fleet.water_area import default_water_prior, estimate_water
from yuejingzhun.telemetry.admission.admit import admit
from yuejingzhun.telemetry.admission.headings import layout
from yuejingzhun.telemetry.admission.sieve import Expected
from yuejingzhun.telemetry.engine import Settings, results, run
from yuejingzhun.telemetry.errors import EngineError
from yuejingzhun.telemetry.flow_fleet import RESULT, evaluate_gas, evaluate_water
from yuejingzhun.telemetry.flow_series import quantities
from yuejingzhun.telemetry.importing import import_readings
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.reading import ORDER, Role
from yuejingzhun.telemetry.rows import register_lists
from yuejingzhun.telemetry.snapshot import Where

DAYS = 20
WATER = WaterDesign(homes=30, shops=1, days=DAYS)
GAS = GasDesign(homes=30, restaurants=1, days=DAYS)


def rows_of(
    district: str, meter: str, role: str, unit: str, scaler: int, steps: np.ndarray, days: int = DAYS
) -> pa.Table:
    """A register or a quantity as rows of a source, before it is admitted."""
    lists = register_lists(steps.reshape(days, -1), steps.reshape(days, -1) != MISSING)
    return pa.table(
        {
            "city": ["4401"] * days,
            "district": [district] * days,
            "meter": [meter] * days,
            "role": [role] * days,
            "day": [FIRST + timedelta(days=day) for day in range(days)],
            "unit": [unit] * days,
            "scaler": [scaler] * days,
            "registers": lists,
        }
    )


def admitted(table: pa.Table) -> tuple[pa.Table, list[dict[str, object]]]:
    expected = Expected("f", FIRST + timedelta(days=99), pa.scalar(0, pa.timestamp("us", tz="UTC")).as_py())
    found = admit(table.combine_chunks(), np.arange(table.num_rows), layout(table.column_names), expected)
    refused = [line for line in found.lines if line["refused"]]
    return found.rows.sort_by([(column, "ascending") for column in ORDER]), refused


def source_rows(name: str, area: FlowArea) -> pa.Table:
    """A simulated area as a source gives it: points at 00:00 to 23:45, so without the last midnight."""
    scaler, inlet = (round(np.log10(step)) for step in (area.step_m3, area.inflow_step_m3))
    parts = [rows_of(name, f"{name}-{n:03}", "meter", "m3", scaler, row[:-1]) for n, row in enumerate(area.registers)]
    parts.append(rows_of(name, f"{name}-Z", "total", "m3", inlet, area.inflow[:-1]))
    scaled = {
        "pressure": ("kPa", -2, area.measured.get("pressure_kpa", area.measured.get("gauge_kpa"))),
        "atmosphere": ("kPa", -2, area.measured.get("atmospheric_kpa")),
        "temperature": ("K", -2, None if "air_c" not in area.measured else area.measured["air_c"] + 273.15),
        "line_pack": ("m3", -3, None if "line_pack_m3" not in area.measured else area.measured["line_pack_m3"][:-1]),
    }
    for role, (unit, power, values) in scaled.items():
        if values is not None:
            steps = np.round(values * 10.0**-power).astype(np.int64)
            parts.append(rows_of(name, f"{name}-{role}", role, unit, power, steps))
    return pa.concat_tables(parts)


def as_rows(name: str, area: FlowArea) -> pa.Table:
    """The same as rows of the lake."""
    rows, refused = admitted(source_rows(name, area))
    assert not refused
    return rows


@pytest.fixture(scope="module")
def water() -> list[FlowArea]:
    return [simulate_water(seed, design=WATER) for seed in range(2)]


@pytest.fixture(scope="module")
def water_rows(water: list[FlowArea]) -> pa.Table:
    return pa.concat_tables([as_rows(f"W{n}", each) for n, each in enumerate(water)]).combine_chunks()


def nominal_file(folder: Path, areas: list[FlowArea], prefix: str) -> str:
    columns = {name: np.concatenate([each.nominal[name] for each in areas]) for name in areas[0].nominal}
    meters = [f"{prefix}{n}-{row:03}" for n, each in enumerate(areas) for row in range(len(each.registers))]
    path = folder / "meters.parquet"
    pq.write_table(
        pa.table({"meter": meters, **{name: values.astype(float) for name, values in columns.items()}}), path
    )
    return str(path)


def test_the_lakes_rows_give_what_the_arrays_give(water, water_rows, tmp_path) -> None:
    nominal = nominal_file(tmp_path, water, "W")
    found = evaluate_water(water_rows, FIRST, DAYS, nominal, prior=default_water_prior())
    assert found.schema.equals(RESULT)
    whole = water_areas_of(water)
    shorter = type(whole)(
        whole.registers[..., :-1],
        whole.inflow[..., :-1],
        whole.listed,
        whole.step_m3,
        whole.inflow_step_m3,
        whole.q3_m3_h,
        whole.ratio,
        whole.accuracy_class,
        np.round(whole.pressure_kpa[:, :-1], 2),
    )
    direct = estimate_water(shorter, default_water_prior())
    stated = 0
    for row in found.to_pylist():
        area, meter, zone = int(row["district"][1:]), int(row["meter"][3:]), direct.zones.index(row["zone"])
        assert row["mpe"] == direct.mpe[area, meter, zone]
        if row["error"] is not None:
            stated += 1
            assert row["error"] == pytest.approx(direct.meters.error[area, meter, zone], abs=1e-6)
            assert row["exceeds"] == pytest.approx(direct.meters.exceeds[area, meter, zone], abs=1e-6)
    supported = np.array([each.is_supported for each in direct.verdicts])
    assert stated == direct.measured[supported].sum() > 20
    assert {row["zone"] for row in found.to_pylist()} <= {"Q1～Q2", "Q2～Q3", "Q3～Q4"}


def test_an_area_without_pressure_total_or_nominal_data_is_told(water, water_rows, tmp_path) -> None:
    unknown = water_rows.filter(pa.compute.field("role") != "pressure")
    assert any(row["error"] is not None or row["reason"] for row in evaluate_water(unknown, FIRST, DAYS).to_pylist())
    headless = water_rows.filter((pa.compute.field("role") != "total") & (pa.compute.field("district") == "W0"))
    (row,) = evaluate_water(headless, FIRST, DAYS).to_pylist()
    assert row["reason"] == "没有总表的示值" and row["meter"] is None
    path = nominal_file(tmp_path, water[:1], "W")
    told = evaluate_water(water_rows, FIRST, DAYS, path).to_pylist()
    assert {row["reason"] for row in told if row["district"] == "W1"} == {"有表没有规格（流量、等级）"}
    with pytest.raises(EngineError, match="无法读取"):
        evaluate_water(water_rows, FIRST, DAYS, str(tmp_path / "gone.parquet"))
    pq.write_table(pa.table({"meter": ["a", "b", "a"]}), tmp_path / "twice.parquet")
    with pytest.raises(EngineError, match="两行表号 a"):
        evaluate_water(water_rows, FIRST, DAYS, str(tmp_path / "twice.parquet"))


def test_gas_rows_are_evaluated_by_zones_and_need_pressure_and_temperature(tmp_path) -> None:
    zones = [simulate_gas(3, design=GAS)]
    rows = as_rows("G0", zones[0])
    found = evaluate_gas(rows, FIRST, DAYS, nominal_file(tmp_path, zones, "G"))
    assert found.schema.equals(RESULT)
    table = found.to_pylist()
    assert {row["zone"] for row in table} == {"qmin～qt", "qt～qmax"}
    assert {row["mpe"] for row in table} == {0.06, 0.03}
    stated = [row for row in table if row["error"] is not None]
    assert stated or all(row["reason"] for row in table)
    cold = evaluate_gas(rows.filter(pa.compute.field("role") != "temperature"), FIRST, DAYS)
    assert cold["reason"].to_pylist() == ["没有气温"]


def test_quantities_may_fall_and_must_have_their_unit() -> None:
    values = (1000 + 200 * np.cos(np.arange(2 * 96) / 7)).astype(np.int64)
    rows, refused = admitted(rows_of("W0", "W0-p", "pressure", "kPa", -1, values, days=2))
    assert not refused and rows["flags"].null_count == 2 and set(rows["findings"].to_pylist()) == {0}
    series = quantities(rows, FIRST, 2)
    np.testing.assert_allclose(series["W0", Role.PRESSURE], values / 10)
    _, refused = admitted(rows_of("W0", "W0-p", "pressure", "kWh", -1, values, days=2))
    assert {line["code"] for line in refused} == {"bad_unit"}


def test_a_quantity_is_filled_in_between_and_left_out_where_too_little_came() -> None:
    values = np.arange(2 * 96) + 50
    values[20:24] = MISSING
    rows, _ = admitted(rows_of("W0", "W0-p", "pressure", "kPa", 0, values, days=2))
    np.testing.assert_allclose(quantities(rows, FIRST, 2)["W0", Role.PRESSURE], np.arange(2 * 96) + 50)
    assert quantities(rows, FIRST, 3) == {}  # a third of the days is missing


def test_an_unmetered_use_is_refused_in_chinese() -> None:
    rows = as_rows("W0", simulate_water(1, [FlowFault.THEFT], WaterDesign(homes=60, days=DAYS)))
    reasons = set(evaluate_water(rows, FIRST, DAYS)["reason"].to_pylist())
    assert reasons == {"存在未计量的使用：疑似偷盗，或有表未列入本分区"}


def assert_alike(one: pa.ChunkedArray, other: pa.ChunkedArray) -> None:
    while pa.types.is_list(one.type):
        assert pc.list_value_length(one).equals(pc.list_value_length(other))
        one, other = pc.list_flatten(one), pc.list_flatten(other)
    if not pa.types.is_floating(one.type):
        assert one.equals(other)
        return
    assert one.is_null().equals(other.is_null())
    np.testing.assert_allclose(one.drop_null().to_numpy(), other.drop_null().to_numpy(), rtol=1e-6, atol=1e-12)


def test_the_engine_runs_the_kernel_over_an_imported_lake(water: list[FlowArea], tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    report = import_readings(lake, [write_parquet(tmp_path / "w.parquet", source_rows("W0", water[0]))], AT)
    assert "falling" not in str(report)
    kernel = partial(evaluate_water, first_day=FIRST, days=DAYS, prior=default_water_prior())
    ran = run(kernel, lake, Where(month="2026-03"), tmp_path / "out", Settings(workers=1))
    assert (ran.done, ran.failed) == (1, ())
    direct = kernel(as_rows("W0", water[0]))
    kept = results(tmp_path / "out")
    assert kept.schema.equals(direct.schema)
    for name in direct.column_names:  # a worker counts with one thread: the last digits of a product may differ
        assert_alike(kept[name], direct[name])
