"""Levels of measurement standards, who presides over an assessment 考核, and how an application moves: pure decisions.

计量标准考核办法 (order 72 of 2005 and later amendments) and JJF 1033-2023 chapter 5; see docs/standards.md for what
was quoted from memory.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE, division
from yuejingzhun.platform.foundation.parties.divisions import Level as DivisionLevel

TERM_YEARS = 5  # of a certificate; four until the amendment
RENEWAL_MONTHS = 6  # before the end of the term the renewal is due
# An older edition allows up to three months for corrections; the assessor sets the day.
LONGEST_CORRECTION = timedelta(days=92)
MOST_ASSESSORS = 2  # an item is assessed by one or two


class Level(Enum):
    """Level of a standard; the value is the term on the screen."""

    PRIMARY = "国家计量基准"
    NATIONAL = "国家计量标准"
    PUBLIC_HIGHEST = "社会公用计量标准（最高等级）"
    PUBLIC_OTHER = "社会公用计量标准（次级）"
    SECTOR_HIGHEST = "部门最高计量标准"
    ENTERPRISE_HIGHEST = "企事业单位最高计量标准"
    INNER_OTHER = "单位内部次级计量标准"


PUBLIC = frozenset({Level.PRIMARY, Level.NATIONAL, Level.PUBLIC_HIGHEST, Level.PUBLIC_OTHER})


class Kind(Enum):
    """What an application asks for."""

    NEW = "新建考核"
    RENEWAL = "复查考核"
    CHANGE = "变更（更换主标准器或改变范围）"


class State(Enum):
    """State of an application; the value is the term on the screen."""

    SUBMITTED = "待受理"
    RETURNED = "已退回补正"
    ACCEPTED = "待考评"
    CORRECTING = "限期整改"
    CORRECTED = "整改待确认"
    PASSED = "考评合格，待审批"
    FAILED = "考评不合格，待审批"
    APPROVED = "已发证"
    REFUSED = "不予发证"
    WITHDRAWN = "已撤回"


OPEN = (State.SUBMITTED, State.ACCEPTED, State.CORRECTING, State.CORRECTED, State.PASSED, State.FAILED)


class Act(Enum):
    """What moves an application on; the value completes 不能…"""

    RETURN = "退回补正"
    ACCEPT = "受理"
    PASS = "评为合格"  # noqa: S105 - a verdict
    REQUIRE = "要求整改"
    FAIL = "评为不合格"
    CORRECT = "提交整改"
    APPROVE = "批准发证"
    REFUSE = "决定不予发证"
    WITHDRAW = "撤回"


MOVES: dict[Act, tuple[frozenset[State], State]] = {
    Act.RETURN: (frozenset({State.SUBMITTED}), State.RETURNED),
    Act.ACCEPT: (frozenset({State.SUBMITTED}), State.ACCEPTED),
    Act.PASS: (frozenset({State.ACCEPTED, State.CORRECTED}), State.PASSED),
    Act.REQUIRE: (frozenset({State.ACCEPTED, State.CORRECTED}), State.CORRECTING),
    Act.FAIL: (frozenset({State.ACCEPTED, State.CORRECTED, State.CORRECTING}), State.FAILED),
    Act.CORRECT: (frozenset({State.CORRECTING}), State.CORRECTED),
    Act.APPROVE: (frozenset({State.PASSED}), State.APPROVED),
    Act.REFUSE: (frozenset({State.PASSED, State.FAILED}), State.REFUSED),
    Act.WITHDRAW: (frozenset({State.SUBMITTED, State.ACCEPTED}), State.WITHDRAWN),
}
BY_ASSESSOR = (Act.PASS, Act.REQUIRE, Act.FAIL)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules need to know of an application."""

    state: State
    assessors: frozenset[int] = frozenset()
    correct_by: date | None = None
    figures_hold: bool = True


def refusal_to_move(application: Standing, act: Act, by: int, on: date) -> str | None:
    """Why this person can't take that step on that day, in Chinese; None where nothing speaks against it."""
    if application.state not in MOVES[act][0]:
        return f"申请的状态是“{application.state.value}”，不能{act.value}"
    if act in BY_ASSESSOR and by not in application.assessors:
        return f"只有指定的考评员可以{act.value}"
    if act in {Act.APPROVE, Act.REFUSE} and by in application.assessors:
        return "考评员不能审批自己考评的申请，须由另一人审批"
    if act is Act.PASS and not application.figures_hold:
        return "技术报告的重复性、稳定性或不确定度验证不符合要求，不能评为合格"
    due = application.correct_by
    if act is Act.CORRECT and due is not None and on > due:
        return f"整改期限 {due} 已过，不能提交整改"
    if act is Act.FAIL and application.state is State.CORRECTING and due is not None and on <= due:
        return f"整改期限 {due} 未到，不能评为不合格"
    return None


def refusal_of_correction_term(due: date, on: date) -> str | None:
    """Why a term for corrections can't be set, or None."""
    if on < due <= on + LONGEST_CORRECTION:
        return None
    return f"整改期限：为 {due}，应在 {on} 之后、{on + LONGEST_CORRECTION} 之前"


def presiding_region(level: Level, region: str) -> str | None:
    """The division whose authority presides; None where it is the national one (计量标准考核办法, article 5).

    Highest public standards go one level up, all others to the own level.
    """
    if level in {Level.PRIMARY, Level.NATIONAL}:
        return None
    found = division(region)
    if level is not Level.PUBLIC_HIGHEST:
        return region
    return None if found.level is DivisionLevel.PROVINCE else found.parent


def supervising_region(level: Level, region: str) -> str:
    """The division whose authority in Guangdong watches over a standard."""
    return presiding_region(level, region) or PROVINCE


def refusal_to_apply(kind: Kind, level: Level, region: str, held_until: date | None, on: date) -> str | None:
    """Why there can't be such an application; `held_until` ends the standard's term, None where there is no standard.

    A term that has run out can't be renewed or changed: the standard is assessed as a new one.
    """
    if level is Level.INNER_OTHER:
        return "单位内部次级计量标准不需要考核"
    if presiding_region(level, region) is None:
        return f"{level.value}由国家市场监督管理总局主持考核，不在本系统申请"
    if kind is Kind.NEW:
        return None if held_until is None or held_until < on else "计量标准在有效期内，应申请复查或变更"
    if held_until is None:
        return f"{kind.value}须指明已取得证书的计量标准"
    return None if held_until >= on else f"有效期至 {held_until}，已过期，应按新建计量标准申请考核"


def years_later(day: date, years: int) -> date:
    """The same day of a later year; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def months_later(day: date, months: int) -> date:
    """The same day of a later (or, with a negative number, earlier) month, or its last day where it is shorter."""
    count = day.year * 12 + day.month - 1 + months
    first = date(count // 12, count % 12 + 1, 1)
    following = date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def term_of(kind: Kind, held_until: date | None, on: date) -> tuple[date, date]:
    """First and last day of the certificate that an approval on that day gives.

    A renewal goes on where the old term ends; a change keeps the old term's end.
    """
    if kind is Kind.CHANGE and held_until is not None:
        return on, held_until
    start = on
    if kind is Kind.RENEWAL and held_until is not None:
        start = max(on, held_until + timedelta(days=1))
    return start, years_later(start, TERM_YEARS) - timedelta(days=1)


def is_due_for_renewal(valid_until: date, on: date) -> bool:
    """Whether the renewal should have been applied for: less than six months are left."""
    return on > months_later(valid_until, -RENEWAL_MONTHS)
