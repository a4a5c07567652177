"""The number of the certificate that a DCC is."""

from lxml import etree

from yuejingzhun.evidence.dcc.elements import NAMESPACES
from yuejingzhun.evidence.dcc.tree import text_of


def number_of(root: etree._Element) -> str:
    """The certificate number in a DCC; empty where it has none."""
    return text_of(root.find("dcc:administrativeData/dcc:coreData/dcc:uniqueIdentifier", NAMESPACES))
