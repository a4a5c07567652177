"""Terms, scopes and certificates: pure decisions, by hand and by properties."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.platform.registry.qualifications.rules import (
    Certificate,
    Entitlement,
    Line,
    Scope,
    Standing,
    Term,
    five_years_from,
    refusal_of_certificate,
    refusal_of_entitlement,
    refusal_of_term,
)

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
BEGIN, END = date(2024, 3, 1), date(2029, 2, 28)


def certificate(level: str = "city", **scope: str) -> Certificate:
    line = Line(Scope(**({"item": "11.1", "regulation": "", "region": "440100"} | scope)))
    return Certificate("legal", level, "甲号", BEGIN, END, (line,))


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2024, 2, 29), Standing.FUTURE),
        (BEGIN, Standing.IN_FORCE),
        (END, Standing.IN_FORCE),
        (date(2029, 3, 1), Standing.LAPSED),
    ],
)
def test_a_term_holds_from_its_first_day_to_its_last(on: date, expected: Standing) -> None:
    assert Term(BEGIN, END).standing(on) is expected


def test_a_term_ends_by_what_comes_first() -> None:
    changed = Term(BEGIN, END, superseded_from=date(2026, 1, 1), withdrawn_from=date(2027, 1, 1))
    assert changed.standing(date(2025, 12, 31)) is Standing.IN_FORCE
    assert changed.standing(date(2028, 1, 1)) is Standing.SUPERSEDED
    assert Term(BEGIN, END, withdrawn_from=date(2025, 1, 1)).standing(date(2030, 1, 1)) is Standing.WITHDRAWN
    # Withdrawn before it began: it never holds, and isn't shown as one that will.
    assert Term(BEGIN, END, withdrawn_from=BEGIN).standing(date(2024, 1, 1)) is Standing.WITHDRAWN


def test_half_a_year_before_the_end_is_soon() -> None:
    assert Term(BEGIN, END).ends_soon(END - timedelta(days=180))
    assert not Term(BEGIN, END).ends_soon(END - timedelta(days=181))
    assert not Term(BEGIN, END, withdrawn_from=date(2025, 1, 1)).ends_soon(END)


@given(DAYS, st.integers(0, 1800), st.none() | DAYS, st.none() | DAYS, DAYS)
def test_a_term_holds_on_exactly_the_days_that_its_bounds_leave(
    begin: date, length: int, superseded: date | None, withdrawn: date | None, on: date
) -> None:
    term = Term(begin, begin + timedelta(days=length), superseded, withdrawn)
    within = begin <= on <= term.valid_until and all(day is None or on < day for day in (superseded, withdrawn))
    assert (term.standing(on) is Standing.IN_FORCE) is within


def test_a_full_term_is_five_years_less_a_day_and_a_longer_one_is_refused() -> None:
    assert five_years_from(BEGIN) == END
    assert five_years_from(date(2024, 2, 29)) == date(2029, 2, 28)
    assert refusal_of_term(BEGIN, END) is None
    assert refusal_of_term(BEGIN, date(2029, 3, 1)) == "截止日期 2029-03-01 过晚：有效期不超过 5 年，最晚到 2029-02-28"
    assert refusal_of_term(END, BEGIN) == "截止日期 2024-03-01 早于生效日期 2029-02-28"


@pytest.mark.parametrize(
    ("scope", "item", "regulations", "answered"),
    [
        (("11", ""), "11.1", {"JJG 162"}, True),  # the entry above
        (("11.1", ""), "11.1", set(), True),
        (("11.1", ""), "11", {"JJG 162"}, False),  # one kind isn't all kinds
        (("1", ""), "11.1", {"JJG 162"}, False),  # no parent of it, though its text begins the same
        (("", "JJG 162-2019"), "11.1", {"JJG 162"}, True),  # another year is the same regulation
        (("", "JJG 162-2019"), "", {"JJG 577"}, False),
        (("19", "JJG 596-2012"), "19.1", {"JJG 307"}, False),
        (("19", "JJG 596-2012"), "19.1", {"JJG 307", "JJG 596"}, True),
        (("19", "JJG 596-2012"), "11.1", {"JJG 596"}, False),
        (("11.1", ""), "", {"JJG 162"}, False),
    ],
)
def test_what_a_scope_answers(scope: tuple[str, str], item: str, regulations: set[str], answered: bool) -> None:
    assert Scope(*scope, "440100").answers(item, regulations) is answered


@pytest.mark.parametrize(
    ("given_", "refusal"),
    [
        (certificate(), None),
        (certificate(level="province", region="440000"), None),
        (certificate(region="440000"), "第 1 项：授权区域 广东省 超出市级授权"),
        (certificate(level="county"), "第 1 项：授权区域 广州市 超出县级授权"),
        (certificate(region="110000"), "第 1 项：授权区域为 '110000'，应为广东省的行政区划代码"),
        (certificate(item=""), "第 1 项：目录项目与检定规程至少填写一项"),
        (certificate(regulation="596"), "第 1 项：检定规程为 '596'，应如 JJG 596-2012"),
        (certificate(regulation="JJG(粤) 12-2020"), None),
        (Certificate("legal", "city", "甲号", BEGIN, END, ()), "没有写明授权项目"),
        (Certificate("legal", "city", "  ", BEGIN, END, certificate().lines), "没有填写授权证书号"),
    ],
)
def test_what_a_certificate_can_say(given_: Certificate, refusal: str | None) -> None:
    assert refusal_of_certificate(given_) == refusal


def test_what_a_registration_can_say() -> None:
    assert refusal_of_entitlement(Entitlement(1, "first", "乙", ("JJG 596-2012",), BEGIN, END)) is None
    assert refusal_of_entitlement(Entitlement(1, "first", "乙", (), BEGIN, END)) == "没有填写注册项目"
    assert "级别 'third' 不存在" in str(refusal_of_entitlement(Entitlement(1, "third", "乙", ("JJG 1",), BEGIN, END)))
    wrong = refusal_of_entitlement(Entitlement(1, "first", "乙", ("电能表",), BEGIN, END))
    assert wrong == "注册项目 '电能表'，应为检定规程，如 JJG 596-2012"
