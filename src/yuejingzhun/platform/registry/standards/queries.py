"""Reads of measurement standards."""

from datetime import date
from decimal import Decimal

from yuejingzhun.platform.registry.standards.errors import StandardNotUsableError
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.procedures.record import ReferenceStandard


def usable_standard(owner_id: int, number: str, regulation: str, on: date) -> tuple[int, ReferenceStandard]:
    """The standard of that number as the engine wants it, with its row; raises StandardNotUsableError."""
    found = MeasurementStandard.objects.filter(number=number, owner_id=owner_id).first()
    if found is None:
        raise StandardNotUsableError(f"本单位没有考核证书号为 {number} 的计量标准")
    if regulation not in found.regulations:
        raise StandardNotUsableError(f"计量标准 {number} 不能开展 {regulation}，可开展 {'、'.join(found.regulations)}")
    if found.valid_until < on:
        raise StandardNotUsableError(f"计量标准 {number} 有效期至 {found.valid_until}，检定日期 {on} 已过期")
    return found.pk, _as_reference(found)


def standards_for(owner_id: int, regulation: str) -> list[MeasurementStandard]:
    """The standards of an institute for a regulation, the one that lasts longest first."""
    found = MeasurementStandard.objects.filter(owner_id=owner_id, regulations__contains=[regulation])
    return list(found.order_by("-valid_until", "number"))


def _as_reference(found: MeasurementStandard) -> ReferenceStandard:
    return ReferenceStandard(
        found.name,
        found.number,
        found.certificate,
        found.valid_until,
        _shortest(found.expanded_uncertainty),
        _shortest(found.coverage_factor),
    )


def _shortest(value: Decimal) -> Decimal:
    # The column pads with zeros that nobody wrote.
    return Decimal(format(value.normalize(), "f"))
