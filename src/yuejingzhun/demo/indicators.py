"""Items of the recorded indicators, own targets and milestones of the demonstration; two years of monthly values."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from yuejingzhun.demo.figures import SEED
from yuejingzhun.platform.foundation.parties.divisions import Level, divisions
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.supervision.indicators.rules import Progress, months_to
from yuejingzhun.platform.supervision.indicators.services.items import Draft, record_items
from yuejingzhun.platform.supervision.indicators.services.plan import add_milestone, report_milestone, set_target
from yuejingzhun.platform.supervision.indicators.services.readings import note_values
from yuejingzhun.procedures.local_date import local_date

MONTHS = 24
# How many there are and what each is called; so many that the figures look as in earnest, but are all invented.
ITEMS = {
    "laboratories": (1, "演示现代先进测量实验室"),
    "platforms": (4, "演示计量科技创新平台"),
    "devices": (7, "演示与国家基准同等水平的计量装置"),
    "materials": (360, "演示标准物质"),
    "centres": (31, "演示产业计量测试中心"),
    "demonstrations": (1200, "演示诚信计量示范单位"),
}
TARGETS = {"demonstrations": (2030, "30000"), "coverage": (2030, "98"), "materials": (2030, "450")}
MILESTONES = (
    ("2.2", "量子电压标准装置小型化样机", 300, Progress.UNDER_WAY),
    ("3.1", "电动汽车充电桩远程校准规范发布", -20, Progress.UNDER_WAY),
    ("3.1", "电能表在线状态评价覆盖十个市", 200, Progress.UNDER_WAY),
    ("3.4", "计量软件评测能力建成", -120, Progress.DONE),
    ("4.1", "重点企业碳计量数据质量评测试点", 90, Progress.PLANNED),
    ("6.5", "新污染物标准物质研制", 400, Progress.PLANNED),
)


def load_indicators(province: Actor, authority: Organisation, at: datetime) -> None:
    """In the caller's transaction."""
    today, generator = local_date(at), np.random.default_rng([SEED, 88])
    cities = [code for code, found in divisions().items() if found.level is Level.CITY]
    first = date(2021, 6, 1)
    for code, (number, name) in ITEMS.items():
        since = sorted(generator.integers(0, (today - first).days, number).tolist())
        drafts = [
            Draft(
                f"{name} {place + 1:04}",
                "演示单位",
                cities[int(generator.integers(len(cities)))],
                f"演示〔{(first + timedelta(days)).year}〕{code} {place + 1} 号",
                first + timedelta(days),
            )
            for place, days in enumerate(since)
        ]
        record_items(province, code, drafts, at)
    for code, (year, value) in TARGETS.items():
        set_target(province, code, year, Decimal(value), "演示：由省级部门另行确定", at)
    for task, title, days, progress in MILESTONES:
        made = add_milestone(province, task, title, authority.pk, today + timedelta(days), at)
        if progress is not Progress.PLANNED:
            report_milestone(province, made.pk, progress, "演示进展", at)


def note_past_months(at: datetime) -> None:
    """The monthly values as the registries have them now; for whoever starts with registries that are older."""
    for on in months_to(local_date(at), MONTHS):
        note_values(on, at)
