"""A document as flat leaves, from which the same document can be written again."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

Step = tuple[str, int]
"""The name of an element and its position among the siblings of that name, from 1."""

_BLANK = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Leaf:
    """An element that carries something: text, attributes, or its mere presence. `path` leads there from the root."""

    path: tuple[Step, ...]
    text: str
    attributes: tuple[tuple[str, str], ...] = ()
    tail: str = ""

    @property
    def name(self) -> str:
        """The path as people write it: local names, with positions where there are several."""
        return "/".join(
            name.rpartition("}")[2] + (f"[{position}]" if position > 1 else "") for name, position in self.path
        )


def leaves(root: etree._Element) -> tuple[Leaf, ...]:
    """All leaves below and with the root, in the order of the document; comments are not part of it."""
    return tuple(_leaves(root, ((str(root.tag), 1),), ""))


def write_leaves(flat: Iterable[Leaf]) -> etree._Element:
    """The tree with exactly these leaves; the prefixes are those of lxml, which carry no meaning."""
    found = iter(flat)
    top = next(found)
    root = _element(top)
    elements = {top.path: root}
    for leaf in found:
        parent = elements[top.path]
        for depth in range(2, len(leaf.path)):
            parent = _under(parent, leaf.path[:depth], elements)
        element = elements[leaf.path] = _element(leaf)
        parent.append(element)
    return root


def _leaves(element: etree._Element, path: tuple[Step, ...], tail: str) -> Iterator[Leaf]:
    children = list(element.iterchildren(etree.Element))
    text = _own_text(element)
    if children and not text.strip():
        text = ""
    if not children or text or element.attrib or tail or len(path) == 1:
        yield Leaf(path, text, tuple(sorted((str(k), str(v)) for k, v in element.attrib.items())), tail)
    count: Counter[str] = Counter()
    for child in children:
        tag = str(child.tag)
        count[tag] += 1
        yield from _leaves(child, (*path, (tag, count[tag])), _tail(child))


def _own_text(element: etree._Element) -> str:
    """The text before the first child element, across comments."""
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            break
        parts.append(child.tail or "")
    return "".join(parts)


def _tail(element: etree._Element) -> str:
    """The text between this and the next sibling element: blank in a DCC, but not in foreign XML inside it."""
    parts = [element.tail or ""]
    for sibling in element.itersiblings():
        if isinstance(sibling.tag, str):
            break
        parts.append(sibling.tail or "")
    text = "".join(parts)
    return "" if _BLANK.fullmatch(text) else text


def _element(leaf: Leaf) -> etree._Element:
    element = etree.Element(leaf.path[-1][0], dict(leaf.attributes))
    element.text, element.tail = leaf.text or None, leaf.tail or None
    return element


def _under(
    parent: etree._Element, path: tuple[Step, ...], elements: dict[tuple[Step, ...], etree._Element]
) -> etree._Element:
    if path not in elements:
        elements[path] = etree.SubElement(parent, path[-1][0])
    return elements[path]
