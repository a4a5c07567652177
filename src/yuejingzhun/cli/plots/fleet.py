"""The most suspicious meters of an evaluation, with what is known of their errors."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from yuejingzhun.cli.picture import BLUE, GREY, ORANGE, RED, TALLEST, figure, name_rows

MOST_ROWS = 40


def draw_suspicious(meters: Sequence[Mapping[str, Any]], mpe: float, errors: Mapping[tuple[str, str], float]) -> Any:
    """Errors with their intervals of 95 %, the most suspicious on top, and a cross at each true error that is known;
    the band is the MPE. Red from a probability of 0.9 on, orange from 0.5 on."""
    shown = meters[:MOST_ROWS]
    height = min(TALLEST, 1.4 + 0.24 * max(len(shown), 3))
    drawn, axes = figure(height)
    axes.axvspan(-100 * mpe, 100 * mpe, color=BLUE, alpha=0.12, lw=0)
    axes.axvline(0, color=BLUE, lw=0.8)
    for place, row in enumerate(shown):
        colour = RED if row["exceeds"] >= 0.9 else ORANGE if row["exceeds"] >= 0.5 else GREY
        error, low, high = (100 * row[name] for name in ("error", "low", "high"))
        axes.plot([low, high], [place, place], color=colour, lw=1.6, solid_capstyle="butt")
        axes.plot(error, place, "o", ms=4, color=colour)
    known = [(place, errors.get((row["district"], row["meter"]))) for place, row in enumerate(shown)]
    crosses = np.array([(place, 100 * error) for place, error in known if error is not None])
    if crosses.size:
        axes.plot(crosses[:, 1], crosses[:, 0], "x", ms=6, mew=1.4, color="black")
    names = [f"{row['meter']}  {row['exceeds']:.2f}" for row in shown]
    name_rows(axes, names, height - 1.0)
    if not shown:
        axes.text(0, 0, "没有可疑的表", ha="center", va="center", fontsize=11)
        axes.set_xlim(-300 * mpe, 300 * mpe)
    axes.set_xlabel("示值误差（%）" + ("；× 为真误差" if crosses.size else ""))
    axes.set_title("表号与超差的概率，误差及其 95 % 区间；阴影为最大允许误差", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    return drawn
