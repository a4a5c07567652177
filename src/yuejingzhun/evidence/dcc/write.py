"""Writing a document that was read: the same meaning, in canonical order of attributes and one layout."""

from collections.abc import Iterable

from lxml import etree

from yuejingzhun.evidence.dcc.elements import NAMESPACES as WRITTEN
from yuejingzhun.evidence.dcc.leaves import Leaf, write_leaves

NAMESPACES = WRITTEN | {"ds": "http://www.w3.org/2000/09/xmldsig#"}


def write(flat: Iterable[Leaf]) -> bytes:
    """The XML of these leaves, such as `read(data).leaves`, in UTF-8."""
    root = write_leaves(flat)
    top = etree.Element(root.tag, nsmap=NAMESPACES)
    top.attrib.update(root.attrib)
    top.text = root.text
    top.extend(list(root))
    etree.cleanup_namespaces(top, top_nsmap=NAMESPACES)
    return bytes(etree.tostring(top, encoding="UTF-8", xml_declaration=True))
