"""A chain as a picture: one row an item, the highest at the top, with lines beside them from each item to its uppers.

Rows, not a tree, so that it can be read on a telephone however many standards stand behind a certificate.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yuejingzhun.platform.registry.traceability.rules import Kind, shortest

if TYPE_CHECKING:
    from yuejingzhun.platform.registry.traceability.models import Link, Node
    from yuejingzhun.platform.registry.traceability.queries import Chain

WIDTH, MARGIN, LANE, GAP, LINE, PAD = 420, 6, 9, 14, 18, 8
WIDE, NARROW = 13.0, 7.7  # of a Chinese and of a Latin character at 13 px; measured generously
SI = "国际单位制（SI）"


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text: where it begins, and how it is set."""

    text: str
    y: int
    style: str


@dataclass(frozen=True, slots=True)
class Row:
    """One item: its box and lines of text; lengths in units of the view box."""

    title: str
    style: str
    y: int
    height: int
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes at `left`, `box_width` wide, and the lines beside them as points of polylines."""

    rows: tuple[Row, ...]
    lines: tuple[str, ...]
    left: int
    box_width: int
    text_left: int
    height: int
    summary: str
    width: int = WIDTH


def draw(chain: Chain) -> Picture:
    """The picture of a chain, with the SI above where a national standard is reached."""
    order = _ordered(chain)
    top = any(node.kind == Kind.NATIONAL.name for node in chain.roots)
    position = {node.pk: place + top for place, node in enumerate(order)}
    spans = {(position[step.link.upper_id], position[step.link.lower_id]) for step in chain.steps}
    if top:
        spans |= {(0, position[node.pk]) for node in chain.roots if node.kind == Kind.NATIONAL.name}
    lanes = _lanes(spans)
    left = MARGIN + LANE * (1 + max(lanes.values(), default=0)) + LANE // 2
    box_width = WIDTH - left - MARGIN
    made: dict[int, list[Link]] = defaultdict(list)
    for step in chain.steps:
        made[step.link.lower_id].append(step.link)
    rows: list[Row] = []
    y = MARGIN
    for node in [None, *order] if top else order:
        row = _si(y) if node is None else _row(chain, node, made[node.pk], y, box_width - 2 * PAD)
        rows.append(row)
        y += row.height + GAP
    lines = tuple(_line(rows, span, MARGIN + LANE * lane, left) for span, lane in sorted(lanes.items()))
    ends = "、".join(node.label for node in chain.roots)
    summary = f"从 {chain.certificate or chain.start.label} 向上 {len(order) - 1} 项，止于 {SI if top else ends}"
    return Picture(tuple(rows), lines, left, box_width, left + PAD, y - GAP + MARGIN, summary)


def _ordered(chain: Chain) -> list[Node]:
    """The items, the farthest from the start first."""
    level = {chain.start.pk: 0}
    nodes = {chain.start.pk: chain.start}
    for step in chain.steps:
        nodes.setdefault(step.link.upper_id, step.link.upper)
        level[step.link.upper_id] = max(step.level, level.get(step.link.upper_id, 0))
    return sorted(nodes.values(), key=lambda node: (-level[node.pk], node.label))


def _lanes(spans: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """A lane for each line, the shortest nearest to the boxes; lines that pass each other take different ones."""
    taken: list[list[tuple[int, int]]] = []
    lane_of: dict[tuple[int, int], int] = {}
    for span in sorted(spans, key=lambda span: (span[0] - span[1], span), reverse=True):
        free = (all(span[1] <= top or bottom <= span[0] for top, bottom in others) for others in taken)
        lane = next((lane for lane, is_free in enumerate(free) if is_free), len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append(span)
        lane_of[span] = lane
    most = len(taken) - 1
    return {span: most - lane for span, lane in lane_of.items()}


def _si(y: int) -> Row:
    return Row(SI, "root", y, LINE + PAD, (Text(SI, y + LINE, "name"),))


def _row(chain: Chain, node: Node, made: list[Link], y: int, room: int) -> Row:
    own = node.pk == chain.start.pk
    heading = f"证书 {chain.certificate}" if own and chain.certificate else node.label
    about = [Kind[node.kind].value]
    if own and chain.certificate:
        about.append(node.label)
    # Whose instrument it is isn't published; whose standard it is, is.
    elif node.holder is not None and node.kind != Kind.INSTRUMENT.name:
        about.append(node.holder.name)
    given = [(line, "name") for line in wrapped(heading, room, 2)]
    given += [(line, "about") for line in wrapped(" · ".join(about), room, 2)]
    given += [(line, "about") for line in wrapped(node.uncertainty, room, 1)]
    for link in made:
        given += [(line, "made") for line in wrapped(_made(link, own and bool(chain.certificate)), room, 2)]
    if not made and node.kind != Kind.NATIONAL.name:
        given.append(("上级溯源未在本系统登记", "made"))
    texts = tuple(Text(text, y + LINE * (place + 1), style) for place, (text, style) in enumerate(given))
    title = "，".join(text for text in (heading, *about, node.uncertainty) if text)
    style = "root" if node.kind == Kind.NATIONAL.name else "start" if own else "item"
    return Row(title, style, y, LINE * len(given) + PAD, texts)


def _made(link: Link, told: bool) -> str:
    day = f"{link.made_on.year}年{link.made_on.month}月{link.made_on.day}日"
    by = "" if told else f" {link.certificate}"
    u = "" if link.expanded_uncertainty is None else f"，U = {shortest(link.expanded_uncertainty)} {link.unit}"
    return f"↑ {link.part + '：' if link.part else ''}{day}{by}{u}"


def _line(rows: list[Row], span: tuple[int, int], x: int, left: int) -> str:
    upper, lower = rows[span[0]], rows[span[1]]
    begin, end = lower.y + 12, upper.y + upper.height - 8
    return f"{left},{begin} {x},{begin} {x},{end} {left},{end}"


def wrapped(text: str, room: float, most: int) -> list[str]:
    """The text in lines that fit, at most so many, the last one cut with an ellipsis where there is more."""
    lines: list[str] = []
    line, used = "", 0.0
    for mark in text:
        size = WIDE if ord(mark) > 0x2E80 else NARROW
        if used + size > room:
            if len(lines) == most - 1:
                return [*lines, line[:-1] + "…"]
            lines.append(line)
            line, used = "", 0.0
        line += mark
        used += size
    return [*lines, line] if line else lines
