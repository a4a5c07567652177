"""Items that count for an indicator: recorded one by one or as a list, corrected, ended, withdrawn; never edited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from yuejingzhun.platform.foundation.audit.services import Change, record_event, record_events
from yuejingzhun.platform.foundation.parties.divisions import divisions
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, may_see_region
from yuejingzhun.platform.supervision.indicators.errors import IndicatorError, UnknownIndicatorError
from yuejingzhun.platform.supervision.indicators.models import Item
from yuejingzhun.platform.supervision.indicators.queries import LARGEST_KEY, indicator_of
from yuejingzhun.platform.supervision.indicators.rules import Source
from yuejingzhun.procedures.local_date import local_date

FIRST_DAY = date(1950, 1, 1)
MOST_AT_ONCE = 30_000
LENGTHS = {"name": ("名称", 200), "holder": ("单位", 200), "document": ("依据的文件或编号", 120)}


@dataclass(frozen=True, slots=True)
class Draft:
    """What is said of an item."""

    name: str
    holder: str
    region: str
    document: str
    counts_from: date
    ends_on: date | None = None


@transaction.atomic
def record_item(actor: Actor, code: str, draft: Draft, at: datetime) -> Item:
    """Record an item of a region that the actor regulates. Raises IndicatorError with every problem."""
    return record_items(actor, code, [draft], at)[0]


@transaction.atomic
def record_items(actor: Actor, code: str, drafts: Sequence[Draft], at: datetime) -> list[Item]:
    """Record all, or none: the problems name the row. Raises NotPermittedError for a region that isn't the actor's."""
    _check_may_record(actor, code, (draft.region for draft in drafts))
    if not 0 < len(drafts) <= MOST_AT_ONCE:
        raise IndicatorError(f"一次应登记 1 至 {MOST_AT_ONCE:,} 项，为 {len(drafts):,} 项")
    many = len(drafts) > 1
    problems = [
        f"第 {number} 项：{problem}" if many else problem
        for number, draft in enumerate(drafts, 1)
        for problem in _problems(draft, at)
    ]
    if problems:
        raise IndicatorError(*problems[:20])
    rows = [_row(actor, code, draft, at) for draft in drafts]
    try:
        with transaction.atomic():
            made = Item.objects.bulk_create(rows, batch_size=1000)
    except IntegrityError as error:
        raise IndicatorError(f"已登记过，或同一文件下名称重复：{_twice(code, drafts)}") from error
    changes = [Change(row.pk, after={"indicator": code, "name": row.name, "document": row.document}) for row in made]
    record_events(actor, "登记指标项目", "indicator_item", changes, at)
    return made


@transaction.atomic
def correct_item(actor: Actor, item_id: int, draft: Draft, reason: str, at: datetime) -> Item:
    """Another item in the place of an earlier one, as where its end became known; the earlier one stays readable."""
    earlier = _lock(actor, item_id)
    _check_may_record(actor, earlier.indicator, [draft.region])
    if problems := [*_problems(draft, at), *_of_reason(reason)]:
        raise IndicatorError(*problems)
    return _supersede(actor, earlier, draft, reason.strip(), at)


@transaction.atomic
def withdraw_item(actor: Actor, item_id: int, reason: str, at: datetime) -> Item:
    """An item that should never have counted; it stays readable with the reason."""
    earlier = _lock(actor, item_id)
    if problems := _of_reason(reason):
        raise IndicatorError(*problems)
    draft = Draft(earlier.name, earlier.holder, earlier.region, earlier.document, earlier.counts_from, earlier.ends_on)
    return _supersede(actor, earlier, draft, reason.strip(), at, withdrawn=True)


def _supersede(
    actor: Actor, earlier: Item, draft: Draft, reason: str, at: datetime, *, withdrawn: bool = False
) -> Item:
    row = _row(actor, earlier.indicator, draft, at)
    row.supersedes, row.reason, row.withdrawn = earlier, reason, withdrawn
    row.save(force_insert=True)
    verb = "撤销指标项目" if withdrawn else "更正指标项目"
    record_event(actor, verb, "indicator_item", row.pk, at, before={"id": earlier.pk}, reason=reason)
    return row


def _lock(actor: Actor, item_id: int) -> Item:
    found = Item.objects.select_for_update(of=("self",)).filter(pk=min(item_id, LARGEST_KEY)).first()
    if found is None:
        raise UnknownIndicatorError(f"没有编号为 {item_id} 的登记")
    if not may_see_region(actor, found.region):
        raise NotPermittedError(f"{actor.name} 不是该项目所在地的监管人员")
    if found.withdrawn or Item.objects.filter(supersedes=found).exists():
        raise IndicatorError(f"第 {found.pk} 号登记已被更正或撤销")
    return found


def _check_may_record(actor: Actor, code: str, regions: Iterable[str]) -> None:
    if indicator_of(code).source is not Source.RECORDED:
        raise IndicatorError(f"“{indicator_of(code).name}”由登记自动数出，不逐项登记")
    for region in dict.fromkeys(regions):
        if region not in divisions():
            raise IndicatorError(f"行政区划：广东省没有代码 {region[:12]!r}")
        if not may_see_region(actor, region):
            raise NotPermittedError(f"{actor.name} 不是 {divisions()[region].name} 的监管人员")


def _problems(draft: Draft, at: datetime) -> list[str]:
    problems = []
    for name, (label, most) in LENGTHS.items():
        text = getattr(draft, name).strip()
        if not text:
            problems.append(f"{label}：没有填写")
        elif len(text) > most:
            problems.append(f"{label}：至多 {most} 个字，为 {len(text)} 个")
    if not FIRST_DAY <= draft.counts_from <= local_date(at):
        problems.append(f"计入日期：应在 {FIRST_DAY} 与今天 {local_date(at)} 之间，为 {draft.counts_from}")
    if draft.ends_on is not None and draft.ends_on <= draft.counts_from:
        problems.append(f"不再计入日期：应晚于计入日期 {draft.counts_from}，为 {draft.ends_on}")
    return problems


def _of_reason(reason: str) -> list[str]:
    if not reason.strip():
        return ["理由：没有填写"]
    return [f"理由：至多 500 个字，为 {len(reason.strip())} 个"] if len(reason.strip()) > 500 else []


def _row(actor: Actor, code: str, draft: Draft, at: datetime) -> Item:
    return Item(
        indicator=code,
        name=draft.name.strip(),
        holder=draft.holder.strip(),
        region=draft.region,
        document=draft.document.strip(),
        counts_from=draft.counts_from,
        ends_on=draft.ends_on,
        recorded_by_id=actor.person_id,
        recorded_at=at,
    )


def _twice(code: str, drafts: Sequence[Draft]) -> str:
    """The first that is there already, or comes twice."""
    seen: set[tuple[str, str]] = set()
    documents = {draft.document.strip() for draft in drafts}
    rows = Item.objects.filter(indicator=code, supersedes=None, document__in=documents)
    known = set(rows.values_list("document", "name"))
    for draft in drafts:
        key = draft.document.strip(), draft.name.strip()
        if key in known or key in seen:
            return f"{key[1]}（{key[0]}）"
        seen.add(key)
    return f"{drafts[0].name}（{drafts[0].document}）"
