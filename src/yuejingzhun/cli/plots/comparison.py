"""Degrees of equivalence of the participants of a comparison."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from yuejingzhun.cli.lettering import width
from yuejingzhun.cli.picture import BLUE, RED, WIDTH, figure, label
from yuejingzhun.metrology.arguments import Floats

LEVEL_NAMES = 8  # names of that many laboratories fit side by side, if they are short


def draw_degrees(labs: Sequence[str], difference: Floats, expanded: Floats, expanded_reference: float) -> Any:
    """d +- U(d) of each laboratory in the file's order, red where |En| > 1; the band is U of the reference value."""
    names = [label(lab, 18) for lab in labs]
    longest = max(map(width, names))
    level = len(labs) <= LEVEL_NAMES and longest * len(labs) < 90
    drawn, axes = figure(3.6 if level else 3.6 + 0.06 * longest)
    places = np.arange(len(labs))
    apart = np.abs(difference) > expanded
    for where, colour in ((~apart, BLUE), (apart, RED)):
        if where.any():
            axes.errorbar(
                places[where], difference[where], yerr=expanded[where], fmt="o", ms=4, capsize=3, lw=1, color=colour
            )
    axes.axhspan(-expanded_reference, expanded_reference, color=BLUE, alpha=0.12, lw=0)
    axes.axhline(0, color=BLUE, lw=0.8)
    axes.set_xlim(-0.6, len(labs) - 0.4)
    size = min(9.0, 0.7 * 72 * (WIDTH - 1) / len(labs))
    axes.set_xticks(places, names, rotation=0 if level else 90, fontsize=9 if level else size)
    axes.set_ylabel("等效度 d ± U(d)")
    axes.set_title("与参考值之差；阴影为参考值的扩展不确定度，红色为 |En| > 1", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    return drawn
