"""Terms of authorisations 计量授权 and registrations 注册计量师, and what they reach: pure decisions."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from yuejingzhun.platform.foundation.parties.divisions import Level, division, divisions, is_within
from yuejingzhun.platform.registry.catalogue.rules import covers, series

LONGEST_YEARS = 5  # the term of an authorisation certificate and of a registration (design notes: sure)
SOON_DAYS = 180  # a term that ends within half a year is shown as ending soon; our choice
LEVELS = {"province": Level.PROVINCE, "city": Level.CITY, "county": Level.COUNTY}
LEVEL_NAMES = {"province": "省级", "city": "市级", "county": "县级"}
KINDS = ("legal", "authorised")
GRADES = ("first", "second")
BREADTH = {Level.COUNTY: 0, Level.CITY: 1, Level.PROVINCE: 2}
REGULATION = re.compile(r"(JJ[GF](\([一-鿿]{1,6}\))? \d{1,5}(\.\d{1,2})?)(-\d{4})?")


class Standing(Enum):
    """What a dated row is worth on a day; the value is the term on the screen."""

    FUTURE = "尚未生效"
    IN_FORCE = "有效"
    SUPERSEDED = "已换证"
    WITHDRAWN = "已撤销"
    LAPSED = "已到期"


@dataclass(frozen=True, slots=True)
class Term:
    """The days of a row: the last day inclusive; `superseded_from` and `withdrawn_from` are the first days without."""

    valid_from: date
    valid_until: date
    superseded_from: date | None = None
    withdrawn_from: date | None = None

    def standing(self, on: date) -> Standing:
        """What the row is worth on that day; of the reasons to have ended the one that comes first."""
        endings = (
            (self.withdrawn_from, Standing.WITHDRAWN),
            (self.superseded_from, Standing.SUPERSEDED),
            (self.valid_until + timedelta(days=1), Standing.LAPSED),
        )
        end, reason = min(((day, reason) for day, reason in endings if day is not None), key=lambda pair: pair[0])
        if end <= max(on, self.valid_from):
            return reason
        return Standing.FUTURE if on < self.valid_from else Standing.IN_FORCE

    def ends_soon(self, on: date) -> bool:
        """Whether it is in force that day, and ends within half a year."""
        return self.standing(on) is Standing.IN_FORCE and (self.valid_until - on).days <= SOON_DAYS


@dataclass(frozen=True, slots=True)
class Scope:
    """What an institute is authorised for: an entry of the catalogue, a regulation, or the one by the other."""

    item: str
    regulation: str
    region: str

    def answers(self, item: str, regulations: Collection[str]) -> bool:
        """Whether it covers that entry (empty for one unknown) by any of these regulations without their years."""
        right_item = covers(self.item, item) if self.item and item else not self.item or bool(self.regulation)
        return right_item and (series(self.regulation) in regulations if self.regulation else bool(item))

    def reaches(self, region: str) -> bool:
        """Whether the whole of that division lies in its reach."""
        return is_within(region, self.region)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an authorisation: what for and where, and how far, in the words of the certificate."""

    scope: Scope
    measuring_range: str = ""
    accuracy: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an authorisation certificate says; `kind` is "legal" or "authorised", `level` a key of LEVELS."""

    kind: str
    level: str
    number: str
    valid_from: date
    valid_until: date
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a registration certificate says; `level` is "first" or "second"."""

    institute_id: int
    level: str
    number: str
    regulations: tuple[str, ...]
    valid_from: date
    valid_until: date


def breadth(region: str) -> int:
    """0 for a county, 1 for a city, 2 for the province: the nearest authority comes first."""
    return BREADTH[division(region).level]


def refusal_of_term(valid_from: date, valid_until: date) -> str | None:
    """Why such a term can't be given, in Chinese; None where it can."""
    if valid_until < valid_from:
        return f"截止日期 {valid_until} 早于生效日期 {valid_from}"
    latest = _years_later(valid_from, LONGEST_YEARS)
    if valid_until >= latest:
        return f"截止日期 {valid_until} 过晚：有效期不超过 {LONGEST_YEARS} 年，最晚到 {_day_before(latest)}"
    return None


def refusal_of_scopes(level: str, scopes: Sequence[Scope]) -> str | None:
    """Why an authorisation of that level can't say this, in Chinese, naming the line; None where it can."""
    if not scopes:
        return "没有写明授权项目"
    for n, scope in enumerate(scopes, 1):
        if not scope.item and not scope.regulation:
            return f"第 {n} 项：目录项目与检定规程至少填写一项"
        if scope.regulation and not REGULATION.fullmatch(scope.regulation):
            return f"第 {n} 项：检定规程为 {scope.regulation!r}，应如 JJG 596-2012"
        if scope.region not in divisions():
            return f"第 {n} 项：授权区域为 {scope.region!r}，应为广东省的行政区划代码"
        if breadth(scope.region) > BREADTH[LEVELS[level]]:
            return f"第 {n} 项：授权区域 {division(scope.region).name} 超出{LEVEL_NAMES[level]}授权"
    return None


def refusal_of_certificate(given: Certificate) -> str | None:
    """Why such a certificate can't be given, in Chinese; None where it can."""
    if not given.number.strip():
        return "没有填写授权证书号"
    if given.kind not in KINDS or given.level not in LEVELS:
        return f"类别 {given.kind!r} 或级别 {given.level!r} 不存在"
    refused = refusal_of_term(given.valid_from, given.valid_until)
    return refused or refusal_of_scopes(given.level, [line.scope for line in given.lines])


def refusal_of_entitlement(given: Entitlement) -> str | None:
    """Why such a registration can't be given, in Chinese; None where it can."""
    if not given.number.strip():
        return "没有填写注册证编号"
    if given.level not in GRADES:
        return f"级别 {given.level!r} 不存在，应为 first 或 second"
    if not given.regulations:
        return "没有填写注册项目"
    wrong = next((name for name in given.regulations if not REGULATION.fullmatch(name)), None)
    if wrong is not None:
        return f"注册项目 {wrong[:40]!r}，应为检定规程，如 JJG 596-2012"
    return refusal_of_term(given.valid_from, given.valid_until)


def five_years_from(day: date) -> date:
    """The last day of a full term that begins on that day."""
    return _day_before(_years_later(day, LONGEST_YEARS))


def _years_later(day: date, years: int) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year + years, 3, 1)
    return day.replace(year=day.year + years)


def _day_before(day: date) -> date:
    return day - timedelta(days=1)
