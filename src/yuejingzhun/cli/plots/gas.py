"""Where the calorific value of a gas comes from, and where its uncertainty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from yuejingzhun.cli.picture import BLUE, ORANGE, TALLEST, figure, name_rows

MOST_BARS = 25


@dataclass(frozen=True, slots=True)
class Share:
    """A component, or the standard's data, which have neither fraction nor value; all in percent."""

    label: str
    mole_percent: float | None
    value_percent: float | None
    variance_percent: float

    def weight(self) -> float:
        """How much it matters to a reader."""
        return (self.value_percent or 0.0) + self.variance_percent


def draw_shares(shares: Sequence[Share]) -> Any:
    """Shares of the superior calorific value and of its variance, side by side: at most MOST_BARS, in their order."""
    least = sorted((share.weight() for share in shares), reverse=True)[:MOST_BARS][-1]
    kept = [share for share in shares if share.weight() >= least][:MOST_BARS]
    height = min(TALLEST, 1.3 + 0.3 * len(kept))
    drawn, panels = figure(height, 2)
    columns: tuple[tuple[str, list[Any], str], ...] = (
        ("占体积高位发热量的比例（%）", [share.value_percent for share in kept], BLUE),
        ("占其方差（u²）的比例（%）", [share.variance_percent for share in kept], ORANGE),
    )
    for axes, (title, sizes, colour) in zip(panels, columns, strict=True):
        bars = axes.barh(np.arange(len(kept)), [size or 0.0 for size in sizes], color=colour, height=0.65)
        axes.bar_label(bars, ["" if size is None else f"{size:.2f}" for size in sizes], padding=3, fontsize=8)
        axes.margins(x=0.15)
        axes.set_title(title, fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    names = [s.label if s.mole_percent is None else f"{s.label} {s.mole_percent:.4g} %" for s in kept]
    name_rows(panels[0], names, height - 0.8)
    if len(kept) < len(shares):
        drawn.supxlabel(f"{len(shares)} 项中最大的 {len(kept)} 项", fontsize=9)
    return drawn
