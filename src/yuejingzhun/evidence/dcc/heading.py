"""Who calibrated what for whom, and when: the head of a DCC, typed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from yuejingzhun.evidence.dcc.column import in_chinese
from yuejingzhun.evidence.dcc.elements import DCC
from yuejingzhun.evidence.dcc.read import Document
from yuejingzhun.evidence.dcc.tree import text_of

_D = f"{{{DCC}}}"
CONFORMITY = {
    "pass": "符合",
    "conditionalPass": "有条件符合",
    "fail": "不符合",
    "conditionalFail": "有条件不符合",
    "noPass": "不判为符合",
    "noFail": "不判为不符合",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One calibrated item."""

    name: str
    maker: str
    model: str
    identifications: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """The administrative data of a DCC, as far as each reader needs it; dates as written, in ISO 8601."""

    number: str
    laboratory: str
    customer: str
    begun: str
    ended: str
    issued: str
    items: tuple[Item, ...]
    persons: tuple[str, ...]
    conformity: tuple[str, ...]

    def lines(self) -> Iterator[tuple[str, str]]:
        """Label and value of each thing that the document says."""
        yield "编号", self.number
        yield "校准机构", self.laboratory
        yield "客户", self.customer
        yield "开始日期", self.begun
        yield "结束日期", self.ended
        if self.issued:
            yield "签发日期", self.issued
        for position, item in enumerate(self.items, 1):
            label = "被测对象" if len(self.items) == 1 else f"被测对象 {position}"
            yield label, "，".join(filter(None, (item.name, item.maker, item.model, *item.identifications)))
        yield "责任人", "、".join(self.persons)
        if self.conformity:
            yield "符合性", "、".join(CONFORMITY.get(verdict, verdict) for verdict in self.conformity)


def heading(document: Document) -> Heading:
    """The head of a document."""
    administrative = _at(document.root, "administrativeData")
    core = _at(administrative, "coreData")
    return Heading(
        number=text_of(_at(core, "uniqueIdentifier")),
        laboratory=_name(_at(administrative, "calibrationLaboratory", "contact")),
        customer=_name(_at(administrative, "customer")),
        begun=text_of(_at(core, "beginPerformanceDate")),
        ended=text_of(_at(core, "endPerformanceDate")),
        issued=text_of(_at(core, "issueDate")),
        items=tuple(map(_item, _all(_at(administrative, "items"), "item"))),
        persons=tuple(
            _name(_at(person, "person")) for person in _all(_at(administrative, "respPersons"), "respPerson")
        ),
        conformity=tuple(_conformity(_all(_at(administrative, "statements"), "statement"))),
    )


def _item(element: etree._Element) -> Item:
    identifications = _all(_at(element, "identifications"), "identification")
    return Item(
        _name(element),
        _name(_at(element, "manufacturer")),
        text_of(_at(element, "model")),
        tuple(text_of(_at(found, "value")) for found in identifications),
    )


def _conformity(statements: Iterable[etree._Element]) -> Iterator[str]:
    for statement in statements:
        for name in ("conformity", "conformityXMLList"):
            yield from text_of(_at(statement, name)).split()


def _at(element: etree._Element | None, *names: str) -> etree._Element | None:
    for name in names:
        element = None if element is None else element.find(_D + name)
    return element


def _all(element: etree._Element | None, name: str) -> list[etree._Element]:
    return [] if element is None else element.findall(_D + name)


def _name(element: etree._Element | None) -> str:
    """The name of an element, in Chinese where it has one."""
    contents = _all(_at(element, "name"), "content")
    return in_chinese(tuple((content.get("lang"), text_of(content)) for content in contents))
