"""Whether the covariance matrices of D-SI data can be those of its values (JCGM 102:2011 3.11)."""

from collections.abc import Iterator, Sequence

import numpy as np
from lxml import etree

from yuejingzhun.evidence.dcc.elements import SI
from yuejingzhun.evidence.dcc.tree import child, string_of
from yuejingzhun.metrology.units.dsi import factors
from yuejingzhun.metrology.units.unit import ONE, Unit, UnitError

_S = f"{{{SI}}}"
_REGIONS = (f"{_S}ellipsoidalRegion", f"{_S}rectangularRegion")
# Eigenvalues down to here are rounding of zero: -1e-15 stands in a GOLD example, -5e-13 in an IMPROVABLE one.
ROUNDING = 1e-14


def covariance_faults(element: etree._Element) -> Iterator[str]:
    """What is wrong with each covariance matrix in an si: element, in Chinese."""
    for region in element.iter(*_REGIONS):
        matrix, holder = child(region, f"{_S}covarianceMatrix"), region.getparent()
        if matrix is None or holder is None:
            continue
        columns = [list(column.iterchildren(etree.Element)) for column in matrix.iterchildren(etree.Element)]
        try:
            units = _units_around(holder)
            yield from _matrix_faults(columns, units)
        except UnitError as error:
            yield str(error)


def _matrix_faults(columns: Sequence[Sequence[etree._Element]], units: Sequence[Unit]) -> Iterator[str]:
    size = len(units)
    if len(columns) != size or any(len(column) != size for column in columns):
        yield f"协方差矩阵应为 {size} 行 {size} 列"
        return
    values = np.array([[float(string_of(child(cell, f"{_S}value"))) for cell in column] for column in columns])
    if not np.array_equal(values, values.T):
        yield "协方差矩阵不对称"
    elif np.linalg.eigvalsh(values).min() < -ROUNDING:
        yield "协方差矩阵有负的特征值"
    for column, first in zip(columns, units, strict=True):
        for cell, second in zip(column, units, strict=True):
            text = string_of(child(cell, f"{_S}unit"))
            if _product(text) != first * second:
                yield f"协方差的单位 “{text}” 不是两个量的单位之积"


def _units_around(holder: etree._Element) -> list[Unit]:
    """The unit of each component that a matrix is about: one a real, two a complex value."""
    if holder.tag == f"{_S}listBivariateUnc":
        around = holder.getparent()
        phase = None if around is None else child(around, f"{_S}listUnitPhase")
        unit = None if around is None else child(around, f"{_S}listUnit")
        return [_product(string_of(unit)), _product(string_of(unit if phase is None else phase))]
    if holder.tag == f"{_S}complex":
        return _components(holder, None, None)
    shared, phase = child(holder, f"{_S}listUnit"), child(holder, f"{_S}listUnitPhase")
    members = holder.iterchildren(f"{_S}real", f"{_S}complex")
    return [unit for member in members for unit in _components(member, shared, phase)]


def _components(
    member: etree._Element, shared: etree._Element | None, shared_phase: etree._Element | None
) -> list[Unit]:
    own, phase = child(member, f"{_S}unit"), child(member, f"{_S}unitPhase")
    unit = _product(string_of(shared if own is None else own))
    if member.tag == f"{_S}real":
        return [unit]
    second = shared_phase if phase is None else phase
    return [unit, unit if second is None else _product(string_of(second))]


def _product(text: str) -> Unit:
    unit = ONE
    for factor in factors(text):
        unit = unit * factor.unit.ratio()
    return unit
