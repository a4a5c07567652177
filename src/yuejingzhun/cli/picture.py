"""Pictures of results as files, in a font that the project ships, so that Chinese is never a box."""

import io
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from yuejingzhun.cli.lettering import plain_scripts, printable, shortened

FORMATS = (".svg", ".png", ".pdf")
FONT = files("yuejingzhun.evidence.pdf") / "fonts" / "NotoSerifCJKsc-Regular.otf"
WIDTH, TALLEST = 7.0, 8.8  # inches: the width between the margins of a printed page, and nearly its height
BLUE, LIGHT, ORANGE, RED, GREY = "#0b5394", "#6fa8dc", "#d98200", "#c00000", "#8a8a8a"


def figure(height: float, panels: int = 1) -> tuple[Any, Any]:
    """An empty figure as wide as a page and that high (inches), and its axes: an array of them for several panels."""
    # Imported here: a command that draws nothing needn't wait for it.
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(WIDTH, height), layout="constrained")
    return drawn, drawn.subplots(1, panels, sharey=True)


def picture(drawn: Any, ending: str) -> bytes:
    """The figure as a file of that ending, one of FORMATS; raises UnusableError for a character the font lacks."""
    import matplotlib
    from matplotlib.font_manager import FontProperties, fontManager
    from matplotlib.text import Text

    fontManager.addfont(str(FONT))
    name, out = FontProperties(fname=str(FONT)).get_name(), io.BytesIO()
    # The rest for texts that are only made while drawing, as those of the ticks.
    with matplotlib.rc_context({"font.family": name, "axes.unicode_minus": False}):
        for text in drawn.findobj(Text):
            text.set_fontfamily(name)
            text.set_parse_math(False)  # a dollar sign in a name is a dollar sign
            text.set_text(plain_scripts(printable(text.get_text(), "图")))
        drawn.savefig(out, format=ending.removeprefix("."), dpi=160)
    return out.getvalue()


def label(name: str, most: int = 24) -> str:
    """A name to stand at a tick, whose text Matplotlib sets anew while drawing."""
    return plain_scripts(shortened(name, most))


def name_rows(axes: Any, names: Sequence[str], height: float) -> None:
    """Names beside horizontal bars, the first on top, in letters that fit the height (inches) of the figure."""
    size = min(9.0, 0.7 * 72 * height / max(len(names), 1))
    axes.set_yticks(range(len(names)), [label(name) for name in names], fontsize=size)
    axes.set_ylim(len(names) - 0.4, -0.6)
