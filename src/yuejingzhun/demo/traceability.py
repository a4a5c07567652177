"""The chains of the demonstration: from its standards over one of the province each to a national standard."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.platform.registry.traceability.rules import Calibration, Item, Kind
from yuejingzhun.platform.registry.traceability.services import item_of, record_calibration
from yuejingzhun.procedures.catalogue import procedures
from yuejingzhun.procedures.local_date import LOCAL

# A standard a third as uncertain stands above each; an assumption of the demonstration, as are all names here.
RATIO = 3
CALIBRATED_BEFORE = timedelta(days=300)
VALID_FOR = timedelta(days=365)
YEARS_ABOVE = timedelta(days=200)


def link_standards(today: date) -> None:
    """Links of all standards on record, each calibrated within the year by one of the province for its regulation."""
    above: dict[str, Item] = {}
    for standard in MeasurementStandard.objects.select_related("owner").order_by("pk"):
        code = standard.regulations[0]
        if code not in above:
            above[code] = _of_province(code, standard, today)
        made = today - CALIBRATED_BEFORE
        u = _above(standard.expanded_uncertainty, 1)
        record_calibration(item_of(standard), above[code], _calibration(standard, made, u), None, _noon(made))


def _of_province(code: str, standard: MeasurementStandard, today: date) -> Item:
    """The province's standard of that regulation, with its link to the national one."""
    place, instrument = list(procedures()).index(code) + 1, procedures()[code].instrument
    u, unit = _above(standard.expanded_uncertainty, 1), standard.unit
    province = Item(
        Kind.STANDARD, f"演示-省-{place}", f"演示省级社会公用计量标准（{instrument}）", PROVINCE, None,
        f"U = {u:f} {unit} (k = 2)", unit,
    )  # fmt: skip
    finest = _above(standard.expanded_uncertainty, 2)
    national = Item(
        Kind.NATIONAL, f"演示-国-{place}", f"演示国家计量基准（{instrument}）", PROVINCE, None,
        f"U = {finest:f} {unit} (k = 2)", unit,
    )  # fmt: skip
    made = today - CALIBRATED_BEFORE - YEARS_ABOVE
    calibration = Calibration(
        made, f"演示-国校-{place}", made + 2 * VALID_FOR, factor=1.0, expanded_uncertainty=finest, unit=unit
    )
    record_calibration(province, national, calibration, None, _noon(made))
    return province


def _calibration(standard: MeasurementStandard, made: date, u: Decimal) -> Calibration:
    number = f"演示-省校-{standard.pk}"
    return Calibration(made, number, made + VALID_FOR, factor=1.0, expanded_uncertainty=u, unit=standard.unit)


def _above(u: Decimal, levels: int) -> Decimal:
    """U of so many levels up, to two digits."""
    value = u / RATIO**levels
    return value.quantize(Decimal(1).scaleb(value.adjusted() - 1))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), LOCAL)
