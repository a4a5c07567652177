"""What each input adds to the combined standard uncertainty."""

from typing import Any

import numpy as np

from yuejingzhun.cli.lettering import shortened
from yuejingzhun.cli.picture import BLUE, LIGHT, TALLEST, figure, name_rows
from yuejingzhun.metrology.uncertainty.budget_table import BudgetTable

MOST_BARS = 30


def draw_budget(table: BudgetTable, unit: str) -> Any:
    """Bars of the contributions |c| u, the largest on top, below the combined u."""
    rows = sorted(table.rows, key=lambda row: -row.contribution)[:MOST_BARS]
    height = min(TALLEST, 1.3 + 0.3 * (len(rows) + 1))
    drawn, axes = figure(height)
    sizes = [table.u, *(row.contribution for row in rows)]
    bars = axes.barh(np.arange(len(sizes)), sizes, color=[BLUE] + [LIGHT] * len(rows), height=0.7)
    shares = ["", *(f"{row.share_percent:.1f} %" for row in rows)]
    axes.bar_label(bars, shares, padding=3, fontsize=8)
    axes.margins(x=0.1)
    name_rows(axes, [f"合成 u({shortened(table.quantity, 16)})", *(row.quantity for row in rows)], height - 0.8)
    left = "" if len(rows) == len(table.rows) else f"；{len(table.rows)} 项中最大的 {len(rows)} 项"
    axes.set_xlabel(f"不确定度分量 |c|·u{f'（{shortened(unit)}）' if unit else ''}，及其占合成方差的比例{left}")
    axes.spines[["top", "right"]].set_visible(False)
    return drawn
