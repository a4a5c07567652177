"""Pictures of results as files, in a font that the project ships, so that Chinese is never a box."""

import io
from importlib.resources import files
from pathlib import Path
from typing import Any

from yuejingzhun.cli.terminal import UnusableError

FORMATS = (".svg", ".png", ".pdf")
FONT = files("yuejingzhun.evidence.pdf") / "fonts" / "NotoSerifCJKsc-Regular.otf"


def figure(width: float, height: float) -> tuple[Any, Any]:
    """An empty figure of that size in inches, and its axes."""
    # Imported here: a command that draws nothing needn't wait for it.
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(width, height), layout="constrained")
    return drawn, drawn.add_subplot()


def picture(drawn: Any, path: Path) -> bytes:
    """The figure as the file that its name says; raises UnusableError for another ending than .svg, .png and .pdf."""
    if path.suffix.lower() not in FORMATS:
        raise UnusableError(f"{path}：图的文件名应以 {'、'.join(FORMATS)} 结尾")
    import matplotlib
    from matplotlib.font_manager import FontProperties, fontManager
    from matplotlib.text import Text

    fontManager.addfont(str(FONT))
    name, out = FontProperties(fname=str(FONT)).get_name(), io.BytesIO()
    # The rest for texts that are only made while drawing, as those of the ticks.
    with matplotlib.rc_context({"font.family": name, "axes.unicode_minus": False}):
        for text in drawn.findobj(Text):
            text.set_fontfamily(name)
        drawn.savefig(out, format=path.suffix[1:].lower(), dpi=160)
    return out.getvalue()
