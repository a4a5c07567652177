"""A small year of credit: shops of all cities with their facts, contests and repair, rated by rules in three rounds.

By the services of the platform, in the order of the days, so that everything is logged and audited as in earnest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from yuejingzhun.demo.figures import SEED
from yuejingzhun.platform.foundation.parties.credit_code import check_character
from yuejingzhun.platform.foundation.parties.divisions import Level, divisions, full_name
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.supervision.credit.kinds import fact_kinds
from yuejingzhun.platform.supervision.credit.models import Fact
from yuejingzhun.platform.supervision.credit.rule_set import default_rules
from yuejingzhun.platform.supervision.credit.rules import Decision
from yuejingzhun.platform.supervision.credit.services.contests import contest, decide
from yuejingzhun.platform.supervision.credit.services.facts import Told, note, record
from yuejingzhun.platform.supervision.credit.services.rounds import rate_all
from yuejingzhun.platform.supervision.credit.services.rule_sets import adopt, propose
from yuejingzhun.procedures.local_date import local_date

YEAR = 365
ROUNDS = (14, 7)  # days ago; the last one is today
ADOPTED = 15  # days ago; not before the keys of the demonstration
TRADES = ("超市", "加油站", "菜市场", "眼镜店", "充电站")
# How often in a year, of how many things, and what the fact says.
USUAL = {
    "verification-overdue": (0.9, 8, "在用的强制检定器具超过有效期"),
    "verification-failed": (0.6, 1, "检定结论为不合格"),
    "inspection-passed": (0.9, 1, "双随机检查没有发现问题"),
    "inspection-failed": (0.25, 1, "检查发现未按规定使用计量器具"),
    "complaint-upheld": (0.3, 1, "经核查属实的短斤缺两举报"),
    "prepackage-failed": (0.1, 2, "定量包装商品净含量检验批次不合格"),
    "commitment-kept": (0.5, 1, "诚信计量自我承诺经核查履行"),
    "commitment-broken": (0.06, 1, "没有按承诺设置公平秤"),
    "fleet-error": (0.08, 3, "在线数据发现并经确认的超差器具"),
    "software-differs": (0.03, 1, "器具运行的软件与备案不一致"),
    "instrument-sealed": (0.08, 2, "检查中封存的计量器具"),
    "rectified": (0.3, 1, "按期完成整改并经复查"),
    "penalty": (0.08, 1, "使用不合格计量器具，行政处罚决定"),
}


@dataclass(frozen=True, slots=True)
class Supervised:
    """Who acts: the holder's clerk, the regulators of city, county and province; and what they act on."""

    clerk: Actor
    city: Actor
    county: Actor
    province: Actor
    holder: Organisation
    at: datetime


def load_credit(cast: Supervised) -> None:
    """In the caller's transaction."""
    adopted_at = cast.at - timedelta(days=ADOPTED)
    version = propose(cast.province, default_rules(), "示范文本；各项分值由主管部门另行确定", adopted_at).version
    adopt(cast.province, version, local_date(cast.at) - timedelta(days=2 * YEAR), adopted_at)
    waiting = sorted([*_of_shops(cast.at), *_of_holder(cast)], key=lambda told: told.occurred_on)
    for days in (*ROUNDS, 0):
        at = cast.at - timedelta(days=days)
        until = local_date(at)
        while waiting and waiting[0].occurred_on < until:
            _record(cast, waiting.pop(0))
        if not days:
            _contest(cast)
        rate_all(at)


def _of_shops(at: datetime) -> Iterator[Told]:
    """Two shops a city, each with a year of its own."""
    generator = np.random.default_rng([SEED, 77])
    cities = [code for code, found in divisions().items() if found.level is Level.CITY]
    today = local_date(at)
    for number, city in enumerate(cities * 2):
        shop = _shop(city, number)
        luck = generator.gamma(2.0, 0.5)
        for kind, (often, most, text) in USUAL.items():
            adverse = fact_kinds()[kind].tone.name == "ADVERSE"
            for _ in range(generator.poisson(often * (luck if adverse else 1 / (0.5 + luck)))):
                day = today - timedelta(int(generator.integers(1, YEAR)))
                source = f"演示〔{day.year}〕{shop.pk} 号{fact_kinds()[kind].label}{day:%m%d}"
                yield Told(shop.pk, kind, source, day, text, int(generator.integers(1, most + 1)))


def _shop(city: str, number: int) -> Organisation:
    first17 = f"91{city}MADY{number:05}"
    return Organisation.objects.create(
        name=f"演示{full_name(city)}第{number // 21 + 1}{TRADES[number % len(TRADES)]}",
        kind="holder",
        region=city,
        credit_code=first17 + check_character(first17),
        address=f"{full_name(city)}演示路 {number + 1} 号",
    )


def _of_holder(cast: Supervised) -> Iterator[Told]:
    """The year of the holder for whom the demonstration's account acts."""
    today = local_date(cast.at)
    for kind, days, quantity, text in (
        ("penalty", 380, 1, "未按规定申请强制检定，行政处罚决定"),
        ("verification-overdue", 150, 12, "12 台强制检定的在用器具超过检定有效期"),
        ("inspection-passed", 90, 1, "双随机检查没有发现问题"),
        ("commitment-kept", 60, 1, "诚信计量自我承诺经核查履行"),
        ("fleet-error", 12, 4, "台区数据发现 4 台电能表超差"),
        ("inspection-failed", 8, 1, "检查发现 1 台电能表封印缺失"),
    ):
        day = today - timedelta(days)
        yield Told(
            cast.holder.pk,
            kind,
            f"演示〔{day.year}〕{cast.holder.pk} 号{fact_kinds()[kind].label}",
            day,
            text,
            quantity,
        )


def _record(cast: Supervised, told: Told) -> None:
    """On the day after it occurred: by hand where that is how such facts come, else as another app tells it."""
    at = _noon(told.occurred_on + timedelta(1))
    if fact_kinds()[told.kind].manual:
        record(cast.city if told.party_id == cast.holder.pk else cast.province, told, at)
    else:
        note(told, at)


def _contest(cast: Supervised) -> None:
    """One contest that was decided by another regulator, and one that waits."""
    mine = Fact.objects.filter(party=cast.holder)
    fleet, inspection = (mine.get(kind=kind) for kind in ("fleet-error", "inspection-failed"))
    contest(cast.clerk, fleet.pk, "其中 2 台经复检合格", cast.at - timedelta(days=5))
    decided = cast.at - timedelta(days=3)
    decide(cast.county, fleet.pk, Decision.CORRECTED, "复检 2 台合格，数量更正为 2", decided, quantity=2)
    contest(cast.clerk, inspection.pk, "封印在检定机构取样时拆除，有记录", cast.at - timedelta(days=1))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(4, 0), UTC)
