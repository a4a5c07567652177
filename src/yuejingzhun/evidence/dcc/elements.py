"""Small pieces of a DCC, each one element of the schema (DCC 3.3.0, D-SI 2.2.1)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from lxml import etree

from yuejingzhun.metrology.units.legal import dsi_of_symbol

DCC, SI = "https://ptb.de/dcc", "https://ptb.de/si"
NAMESPACES = {"dcc": DCC, "si": SI}
_make = etree.XMLParser().makeelement


def dcc(tag: str, *children: "etree._Element | str | None", **attributes: str) -> etree._Element:
    """A dcc: element; None among the children is left out, a string becomes its text."""
    return _element(DCC, tag, children, attributes)


def si(tag: str, *children: "etree._Element | str | None") -> etree._Element:
    """An si: element."""
    return _element(SI, tag, children, {})


def text(tag: str, chinese: str, english: str | None = None, **attributes: str) -> etree._Element:
    """An element of dcc:textType, in both languages or, where there is no translation, without a language."""
    if english is None:
        return dcc(tag, dcc("content", chinese), **attributes)
    return dcc(tag, dcc("content", chinese, lang="zh"), dcc("content", english, lang="en"), **attributes)


def contact(tag: str, name: str, english: str, city: str, address: str, phone: str, email: str) -> etree._Element:
    """An element of dcc:contactType, in China."""
    return dcc(
        tag,
        text("name", name, english or None),
        dcc("eMail", email) if email else None,
        dcc("phone", phone) if phone else None,
        dcc(
            "location",
            dcc("city", city) if city else None,
            dcc("countryCode", "CN"),
            text("further", address) if address else None,
        ),
    )


def identification(issuer: str, value: str, chinese: str, english: str) -> etree._Element:
    """One number under which something is known, and who gave it."""
    return dcc("identification", dcc("issuer", issuer), dcc("value", value), text("name", chinese, english))


def real(value: Decimal, unit: str) -> etree._Element:
    """A single value with its unit (our symbol, written as D-SI)."""
    return si("real", si("value", plain(value)), si("unit", dsi_of_symbol(unit)))


def real_list(
    values: Iterable[Decimal], unit: str, labels: Sequence[str] = (), expanded: "etree._Element | None" = None
) -> etree._Element:
    """A column of values of one unit."""
    return si(
        "realListXMLList",
        si("labelXMLList", " ".join(labels)) if labels else None,
        si("valueXMLList", " ".join(map(plain, values))),
        si("unitXMLList", dsi_of_symbol(unit)),
        expanded,
    )


def expanded_uncertainties(sizes: Iterable[Decimal], factors: Iterable[Decimal], probability: str) -> etree._Element:
    """The expanded uncertainty of each value in a column, with its coverage factor."""
    return si(
        "measurementUncertaintyUnivariateXMLList",
        si(
            "expandedMUXMLList",
            si("valueExpandedMUXMLList", " ".join(map(plain, sizes))),
            si("coverageFactorXMLList", " ".join(map(plain, factors))),
            si("coverageProbabilityXMLList", probability),
        ),
    )


def plain(value: Decimal) -> str:
    """A decimal with the digits it has, never in exponent form."""
    return format(value, "f")


def document(tag: str, *children: etree._Element, **attributes: str) -> etree._Element:
    """The dcc: root, with the prefixes that all elements below take on."""
    return _filled(etree.Element(f"{{{DCC}}}{tag}", attributes, nsmap=NAMESPACES), children)


def _element(
    namespace: str, tag: str, children: Sequence["etree._Element | str | None"], attributes: dict[str, str]
) -> etree._Element:
    # No prefixes here: declaring them on each element costs a quarter of the time that composing takes.
    return _filled(_make(f"{{{namespace}}}{tag}", attributes), children)


def _filled(element: etree._Element, children: Sequence["etree._Element | str | None"]) -> etree._Element:
    for child in children:
        if isinstance(child, str):
            element.text = child
        elif child is not None:
            element.append(child)
    return element
