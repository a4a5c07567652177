"""What the data suggest a regulator to look at first. Nothing here decides; each line says what it rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.urls import reverse

from yuejingzhun.metrology.fleet.proportion import exact_interval
from yuejingzhun.platform.foundation.parties.divisions import full_name, is_within
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.metering.queries import Evaluation, evaluations
from yuejingzhun.platform.supervision.credit.queries import contests_to_decide, repairs_to_decide, standings

LEVEL = 0.99  # of the interval that must lie above the region's share before a place counts as standing out
MOST = 3  # of each kind: a list of everything suggests nothing
WORST = "D"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to look at, why, and where."""

    title: str
    why: str
    address: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Instruments in use of a place or an item, and how many of them are overdue or were never verified."""

    name: str
    address: str
    number: int
    behind: int


def standing_out(counted: Sequence[Counted]) -> list[Counted]:
    """Those whose share is above that of all together by more than chance explains, most instruments too many first.

    Exact limits of Clopper & Pearson: a place with few instruments stands out by a large share only.
    """
    number, behind = sum(one.number for one in counted), sum(one.behind for one in counted)
    if not behind or len(counted) < 2:
        return []
    share = Fraction(behind, number)
    low = exact_interval([one.behind for one in counted], [one.number for one in counted], LEVEL).low
    found = [one for one, least in zip(counted, low.tolist(), strict=True) if least > share]
    return sorted(found, key=lambda one: one.number * share - one.behind)[:MOST]


def of_counts(counted: Sequence[Counted], within: str) -> Iterator[Suggestion]:
    """As `standing_out`, in words; `within` names the whole."""
    number, behind = sum(one.number for one in counted), sum(one.behind for one in counted)
    for one in standing_out(counted):
        yield Suggestion(
            f"{one.name}：超期或未检偏多",
            f"{one.number:,} 台件中 {one.behind:,} 台件（{_percent(one.behind, one.number)}），"
            f"{within}合计 {_percent(behind, number)}，差别大于偶然（{LEVEL:.0%} 的区间）",
            one.address,
        )


def suggestions_for(actor: Actor, region: str, on: date) -> Iterator[Suggestion]:
    """From credit and from the evaluation of meters in service, what lies in the region."""
    for row in standings(actor, region, grade=WORST)[:MOST]:
        yield Suggestion(
            f"{row.party.name}：信用 {row.grade} 级",
            f"自 {row.since:%Y-%m-%d}，{full_name(row.region)}，据 {row.facts} 项事实；点开看每一项的分值",
            reverse("credit-party", args=[row.party_id]),
        )
    contests = [one for one in contests_to_decide(actor) if is_within(one.fact.party.region, region)]
    if contests:
        days = (on - contests[0].contested_at.date()).days
        yield Suggestion(f"信用异议待决定：{len(contests)} 件", f"最早的已等 {days} 天", reverse("credit-work"))
    repairs = [one for one in repairs_to_decide(actor) if is_within(one.fact.party.region, region)]
    if repairs:
        days = (on - repairs[0].applied_at.date()).days
        yield Suggestion(f"信用修复待决定：{len(repairs)} 件", f"最早的已等 {days} 天", reverse("credit-work"))
    yield from _of_evaluations(evaluations(actor), region)


def _of_evaluations(found: Sequence[Evaluation], region: str) -> Iterator[Suggestion]:
    """The newest evaluation of each utility and medium, where it found meters that are probably beyond their MPE."""
    newest: dict[tuple[int, str], Evaluation] = {}
    for one in found:
        if one.finished_at is not None and is_within(one.region, region):
            newest.setdefault((one.organisation_id, one.medium), one)
    told = [one for one in newest.values() if one.suspicious]
    for one in sorted(told, key=lambda one: -(one.suspicious or 0))[:MOST]:
        yield Suggestion(
            f"{one.organisation.name}：可疑的{one.get_medium_display()} {one.suspicious} 只",
            f"由 {one.first_day:%Y-%m-%d} 至 {one.last_day:%Y-%m-%d} 的读数，误差超过 ±{100 * one.mpe:.1f} % 的概率"
            f"不低于 {one.threshold:.0%}",
            reverse("metering-evaluation", args=[one.pk]),
        )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"
