import numpy as np
import pytest

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.bounded import ArcSine
from yuejingzhun.metrology.uncertainty.budget import given, simultaneous, type_a, type_b
from yuejingzhun.metrology.uncertainty.budget_table import as_markdown, budget_table
from yuejingzhun.metrology.uncertainty.dual import Uncertain


def end_gauge() -> Uncertain:
    """JCGM 100:2008 H.1, lengths in nm."""
    standard = given("ls", 50_000_623.0, 25.0, 18)
    difference = given("d", 215.0, 5.8, 24) + given("d1", 0.0, 3.9, 5) + given("d2", 0.0, 6.7, 8)
    temperature = given("theta mean", -0.1, 0.2) + type_b("theta cyclic", 0.0, 0.5, ArcSine)
    expansion = type_b("alpha_s", 11.5e-6, 2e-6)
    expansion_difference = type_b("delta alpha", 0.0, 1e-6, dof=50)
    temperature_difference = type_b("delta theta", 0.0, 0.05, dof=2)
    return standard + difference - standard * (expansion_difference * temperature + expansion * temperature_difference)


def test_h1_end_gauge_as_a_table() -> None:
    table = budget_table("l", end_gauge(), coverage_probability=0.99)
    parts = {row.quantity: row for row in table.rows}
    assert parts["delta theta"].contribution == pytest.approx(50_000_623 * 11.5e-6 * 0.05 / 3**0.5)
    assert parts["delta theta"].sensitivity == pytest.approx(-575.0072, abs=5e-4)
    assert sum(row.share_percent for row in table.rows) == pytest.approx(100)
    assert (table.u, table.dof) == (pytest.approx(31.663879, rel=1e-7), pytest.approx(16.751856, rel=1e-6))
    assert (table.k, table.expanded_u) == (pytest.approx(2.920782, abs=1e-6), pytest.approx(92.48328, rel=1e-6))
    text = as_markdown(table, "nm")
    assert "| theta cyclic | 0.00 | 0.35 | B 类，反正弦 | ∞ |" in text
    assert "| ls | 50000623 | 25 | — | 18 | 1 | 25 | 62.3 % |" in text
    assert "| **l** | **50000838** | **32** | 合成 | 16.8 |" in text
    assert "k = 2.92，扩展不确定度 U = 92 nm" in text


def test_correlated_inputs_show_what_they_add() -> None:
    (x, y), r = simultaneous(["x", "y"], [[1.0, 2.0, 3.0], [2.0, 4.0, 6.5]])
    table = budget_table("s", x + y, r)
    assert table.correlation_percent == pytest.approx(100 - sum(row.share_percent for row in table.rows))
    assert table.correlation_percent > 30
    assert "| 相关项 |" in as_markdown(table)
    assert table.rows[0].evaluation == "A 类"


def test_tables_of_nothing_uncertain_and_names_with_bars() -> None:
    x = given("a|b", 1.0, 0.0)
    text = as_markdown(budget_table("y", x - x))
    assert "a\\|b" in text
    assert "nan" not in text
    with pytest.raises(ArgumentError, match="数组"):
        budget_table("y", type_a("x", np.ones((2, 3))))
