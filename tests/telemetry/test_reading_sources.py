"""Files of every kind, whole and broken: which rows come out, under which numbers, and what is said of the rest."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import xlsxwriter

from reading_tables import as_texts, district_table, write_csv, write_parquet
from yuejingzhun.telemetry.reading import Month
from yuejingzhun.telemetry.sources import csv_file
from yuejingzhun.telemetry.sources.chunk import Chunk, SourceError
from yuejingzhun.telemetry.sources.month import month_in_name
from yuejingzhun.telemetry.sources.open import chunks

ROWS = as_texts(district_table(meters=3, days=2))


def read(path: Path, folder: Path) -> list[Chunk]:
    return list(chunks(path, folder))


def numbers(found: list[Chunk]) -> list[int]:
    return np.concatenate([chunk.row_numbers for chunk in found]).tolist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_its_encoding(encoding: str, tmp_path: Path) -> None:
    rows = [{"表号": "一号", "台区编号": "城北", **row} for row in ROWS]
    for row in rows:
        del row["meter"], row["district"]
    (chunk,) = read(write_csv(tmp_path / "a.csv", rows, encoding), tmp_path)
    assert chunk.layout.fields["meter"] == "表号"
    assert chunk.table["表号"].to_pylist() == ["一号"] * 8
    assert chunk.row_numbers.tolist() == list(range(2, 10))


def test_rows_of_another_shape_are_told_and_the_numbers_stay_right(tmp_path: Path, monkeypatch) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)
    lines = path.read_text().splitlines()
    lines[3:3] = ["4401,T1,short"]
    lines[6:6] = ["", ",,,"]
    lines.append("4401,T1,cut")
    path.write_text("\n".join(lines))
    for block in (2**20, 1500):  # in one block, and in several
        monkeypatch.setattr(csv_file, "BLOCK", block)
        found = read(path, tmp_path)
        assert numbers(found) == [2, 3, 5, 6, 9, 10, 11, 12]
        misshapen = [each for chunk in found for each in chunk.misshapen]
        assert [row for row, _ in misshapen] == [4, 13]
        assert misshapen[0][1] == "有 3 列，表头有 102 列"


def test_a_workbook_gives_the_same_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet()
    for column, name in enumerate(ROWS[0]):
        sheet.write(0, column, name)
    for line, row in enumerate(ROWS, 1):
        place = line + (line > 3)  # a blank row in between
        for column, (name, value) in enumerate(row.items()):
            if name.startswith("p") and value:
                sheet.write_number(place, column, float(value))
            else:
                sheet.write(place, column, value)
    workbook.close()
    found = read(path, tmp_path)
    assert numbers(found) == [2, 3, 4, 6, 7, 8, 9, 10]
    for name in ("meter", "city", "day", "multiplier"):
        assert found[0].table[name].to_pylist() == [row[name] for row in ROWS]
    assert [float(value) for value in found[0].table["p96"].to_pylist()] == [float(row["p96"]) for row in ROWS]


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_parquet_file_that_is_cut_off_is_refused(share: float, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", district_table())
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(SourceError, match="被截断或损坏"):
        read(path, tmp_path)


def test_a_parquet_file_with_other_content_or_of_zeros_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1" + bytes(500) + b"PAR1")
    with pytest.raises(SourceError):
        read(path, tmp_path)
    path.write_text("meter,district\n")
    with pytest.raises(SourceError, match="内容不是 Parquet"):
        read(path, tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "没有数据行"),
        (b"\n\n", "应为表头"),
        (b"meter,day\n1,2026-03-01\n", "district、p1…p96、registers 或 time 与 register"),
        (b"PK\x03\x04 no workbook", "无法读取"),
        (b"\xff\xfe\x00meter", "UTF-8 或 GB 18030"),
    ],
)
def test_a_file_without_use_says_why(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=told):
        read(path, tmp_path)


def test_a_row_a_point_becomes_a_row_a_day(tmp_path: Path) -> None:
    table = district_table(meters=2, days=2)
    rows = []
    for row in table.to_pylist():
        for place, register in enumerate(row["registers"]):
            time = f"{row['day']} {place // 4:02}:{place % 4 * 15:02}:00"
            rows.append(
                {
                    "表号": row["meter"],
                    "台区编号": "T1",
                    "地市": "4401",
                    "数据时间": time,
                    "示数": f"{register / 100:.2f}",
                }
            )
    order = np.random.default_rng(1).permutation(len(rows))
    rows = [rows[place] for place in order]
    chunks_found = read(write_csv(tmp_path / "long.csv", rows), tmp_path)
    whole = pa.concat_tables([chunk.table for chunk in chunks_found])
    wanted = {(row["meter"], row["day"]): row["registers"] for row in table.to_pylist()}
    found = {(row["meter"], row["day"]): [int(value * 100) for value in row["registers"]] for row in whole.to_pylist()}
    assert found == wanted
    for number, row in zip(numbers(chunks_found), whole.to_pylist(), strict=True):
        assert rows[number - 2]["表号"] == row["meter"]


def test_of_single_points_95_leave_a_gap_and_97_are_too_many(tmp_path: Path) -> None:
    def day(meter: str, places: list[str]) -> list[dict[str, str]]:
        fixed = {"meter": meter, "district": "T", "city": "4401"}
        return [fixed | {"time": f"2026-03-01T{place}", "register": "5.00"} for place in places]

    clock = [f"{m // 60:02}:{m % 60:02}" for m in range(0, 1440, 15)]
    rows = day("a", clock[:30] + clock[31:]) + day("b", [*clock, "10:15"]) + day("c", [*clock[:-1], "23:44"])
    rows += day("d", clock)
    whole = pa.concat_tables([chunk.table for chunk in read(write_csv(tmp_path / "long.csv", rows), tmp_path)])
    lengths = dict(zip(whole["meter"].to_pylist(), map(len, whole["registers"].to_pylist()), strict=True))
    assert lengths == {"a": 96, "b": 97, "c": 97, "d": 96}
    assert whole["registers"].to_pylist()[0][30] is None


def test_single_points_are_the_same_in_many_chunks(tmp_path: Path, monkeypatch) -> None:
    from yuejingzhun.telemetry.sources import long_rows

    table = district_table(meters=3, days=3)
    rows = [
        {"meter": r["meter"], "district": "T1", "time": f"{r['day']} {p // 4:02}:{p % 4 * 15:02}", "register": str(v)}
        for r in table.to_pylist()
        for p, v in enumerate(r["registers"])
    ]
    path = write_csv(tmp_path / "long.csv", rows)
    whole = pa.concat_tables([chunk.table for chunk in read(path, tmp_path)])
    monkeypatch.setattr(long_rows, "ROWS", 100)
    assert pa.concat_tables([chunk.table for chunk in read(path, tmp_path)]).to_pylist() == whole.to_pylist()


def test_the_month_in_a_name() -> None:
    march = Month(2026, 3)
    for name in ("readings-2026-03.csv", "20260301.parquet", "广州_202603.xlsx", "2026年03月.csv"):
        assert month_in_name(name) == march, name
    for name in ("readings.csv", "meter-120260301.csv", "2026-03 to 2026-04.csv", "202613.csv"):
        assert month_in_name(name) is None, name
