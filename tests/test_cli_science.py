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
# JCGM 100:2008 H.1, the end gauge; u = 31.66 nm, with second-order terms 33.81 nm, k(99 %) = 2.92.
END_GAUGE = """
quantity = "l"
unit = "nm"
probability = 0.99
model = "ls + d - ls * (da * th + a * dth) - 5e7"
input = [
  {name = "ls", value = 50000623, u = 25, dof = 18},
  {name = "d", value = 215, u = 9.681942, dof = 25.4473},
  {name = "a", value = 11.5e-6, half_width = 2e-6},
  {name = "th", value = -0.1, u = 0.406202},
  {name = "da", value = 0, half_width = 1e-6, dof = 50},
  {name = "dth", value = 0, half_width = 0.05, dof = 2},
]
"""
# JCGM 100:2008 H.2, the resistance alone, from the raw readings.
RESISTANCE = """
quantity = "R"
unit = "Ω"
model = "V / I * cos(φ)"
input = [
  {name = "V", readings = [5.007, 4.994, 5.005, 4.990, 4.999]},
  {name = "I", readings = [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3]},
  {name = "φ", readings = [1.0456, 1.0438, 1.0468, 1.0428, 1.0433]},
]
correlation = [
  {between = ["V", "I"], r = -0.355311},
  {between = ["V", "φ"], r = 0.857624},
  {between = ["I", "φ"], r = -0.645111},
]
"""
# ISO 6976:2016 Annex D, example 1.
GAS = """component,fraction,u
methane,0.933212,0.000346
ethane,0.025656,0.000243
丙烷,0.015368,0.000148
N2,0.010350,0.000195
carbon dioxide,0.015414,0.000111
"""
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


def test_a_budget_is_the_published_one(given: Path, tmp_path: Path) -> None:
    given.write_text(END_GAUGE)
    result = yjz("budget", given, "--second-order", "--plot", tmp_path / "b.svg", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert (found["value"], found["u"]) == (pytest.approx(838.0), pytest.approx(31.663879, abs=1e-5))
    assert (found["k"], found["U"]) == (pytest.approx(2.920782, abs=1e-6), pytest.approx(92.48328, abs=1e-4))
    assert found["second_order_u"] == pytest.approx(33.806545, abs=1e-5)
    assert {row["name"]: row["dof"] for row in found["inputs"]}["a"] is None
    assert (tmp_path / "b.svg").read_bytes().startswith(b"<?xml")
    shown = yjz("budget", given)
    for text in ("B 类，矩形", "62.3 %", "有效自由度 16.8", "U = 92 nm"):
        assert text in shown.output


def test_a_budget_of_readings_that_correlate(given: Path) -> None:
    given.write_text(RESISTANCE)
    found = json.loads(yjz("budget", given, "--json").output)
    assert (found["value"], found["u"]) == (pytest.approx(127.732170, abs=1e-5), pytest.approx(0.0710714, abs=1e-6))
    refused = yjz("budget", given, "--second-order")
    assert (refused.exit_code, "互不相关" in refused.output) == (2, True)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("+ d -", "+ x -", "公式中的 x 不是输入量（有 ls、d、"),
        ("+ d -", "-", "公式没有用到输入量 d"),
        ("ls + d", "ls + d +* 2", "不是公式"),
        ("ls + d", "__import__('os').getpid() + d", "只能用函数"),
        ("ls + d", "ls.real + d", "公式只能有"),
        ("ls + d", "sqrt(-ls) + d", "公式"),
        ("ls + d", "9^9^9^9 + ls + d", "不能计算"),
        ("u = 25,", "u = -25,", "input ls 的 u：不应为负，为 -25"),
        ("u = 25,", "U = 25,", "input ls 的 U：不认识的项"),
        ("u = 25,", "u = 'x',", "应为数，为 'x'"),
        ("u = 25,", "", "u、half_width、readings 应恰有其一"),
        ("value = 0, half_width = 1e-6", "half_width = 1e-6", "input da 的 value：缺少"),
        ('name = "d",', 'name = "ls",', "第 2 个 input：name 应为"),
        ("half_width = 2e-6", "half_width = 2e-6, distribution = 'flat'", "distribution：应为 normal、"),
        ("probability = 0.99", "probability = 1", "probability"),
        ("quantity =", "quantity", "不是可读的 toml"),
    ],
)
def test_what_is_wrong_in_a_budget_is_named(before: str, after: str, found: str, given: Path) -> None:
    assert before in END_GAUGE
    given.write_text(END_GAUGE.replace(before, after, 1))
    result = yjz("budget", given)
    assert result.exit_code == 2, result.output
    assert str(given) in result.output
    assert found in result.output


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
