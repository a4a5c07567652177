"""`yjz budget`: published budgets, their validation by the Monte Carlo method, and what is wrong with a file."""

import json
from pathlib import Path

import pytest

from command_line import END_GAUGE, GAUGE_BLOCK, RESISTANCE, sum_of, text_of, yjz


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


def test_monte_carlo_finds_what_the_first_order_misses(given: Path, tmp_path: Path) -> None:
    given.write_text(GAUGE_BLOCK)
    options = ("--monte-carlo", 400_000, "--seed", 5)
    found = json.loads(yjz("budget", given, *options, "--json").output)["monte_carlo"]
    # JCGM 101:2008 9.5.3: 838 nm, 36 nm, [745, 932] nm, where the first order has 32 nm (from memory, to the nm).
    assert (found["mean"], found["u"]) == (pytest.approx(838, abs=0.5), pytest.approx(36, abs=0.5))
    assert found["symmetric"] == pytest.approx([745, 932], abs=1.5)
    assert (found["trials"], found["seed"], found["tolerance"]) == (400_000, 5, 0.5)
    assert found["distributions"]["δθ"] == "曲线梯形（界限 ±0.025）", "as in table 10"
    assert found == json.loads(yjz("budget", given, *options, "--json").output)["monte_carlo"], "the seed decides"
    assert yjz("budget", given, *options, "--pdf", tmp_path / "r.pdf").exit_code == 0
    for text in ("试验400000次，种子5", "t（自由度18）", "反正弦", "数值容差δ=0.5nm", "JCGM101:2008第7、8章"):
        assert text in text_of(tmp_path / "r.pdf")


ROOT3 = 1.7320508075688772


@pytest.mark.parametrize(("widest", "validated", "word"), [(ROOT3, True, "：通过验证"), (10 * ROOT3, False, "未通过")])
def test_validation_of_rectangular_inputs(widest: float, validated: bool, word: str, given: Path) -> None:
    # JCGM 101:2008 9.2.3 is validated to two digits, 9.2.4 with one dominating input is not.
    given.write_text(sum_of(*(f"value = 0, half_width = {a}" for a in (ROOT3, ROOT3, ROOT3, widest))))
    found = json.loads(yjz("budget", given, "--monte-carlo", 2_000_000, "--json").output)["monte_carlo"]
    assert found["validated"] is validated
    shown = yjz("budget", given, "--monte-carlo", 2_000_000).output
    assert (word in shown, "种子 1" in shown, "未检验蒙特卡洛结果本身" in shown) == (True, True, True)


def test_trials_until_stable(given: Path) -> None:
    given.write_text(sum_of("value = 1, u = 0.3", "value = 2, u = 0.4"))
    found = json.loads(yjz("budget", given, "--validate", "--json").output)["monte_carlo"]
    assert found["validated"] is True
    assert found["u"] == pytest.approx(0.5, abs=0.002)
    assert found["symmetric"] == pytest.approx([3 - 0.98, 3 + 0.98], abs=0.01)


@pytest.mark.parametrize(
    ("inputs", "r", "u"),
    [
        (("value = 1, u = 3", "value = 1, u = 4"), -1, 1),  # fully opposed: u = |3 - 4|
        (("value = 1, u = 3", "value = 1, u = 4"), 0.5, 37**0.5),
        (("value = 1, u = 3, dof = 10", "value = 1, u = 4, dof = 10"), 0.5, (37 * 10 / 8) ** 0.5),  # multivariate t
        (("value = 1, half_width = 3", "value = 1, half_width = 3"), 0.5, 3.0),  # 2 x 3 (1 + r), rectangular
    ],
)
def test_correlated_inputs_are_drawn_together(inputs: tuple[str, str], r: float, u: float, given: Path) -> None:
    given.write_text(sum_of(*inputs, more=f'correlation = [{{between = ["a", "b"], r = {r}}}]'))
    found = json.loads(yjz("budget", given, "--monte-carlo", 200_000, "--json").output)["monte_carlo"]
    assert found["u"] == pytest.approx(u, rel=0.01)
    assert "copula" in found["warnings"][-1]


def test_an_input_without_standard_deviation_is_not_compared(given: Path, tmp_path: Path) -> None:
    given.write_text(sum_of("readings = [1.0, 1.2, 1.1]", "value = 0, u = 0.01"))
    result = yjz("budget", given, "--validate", "--pdf", tmp_path / "r.pdf")
    assert (result.exit_code, "其标准差不存在，无从定数值容差" in result.output) == (0, True)
    found = json.loads(yjz("budget", given, "--validate", "--json").output)["monte_carlo"]
    assert (found["u"], found["validated"], found["trials"]) == (None, None, 1_000_000)
    # t with 2 degrees of freedom: k = 4.303 about 1.1, u = 0.1 / sqrt(3).
    assert found["symmetric"] == pytest.approx([1.1 - 0.248, 1.1 + 0.248], abs=0.005)


@pytest.mark.parametrize(
    ("content", "options", "found"),
    [
        (sum_of("value = 1, u = 1"), ("--seed", 3), "--seed 应与"),
        (sum_of("value = 1, u = 1"), ("--validate", "--monte-carlo", 1000), "只用其一"),
        (sum_of("value = 1, u = 1"), ("--monte-carlo", 1), "--monte-carlo"),
        (sum_of("value = 1, u = 1"), ("--monte-carlo", 10), "--monte-carlo：10 个值不足"),
        (sum_of("value = 1, u = 1").replace('"a"\n', '"log(a)"\n'), ("--validate",), "结果不是有限的数"),
        (sum_of("value = 1, u = 1", more="probability = 0.99999"), ("--validate",), "probability：至少应为两轮试验"),
        (sum_of("value = 1, half_width = 1, dof = 0.3"), ("--validate",), "input a 的 dof：蒙特卡洛法中不应小于 0.5"),
        (sum_of("value = 1e20, half_width = 1"), ("--validate",), "input a 的 half_width：1 小于"),
        (
            sum_of(
                *["value = 1, u = 1, dof = 9"] * 4,
                more="correlation = [{between = ['a', 'b'], r = 0.5}, {between = ['c', 'd'], r = 0.5}]",
            ),
            ("--validate",),
            "分成互不相关的几组",
        ),
        (
            sum_of("readings = [1, 2, 3]", "value = 1, u = 1", more="correlation = [{between = ['a', 'b'], r = 0.5}]"),
            ("--validate",),
            "自由度不大于 2",
        ),
        (
            sum_of("value = 1, u = 0", "value = 1, u = 1", more="correlation = [{between = ['a', 'b'], r = 0.5}]"),
            ("--validate",),
            "输入量 a 的标准不确定度为零",
        ),
        (sum_of("value = 1, u = 1, distribution = 'normal'"), (), "distribution：不与 u 同用"),
        (sum_of("readings = [1, 2], dof = 3"), (), "dof：不与 readings 同用"),
        (sum_of("readings = [1]"), (), "readings：至少需要 2 个读数"),
        (sum_of("readings = [1, '2']"), (), "readings：应为数"),
        (sum_of("value = 1, u = 1, dof = 0"), (), "dof：应大于零"),
        (sum_of("value = inf, u = 1"), (), "value：应为有限的数"),
        (sum_of(f"value = 1{'0' * 400}, u = 1"), (), "value：应为有限的数"),
        (sum_of("value = 1, u = 1", more="correlation = [{between = [['a'], 'b'], r = 1}]"), (), "between 应为"),
        (sum_of("value = 1, u = 1", more="correlation = [{between = ['a', 'a'], r = 1}]"), (), "两个不同的输入量"),
    ],
)
def test_what_can_not_be_drawn_is_named(content: str, options: tuple[object, ...], found: str, given: Path) -> None:
    given.write_text(content)
    result = yjz("budget", given, *options)
    assert result.exit_code == 2, result.output
    assert found in result.output
