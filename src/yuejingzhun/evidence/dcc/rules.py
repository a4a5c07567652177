"""The rules of good practice for a DCC beyond its schema: those of PTB's Schematron (dcclib 0.4.0, dcc.sch).

Written again in Python, one function a pattern, each finding with its line. Where the Schematron's test says something
else than its message, the message counts: a list of units is redundant only if all are equal (the test is true for
every list); a relative uncertainty agrees with U/|x| if it does so to the digits given (the test compares binary
fractions). The reports with the role "information" say that something is there and are no rules.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from itertools import chain
from typing import Any, cast

from lxml import etree

from yuejingzhun.evidence.dcc.codes import COUNTRIES, LANGUAGES
from yuejingzhun.evidence.dcc.elements import DCC, SI
from yuejingzhun.evidence.dcc.tree import child, string_of

LATEST = "3.3.0"


class Severity(Enum):
    """How a finding weighs."""

    ERROR = "错误"
    WARNING = "提示"


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of a rule: a stable name, the line in the document, and what was found and is expected."""

    rule: str
    severity: Severity
    line: int
    message: str


Rule = Callable[[etree._Element], Iterator[Finding]]
_D, _S = f"{{{DCC}}}", f"{{{SI}}}"
_CONTENT, _LIST, _QUANTITY, _RESULT = f"{_D}content", f"{_D}list", f"{_D}quantity", f"{_D}result"
_DATA, _MEASUREMENT_RESULT, _META = f"{_D}data", f"{_D}measurementResult", f"{_D}metaData"
_USED_LANGUAGE, _UNIT, _UNITS = f"{_D}usedLangCodeISO639_1", f"{_S}unit", f"{_S}unitXMLList"
_VALUES, _RELATIVE, _EXPANDED = f"{_S}valueXMLList", f"{_D}relativeUncertainty", f"{_S}expandedUncXMLList"
_HYBRID, _OTHER_UNIT, _DEFINITION = f"{_S}hybrid", f"{_D}nonSIUnit", f"{_D}nonSIDefinition"
_RELEASE_TAG = f"{_D}release"
_SIZES = f"{_S}uncertaintyXMLList"
_REAL_LIST, _REAL = f"{_S}realListXMLList", f"{_S}real"
_HEADINGS = tuple(_D + name for name in ("name", "further", "referral"))
_SPACED = (
    *(
        f"{_S}{name}XMLList"
        for name in (
            "value",
            "unit",
            "label",
            "dateTime",
            "uncertainty",
            "coverageFactor",
            "coverageProbability",
            "distribution",
            "standardUnc",
            "intervalMin",
            "intervalMax",
        )
    ),
    f"{_D}dateTimeXMLList",
    f"{_D}conformityXMLList",
)
_BAD_SPACING = re.compile(r"^\s|\s$|\s\s|^$")
_DATE = re.compile(r"\s*(-?[0-9]+)-([0-9]{2})-([0-9]{2})")
_RELEASE = re.compile(r"[a-zA-Z] ?([0-9]{1,3}\.){0,3}[0-9]{1,3}")
_PLACED = (
    ("methods", f"{_D}usedMethods", Severity.ERROR, "测量方法"),
    ("software", f"{_D}usedSoftware", Severity.WARNING, "所用软件"),
    ("conditions", f"{_D}influenceConditions", Severity.ERROR, "影响条件"),
)

_ids = etree.XPath("//*/@id", smart_strings=False)
_references = etree.XPath("//*/@refId", smart_strings=False)
_reference_types = etree.XPath("//*/@refType", smart_strings=False)
_attributed = etree.XPath("//*[@*[local-name() = $name] = $value]")


def check_rules(root: etree._Element) -> tuple[Finding, ...]:
    """All findings, in the order of the rules."""
    return tuple(chain.from_iterable(rule(root) for rule in RULES))


def placement(root: etree._Element) -> Iterator[Finding]:
    """Methods, software and influence conditions stand for a whole result, a list, or each quantity."""
    for holder, quantities in _holders(root):
        around = list(holder.iterancestors(_MEASUREMENT_RESULT))
        for name, tag, severity, term in _PLACED:
            if any(child(node, tag) is not None for node in (*around, holder)):
                continue
            if len(quantities) > sum(len(list(quantity.iterchildren(tag))) for quantity in quantities):
                message = f"没有给出{term}：应写在测量结果、列表或每个量上"
                yield _finding(f"{name}-missing", severity, holder, message)


def schema_version(root: etree._Element) -> Iterator[Finding]:
    """The latest version is used."""
    version = root.get("schemaVersion")
    if version != LATEST:
        yield _finding("version-outdated", Severity.WARNING, root, f"模式版本是 {version}，最新为 {LATEST}")


def attributes(root: etree._Element) -> Iterator[Finding]:
    """Each id is referred to and each reference leads to an id; entries are separated by exactly one blank."""
    identifiers, references, types = (_strings(path, root) for path in (_ids, _references, _reference_types))
    known, used = set(identifiers), set(chain.from_iterable(reference.split(" ") for reference in references))
    for identifier in identifiers:
        if identifier not in used:
            holder = _holder(root, "id", identifier)
            yield _finding("id-unlinked", Severity.WARNING, holder, f"id “{identifier}” 没有被引用")
    for reference in references:
        if known.isdisjoint(reference.split(" ")):
            message = f"refId “{reference}” 指向的 id 不存在"
            yield _finding("reference-invalid", Severity.ERROR, _holder(root, "refId", reference), message)
    for name, values in (("refType", types), ("refId", references)):
        for value in sorted(filter(_BAD_SPACING.search, set(values))):
            message = f"属性 {name} 的各项之间应恰有一个空格，首尾没有空格"
            yield _finding("attribute-spacing", Severity.ERROR, _holder(root, name, value), message)


def languages(root: etree._Element) -> Iterator[Finding]:
    """Texts are in the languages that are declared: in all of them, each once, or without a language."""
    declared = [string_of(code) for core in _core_data(root) for code in core.iterchildren(_USED_LANGUAGE)]
    texts: defaultdict[Any, list[str | None]] = defaultdict(list)
    for content in root.iter(_CONTENT):
        texts[content.getparent()].append(content.get("lang"))
    for parent, found in texts.items():
        if found == declared:
            continue
        used = [language for language in found if language is not None]
        if len(used) < len(found) and _bears_no_name(parent.getparent()):
            yield _finding("language-missing", Severity.WARNING, parent, "文字没有注明语言")
        if not used:
            continue
        if not set(used).issubset(declared):
            message = f"文字的语言 {'、'.join(used)} 中有没有声明的，已声明 {'、'.join(declared)}"
            yield _finding("language-undeclared", Severity.ERROR, parent, message)
        if len(used) != len(declared):
            message = f"文字只有 {'、'.join(used)}，声明的语言是 {'、'.join(declared)}：应补全，或不注明语言"
            yield _finding("language-incomplete", Severity.ERROR, parent, message)
        if len(set(used)) != len(used):
            yield _finding("language-twice", Severity.ERROR, parent, f"同一语言出现多次：{'、'.join(used)}")


def dates(root: etree._Element) -> Iterator[Finding]:
    """The work ended on or after the day on which it began."""
    for core in _core_data(root):
        begin, end = child(core, f"{_D}beginPerformanceDate"), child(core, f"{_D}endPerformanceDate")
        if begin is not None and end is not None and _day(end) < _day(begin):
            message = f"结束日期 {string_of(end)} 早于开始日期 {string_of(begin)}"
            yield _finding("dates-reversed", Severity.ERROR, end, message)


def declared_languages(root: etree._Element) -> Iterator[Finding]:
    """Languages are those of ISO 639-1, and none is declared twice."""
    seen: set[str] = set()
    for core in _core_data(root):
        for code in core.iterchildren(_USED_LANGUAGE, f"{_D}mandatoryLangCodeISO639_1"):
            text = string_of(code)
            if text not in LANGUAGES:
                yield _finding("language-code", Severity.ERROR, code, f"“{text}” 不是 ISO 639-1 语言代码")
            if code.tag == _USED_LANGUAGE:
                if text in seen:
                    yield _finding("language-declared-twice", Severity.ERROR, code, f"语言 {text} 声明了多次")
                seen.add(text)


def codes(root: etree._Element) -> Iterator[Finding]:
    """Countries are those of ISO 3166-1; the release of a software is a letter and up to four numbers."""
    for code in root.iter(_RELEASE_TAG, f"{_D}countryCodeISO3166_1"):
        text = string_of(code)
        if code.tag == _RELEASE_TAG:
            if not _RELEASE.fullmatch(text):
                message = f"软件版本 “{text}” 的写法应如 v1.2.3 或 A 1.0"
                yield _finding("release-format", Severity.ERROR, code, message)
        elif text not in COUNTRIES:
            yield _finding("country-code", Severity.ERROR, code, f"“{text}” 不是 ISO 3166-1 国家代码")


def relative_uncertainties(root: etree._Element) -> Iterator[Finding]:
    """A relative uncertainty stands beside the expanded one, in the same form, and agrees with it."""
    for relative in root.iter(_RELATIVE):
        quantity = relative.getparent()
        if quantity is None or quantity.tag != _QUANTITY:
            continue
        listed = relative.find(f"{_D}relativeUncertaintyXmlList")
        single = relative.find(f"{_D}relativeUncertaintySingle")
        values, value = quantity.find(f"{_REAL_LIST}/{_VALUES}"), quantity.find(f"{_REAL}/{_S}value")
        expanded = quantity.find(f"{_REAL}/{_S}expandedUnc")
        if (listed is not None and quantity.find(f"{_REAL_LIST}/{_EXPANDED}") is None) or (
            single is not None and expanded is None
        ):
            yield _finding("relative-alone", Severity.ERROR, relative, "有相对不确定度而没有扩展不确定度")
        if (single is not None and values is not None) or (listed is not None and value is not None):
            yield _finding("relative-form", Severity.ERROR, relative, "相对不确定度与值一个是列表、一个是单值")
        if single is not None and value is not None and expanded is not None and not _agrees(single, value, expanded):
            message = f"相对不确定度 {string_of(single.find(f'{_S}value'))} 与扩展不确定度和值之比不符"
            yield _finding("relative-value", Severity.ERROR, relative, message)
        if listed is not None and values is not None:
            for entries in listed.iterchildren(_VALUES):
                yield from _count("relative-count", "相对不确定度", entries, values)


def list_counts(root: etree._Element) -> Iterator[Finding]:
    """A list of uncertainties or units has one entry for all values or one for each; equal units are given once."""
    for entries in root.iter(_SIZES, _UNITS, _UNIT):
        text = string_of(entries)
        # One entry stands for all values, and is by far the most frequent.
        if " " not in text:
            continue
        parent = entries.getparent()
        if entries.tag == _UNIT:
            if parent is not None and parent.tag == _REAL:
                yield _finding("unit-spaces", Severity.ERROR, entries, f"单位 “{text}” 含有空格")
            continue
        values = next(entries.iterancestors(_REAL_LIST), entries)
        rule, term = ("unit-count", "单位") if entries.tag == _UNITS else ("uncertainty-count", "扩展不确定度")
        yield from _count(rule, term, entries, child(values, _VALUES))
        if entries.tag == _UNITS and len(set(text.split())) == 1:
            message = f"各值单位都是 {text.split()[0]}，写一次即可"
            yield _finding("unit-redundant", Severity.WARNING, entries, message)


def other_units(root: etree._Element) -> Iterator[Finding]:
    """A unit outside the SI is declared, with its definition, before it is used."""
    names: set[str] = set()
    for said in root.iter(_OTHER_UNIT, _DEFINITION):
        if said.tag == _DEFINITION:
            if len(list(said.itersiblings(_OTHER_UNIT))) != 1:
                yield _finding("definition-without-unit", Severity.ERROR, said, "非 SI 单位的定义没有对应的单位")
            continue
        names.add(string_of(said))
        if len(list(said.itersiblings(_DEFINITION, preceding=True))) != 1:
            yield _finding("unit-undefined", Severity.ERROR, said, f"非 SI 单位 {string_of(said)} 没有定义")
    for hybrid in root.iter(_HYBRID):
        for real in hybrid.iterchildren(_REAL):
            text = string_of(child(real, _UNIT))
            if text.startswith("|") and len(text) > 1 and text not in names:
                yield _finding("unit-undeclared", Severity.ERROR, real, f"非 SI 单位 {text} 没有在声明中给出")


def spacing(root: etree._Element) -> Iterator[Finding]:
    """The entries of a list are separated by exactly one blank, with none at its ends."""
    for listed in root.iter(*_SPACED):
        if _BAD_SPACING.search(string_of(listed)):
            name = etree.QName(listed).localname
            yield _finding("list-spacing", Severity.ERROR, listed, f"{name} 的各项之间应恰有一个空格，首尾没有空格")


RULES: tuple[Rule, ...] = (
    placement,
    schema_version,
    attributes,
    languages,
    dates,
    declared_languages,
    codes,
    relative_uncertainties,
    list_counts,
    other_units,
    spacing,
)


def _core_data(root: etree._Element) -> list[etree._Element]:
    administrative = child(root, f"{_D}administrativeData")
    return [] if administrative is None else list(administrative.iterchildren(f"{_D}coreData"))


def _strings(path: etree.XPath, root: etree._Element) -> list[str]:
    found: Any = path(root)
    return cast("list[str]", found)


def _holder(root: etree._Element, name: str, value: str) -> etree._Element:
    """The first element with this attribute, for the line of a finding."""
    found: Any = _attributed(root, name=name, value=value)
    return cast("etree._Element", found[0])


def _holders(root: etree._Element) -> Iterator[tuple[etree._Element, list[etree._Element]]]:
    """Lists among the results with their quantities, and quantities that stand by themselves in a result."""
    results = child(root, f"{_D}measurementResults")
    if results is None:
        return
    for listed in results.iter(_LIST):
        if next(listed.iterancestors(_META), None) is None:
            yield listed, list(listed.iterchildren(_QUANTITY))
    for result in results.iter(_RESULT):
        for data in result.iterchildren(_DATA):
            for quantity in data.iterchildren(_QUANTITY):
                yield quantity, [quantity]


def _bears_no_name(holder: etree._Element | None) -> bool:
    return holder is not None and next(holder.iterchildren(*_HEADINGS), None) is None


def _count(rule: str, term: str, entries: etree._Element, values: etree._Element | None) -> Iterator[Finding]:
    found, expected = len(string_of(entries).split()), len(string_of(values).split())
    if found > 1 and found != expected and values is not None:
        message = f"{term}有 {found} 个，值有 {expected} 个：应只给一个，或逐一给出"
        yield _finding(rule, Severity.ERROR, entries, message)


def _agrees(single: etree._Element, value: etree._Element, expanded: etree._Element) -> bool:
    """Whether the relative uncertainty is U/|x|, rounded up or down to the digits given."""
    try:
        relative = Decimal(string_of(single.find(f"{_S}value")))
        ratio = Decimal(string_of(expanded.find(f"{_S}uncertainty"))) / abs(Decimal(string_of(value)))
        return abs(relative - ratio) < Decimal(1).scaleb(-_digits(relative))
    except (InvalidOperation, ValueError, ZeroDivisionError):
        return False


def _digits(value: Decimal) -> int:
    """How many decimal places a number is given with; raises ValueError for NaN."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is no number")
    return -exponent


def _day(element: etree._Element) -> tuple[int, ...]:
    """Year, month and day of an xs:date, which knows years that `date` doesn't; the order needs no time zone."""
    found = _DATE.match(string_of(element))
    return tuple(map(int, found.groups())) if found else ()


def _finding(rule: str, severity: Severity, element: etree._Element, message: str) -> Finding:
    line: Any = element.sourceline
    return Finding(rule, severity, line or 0, message)
