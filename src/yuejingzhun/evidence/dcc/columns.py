"""From the quantities of a DCC to columns: single values, lists, lists of lists and the forms of all D-SI versions."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from lxml import etree

from yuejingzhun.evidence.dcc.column import Column, Kind, Section, StatedUncertainty, Statement, Texts
from yuejingzhun.evidence.dcc.elements import DCC, SI
from yuejingzhun.evidence.dcc.tree import child, text_of

_D, _S = f"{{{DCC}}}", f"{{{SI}}}"
_NAME, _CONTENT, _NO_QUANTITY, _CHARS = f"{_D}name", f"{_D}content", f"{_D}noQuantity", f"{_D}charsXMLList"
_LIST, _RELATIVE = f"{_D}list", f"{_D}relativeUncertainty"
_HYBRID, _REAL, _COMPLEX = f"{_S}hybrid", f"{_S}real", f"{_S}complex"
_LISTS_OF = {f"{_S}realList": _REAL, f"{_S}complexList": _COMPLEX}
_KINDS = {
    _REAL: Kind.REAL,
    f"{_S}realListXMLList": Kind.REAL,
    f"{_S}constant": Kind.CONSTANT,
    _COMPLEX: Kind.COMPLEX,
    f"{_S}complexListXMLList": Kind.COMPLEX,
}
# Every element of which an si: or text value can be the child, in any version from 2.3 to 3.3.
QUANTITIES = tuple(
    _D + name
    for name in (
        "quantity",
        "itemQuantity",
        "measuringEquipmentQuantity",
        "usedMethodQuantity",
        "equipmentQuantity",
        "primitiveQuantity",
    )
)
_SECTIONS = frozenset(
    _D + name
    for name in (
        "result",
        "influenceCondition",
        "item",
        "measuringEquipment",
        "usedMethod",
        "metaData",
        "statement",
        "measurementResult",
    )
)
_STATEMENTS = {
    "expandedUnc": Statement.EXPANDED,
    "expandedMU": Statement.EXPANDED,
    "standardMU": Statement.STANDARD,
    "coverageInterval": Statement.INTERVAL,
    "coverageIntervalMU": Statement.INTERVAL,
    "ellipsoidalRegion": Statement.ELLIPSOID,
    "ellipsoidalRegionMU": Statement.ELLIPSOID,
    "rectangularRegion": Statement.RECTANGLE,
    "rectangularRegionMU": Statement.RECTANGLE,
}
# The same thing has several names between the forms and versions of D-SI.
_SYNONYMS = {
    "listUnit": "unit",
    "listUnitPhase": "unitPhase",
    "listsignificantDigit": "significantDigit",
    "quantityTypeQUDT": "quantityType",
    "listQuantityTypeQUDT": "quantityType",
    "valueExpandedMU": "uncertainty",
    "valueStandardMU": "uncertainty",
    "standardUnc": "uncertainty",
}
LARGEST_EXPONENT = 400
Found = dict[str, list[Any]]


def _decimals(texts: Iterable[str]) -> tuple[Decimal, ...]:
    return tuple(map(_decimal, texts))


def _decimal(text: str) -> Decimal:
    value = Decimal(text)
    # D-SI numbers are those of xs:double; without a bound, 1E999999999 would fill the memory once it is written out.
    if value.is_finite() and abs(value.adjusted()) > LARGEST_EXPONENT:
        raise ValueError(f"{text[:40]} 超出双精度数的范围")
    return value


def _integers(texts: Iterable[str]) -> tuple[int, ...]:
    return tuple(map(int, texts))


def _matrix(pairs_by_column: Iterable[Any]) -> tuple[tuple[tuple[Decimal, str], ...], ...]:
    return tuple(tuple((_decimal(value), unit) for value, unit in pairs) for pairs in pairs_by_column)


_COLUMN_FIELDS: dict[str, tuple[str, Callable[[Iterable[str]], Any]]] = {
    "value": ("values", _decimals),
    "valueReal": ("values", _decimals),
    "valueMagnitude": ("values", _decimals),
    "valueImag": ("seconds", _decimals),
    "valuePhase": ("seconds", _decimals),
    "unit": ("units", tuple),
    "unitPhase": ("second_units", tuple),
    "label": ("labels", tuple),
    "dateTime": ("times", tuple),
    "quantityType": ("quantity_kinds", tuple),
    "significantDigit": ("significant_digits", _integers),
}
_UNCERTAINTY_FIELDS: dict[str, tuple[str, Callable[[Iterable[str]], Any]]] = {
    "uncertainty": ("sizes", _decimals),
    "coverageFactor": ("factors", _decimals),
    "coverageProbability": ("probabilities", _decimals),
    "distribution": ("distributions", tuple),
    "intervalMin": ("low", _decimals),
    "intervalMax": ("high", _decimals),
    "covariance": ("covariances", _matrix),
}


def columns(root: etree._Element) -> tuple[Column, ...]:
    """Every quantity below the root, in the order of the document."""
    sections: dict[etree._Element | None, Section] = {}
    return tuple(column for quantity in root.iter(*QUANTITIES) for column in _quantity_columns(quantity, sections))


def value_columns(element: etree._Element, section: Section) -> tuple[Column, ...]:
    """The columns of one si: element that stands outside a DCC."""
    return tuple(_element_columns(element, _Place(section, (), ())))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where columns stand: what all columns of one quantity share."""

    section: Section
    names: Texts
    ref_types: tuple[str, ...]


def _quantity_columns(quantity: etree._Element, sections: dict[etree._Element | None, Section]) -> Iterator[Column]:
    place = _Place(_section(quantity, sections), (), _ref_types(quantity))
    for part in quantity:
        tag = part.tag
        if not isinstance(tag, str):
            continue
        if tag == _NAME:
            # The schema puts the name before the values.
            place = _Place(place.section, _contents(part), place.ref_types)
        elif tag.startswith(_S):
            yield from _element_columns(part, place)
        elif tag in (_NO_QUANTITY, _CHARS):
            yield _text_column(part, place)
        elif tag == _RELATIVE:
            for stated in part.iterchildren(etree.Element):
                yield _column(stated, place, Kind.RELATIVE_UNCERTAINTY, _leaves(stated), 0)


def _element_columns(element: etree._Element, place: _Place, alternative: int = 0) -> Iterator[Column]:
    tag = str(element.tag)
    kind = _KINDS.get(tag)
    if kind is not None:
        yield _column(element, place, kind, _leaves(element), alternative)
    elif tag in _LISTS_OF:
        yield from _list_columns(element, place, alternative)
    else:
        # An si:hybrid says the same in several units; an si:list holds columns side by side.
        for position, part in enumerate(element.iterchildren(etree.Element), 1):
            yield from _element_columns(part, place, position if tag == _HYBRID else alternative)


def _list_columns(element: etree._Element, place: _Place, alternative: int) -> Iterator[Column]:
    """One column of an si:realList whose members state the same things; else one for each member."""
    member_tag = _LISTS_OF[str(element.tag)]
    members = [_leaves(member) for member in element.iterchildren(member_tag)]
    shared: Found = {}
    for part in element.iterchildren(etree.Element):
        if part.tag != member_tag:
            _collect(part, shared)
    kind = _KINDS[member_tag]
    if len({frozenset((name, len(found)) for name, found in member.items()) for member in members}) <= 1:
        merged: Found = {}
        for member in members:
            for name, found in member.items():
                merged.setdefault(name, []).extend(found)
        yield _column(element, place, kind, shared | merged, alternative)
        return
    for node, member in zip(element.iterchildren(member_tag), members, strict=True):
        yield _column(node, place, kind, shared | member, alternative)


def _leaves(element: etree._Element) -> Found:
    found: Found = {}
    for part in element:
        _collect(part, found)
    return found


def _collect(element: etree._Element, found: Found) -> None:
    """The text of an element, or of those below it, under one name for all versions of D-SI."""
    tag = element.tag
    if not isinstance(tag, str):
        return
    name, listed = _plain_name(tag)
    if not len(element):
        text = element.text or ""
        found.setdefault(name, []).extend(text.split() if listed else (text.strip(),))
    elif name == "covarianceMatrix":
        _collect_covariances(element, found)
    elif any(isinstance(part.tag, str) for part in element):
        if name in _STATEMENTS:
            found.setdefault("statement", []).append(name)
        for part in element:
            _collect(part, found)
    else:
        found.setdefault(name, []).extend(text_of(element).split() if listed else (text_of(element),))


@cache
def _plain_name(tag: str) -> tuple[str, bool]:
    """The name of an element without the form it has in lists, and whether it is a list."""
    name = tag.rpartition("}")[2]
    plain = name.removesuffix("XMLList")
    return _SYNONYMS.get(plain, plain), plain != name


def _collect_covariances(matrix: etree._Element, found: Found) -> None:
    for column in matrix.iterchildren(etree.Element):
        cells = [_leaves(cell) for cell in column.iterchildren(etree.Element)]
        pairs = [pair for cell in cells for pair in zip(cell.get("value", ()), _spread(cell), strict=True)]
        found.setdefault("covariance", []).append(pairs)


def _spread(cell: Found) -> list[str]:
    """The unit of each value in a cell of a matrix: one may stand for all."""
    units, count = cell.get("unit", []) or [""], len(cell.get("value", ()))
    return units * count if len(units) == 1 else units


def _column(element: etree._Element, place: _Place, kind: Kind, found: Found, alternative: int) -> Column:
    if kind is Kind.COMPLEX and "valueMagnitude" in found:
        kind = Kind.POLAR
    own: dict[str, Any] = {"alternative": alternative}
    stated: dict[str, Any] = {}
    others: list[tuple[str, str]] = []
    for name, texts in found.items():
        if name in _COLUMN_FIELDS:
            field, convert = _COLUMN_FIELDS[name]
            own[field] = convert(texts)
        elif name in _UNCERTAINTY_FIELDS:
            field, convert = _UNCERTAINTY_FIELDS[name]
            stated[field] = convert(texts)
        elif name != "statement":
            others.extend((name, text) for text in texts)
    if stated:
        # A constant has its standard uncertainty without an element around it (D-SI 2.2.1, constantQuantityType).
        statement = _STATEMENTS[found["statement"][0]] if "statement" in found else Statement.STANDARD
        own["uncertainty"] = StatedUncertainty(statement, **stated)
    line: Any = element.sourceline
    names = place.names or _list_names(element)
    return Column(line or 0, place.section, names, place.ref_types, kind, others=tuple(others), **own)


def _text_column(element: etree._Element, place: _Place) -> Column:
    if element.tag == _CHARS:
        texts = tuple(text_of(element).split())
    else:
        texts = tuple(text_of(leaf) for leaf in element.iter(etree.Element) if not len(leaf))
    line: Any = element.sourceline
    return Column(line or 0, place.section, place.names, place.ref_types, Kind.TEXT, texts=texts)


def _section(quantity: etree._Element, known: dict[etree._Element | None, Section]) -> Section:
    """The nearest result, condition, item, equipment, method or statement around a quantity."""
    holder = quantity.getparent()
    if holder not in known:
        node = holder
        while node is not None and node.tag not in _SECTIONS:
            node = node.getparent()
        if node is None:
            known[holder] = Section("document", (), ())
        else:
            name = child(node, _NAME)
            names = () if name is None else _contents(name)
            known[holder] = Section(str(node.tag)[len(_D) :], names, _ref_types(node))
    return known[holder]


def _list_names(element: etree._Element) -> Texts:
    """The name of the list around a quantity that has none of its own."""
    around = next(element.iterancestors(_LIST), None)
    name = None if around is None else child(around, _NAME)
    return () if name is None else _contents(name)


def _contents(name: etree._Element) -> Texts:
    return tuple((content.get("lang"), text_of(content)) for content in name.iterchildren(_CONTENT))


def _ref_types(element: etree._Element) -> tuple[str, ...]:
    return tuple(element.get("refType", "").split())
