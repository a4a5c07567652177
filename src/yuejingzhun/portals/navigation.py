"""Which pages each role works with: from grants to the sections of the menu. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE
from yuejingzhun.platform.foundation.parties.rules import Grant, Role


@dataclass(frozen=True, slots=True)
class Link:
    """An entry: the name of the address and the words on the screen."""

    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of a role."""

    title: str
    links: tuple[Link, ...]


DUE, RECALLS = Link("instruments-due", "到期器具"), Link("traceability-recalls", "失准追溯")
STANDARDS, ASSESSMENTS = Link("standards-list", "计量标准"), Link("standards-work", "标准考核")
SEARCH, IMPORT = Link("instruments-search", "查找器具"), Link("instruments-import", "导入器具")
EVALUATIONS = Link("approvals-evaluations", "型式评价")
CREDIT = Link("credit-own", "计量信用")
METERING = Link("metering-list", "在用状态评价")
BATCHES, WAITING = Link("mandatory-batches", "成批检定"), Link("mandatory-waiting", "待检定")
BY_ROLE = {
    Role.HOLDER: (
        Link("instruments-own", "我的器具"),
        Link("mandatory-own", "强检申请"),
        IMPORT,
        RECALLS,
        CREDIT,
    ),
    Role.RECEPTIONIST: (Link("mandatory-desk", "收发台"), EVALUATIONS, SEARCH, IMPORT),
    Role.VERIFIER: (WAITING, Link("choose", "新建记录"), BATCHES, SEARCH, STANDARDS),
    Role.REVIEWER: (BATCHES, STANDARDS),
    Role.SIGNATORY: (BATCHES, EVALUATIONS, STANDARDS, RECALLS),
    Role.QUALITY_MANAGER: (
        Link("institute-desk", "机构概况"),
        STANDARDS,
        ASSESSMENTS,
        Link("qualifications", "授权与注册"),
        Link("materials-list", "标准物质"),
        RECALLS,
    ),
    Role.MAKER: (
        Link("approvals-own", "型式批准"),
        Link("approvals-apply", "申请型式批准"),
        Link("maker-products", "在册产品"),
        CREDIT,
    ),
    Role.ASSESSOR: (Link("standards-work", "考评"),),
    Role.METERING_ENGINEER: (METERING, Link("metering-new", "新的评价")),
}
# A regulator's pages are too many for one line: by what they are about.
OF_REGULATOR = (
    Section("辖区", (Link("regulator-desk", "辖区概况"), Link("screen", "一网统管大屏"), SEARCH)),
    Section("强检", (DUE, Link("mandatory-overdue", "逾期申请"), Link("mandatory-statistics", "强检统计"))),
    Section(
        "准入",
        (STANDARDS, ASSESSMENTS, Link("qualifications", "机构授权"), Link("approvals-work", "型式批准")),
    ),
    Section(
        "监督",
        (
            METERING,
            RECALLS,
            Link("credit-parties", "计量信用分级"),
            Link("credit-work", "异议与修复"),
            Link("indicators-tasks", "专栏任务"),
        ),
    ),
)
OF_PROVINCE = Section("省级", (Link("mandatory-tariffs", "收费标准"), Link("mandatory-calendar", "工作日历")))
EVERYONE = Section("通用", (Link("tasks-list", "长任务"), Link("audit", "审计线索")))
PUBLIC = (
    Link("catalogue", "强制管理目录"),
    Link("qualifications-authorised", "授权机构"),
    Link("standards-published-list", "公开的计量标准"),
    Link("approvals-types", "型式批准"),
    Link("qualifications-coverage", "建标覆盖率"),
    Link("regulations", "检定规程"),
    Link("credit-find", "计量信用"),
    Link("indicators", "发展指标"),
)


def sections(grants: Iterable[Grant]) -> tuple[Section, ...]:
    """A section a role, a regulator's by subject, in the order of the work, no page twice; last what everybody has."""
    held = tuple(grants)
    seen: set[str] = set()
    found = []
    for section in _sections(held):
        links = tuple(link for link in section.links if link.address not in seen)
        seen |= {link.address for link in links}
        if links:
            found.append(Section(section.title, links))
    return (*found, EVERYONE)


def _sections(grants: tuple[Grant, ...]) -> Iterator[Section]:
    for role, links in BY_ROLE.items():
        if any(grant.role is role for grant in grants):
            yield Section(role.value, links)
    regions = {grant.region for grant in grants if grant.role is Role.REGULATOR}
    if regions:
        yield from OF_REGULATOR
    if PROVINCE in regions:
        yield OF_PROVINCE
