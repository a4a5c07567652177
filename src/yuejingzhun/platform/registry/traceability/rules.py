"""Kinds of items, days as numbers, what may be linked and recalled, and the limit that an error is compared with."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from math import isfinite

from yuejingzhun.metrology.traceability.effect import Weight
from yuejingzhun.metrology.traceability.part import FIRST_DAY, FOREVER

FIRST = date(1970, 1, 1)
EARLIEST = FIRST + timedelta(days=FIRST_DAY)
LABELS = {
    Weight.U_ALLOWS: "不确定度已包含",
    Weight.NOT_COVERED: "超出不确定度，结论不变",
    Weight.UNKNOWN: "影响未知",
    Weight.CONCLUSION_OPEN: "结论可能改变",
    Weight.BEYOND_MPE: "超过最大允许误差",
}


class Kind(Enum):
    """What an item of the graph is; the value is the term on the screen (JJF 1001-2011 8)."""

    NATIONAL = "国家计量基准"
    STANDARD = "计量标准"
    MATERIAL = "标准物质"
    CERTIFICATE = "外部证书"
    INSTRUMENT = "计量器具"


@dataclass(frozen=True, slots=True)
class Item:
    """An item as its registry knows it now: `key` is its number there, `uncertainty` a text: U = 0.02 % (k = 2).

    `unit` is that of its U, in which its errors are told; "" where nobody said.
    """

    kind: Kind
    key: str
    label: str
    region: str
    holder_id: int | None = None
    uncertainty: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a calibration or verification says, beside who and with what; limits in `unit`, None where not known.

    `part` names what of a composed standard was calibrated; a new calibration replaces the last one of the same part.
    `factor` is the change of the lower item's error by an error of one unit of the upper, `margin` the distance from
    the error found to the nearest limit, negative where it failed.
    """

    made_on: date
    certificate: str
    until: date | None = None
    part: str = ""
    factor: float | None = None
    mpe: Decimal | None = None
    expanded_uncertainty: Decimal | None = None
    margin: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: the item was wrong from a day on, to a day exclusive, by `error` in `unit`, if that is known."""

    from_day: date
    to_day: date | None
    error: Decimal | None
    unit: str
    reason: str


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - FIRST).days


def day_of(number: int) -> date | None:
    """The day of that number; None for the day that never comes."""
    return None if number >= FOREVER else FIRST + timedelta(days=number)


def refusal_to_link(lower: Item, upper: Item, calibration: Calibration, today: date) -> str | None:
    """Why one item can't stand behind another; None if it can.

    An instrument is never an upper: what others are measured with is on record as a measurement standard (JJF 1033).
    That also keeps cycles out without a search for each certificate.
    """
    if upper.kind is Kind.INSTRUMENT:
        return f"{upper.label} 登记为计量器具，不能用来检定或校准其他器具；请先作为计量标准建标"
    if lower.kind is Kind.NATIONAL:
        return f"{lower.label} 是国家计量基准，上面没有更高的标准"
    if lower.kind is Kind.CERTIFICATE:
        return f"{lower.label} 是外部证书，其溯源由签发机构负责，不在这里登记"
    if not calibration.certificate.strip():
        return "须写明检定或校准证书的编号"
    if calibration.made_on > today:
        return f"检定或校准日期 {calibration.made_on} 晚于今天 {today}"
    if calibration.made_on < EARLIEST:
        return f"检定或校准日期 {calibration.made_on} 过早，应不早于 {EARLIEST}"
    if calibration.factor is not None and not isfinite(calibration.factor):
        return f"灵敏系数为 {calibration.factor}，应为有限的数，未知时留空"
    if calibration.until is not None and calibration.until < calibration.made_on:
        return f"有效期至 {calibration.until}，早于检定或校准日期 {calibration.made_on}"
    return None


def refusal_to_recall(finding: Finding, unit: str, today: date) -> str | None:
    """Why a finding about an item whose U is in that unit ("" for any) can't be acted on; None if it can."""
    if not finding.reason.strip():
        return "须写明发现了什么、如何发现的"
    if finding.from_day > today:
        return f"起始日期 {finding.from_day} 晚于今天 {today}"
    if finding.from_day < EARLIEST:
        return f"起始日期 {finding.from_day} 过早，应不早于 {EARLIEST}"
    if finding.to_day is not None and finding.to_day <= finding.from_day:
        return f"改正日期 {finding.to_day} 应晚于起始日期 {finding.from_day}（改正当天不再受影响）"
    if finding.error is not None and not finding.unit.strip():
        return "写明了误差，还须写明它的单位"
    if finding.error is not None and unit and finding.unit.strip() != unit:
        return f"误差的单位是 {finding.unit.strip()}，应为该标准 U 的单位 {unit}"
    return None


def shortest(value: Decimal) -> str:
    """A number of the database without the zeros that nobody wrote."""
    return format(value.normalize(), "f")
