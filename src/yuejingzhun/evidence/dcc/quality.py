"""How well D-SI data can be understood: the quality class of an si: element (D-SI 2.2.1, by its official examples).

The class is that of the least understood unit, for an si:hybrid that of its best alternative. What breaks the schema,
or what the schema can't see (counts, phases, covariance matrices), makes data improvable whatever its units.
"""

from collections.abc import Iterator

import numpy as np
from lxml import etree

from yuejingzhun.evidence.dcc.covariance import covariance_faults
from yuejingzhun.evidence.dcc.elements import SI
from yuejingzhun.evidence.dcc.schema_registry import dsi_schema
from yuejingzhun.evidence.dcc.tree import child, string_of
from yuejingzhun.metrology.units.dsi import factors, standing
from yuejingzhun.metrology.units.named import Standing
from yuejingzhun.metrology.units.unit import UnitError

_S = f"{{{SI}}}"
_UNITS = tuple(_S + name for name in ("unit", "listUnit", "unitPhase", "listUnitPhase"))
_UNIT_LISTS = (f"{_S}unitXMLList", f"{_S}unitPhaseXMLList")
_PHASES = tuple(_S + name for name in ("unitPhase", "listUnitPhase", "unitPhaseXMLList"))
_ANGLES = frozenset({"radian", "degree", "arcminute", "arcsecond"})
_MEMBERS = {f"{_S}realList": f"{_S}real", f"{_S}complexList": f"{_S}complex"}
_LIST_UNCERTAINTY = tuple(
    _S + name for name in ("listUnivariateUnc", "listBivariateUnc", "listMeasurementUncertaintyUnivariate")
)
_REGIONS = (f"{_S}ellipsoidalRegion", f"{_S}rectangularRegion")
_MEMBER_UNCERTAINTY = (
    *(_S + name for name in ("expandedUnc", "coverageInterval", "measurementUncertaintyUnivaraite")),
    *_REGIONS,
)


def quality(element: etree._Element) -> tuple[Standing, str]:
    """The class of an si: element, and where it is improvable, why (in Chinese)."""
    schema = dsi_schema()
    if not schema.validate(element):
        return Standing.IMPROVABLE, f"不符合 D-SI 模式：{schema.error_log[0].message}"  # type: ignore[index]
    return _judge(element)


def _judge(element: etree._Element) -> tuple[Standing, str]:
    parts = list(element.iterchildren(etree.Element))
    if element.tag == f"{_S}hybrid":
        return min(map(_judge, parts))
    if element.tag == f"{_S}list":
        return max(_judge(part) for part in parts if part.tag not in (f"{_S}label", f"{_S}dateTime"))
    fault = next(_faults(element), "")
    if fault:
        return Standing.IMPROVABLE, fault
    found = max(map(standing, _unit_texts(element)), default=Standing.IMPROVABLE)
    return found, "单位不是 D-SI 所列的单位" if found is Standing.IMPROVABLE else ""


def _unit_texts(element: etree._Element) -> Iterator[str]:
    for unit in element.iter(*_UNITS, *_UNIT_LISTS):
        if unit.tag in _UNIT_LISTS:
            yield from string_of(unit).split()
        # The unit of a covariance follows from those of its values, which are judged themselves.
        elif next(unit.iterancestors(f"{_S}covarianceMatrix"), None) is None:
            yield string_of(unit)


def _faults(element: etree._Element) -> Iterator[str]:
    yield from _statement_faults(element)
    yield from _phase_faults(element)
    yield from _count_faults(element)
    if element.tag in _MEMBERS:
        yield from _list_faults(element, list(element.iterchildren(_MEMBERS[str(element.tag)])))
    yield from covariance_faults(element)


def _statement_faults(element: etree._Element) -> Iterator[str]:
    for said in element.iter(f"{_S}distribution", f"{_S}distributionXMLList"):
        if not string_of(said).strip():
            yield "分布没有写明"
    distributed = child(element, f"{_S}distribution") is not None
    if element.tag == f"{_S}constant" and distributed and child(element, f"{_S}uncertainty") is None:
        yield "常量写了分布而没有不确定度"
    for low in element.iter(f"{_S}intervalMin", f"{_S}intervalMinXMLList"):
        high = low.getnext()
        if np.any(_numbers(low) > _numbers(high)):
            yield "区间的下限大于上限"


def _phase_faults(element: etree._Element) -> Iterator[str]:
    for phase in element.iter(*_PHASES):
        for text in string_of(phase).split() or [""]:
            if not _is_angle(text):
                yield f"相位的单位 “{text}” 不是角度"


def _is_angle(text: str) -> bool:
    try:
        parts = factors(text)
    except UnitError:
        return False
    return len(parts) == 1 and parts[0].exponent == 1 and parts[0].name in _ANGLES


def _count_faults(element: etree._Element) -> Iterator[str]:
    """Lists beside the values have one entry for all, or one for each."""
    values = next((part for part in element if str(part.tag).startswith(f"{_S}value")), None)
    if values is None or not str(values.tag).endswith("XMLList"):
        return
    expected = len(string_of(values).split())
    if not expected:
        yield "没有值"
    for listed in element.iter(etree.Element):
        name = str(listed.tag)
        if name.endswith("XMLList") and not len(listed):
            found = len(string_of(listed).split())
            each = name.startswith(f"{_S}value") or name in (f"{_S}labelXMLList", f"{_S}dateTimeXMLList")
            if found != expected and (each or found != 1):
                yield f"{etree.QName(listed).localname} 有 {found} 项，值有 {expected} 项"


def _list_faults(element: etree._Element, members: list[etree._Element]) -> Iterator[str]:
    """What a list says for all its members is not said again by one of them, and each member has a unit."""
    unit, phase = child(element, f"{_S}listUnit"), child(element, f"{_S}listUnitPhase")
    shared = next(element.iterchildren(*_LIST_UNCERTAINTY), None)
    region = next(element.iterchildren(*_REGIONS), None)
    for member in members:
        if (child(member, f"{_S}unit") is None) is (unit is None):
            yield "列表与其成员应恰有一处给出单位"
        polar = child(member, f"{_S}valueMagnitude") is not None
        stated = (phase is not None) + (child(member, f"{_S}unitPhase") is not None)
        if stated != polar:
            yield "极坐标的值应恰有一处给出相位单位，直角坐标的值不应有"
        if (shared is not None or region is not None) and next(
            member.iterchildren(*_MEMBER_UNCERTAINTY), None
        ) is not None:
            yield "列表与其成员都给出不确定度"
    if unit is not None and len(members) < 2:
        yield "只有一个成员的列表不应有公共单位"
    if shared is not None and (unit is None or region is not None):
        yield "公共的不确定度需要公共单位，且不与协方差区域并列"


def _numbers(element: etree._Element | None) -> np.ndarray:
    return np.array([float(text) for text in string_of(element).split()])
