"""`yjz compare`, `prepackage` and `gas`: tables, JSON, and what is wrong with a file."""

import json
from pathlib import Path

import pytest

from command_line import GAS, PCB105, WEIGHTS, yjz


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


def test_a_gas_has_the_published_calorific_value(given: Path) -> None:
    given.write_text(GAS)
    result = yjz("gas", given, "--combustion", 15, "--metering", 15, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)["properties"]
    assert found["volume_gross_mj_m3"] == {
        "value": pytest.approx(38.410611, abs=1e-6),
        "u": pytest.approx(0.026267, abs=1e-6),
    }
    assert found["mass_gross_mj_kg"]["value"] == pytest.approx(52.113961, abs=1e-6)
    shown = yjz("gas", given)
    for text in ("燃烧 20 °C", "高位沃泊指数", "MJ/m³"):
        assert text in shown.output
    given.write_text(GAS.replace("0.933212", "0.9"))
    assert yjz("gas", given).exit_code == 2
    assert yjz("gas", given, "--normalise").exit_code == 0


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
        ("gas", "component,fraction,u\nmethane,0.5,0.001\n", "fraction：各组分摩尔分数之和应为 1，第 1 组为 0.5"),
        ("gas", "component,fraction,u\n空气,1,0.001\n", "空气"),
        ("gas", "component,fraction,u\nmethane,1,-0.001\n", "u：不应为负"),
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


@pytest.mark.parametrize("options", [(), ("--normalise",)])
def test_shares_of_a_gas_add_up(options: tuple[str, ...], given: Path) -> None:
    given.write_text(GAS)
    shares = json.loads(yjz("gas", given, *options, "--json").output)["shares_of_volume_gross"]
    assert sum(share["value_percent"] or 0 for share in shares) == pytest.approx(100)
    assert sum(share["variance_percent"] for share in shares) == pytest.approx(100, abs=1e-6)
    assert min(share["variance_percent"] for share in shares) >= 0
    # Methane by hand: 0.933212 x 891.05 kJ/mol (20 degC) of 905.72.
    assert (shares[0]["label"], shares[0]["value_percent"]) == ("甲烷", pytest.approx(91.81, abs=0.01))
