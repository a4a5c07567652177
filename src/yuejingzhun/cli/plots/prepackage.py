"""The content of each package of a sample against what the label states."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from yuejingzhun.cli.picture import BLUE, GREY, ORANGE, RED, figure
from yuejingzhun.metrology.net_content import PrepackageVerdict


def draw_contents(contents: Sequence[str], nominal: str, verdict: PrepackageVerdict) -> Any:
    """A point a package, with the lines of the nominal quantity, of nominal - T and - 2 T, and of the mean."""
    values, target, deficiency = list(map(Decimal, contents)), Decimal(nominal), verdict.tolerable_deficiency
    colours = [BLUE if target - x <= deficiency else ORANGE if target - x <= 2 * deficiency else RED for x in values]
    drawn, axes = figure(4.2)
    axes.scatter(np.arange(1, len(values) + 1), list(map(float, values)), c=colours, s=18, zorder=3)
    lines = [
        (target, f"标注 {target.normalize():f}", "black", "-"),
        (verdict.mean, f"平均 {verdict.mean:.6g}", BLUE, "--"),
    ]
    if deficiency:
        for factor, name, colour in ((1, "标注 - T", ORANGE), (2, "标注 - 2T", RED)):
            limit = target - factor * deficiency
            lines.append((limit, f"{name} = {limit.normalize():f}", colour, "-"))
    for place, label, colour, style in lines:
        axes.axhline(float(place), color=colour, ls=style, lw=1.1, label=label)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(lines), fontsize=9, frameon=False)
    axes.set_xlabel("样品序号")
    axes.set_ylabel("实际含量")
    axes.set_xlim(0.3, len(values) + 0.7)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y", color=GREY, alpha=0.2, lw=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    return drawn
