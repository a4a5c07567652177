"""Recomputing the trail: does what stands in the table still lead to the heads that were logged?"""

from collections.abc import Callable
from dataclasses import dataclass

from yuejingzhun.evidence.audit_head import EVENT, AuditHead, read_audit_head
from yuejingzhun.evidence.entry import EntryError, decode
from yuejingzhun.evidence.log.merkle import root_of
from yuejingzhun.evidence.log.tile import split_hashes
from yuejingzhun.platform.foundation.audit.errors import TrailError
from yuejingzhun.platform.foundation.audit.models import AuditEvent, LoggedHead
from yuejingzhun.platform.foundation.audit.rules import leaf_of
from yuejingzhun.platform.foundation.ledger.queries import statements_of

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """How many events lead to how many logged heads, and how many came after the last one."""

    events: int
    heads: int
    after: int


def check_trail(progress: Progress = lambda _events: None) -> Checked:
    """Recompute every head from the events; raises TrailError, naming the first event that differs."""
    events = heads = last = 0
    for statement in statements_of(EVENT):
        try:
            head = read_audit_head(decode(bytes(statement.content)))
        except EntryError as error:
            raise TrailError(f"日志中的 {statement.number} 无法读取：{error}") from error
        if head.last <= last:
            continue  # the same statement again says nothing new
        _check_head(head, last)
        events, heads, last = events + head.count, heads + 1, head.last
        progress(events)
    extra = LoggedHead.objects.filter(last__gt=last).order_by("last").first()
    if extra is not None:
        raise TrailError(f"审计线索第 {extra.first} 至 {extra.last} 号有头，而日志没有登记它")
    return Checked(events, heads, AuditEvent.objects.filter(pk__gt=last).count())


def _check_head(head: AuditHead, before: int) -> None:
    expected = _kept(head)
    waiting, leaves = iter(expected.items()), []
    for event in AuditEvent.objects.filter(pk__gt=before, pk__lte=head.last).order_by("pk").iterator(chunk_size=2000):
        leaf = leaf_of(event)
        if expected:
            _check_event(event, leaf, *next(waiting, (event.pk + 1, b"")))
        leaves.append(leaf)
    missing = next(waiting, None)
    if missing is not None:
        raise TrailError(f"审计事件 {missing[0]} 不见了：登记时有，现在没有")
    if len(leaves) != head.count or root_of(leaves) != head.root:
        raise TrailError(
            f"审计事件 {head.first} 至 {head.last} 重新计算的根与日志登记的不同；逐条哈希也已不可用，不能指出是哪一条"
        )


def _check_event(event: AuditEvent, leaf: bytes, number: int, expected: bytes) -> None:
    if number < event.pk:
        raise TrailError(f"审计事件 {number} 不见了：登记时有，现在没有")
    said = f"{event.at:%Y-%m-%d %H:%M:%S} UTC {event.action} {event.subject} {event.subject_id}"
    if number > event.pk:
        raise TrailError(f"审计事件 {event.pk}（{said}）是后来插入的：登记时没有")
    if leaf != expected:
        raise TrailError(f"审计事件 {event.pk}（{said}）与登记时不同：内容被改动")


def _kept(head: AuditHead) -> dict[int, bytes]:
    """The hash of each event by its number, as kept when the head was made; none where they lead to another root."""
    kept = LoggedHead.objects.filter(last=head.last).first()
    if kept is None:
        return {}
    leaves = split_hashes(bytes(kept.leaves))
    return dict(zip(kept.events, leaves, strict=True)) if root_of(leaves) == head.root else {}
