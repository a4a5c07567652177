"""An uncertainty budget as the table that a reviewer expects (JCGM 100:2008 7.2, JJF 1059.1-2012 4.6)."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.rounding import round_result, round_uncertainty
from yuejingzhun.metrology.uncertainty.budget import Correlations, budget
from yuejingzhun.metrology.uncertainty.dual import Uncertain


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One input: estimate and u in its own unit, contribution |c| u in that of the result, share of u_c^2 in %."""

    quantity: str
    estimate: float
    u: float
    evaluation: str
    dof: float
    sensitivity: float
    contribution: float
    share_percent: float


@dataclass(frozen=True, slots=True)
class BudgetTable:
    """All inputs and the result. With correlated inputs `correlation_percent` is what they add to 100 %."""

    quantity: str
    rows: tuple[BudgetRow, ...]
    value: float
    u: float
    dof: float
    coverage_probability: float
    k: float
    expanded_u: float
    correlation_percent: float


def budget_table(
    quantity: str, result: Uncertain, correlations: Correlations | None = None, coverage_probability: float = 0.95
) -> BudgetTable:
    """The table of one result; rows in the order in which the model meets its inputs.

    k is that of Student's t for the effective degrees of freedom (JCGM 100:2008 G.4.1). Raises ArgumentError for
    a result that is an array: a table shows one measurement.
    """
    if np.ndim(result.value) or any(np.ndim(part) for key in result.derivatives for part in (key.value, key.u)):
        raise ArgumentError("result", "预算表只列一次测量，结果不应为数组")
    whole = budget(result, correlations)
    variance = float(whole.u) ** 2
    rows = []
    for key, slope in result.derivatives.items():
        contribution = float(whole.contributions[key])
        share = 100 * contribution**2 / variance if variance else 0.0
        rows.append(
            BudgetRow(
                key.name, float(key.value), float(key.u), key.evaluation, key.dof, float(slope), contribution, share
            )
        )
    left = 100.0 - sum(row.share_percent for row in rows) if variance and correlations else 0.0
    k = float(whole.coverage_factor(coverage_probability))
    u = float(whole.u)
    return BudgetTable(
        quantity, tuple(rows), float(whole.value), u, float(whole.dof), coverage_probability, k, k * u, left
    )


HEADINGS = ("输入量", "估计值", "标准不确定度", "评定与分布", "自由度", "灵敏系数", "不确定度分量", "占比")


def cells(table: BudgetTable) -> list[tuple[str, ...]]:
    """The table as texts below HEADINGS, the result last; u to two digits, the estimate to the same place (7.2.6)."""
    rows: list[tuple[str, ...]] = []
    for row in table.rows:
        estimate, u = _rounded(row.estimate, row.u)
        size, share = _uncertainty(row.contribution), f"{row.share_percent:.1f} %"
        # Adding zero takes the sign from a sensitivity of minus zero.
        slope = f"{row.sensitivity + 0.0:.4g}"
        rows.append((row.quantity, estimate, u, row.evaluation or "—", _dof(row.dof), slope, size, share))
    if table.correlation_percent:
        rows.append(("相关项", "—", "—", "—", "—", "—", "—", f"{table.correlation_percent:.1f} %"))
    value, u = _rounded(table.value, table.u)
    rows.append((table.quantity, value, u, "合成", _dof(table.dof), "", "", "100 %"))
    return rows


def statement(table: BudgetTable, unit: str = "") -> str:
    """The result in one sentence (JCGM 100:2008 7.2.3)."""
    _, u = _rounded(table.value, table.u)
    _, expanded = _rounded(table.value, table.expanded_u)
    suffix = f" {unit}" if unit else ""
    return (
        f"合成标准不确定度 {u}{suffix}，有效自由度 {_dof(table.dof)}，包含概率 {table.coverage_probability:.4g}，"
        f"包含因子 k = {table.k:.2f}，扩展不确定度 U = {expanded}{suffix}"
    )


def as_markdown(table: BudgetTable, unit: str = "") -> str:
    """The table and its statement as Markdown, in Chinese; the result in bold."""
    *rows, result = cells(table)
    lines = [HEADINGS, ("---", "---:", "---:", "---", "---:", "---:", "---:", "---:"), *rows]
    lines.append(tuple(f"**{text}**" if place < 3 else text for place, text in enumerate(result)))
    body = "\n".join("| " + " | ".join(text.replace("|", "\\|") for text in line) + " |" for line in lines)
    return f"{body}\n\n{statement(table, unit)}\n"


def _rounded(value: float, u: float) -> tuple[str, str]:
    if u == 0:
        return f"{value:.10g}", "0"
    rounded, size = round_result(Decimal(repr(value)), Decimal(repr(u)))
    return _plain(rounded), _plain(size)


def _uncertainty(u: float) -> str:
    return _plain(round_uncertainty(Decimal(repr(u))))


def _plain(number: Decimal) -> str:
    # Very small and very large numbers read better with a power of ten than with a row of zeros.
    return f"{number:f}" if number == 0 or -4 <= number.adjusted() <= 12 else f"{number:e}"


def _dof(dof: float) -> str:
    return "∞" if np.isinf(dof) else f"{dof:.1f}".removesuffix(".0")
