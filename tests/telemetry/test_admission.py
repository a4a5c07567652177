"""The gate: each kind of bad row is refused or flagged with its row and reason, and the others go on."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reading_tables import AT, POINTS, as_texts, district_table, with_registers
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.telemetry.admission.admit import Admitted, admit
from yuejingzhun.telemetry.admission.columns import days, decimals
from yuejingzhun.telemetry.admission.headings import layout
from yuejingzhun.telemetry.admission.sieve import Expected
from yuejingzhun.telemetry.reading import SCHEMA, Finding, Month, Quality

EXPECTED = Expected("f.csv", local_date(AT), AT, Month(2026, 3))


def admitted(rows: list[dict[str, str]] | pa.Table, expected: Expected = EXPECTED) -> Admitted:
    table = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(rows)
    return admit(table, np.arange(2, 2 + table.num_rows), layout(table.column_names), expected)


def good_rows() -> list[dict[str, str]]:
    return as_texts(district_table(meters=3, days=1))


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        ({"meter": " "}, "missing_value", "meter"),
        ({"district": ""}, "missing_value", "district"),
        ({"day": ""}, "missing_value", "day"),
        ({"day": "2026-02-30"}, "not_a_day", "2026-02-30"),
        ({"day": "三月一日"}, "not_a_day", "三月一日"),
        ({"day": "2026-04-01"}, "other_month", "不在 2026-03 内"),
        ({"city": "广州"}, "bad_city", "广州"),
        ({"role": "关口"}, "bad_role", "关口"),
        ({"unit": "MWh"}, "bad_unit", "MWh"),
        ({"multiplier": "0"}, "bad_number", "multiplier 为“0”"),
        ({"multiplier": "八十"}, "bad_number", "应为 1 至 1000000 的整数"),
        ({"interval_minutes": "7"}, "bad_interval", "7"),
        ({"interval_minutes": "30"}, "wrong_number_of_points", "有 96 点，应为 48 点"),
        ({"p7": "1O.5"}, "bad_number", "p7 为“1O.5”"),
        ({"p7": "inf"}, "bad_number", "p7"),
        ({"p7": "1.234"}, "finer_than_resolution", "scaler 为 -2"),
        ({"p1": "-0.01"}, "negative_register", "-1 步"),
        (dict.fromkeys(POINTS, ""), "no_points", ""),
        ({"capacity": "1000"}, "beyond_capacity", "容量 1000 步"),
        (dict.fromkeys(POINTS[20:40], "1.00") | dict.fromkeys(POINTS[60:], "2.00"), "falling_register", "降到"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_go_on(change: dict[str, str], code: str, told: str) -> None:
    rows = [row | {"unit": "kWh", "interval_minutes": "15", "capacity": ""} for row in good_rows()]
    rows[1] |= change
    found = admitted(rows)
    (line,) = found.lines
    assert (line["source"], line["source_row"], line["code"], line["refused"]) == ("f.csv", 3, code, True)
    assert told in str(line["reason"])
    assert found.rows["meter"].to_pylist() == [rows[place]["meter"] for place in (0, 2, 3)]


def test_a_future_day_is_refused() -> None:
    rows = good_rows()
    rows[0]["day"] = "2026-04-03"
    found = admitted(rows, Expected("f.csv", local_date(AT), AT))
    assert [line["code"] for line in found.lines] == ["future_day"]


def test_absent_points_are_flagged_whatever_they_are_called() -> None:
    rows = good_rows()
    rows[0] |= {"p3": "", "p4": "NaN", "p5": "--", "p6": "null"}
    found = admitted(rows)
    assert not found.lines
    first = found.rows.slice(0, 1).to_pylist()[0]
    assert [place for place, value in enumerate(first["registers"]) if value is None] == [2, 3, 4, 5]
    assert [place for place, flag in enumerate(first["flags"]) if flag == Quality.MISSING] == [2, 3, 4, 5]
    assert first["findings"] == Finding.GAPS
    assert found.rows["flags"].to_pylist()[1:] == [None, None, None]


@pytest.mark.parametrize("points", [95, 97])
def test_a_day_of_95_or_97_points_is_refused(points: int) -> None:
    table = district_table(meters=2, days=1)
    lists = table["registers"].to_pylist()
    lists[0] = (lists[0] * 2)[:points]
    found = admitted(table.set_column(6, "registers", pa.array(lists, pa.list_(pa.int64()))))
    assert [(line["code"], line["source_row"]) for line in found.lines] == [("wrong_number_of_points", 2)]
    assert f"有 {points} 点，应为 96 点" in str(found.lines[0]["reason"])
    assert found.rows.num_rows == 2


def test_a_heading_of_95_points_refuses_its_rows() -> None:
    rows = [{name: value for name, value in row.items() if name != "p96"} for row in good_rows()]
    assert {line["code"] for line in admitted(rows).lines} == {"wrong_number_of_points"}


def test_a_few_falling_points_are_set_aside_and_said() -> None:
    table = district_table(meters=1, days=1)
    registers = table["registers"].to_pylist()[0]
    registers[40] = 7
    found = admitted(with_registers(table, 0, registers))
    assert [(line["code"], line["refused"]) for line in found.lines] == [("falling_points", False)]
    assert "第 41 点" in str(found.lines[0]["reason"])
    first = found.rows.slice(0, 1).to_pylist()[0]
    assert first["registers"] == registers, "what was collected stays readable"
    assert [place for place, flag in enumerate(first["flags"]) if flag] == [40]
    assert first["findings"] == Finding.FALLING


def test_a_rollover_is_unrolled_with_a_flag() -> None:
    table = district_table(meters=1, days=1)
    registers = [(9_999_900 + 5 * place) % 10**7 for place in range(96)]
    found = admitted(with_registers(table, 0, registers))
    assert [(line["code"], line["refused"]) for line in found.lines] == [("rollover", False)]
    first = found.rows.slice(0, 1).to_pylist()[0]
    assert first["registers"] == [9_999_900 + 5 * place for place in range(96)]
    assert first["flags"] == [0] * 20 + [int(Quality.UNROLLED)] * 76
    again = admitted(found.rows.slice(0, 1))
    assert again.rows["registers"].to_pylist() == [first["registers"]], "a copy of the lake's own rows is the same"
    assert again.rows["flags"].to_pylist() == [first["flags"]]


def test_texts_floats_and_steps_mean_the_same() -> None:
    table = district_table(meters=2, days=2)
    texts = pa.Table.from_pylist(as_texts(table))
    floats = texts
    for name in POINTS:
        floats = floats.set_column(
            floats.column_names.index(name), name, pa.array([float(v) for v in texts[name].to_pylist()])
        )
    wanted = table["registers"].to_pylist()
    for given_as in (table, texts, floats):
        found = admitted(given_as)
        assert not found.lines
        assert found.rows["registers"].to_pylist() == wanted
        assert found.rows.schema.equals(SCHEMA)


def test_daily_registers_are_the_special_case_of_one_point() -> None:
    rows = [{"表号": "1", "台区编号": "T", "日期": "20260301", "地市": "4401", "间隔": "1440", "p1": "12.34"}]
    found = admitted(rows)
    assert not found.lines
    assert found.rows["registers"].to_pylist() == [[1234]]
    assert found.rows["interval_minutes"].to_pylist() == [1440]


def test_clock_times_are_columns_of_points_too() -> None:
    clocks = {f"{m // 60:02}:{m % 60:02}": f"{m / 100:.2f}" for m in range(0, 1440, 15)}
    found = admitted([{"meter": "1", "district": "T", "day": "2026/3/1", "city": "4401"} | clocks])
    assert found.rows["registers"].to_pylist() == [list(range(0, 1440, 15))]


@given(st.lists(st.decimals(min_value=-999_999, max_value=10**9, places=6), min_size=1, max_size=30))
@settings(max_examples=50)
def test_decimals_are_exact(values: list) -> None:
    found = decimals(pa.array([format(value, "f") for value in values]))
    assert found.values.tolist() == [int(value * 10**6) for value in values]
    mixed = decimals(pa.array([format(value, "f") for value in values] + ["x"]))
    assert mixed.values[:-1].tolist() == found.values.tolist()
    assert mixed.wrong.tolist() == [False] * len(values) + [True]


@given(st.dates())
def test_days_are_read_in_each_form(day) -> None:
    texts = [day.isoformat(), f"{day.year:04}/{day.month}/{day.day}", f"{day.year:04}{day.month:02}{day.day:02}"]
    found = days(pa.array(texts))
    assert not found.wrong.any()
    assert found.values.astype("datetime64[D]").tolist() == [day] * 3
