"""Finding one's way in an lxml tree: one child, one text."""

from lxml import etree


def child(element: etree._Element, tag: str) -> etree._Element | None:
    """The first child with this tag; about twice as fast as `find`."""
    return next(element.iterchildren(tag), None)


def text_of(element: etree._Element | None) -> str:
    """All text directly inside an element, across comments and processing instructions, without outer blanks.

    `.text` ends at the first comment, so a comment could hide half of a value.
    """
    if element is None:
        return ""
    if not len(element):
        return (element.text or "").strip()
    return "".join([element.text or "", *(child.tail or "" for child in element)]).strip()


def string_of(element: etree._Element | None) -> str:
    """The string value as XPath has it: all text in and below the element, outer blanks included."""
    if element is None:
        return ""
    if not len(element):
        return element.text or ""
    return "".join(map(str, element.itertext(etree.Element)))
