"""A folder with everything that can be wrong in it, from the import to the report: each is said with file, row and
reason, and the others go on."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from command_line import yjz
from simulated_readings import SMALL, placed
from yuejingzhun.demo.fleet.table import readings
from yuejingzhun.metrology.fleet.verdict import TEXTS, Reason
from yuejingzhun.telemetry.engine import results

DAYS = SMALL.days
Rows = list[dict[str, object]]


def good(name: str) -> Rows:
    """A district that is kept, under another name each time."""
    rows: Rows = readings(placed(1, name=name)).to_pylist()
    return rows


def row_of(rows: Rows, meter: int, day: int) -> int:
    return (meter - 1) * DAYS + day - 1


def falling(rows: Rows) -> Rows:
    """The register begins again within one day; on another a single point is low."""
    many, one = (list(rows[row_of(rows, 1, day)]["registers"]) for day in (3, 4))  # type: ignore[arg-type]
    rows[row_of(rows, 1, 3)]["registers"] = many[:48] + [value - many[48] for value in many[48:]]
    rows[row_of(rows, 1, 4)]["registers"] = [*one[:10], one[10] - 5000, *one[11:]]
    return rows


def rolling_over(rows: Rows) -> Rows:
    """A counter of five digits passes its end on the eleventh day."""
    at = rows[row_of(rows, 2, 11)]["registers"][40]  # type: ignore[index]
    for day in range(1, DAYS + 1):
        row = rows[row_of(rows, 2, day)]
        row["registers"] = [(value - at + 10**7) % 10**7 for value in row["registers"]]  # type: ignore[attr-defined]
    return rows


def negative(rows: Rows) -> Rows:
    row = rows[row_of(rows, 3, 2)]
    row["registers"] = [-7, *row["registers"][1:]]  # type: ignore[index]
    return rows


def twice(rows: Rows) -> Rows:
    """Two meters with the number of the second."""
    for day in range(1, DAYS + 1):
        rows[row_of(rows, 5, day)]["meter"] = rows[row_of(rows, 4, day)]["meter"]
    return rows


def without_total(rows: Rows) -> Rows:
    return [row for row in rows if row["role"] != "total"]


def below_sum(rows: Rows) -> Rows:
    for row in rows:
        if row["role"] == "total":
            row["registers"] = [value // 2 for value in row["registers"]]  # type: ignore[attr-defined]
    return rows


def other_points(rows: Rows) -> Rows:
    short, long = (rows[row_of(rows, 6, day)] for day in (5, 6))
    short["registers"], long["registers"] = short["registers"][:95], [*long["registers"], long["registers"][-1]]  # type: ignore[index,misc]
    return rows


CHANGES: dict[str, Callable[[Rows], Rows]] = {
    "falling": falling,
    "rollover": rolling_over,
    "negative": negative,
    "twice": twice,
    "total": without_total,
    "below": below_sum,
    "points": other_points,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bad")
    (made / "given").mkdir()
    for name, change in ({"good": list[dict[str, object]]} | CHANGES).items():
        pq.write_table(pa.Table.from_pylist(change(good(name))), made / "given" / f"{name}.parquet")
    march = pa.Table.from_pylist(good("april"))
    pq.write_table(march, made / "given" / "april-2026-04.parquet")
    whole = (made / "given" / "good.parquet").read_bytes()
    (made / "given" / "cut.parquet").write_bytes(whole[: len(whole) * 2 // 3])
    return made


@pytest.fixture(scope="module")
def reported(folder: Path) -> dict[tuple[str, str], list[int | None]]:
    """Rows of the import's report by file and code."""
    result = yjz("readings", "import", folder / "given", "--lake", folder / "lake", "--report", folder / "report.csv")
    assert result.exit_code == 1, result.output
    found: dict[tuple[str, str], list[int | None]] = {}
    with (folder / "report.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            number = int(row["行"]) if row["行"] else None
            found.setdefault((row["来源"].removesuffix(".parquet"), row["代码"]), []).append(number)
            assert row["原因"]
    return found


def test_each_is_told_with_file_and_row(reported: dict[tuple[str, str], list[int | None]]) -> None:
    of_meter = {number: list(range((number - 1) * DAYS + 1, number * DAYS + 1)) for number in (4, 5)}
    assert reported["falling", "falling_register"] == [3]
    assert reported["falling", "falling_points"] == [4]
    assert reported["rollover", "rollover"] == [DAYS + 11]
    assert reported["negative", "negative_register"] == [2 * DAYS + 2]
    assert sorted(map(int, filter(None, reported["twice", "two_meters_one_number"]))) == [*of_meter[4], *of_meter[5]]
    assert len(reported["total", "district_without_total"]) == DAYS
    assert len(reported["below", "total_below_sum"]) == DAYS
    assert reported["points", "wrong_number_of_points"] == [5 * DAYS + 5, 5 * DAYS + 6]
    assert len(reported["april-2026-04", "other_month"]) == (SMALL.meters + 1) * DAYS
    assert reported["cut", "unreadable_file"] == [None]
    assert not [file for file, _ in reported if file == "good"]


def test_the_evaluation_goes_on_and_says_what_it_can_not_evaluate(reported: object, folder: Path) -> None:
    options = ("--from", "2026-03-01", "--days", DAYS, "--processes", 1)
    result = yjz("fleet", "evaluate", folder / "lake", *options, "--out", folder / "out")
    assert result.exit_code == 0, result.output
    found = results(folder / "out")
    reasons = dict(zip(found["district"].to_pylist(), found["reason"].to_pylist(), strict=True))
    assert set(reasons) == {"good", *CHANGES}, "what was refused whole is not there, all others are"
    assert reasons["total"] == "没有总表的示值"
    assert reasons["below"] == TEXTS[Reason.BELOW_SUM]
    assert reasons["twice"] is not None, "a district that lacks two meters does not balance"
    kept = {name for name, reason in reasons.items() if reason is None}
    assert {"good", "falling", "rollover", "negative", "points"} <= kept

    def errors(name: str) -> list[float | None]:
        values: list[float | None] = found.filter(pc.equal(found["district"], name))["error"].to_pylist()
        return values

    stated = [place for place, value in enumerate(errors("good")) if value is not None]
    for name in ("rollover", "falling", "negative", "points"):
        for place in stated:
            value = errors(name)[place]
            near = 1e-9 if name == "rollover" else 0.01
            assert value is not None
            assert value == pytest.approx(errors("good")[place], abs=near), f"{name}: meter {place}"
    told = json.loads(yjz("fleet", "report", folder / "out", "--json").output)
    assert told["refused"].keys() >= {"没有总表的示值", TEXTS[Reason.BELOW_SUM]}
