"""The catalogue's data and what is asked of it, against the announcement as far as it is quoted in public."""

from datetime import date
from pathlib import Path

import pytest

from yuejingzhun.platform.registry.catalogue.editions import (
    editions,
    intervals,
    read_editions,
    read_entries,
    read_intervals,
)
from yuejingzhun.platform.registry.catalogue.errors import CatalogueFileError, UnknownEntryError
from yuejingzhun.platform.registry.catalogue.queries import (
    edition,
    entries,
    entry,
    interval_months,
    intervals_of,
    item_of_regulation,
    items_to_verify,
    leaves,
    named_like,
    requires_type_approval,
    requires_verification,
)
from yuejingzhun.platform.registry.catalogue.rules import Ending, Interval, Verification, in_force, series
from yuejingzhun.procedures.catalogue import procedures
from yuejingzhun.procedures.sample import sample_parameters

ON = date(2026, 11, 24)
HEADER = "code,parent,name,type_approval,verification,verification_from,ending,uses,scope,regulations,unsure\n"
FIRST = "01,,体温计,,,,,,,,\n"


def test_forty_entries_of_the_first_level_as_reported_of_announcement_42_of_2020() -> None:
    assert len([found for found in entries(ON) if found.parent is None]) == 40


@pytest.mark.parametrize(
    "name",
    # Named in press reports of the announcement.
    [
        "体温计",
        "非自动衡器",
        "自动衡器",
        "称重传感器",
        "流量计",
        "机动车测速仪",
        "声级计",
        "水分测定仪",
        "透射式烟度计",
    ],
)
def test_an_entry_that_reports_name_is_there(name: str) -> None:
    assert name in {found.name for found in entries(ON) if found.parent is None}


@pytest.mark.parametrize(
    ("code", "use", "expected", "approval"),
    [
        # Water meters DN15 to DN50 and gas meters G1.6 to G16: first verification, limited use, replaced
        # (notice of Anji county, 2025-01-07, quoting the catalogue).
        ("11.1", "trade", Verification.FIRST, True),
        ("12.1", "trade", Verification.FIRST, True),
        ("11.1", "other", Verification.NONE, True),
        # Speed meters: type approval and periodic; chargers: periodic only (report of the announcement).
        ("17.1", "safety", Verification.PERIODIC, True),
        ("40.1", "trade", Verification.PERIODIC, False),
        ("06.1", "trade", Verification.NONE, True),
    ],
)
def test_what_an_entry_asks_for(code: str, use: str, expected: Verification, approval: bool) -> None:
    assert requires_verification(code, use, ON) is expected
    assert requires_type_approval(code, ON) is approval


def test_chargers_are_verified_from_2023_on_as_part_of_the_announcement_says() -> None:
    assert requires_verification("40.2", "trade", date(2022, 12, 31)) is Verification.NONE
    assert requires_verification("40.2", "trade", date(2023, 1, 1)) is Verification.PERIODIC
    assert {found.code for found in items_to_verify(date(2023, 1, 1))} - {
        found.code for found in items_to_verify(date(2022, 12, 31))
    } == {"40.1", "40.2"}


def test_an_entry_of_the_first_level_asks_for_the_most_of_its_children() -> None:
    assert requires_verification("01.1", "medical", ON) is Verification.FIRST
    assert requires_verification("01", "medical", ON) is Verification.PERIODIC
    assert [found.code for found in leaves("01", ON)] == ["01.1", "01.2"]


def test_no_answer_before_the_first_edition_and_for_an_unknown_code() -> None:
    with pytest.raises(UnknownEntryError, match="2020-10-25 适用的强制管理目录没有收录"):
        entries(date(2020, 10, 25))
    assert edition(date(2020, 10, 26)).document == "市场监管总局公告 2020 年第 42 号"
    with pytest.raises(UnknownEntryError, match=r"没有项目 '99\.9'"):
        entry("99.9", ON)


def test_every_regulation_that_can_be_worked_by_belongs_to_an_entry_of_its_kind() -> None:
    codes = {code: item_of_regulation(code, ON) for code in procedures()}
    assert None not in codes.values()
    assert codes["JJG 162-2019"] == "11.1"
    assert codes["JJG 596-2012"] == "19"  # two kinds of meters by one regulation: the entry above both
    assert item_of_regulation("JJG 9999", ON) is None


@pytest.mark.parametrize("code", list(procedures()))
def test_an_interval_agrees_with_the_declared_regulation(code: str) -> None:
    declared = procedures()[code]
    months = declared.validity(sample_parameters(declared)).months
    item = item_of_regulation(code, ON)
    assert item is not None
    known = [found for found in intervals_of(item, ON) if found.regulation == series(code)]
    assert {found.edition for found in known} == {code[-4:]}
    assert months in {found.months for found in known}
    shortest = interval_months(item, ON, code)
    assert shortest is not None
    assert shortest <= months


def test_intervals_of_water_meters_are_the_limits_of_use_of_jjg_162_2019() -> None:
    # JJG 162-2019: at most 6 years up to DN 25, at most 4 years up to DN 50.
    assert {found.months for found in intervals_of("11.1", ON)} == {72, 48}
    assert interval_months("11", ON) == 48
    assert interval_months("39.1", ON) is None


def test_a_later_interval_replaces_the_earlier_one_of_the_same_regulation() -> None:
    old = Interval("JJG 1", "2010", date(2020, 1, 1), 12, "", "")
    new = Interval("JJG 1", "2025", date(2025, 6, 1), 24, "", "")
    assert in_force([old, new], ["JJG 1"], date(2025, 5, 31)) == (old,)
    assert in_force([old, new], ["JJG 1"], date(2025, 6, 1)) == (new,)
    assert in_force([old, new], ["JJG 1"], date(2019, 12, 31)) == ()


def test_every_regulation_with_an_interval_is_one_of_an_entry_and_every_doubt_is_said() -> None:
    linked = {name for found in entries(ON) for name in found.regulations}
    assert {found.regulation for found in intervals()} <= linked
    assert all("核对" in found.unsure or "规程" in found.unsure for found in entries(ON) if found.unsure)


@pytest.mark.parametrize(
    ("text", "codes"),
    [("水表", ["11", "11.1"]), ("jjg 1148", ["40", "40.1"]), ("自动轨道衡", ["04", "04.1"]), ("没有的东西", [])],
)
def test_a_search_finds_an_entry_with_the_one_above_it(text: str, codes: list[str]) -> None:
    assert [found.code for found in named_like(text, ON)] == codes


def test_an_empty_search_is_the_whole_catalogue_and_a_first_level_brings_its_children() -> None:
    assert named_like("  ", ON) == entries(ON)
    assert [found.code for found in named_like("验光仪器", ON)] == ["23", "23.1", "23.2", "23.3", "23.4"]


def test_series_is_a_regulation_without_its_year() -> None:
    assert series("JJG 596-2012") == series(" JJG 596 ") == "JJG 596"
    assert series("JJG(粤) 12-2020") == "JJG(粤) 12"


def test_a_later_edition_is_one_more_file_and_its_date(tmp_path: Path) -> None:
    row = "01.1,01,玻璃体温计,yes,{0},,{1},medical,,JJG 111,\n"
    (tmp_path / "a.csv").write_text(HEADER + FIRST + row.format("first", "scrapped"), encoding="utf-8")
    (tmp_path / "b.csv").write_text(HEADER + FIRST + row.format("periodic", ""), encoding="utf-8")
    lines = "file,effective_from,title,document,source\nb.csv,2027-01-01,乙,乙号,\na.csv,2020-10-26,甲,甲号,\n"
    (tmp_path / "editions.csv").write_text(lines, encoding="utf-8")
    old, new = read_editions(tmp_path)
    assert (old.title, new.effective_from) == ("甲", date(2027, 1, 1))
    assert old.entries["01.1"].ending is Ending.SCRAPPED
    assert new.entries["01.1"].verification is Verification.PERIODIC
    assert editions()[0].effective_from == date(2020, 10, 26)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("01.1,01,甲,yes,often,,,medical,,,", "第 3 行：verification 为 'often'，应为 none、first、periodic"),
        ("01.1,01,甲,perhaps,periodic,,,medical,,,", "第 3 行：type_approval 为 'perhaps'，应为 yes 或 no"),
        ("01.1,01,甲,yes,periodic,,,fun,,,", "第 3 行：uses 为 'fun'"),
        ("01.1,01,甲,yes,periodic,,,,,,", "第 3 行：uses 为 ''，强制检定的项目应有"),
        ("01.1,01,甲,yes,first,,,medical,,,", "第 3 行：ending 为 ''，只做首次强制检定的项目应有"),
        ("01.1,01,甲,yes,periodic,2023-13-01,,medical,,,", "第 3 行：verification_from 为 '2023-13-01'，应为 年-月-日"),
        ("02.1,02,甲,yes,periodic,,,medical,,,", "第 3 行：上级 '02' 没有列在前面"),
        ("01,,甲,,,,,,,,", "第 3 行：代码 01 重复"),
        ("01.1,01,甲", "第 3 行：应有 11 列"),
    ],
)
def test_a_wrong_row_is_named_with_its_column(row: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(HEADER + FIRST + row + "\n", encoding="utf-8")
    with pytest.raises(CatalogueFileError) as caught:
        read_entries(path)
    assert message in str(caught.value)


def test_a_wrong_interval_is_named(tmp_path: Path) -> None:
    path = tmp_path / "intervals.csv"
    path.write_text("regulation,edition,from,months,condition,unsure\nJJG 1,2000,2020-01-01,0,,\n", encoding="utf-8")
    with pytest.raises(CatalogueFileError, match=r"intervals\.csv 第 2 行：months 为 0，应为正整数"):
        read_intervals(path)
