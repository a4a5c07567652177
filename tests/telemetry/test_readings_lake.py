"""The lake: the last version counts and the earlier stays readable, nothing is there twice, and files are in order."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from reading_tables import AT, FIRST, as_texts, district_table, with_registers, write_csv, write_parquet
from yuejingzhun.telemetry import files
from yuejingzhun.telemetry.commits import read_commits
from yuejingzhun.telemetry.compaction import KEPT, compact
from yuejingzhun.telemetry.errors import LakeError
from yuejingzhun.telemetry.importing import Outcome, import_readings, lines_of
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.reading import ORDER
from yuejingzhun.telemetry.snapshot import Where
from yuejingzhun.telemetry.verifying import verify

HOUR = timedelta(hours=1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def take_in(lake: Lake, *tables: pa.Table, hours: int = 0, name: str = "a") -> Outcome:
    folder = lake.root.parent / f"given-{name}-{hours}"
    folder.mkdir(exist_ok=True)
    paths = [write_parquet(folder / f"{name}{number}.parquet", table) for number, table in enumerate(tables)]
    return import_readings(lake, paths, AT + hours * HOUR)


def codes(lake: Lake, outcome: Outcome) -> list[str]:
    return [code for table in lines_of(lake, outcome.commits) for code in table["code"].to_pylist()]


def test_readings_come_back_as_they_went_in(lake: Lake) -> None:
    outcome = take_in(lake, district_table("T1"), district_table("T2", meters=5, city="4403"))
    assert (outcome.stored, outcome.refused, outcome.notices) == (8 + 12, 0, 0)
    found = lake.district_month("4403", "2026-03", "T2")
    given = district_table("T2", meters=5, city="4403")
    assert found["registers"].to_pylist() == given["registers"].to_pylist()
    assert found["meter"].to_pylist() == given["meter"].to_pylist()
    assert set(found["version"].to_pylist()) == {1}
    assert set(found["source"].to_pylist()) == {"a1.parquet"}
    assert found["source_row"].to_pylist() == list(range(1, 13))
    assert sorted(file.path.rpartition("/")[0] for file in lake.snapshot().files) == [
        "data/month=2026-03/city=4401",
        "data/month=2026-03/city=4403",
    ]
    history = lake.meter_history("T2-M3", first=FIRST + timedelta(days=1))
    assert history["day"].to_pylist() == [date(2026, 3, 2)]


def test_a_repeated_import_adds_nothing(lake: Lake) -> None:
    take_in(lake, district_table())
    before = lake.readings()
    again = take_in(lake, district_table())
    assert (again.repeated_files, again.stored, again.duplicates) == (1, 0, 0)
    assert len(lake.commits()) == 1
    other_file = take_in(lake, pa.concat_tables([district_table(), district_table()]), name="b", hours=1)
    assert (other_file.stored, other_file.duplicates) == (0, 16)
    assert lake.readings().equals(before)


def test_late_days_join_the_others(lake: Lake) -> None:
    whole = district_table(days=4)
    late = pc.equal(whole["day"], pa.scalar(date(2026, 3, 2)))
    take_in(lake, whole.filter(pc.invert(late)))
    outcome = take_in(lake, whole.filter(late), hours=30)
    assert (outcome.stored, outcome.refused) == (4, 0)
    found = lake.readings()
    assert found["registers"].to_pylist() == whole["registers"].to_pylist()
    assert found.select(list(ORDER)).equals(found.select(list(ORDER)).sort_by([(name, "ascending") for name in ORDER]))


def corrected(table: pa.Table, row: int = 0) -> tuple[pa.Table, list[int]]:
    registers = [value + 1 for value in table["registers"].to_pylist()[row]]
    return with_registers(table, row, registers).slice(row, 1), registers


def test_the_last_version_counts_and_the_earlier_stays_readable(lake: Lake) -> None:
    table = district_table()
    first = table["registers"].to_pylist()[0]
    take_in(lake, table)
    second, registers = corrected(table)
    assert take_in(lake, second, hours=1).stored == 1
    third, last = corrected(second)
    take_in(lake, third, hours=2)
    where = Where(meters=("T1-M0",), first_day=FIRST, last_day=FIRST)

    def versions() -> None:
        now = lake.readings(where)
        assert (now["registers"].to_pylist(), now["version"].to_pylist()) == ([last], [3])
        for hours, wanted in ((0, first), (1, registers), (2, last)):
            then = lake.readings(where, as_of=AT + hours * HOUR)
            assert then["registers"].to_pylist() == [wanted]
        assert lake.readings(where, as_of=AT - HOUR).num_rows == 0
        assert lake.readings().num_rows == 8
        assert lake.readings(as_of=AT + HOUR).num_rows == 8

    versions()
    assert compact(lake, AT + 3 * HOUR) == 1
    versions()
    assert not lake.snapshot().superseded, "a compacted file has no rows to leave out"
    assert compact(lake, AT + 4 * HOUR) == 0
    again = take_in(lake, pa.concat_tables([second, second]), hours=5)
    assert (again.stored, again.duplicates) == (0, 2), "an old version that comes again is known"


def test_a_named_version_that_comes_late_is_history_at_once(lake: Lake) -> None:
    table = district_table(days=1).append_column("version", pa.array([4] * 4))
    take_in(lake, table)
    late, registers = corrected(table)
    late = late.set_column(7, "version", pa.array([2]))
    assert take_in(lake, late, hours=1).stored == 1
    assert lake.readings()["version"].to_pylist() == [4] * 4
    assert lake.readings()["registers"].to_pylist()[0] == table["registers"].to_pylist()[0]
    other = with_registers(late, 0, [value + 5 for value in registers])
    refused = take_in(lake, other, hours=2)
    assert codes(lake, refused) == ["version_taken"]


def test_two_meters_with_one_number_are_refused_and_the_others_go_on(lake: Lake) -> None:
    table = district_table(meters=2, days=1)
    twin, _ = corrected(table)
    outcome = take_in(lake, pa.concat_tables([table, twin]))
    assert (outcome.stored, outcome.refused) == (2, 2)
    (lines,) = lines_of(lake, outcome.commits)
    assert [row["source_row"] for row in lines.to_pylist()] == [1, 4]
    assert set(lines["code"].to_pylist()) == {"two_meters_one_number"}


def test_one_number_in_two_districts_is_refused_unless_a_version_says_so(lake: Lake) -> None:
    table = district_table(meters=2, days=1)
    moved = table.slice(0, 1).set_column(1, "district", pa.array(["T9"]))
    for outcome in (take_in(lake, table, moved), take_in(lake, moved, hours=1, name="later")):
        assert codes(lake, outcome)[0] == "number_in_two_districts"
    assert lake.readings(Where(meters=("T1-M0",)))["district"].to_pylist() == ["T1"]
    take_in(lake, moved.append_column("version", pa.array([2])), hours=2)
    assert lake.readings(Where(meters=("T1-M0",)))["district"].to_pylist() == ["T9"]
    compact(lake, AT + 3 * HOUR)
    assert lake.readings(Where(meters=("T1-M0",)), as_of=AT)["district"].to_pylist() == ["T1"]


def test_a_district_without_a_total_and_a_total_below_the_sum_are_noticed(lake: Lake) -> None:
    table = district_table(days=1)
    no_total = district_table("T2", days=1).slice(0, 3)
    still = with_registers(table, 3, [500_000] * 96)
    outcome = take_in(lake, still, no_total)
    (lines,) = lines_of(lake, outcome.commits)
    found = {row["code"]: row for row in lines.to_pylist()}
    assert (outcome.stored, outcome.refused, outcome.notices) == (7, 0, 2)
    assert "台区 T2 2026-03-01，有 3 只分表" in found["district_without_total"]["reason"]
    assert (found["total_below_sum"]["source"], found["total_below_sum"]["source_row"]) == ("a0.parquet", 4)


def test_a_fall_from_one_day_to_the_next_is_noticed_but_no_rollover_is(lake: Lake) -> None:
    table = district_table(meters=2, days=2)
    fallen = with_registers(table, 1, [5] * 96)
    rolled = with_registers(with_registers(fallen, 2, [9_999_990] * 96), 3, [5] * 96)
    outcome = take_in(lake, rolled)
    (lines,) = lines_of(lake, outcome.commits)
    assert [(row["code"], row["meter"]) for row in lines.to_pylist()] == [("falling_between_days", "T1-M0")]


def test_a_damaged_file_and_one_of_another_month_leave_the_others(lake: Lake, tmp_path: Path) -> None:
    whole = write_parquet(tmp_path / "whole.parquet", district_table())
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(whole.read_bytes()[:-40])
    april = write_csv(tmp_path / "2026-04.csv", as_texts(district_table("T3", days=1)))
    gone = tmp_path / "gone.csv"
    outcome = import_readings(lake, [cut, whole, april, gone], AT)
    assert outcome.stored == 8
    found = [
        (row["source"], row["code"], row["source_row"])
        for t in lines_of(lake, outcome.commits)
        for row in t.to_pylist()
    ]
    assert ("cut.parquet", "unreadable_file", None) in found
    assert ("gone.csv", "unreadable_file", None) in found
    assert [each for each in found if each[0] == "2026-04.csv"] == [
        ("2026-04.csv", "other_month", row) for row in range(2, 6)
    ]


def test_a_corrupted_page_in_the_middle_refuses_the_whole_file(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(district_table(meters=40, days=5), path, row_group_size=50, write_page_checksum=True)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    outcome = import_readings(lake, [path], AT)
    assert (outcome.stored, codes(lake, outcome)) == (0, ["unreadable_file"])
    assert lake.readings().num_rows == 0


def test_row_groups_hold_whole_districts_and_chosen_encodings(lake: Lake, monkeypatch) -> None:
    monkeypatch.setattr(files, "ROWS_A_GROUP", 20)
    take_in(lake, *(district_table(f"T{number}", days=3) for number in range(5)))
    (file,) = lake.snapshot().files
    parquet = pq.ParquetFile(lake.root / file.path)
    assert parquet.num_row_groups == 3
    groups = [set(parquet.read_row_group(place)["district"].to_pylist()) for place in range(3)]
    assert groups == [{"T0", "T1"}, {"T2", "T3"}, {"T4"}]
    group = parquet.metadata.row_group(0)
    columns = [group.column(place) for place in range(group.num_columns)]
    encodings = {column.path_in_schema: column.encodings for column in columns}
    assert "DELTA_BINARY_PACKED" in encodings["registers.list.element"]
    take_in(lake, district_table("S", days=1), hours=1, name="s")
    single = pq.ParquetFile(lake.root / lake.snapshot().files[-1].path).metadata.row_group(0)
    assert "BYTE_STREAM_SPLIT" in {
        code for place in range(single.num_columns) for code in single.column(place).encodings
    }


def test_compaction_makes_one_file_of_many_and_sweeps_a_day_later(lake: Lake) -> None:
    whole = district_table(days=5)
    for day in range(5):
        take_in(lake, whole.filter(pc.equal(whole["day"], pa.scalar(FIRST + timedelta(days=day)))), hours=day)
    before = lake.readings()
    replaced = [lake.root / file.path for file in lake.snapshot().files]
    old = lake.snapshot()
    assert compact(lake, AT + 6 * HOUR) == 1
    assert len(lake.snapshot().files) == 1
    assert lake.readings().equals(before)
    assert pa.Table.from_batches(old.scan()).num_rows == before.num_rows, "who reads an old snapshot is not disturbed"
    stray = lake.root / "data" / "month=2026-03" / "city=4401" / "stray.parquet"
    stray.write_bytes(b"left behind by a killed process")
    compact(lake, AT + 6 * HOUR + KEPT)
    assert not any(path.exists() for path in [*replaced, stray])
    assert lake.readings().equals(before)


def test_verification_finds_what_was_changed(lake: Lake) -> None:
    take_in(lake, district_table())
    found = verify(lake)
    assert (found.problems, found.rows, found.points) == ((), 8, 8 * 96)
    path = lake.root / lake.snapshot().files[0].path
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    assert "内容与名称中的摘要不符" in verify(lake).problems[0]
    path.write_bytes(data[:-1])
    assert "字节，提交中为" in verify(lake).problems[0]
    path.unlink()
    assert "文件不在" in verify(lake).problems[0]
    with pytest.raises(LakeError, match="损坏或缺少"):
        lake.readings()


def test_one_process_writes_at_a_time(lake: Lake) -> None:
    with lake.writing(), pytest.raises(LakeError, match="另有进程正在写入"):
        take_in(lake, district_table())
    assert take_in(lake, district_table()).stored == 8


def test_commits_that_are_missing_or_damaged_are_said(lake: Lake) -> None:
    take_in(lake, district_table())
    take_in(lake, district_table("T2"), hours=1)
    assert [commit.number for commit in read_commits(lake.root)] == [1, 2]
    assert lake.snapshot(1).number == 1
    with pytest.raises(LakeError, match="没有第 3 次提交"):
        lake.snapshot(3)
    (lake.root / "commits" / "00000002.json").write_text("{")
    with pytest.raises(LakeError, match="无法读取"):
        lake.snapshot()
    (lake.root / "commits" / "00000001.json").unlink()
    with pytest.raises(LakeError, match="缺少第 1 次提交"):
        lake.snapshot()
