"""The commands of the science as their users meet them: tables, JSON, pictures, and what is wrong with a file."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from yuejingzhun.cli import main

# CCQM-K25, PCB 105 (metRology's data set), with letters for the laboratories; DL, PM and REML as in its reference case.
PCB105 = (
    "lab,value,u\nA,10.21,0.381\nB,10.9,0.25\nC,10.94,0.13\nD,10.58,0.41\nE,10.81,0.445\nF,9.62,0.196\nG,10.8,0.093\n"
)
WEIGHTS = "net\n" + "\n".join(f"{500 + n / 10}" for n in (-19, 12, 3, -10, 20, 5, -5, 10, 0, -13)) + "\n"


def yjz(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture
def given(tmp_path: Path) -> Path:
    return tmp_path / "given.csv"


def test_a_comparison_has_its_reference_values_and_degrees(given: Path) -> None:
    given.write_text(PCB105)
    result = yjz("compare", given, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert found["chi2"] == {"value": pytest.approx(37.33693552629088), "dof": 6, "p": pytest.approx(1.51362999e-06)}
    values = found["reference_values"]
    assert values["weighted"]["value"] == pytest.approx(10.688564584785597)
    assert values["dl"]["u"] == pytest.approx(0.19707321326962612)
    assert values["reml"]["value"] == pytest.approx(10.556452286931789, rel=1e-9)
    assert found["reference"] == "moderated", "the weighted mean fails its test"
    assert [row["lab"] for row in found["degrees"] if abs(row["en"]) > 1] == ["F"]


def test_a_comparison_is_a_table_for_people(given: Path) -> None:
    given.write_bytes(PCB105.replace("\nG,", "\n计量院,").encode("gb18030"))
    result = yjz("compare", given, "--reference", "weighted")
    assert result.exit_code == 0, result.output
    for text in ("不一致", "10.688565", "计量院", "|En| > 1", "加权平均 ←"):
        assert text in result.output


@pytest.mark.parametrize(("ending", "begins"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_comparison_is_drawn(ending: str, begins: bytes, given: Path, tmp_path: Path) -> None:
    given.write_text(PCB105)
    assert yjz("compare", given, "--plot", tmp_path / f"d.{ending}").exit_code == 0
    assert (tmp_path / f"d.{ending}").read_bytes().startswith(begins)
    refused = yjz("compare", given, "--plot", tmp_path / "d.gif")
    assert (refused.exit_code, "应以 .svg、.png、.pdf 结尾" in refused.output) == (2, True)


def test_a_lot_is_judged_with_its_reasons(given: Path) -> None:
    given.write_text(WEIGHTS)
    good = yjz("prepackage", given, "--nominal", "500", "--lot", 40)
    assert good.exit_code == 0, good.output
    assert "允许短缺量 T = 15" in good.output
    assert "结论：合格" in good.output
    bad = yjz("prepackage", given, "--nominal", "502", "--lot", 40, "--json")
    assert bad.exit_code == 1
    found = json.loads(bad.output)
    assert found["conforms"] is False
    assert (found["sample_size"], found["correction_factor"], found["beyond_t1"]) == (10, "1.028", 0)
    assert "不符合" in found["reasons"][0]


@pytest.mark.parametrize(
    ("command", "content", "found"),
    [
        ("compare", "lab,value\nA,1\n", "缺少 u"),
        ("compare", "lab,value,u\nA,1,0.1\nB,x,0.1\nC,2,\n", "第 3 行 value：“x”不是数"),
        ("compare", "lab,value,u\nA,1,0.1\nB,x,0.1\nC,2,\n", "第 4 行 u：是空的"),
        ("compare", "lab,value,u\nA,1,0.1\nB,2,0\n", "u：应大于零，第 2 个为 0"),
        ("compare", "lab,value,u\nA,1,0.1\n", "value：至少需要 2 个参加者，只有 1"),
        ("compare", "lab,value,u\nA,1,nan\nB,1,1\n", "不是有限的数"),
        ("compare", "", "现为 空"),
        ("compare", "lab,value,u\n\n", "没有数据行"),
        ("prepackage", "net\n500\n", "net：批量 40 应抽 10 件，为 1 件"),
        ("prepackage", "net\n" + "x\n" * 30, "共 30 处"),
    ],
)
def test_what_is_wrong_is_named(command: str, content: str, found: str, given: Path) -> None:
    given.write_text(content)
    options = ("--nominal", "500", "--lot", 40) if command == "prepackage" else ()
    result = yjz(command, given, *options)
    assert result.exit_code == 2, result.output
    assert str(given) in result.output
    assert found in result.output


def test_no_text_and_no_file(given: Path) -> None:
    assert "无法读取" in yjz("compare", given).output
    given.write_bytes(b"\xff\xfe\x00\x81")
    assert "不是文本文件" in yjz("compare", given).output
